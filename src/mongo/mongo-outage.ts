import { mongo, Error as MongooseErrors } from 'mongoose';

/** Codes of a server that is stopping, or no primary, or took longer than it may (50). */
const AWAY_CODES = [50, 91, 189, 10_107, 11_600, 11_602, 13_435, 13_436];
/** Of a socket that ended under a command: the driver passes some on as they are. */
const SOCKET_CODES = ['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT'];
/** Not exported by the driver: no connection was free in time, since all wait for a server that hangs. */
const QUEUE_TIMEOUT = 'MongoWaitQueueTimeoutError';

/** Whether an error says that MongoDB is away or does not answer in time, and not that the question was wrong. */
export function isMongoOutage(error: unknown): boolean {
  if (error instanceof mongo.MongoServerError) return AWAY_CODES.includes(Number(error.code));
  return (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError ||
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoOperationTimeoutError ||
    (error instanceof mongo.MongoError && error.name === QUEUE_TIMEOUT) ||
    error instanceof MongooseErrors.MongooseServerSelectionError ||
    (error instanceof DOMException && error.name === 'TimeoutError') ||
    SOCKET_CODES.includes(codeOf(error)) ||
    (error instanceof MongooseErrors && error.message.includes('initial connection'))
  );
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
