import { mongo } from 'mongoose';
import { EMAIL_INDEX } from './customer.schema';

const DUPLICATE_KEY = 11_000;

export const isDuplicateKeyCode = (code: unknown): boolean => code === DUPLICATE_KEY;

export const isDuplicateKey = (error: unknown): error is mongo.MongoServerError =>
  error instanceof mongo.MongoServerError && isDuplicateKeyCode(error.code);

/** The server names the violated index only in its message. */
export const isDuplicateEmail = (error: unknown): boolean =>
  isDuplicateKey(error) && error.message.includes(` ${EMAIL_INDEX} `);
