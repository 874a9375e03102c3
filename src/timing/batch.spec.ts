import { setImmediate } from 'node:timers/promises';
import { Batch } from './batch';

describe('Batch', () => {
  it('hands on what was asked for within one turn together, in order, and once', async () => {
    const handedOn: number[][] = [];
    const batch = new Batch<number>((items) => handedOn.push(items));

    batch.add(1);
    await Promise.resolve();
    batch.add(2);
    await setImmediate();
    batch.add(3);
    await setImmediate();
    await setImmediate();

    expect(handedOn).toEqual([[1, 2], [3]]);
  });

  it('hands on at once as many as go together, and the others at the end of the turn', async () => {
    const handedOn: number[][] = [];
    const batch = new Batch<number>((items) => handedOn.push(items), 2);

    for (const item of [1, 2, 3, 4, 5]) batch.add(item);
    const early = [...handedOn];
    await setImmediate();

    expect({ early, handedOn }).toEqual({
      early: [
        [1, 2],
        [3, 4],
      ],
      handedOn: [[1, 2], [3, 4], [5]],
    });
  });

  it('hands on at once what it is told to flush', async () => {
    const handedOn: number[][] = [];
    const batch = new Batch<number>((items) => handedOn.push(items));

    batch.add(1);
    batch.flush();
    const flushed = [...handedOn];
    await setImmediate();

    expect([flushed, handedOn]).toEqual([[[1]], [[1]]]);
  });
});
