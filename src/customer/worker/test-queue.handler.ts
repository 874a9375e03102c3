import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import type { Result } from '../jobs/customer.jobs';
import type { Handler } from './handler';

@Injectable()
export class TestQueueHandler implements Handler<'TEST_QUEUE'> {
  handle(): Promise<Result<'TEST_QUEUE'>> {
    return Promise.resolve({ host: hostname(), pid: process.pid });
  }
}
