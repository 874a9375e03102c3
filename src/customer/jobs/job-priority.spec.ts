import { PRIORITIES } from './customer.jobs';
import { chunkPriority, singlePriority, type FairPlace } from './job-priority';

const LARGEST_OF_BULLMQ = 2_097_152;
const FIRST: FairPlace = { level: 0, others: 0 };

describe('priorities', () => {
  it('put normal writes before all that have a priority number, and high ones to the front', () => {
    expect(singlePriority('normal')).toEqual({});
    expect(singlePriority('high')).toEqual({ lifo: true });
  });

  it('put the first chunk of any file before the second of any other', () => {
    const [first, second] = [0, 1].map((chunk) => chunkPriority('normal', chunk, FIRST).priority ?? 0);
    expect(first).toBeLessThan(second ?? 0);
  });

  it('keep the order high, low write, normal import, low import', () => {
    const order = [
      chunkPriority('high', 1e6, FIRST),
      singlePriority('low'),
      chunkPriority('normal', 0, FIRST),
      chunkPriority('low', 0, FIRST),
    ];
    const numbers = order.map(({ priority = 0 }) => priority);

    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it.each(PRIORITIES)('never exceed what BullMQ takes, however long the file: %s', (priority) => {
    expect(chunkPriority(priority, Number.MAX_SAFE_INTEGER, FIRST).priority).toBeLessThanOrEqual(
      LARGEST_OF_BULLMQ,
    );
  });
});
