import { UnrecoverableError } from 'bullmq';

/** What an import changed, or its record, outlived its time: a part of it must not pass for the whole. */
export class LogGone extends UnrecoverableError {
  constructor() {
    super('What the import changed is not known any more.');
  }
}
