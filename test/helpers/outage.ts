import { buildCsv } from '../factories/csv';
import { buildCustomer } from '../factories/customer';
import type { Answer } from './client';
import type { TestApp } from './test-app';

/** A service finds its servers again within seconds. */
export const READY_WITHIN = { timeoutMs: 10_000 };
const visit = { spent: 1, visits: 1, at: '2026-01-31T12:00:00Z' };
export const NOBODY = '00000000-0000-7000-8000-000000000000';

/** Every write there is. */
export const writesOf = (app: TestApp): [string, () => Promise<Answer>][] => {
  const client = app.client();
  return [
    ['create', () => client.post('/api/customer', buildCustomer())],
    ['change', () => client.patch(`/api/customer/${NOBODY}`, { name: 'X' })],
    ['delete', () => client.delete(`/api/customer/${NOBODY}`)],
    ['visit', () => client.post(`/api/customer/${NOBODY}/stats`, visit)],
    ['upload', () => client.upload(buildCsv({ rows: 3 }))],
  ];
};
/** What a request is answered, and how long that took. */
export const timed = async (request: () => Promise<Answer>) => {
  const startedAt = performance.now();
  const { status, headers, body } = await request();
  return { status, retryAfter: headers.get('retry-after'), body, durationMs: performance.now() - startedAt };
};
/** What `/health/ready` says. */
export const readiness = async (app: TestApp) => {
  const { status, body } = await app.client().get('/health/ready');
  return { status, ...(body.checks ?? {}) };
};
/** The same server behind another port. */
export const withPort = (url: string | undefined, port: number): string => {
  const changed = new URL(url ?? '');
  changed.port = String(port);
  // A proxy is one node: the driver must not look for the others by their own address.
  if (changed.protocol === 'mongodb:') changed.search = '?directConnection=true';
  return changed.href;
};
