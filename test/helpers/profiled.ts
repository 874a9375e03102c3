import { createConnection } from 'mongoose';
import { closing } from './closing';

/** A command, or one statement of it, as the server saw it. */
export interface Profiled {
  op: string;
  ns: string;
  command: Record<string, unknown>;
  appName?: string;
  writeConcern?: object;
}

const PROFILE_BYTES = 128 * 1024 * 1024;
const SERVICE = 'insightcrm-customer-service';

/** Has a database write down all that the service asks of it, from now on. */
export async function profile({ MONGODB_URI = '' }: Record<string, string>) {
  const connection = await createConnection(MONGODB_URI).asPromise();
  const { db } = connection;
  if (!db) throw new Error('There is no database');
  await db.createCollection('system.profile', { capped: true, size: PROFILE_BYTES });
  await db.command({ profile: 2 });
  return {
    db,
    /** Of the service, by collections. */
    seen: async (): Promise<Profiled[]> => {
      const all = await db.collection<Profiled>('system.profile').find({ appName: SERVICE }).toArray();
      return all.filter(({ ns }) => !ns.includes('.system.'));
    },
    close: closing(() => connection.close()),
  };
}
