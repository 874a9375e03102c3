import { setImmediate } from 'node:timers/promises';
import type { Environment } from '../../config/environment';
import { WriteTurns } from './write-turns';

describe('chunks that write', () => {
  const start = (workerConcurrency: number) => {
    const turns = new WriteTurns({ workerConcurrency } as Environment);
    const began: string[] = [];
    const ends: (() => void)[] = [];
    const writes: Promise<unknown>[] = [];
    const write = (tenantId: string): void => {
      const writing = turns.take(tenantId, () => {
        began.push(tenantId);
        return new Promise<void>((end) => ends.push(end));
      });
      writes.push(writing);
    };
    /** The write that began first of those that have not ended. */
    const endOne = async (): Promise<void> => {
      ends.shift()?.();
      await setImmediate();
    };
    return { turns, began, write, endOne, writes };
  };

  it.each([
    [1, 1],
    [2, 1],
    [8, 4],
    [9, 5],
  ])('of %d jobs are %d at once', async (workerConcurrency, atOnce) => {
    const { began, write, endOne, writes } = start(workerConcurrency);

    for (let chunk = 0; chunk < 20; chunk++) write('a');
    await setImmediate();
    const first = began.length;
    while (began.length < 20) await endOne();
    for (let chunk = 0; chunk < atOnce; chunk++) await endOne();
    await Promise.all(writes);

    expect(first).toBe(atOnce);
  });

  it('go by who has the fewest under way, and then by who came first', async () => {
    const { began, write, endOne } = start(4);

    for (const tenant of ['a', 'a', 'a', 'a', 'b', 'a', 'c', 'b']) write(tenant);
    for (let turn = 0; turn < 6; turn++) await endOne();

    expect(began.join('')).toBe('aabacaba');
  });

  it('let the next one go when one fails', async () => {
    const { turns, began, write } = start(1);

    const failed = turns.take('a', () => Promise.reject(new Error('full')));
    write('b');

    await expect(failed).rejects.toThrow('full');
    await setImmediate();
    expect(began).toEqual(['b']);
  });
});
