import type { mongo } from 'mongoose';

/** Longest wait for most of the replica set to confirm a write, in ms. What is not confirmed by then is done again. */
const CONFIRM_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * What is asked of MongoDB, for every command that does not say otherwise. A connection string may ask for another
 * `journal` or `readConcernLevel`, see {@link weakerConcerns}; the rest of what stands here wins over it.
 * @param timeoutMs longest search for a server
 */
export const connectionOptions = (timeoutMs: number) =>
  ({
    appName: 'insightcrm-customer-service',
    serverSelectionTimeoutMS: timeoutMs,
    // A write counts when most of the replica set has it in its journal: no failover takes it back.
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: CONFIRM_TIMEOUT_MS },
    // And what a failover may take back is not read: who finds its work done already must be able to believe it.
    readConcern: { level: 'majority' },
    // A secondary lags: guards by revision would fail, and a customer just created be nobody.
    readPreference: 'primary',
    // A command that a failover cuts off is sent once more, and a write that was done is not done twice.
    retryWrites: true,
    retryReads: true,
    // A server that hangs is noticed, and its connections dropped, within seconds.
    heartbeatFrequencyMS: HEARTBEAT_MS,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
  }) satisfies mongo.MongoClientOptions;

/** Words of the connection string that ask for less than {@link connectionOptions}: what is confirmed may be lost then. */
export function weakerConcerns({ writeConcern, readConcern }: mongo.MongoClient): string[] {
  const { w, journal } = writeConcern ?? {};
  const level = readConcern?.level;
  return [
    ...(w === 'majority' ? [] : [`w=${w ?? 1}`]),
    ...(journal === true ? [] : ['journal=false']),
    ...(level === 'majority' || level === 'linearizable' ? [] : [`readConcernLevel=${level ?? 'local'}`]),
  ];
}
