import { PRIORITIES } from './customer.jobs';
import { chunkPriority, singlePriority } from './job-priority';

const LARGEST_OF_BULLMQ = 2_097_152;

describe('priorities', () => {
  it('put normal writes before all that have a priority number, and high ones to the front', () => {
    expect(singlePriority('normal')).toEqual({});
    expect(singlePriority('high')).toEqual({ lifo: true });
  });

  it('put the first chunk of any file before the second of any other', () => {
    expect(chunkPriority('normal', 0).priority).toBeLessThan(chunkPriority('normal', 1).priority ?? 0);
  });

  it('keep the order high, low write, normal import, low import', () => {
    const order = [
      chunkPriority('high', 1e6),
      singlePriority('low'),
      chunkPriority('normal', 0),
      chunkPriority('low', 0),
    ];
    const numbers = order.map(({ priority = 0 }) => priority);

    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it.each(PRIORITIES)('never exceed what BullMQ takes, however long the file: %s', (priority) => {
    expect(chunkPriority(priority, Number.MAX_SAFE_INTEGER).priority).toBeLessThanOrEqual(LARGEST_OF_BULLMQ);
  });
});
