import { Batches } from './batches';

/** Writes that end when the test says so. */
const newBatches = () => {
  const writes: ({ key: string; items: string[] } & PromiseWithResolvers<string[]>)[] = [];
  const batches = new Batches<string, string>((key, items) => {
    const write = { key, items, ...Promise.withResolvers<string[]>() };
    writes.push(write);
    return write.promise;
  });
  return { batches, writes };
};

/** Until all that can go on without a write has gone on. */
const settled = () => new Promise(setImmediate);

describe('batches', () => {
  it('write what comes during a write together, in the next one', async () => {
    const { batches, writes } = newBatches();

    const first = batches.add('', 'a');
    await settled();
    const others = ['b', 'c', 'd'].map((item) => batches.add('', item));
    await settled();
    const atOnce = writes.length;
    writes[0]?.resolve(['A']);
    await settled();
    writes[1]?.resolve(['B', 'C', 'D']);

    expect(atOnce).toBe(1);
    expect(writes.map(({ items }) => items)).toEqual([['a'], ['b', 'c', 'd']]);
    expect(await Promise.all([first, ...others])).toEqual(['A', 'B', 'C', 'D']);
  });

  it('of several keys do not wait for each other', async () => {
    const { batches, writes } = newBatches();

    void batches.add('one', 'a');
    const other = batches.add('other', 'b');
    await settled();
    writes[1]?.resolve(['B']);

    expect(await other).toBe('B');
    expect(writes.map(({ key }) => key)).toEqual(['one', 'other']);
  });

  it('tell all whose write failed, and go on with the next', async () => {
    const { batches, writes } = newBatches();

    const failing = Promise.allSettled([batches.add('', 'a'), batches.add('', 'b')]);
    await settled();
    writes[0]?.reject(new Error('away'));
    const outcomes = await failing;
    const next = batches.add('', 'c');
    await settled();
    writes[1]?.resolve(['C']);

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await next).toBe('C');
  });
});
