import { Inject, Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { QUEUES } from '../queues.module';

/** The queue of a name. @throws NotFoundException when the process has none of this name */
@Injectable()
export class QueuePipe implements PipeTransform<string, Queue> {
  constructor(@Inject(QUEUES) private readonly queues: readonly Queue[]) {}

  transform(queueName: string): Queue {
    const queue = this.queues.find(({ name }) => name === queueName);
    if (!queue) throw new NotFoundException('There is no such queue.');
    return queue;
  }
}
