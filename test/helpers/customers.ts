import type { CreateCustomerDto } from '../../src/customer/api/create-customer.dto';
import { buildCustomer } from '../factories/customer';
import type { Answer, Client } from './client';
import { waitForJob } from './wait';

/** Waits until the work that was accepted with 202 ended, and returns its job. */
export function outcomeOf(client: Client, { status, body }: Answer) {
  if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
  return waitForJob(client, body.data.jobId);
}

/** A customer that is in the database. @returns its id */
export async function existingCustomer(
  client: Client,
  overrides: Partial<CreateCustomerDto> = {},
): Promise<string> {
  const accepted = await client.post('/api/customer', buildCustomer(overrides));
  const job = await outcomeOf(client, accepted);
  if (job.status !== 'completed') throw new Error(`Not created: ${JSON.stringify(job.error)}`);
  return accepted.body.data.customerId;
}

export async function readCustomer(client: Client, customerId: string) {
  const { status, body } = await client.get(`/api/customer/${customerId}`);
  if (status !== 200) throw new Error(`Not found: ${status} ${JSON.stringify(body)}`);
  return body.data;
}

/** Uploads a file that must be accepted. @returns the import's id */
export async function acceptedImport(client: Client, csv: string | Buffer, query = ''): Promise<string> {
  const { status, body } = await client.upload(csv, query);
  if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
  return body.data.importId;
}
