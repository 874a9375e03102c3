import { slowdownOf } from './worker-sample';
import { UsualWrites } from './usual-writes';

describe('what writes usually take', () => {
  const start = () => {
    const usual = new UsualWrites();
    /** @returns how slow the last of so many looks was */
    const look = (times: number, writes: Record<string, number>, isUsual = true): number | undefined => {
      let slowdown: number | undefined;
      for (let count = 0; count < times; count++) {
        for (const [kind, tookMs] of Object.entries(writes)) usual.add(kind, tookMs);
        const seen = usual.look(isUsual);
        slowdown = seen && slowdownOf(seen);
      }
      return slowdown;
    };
    return { usual, look };
  };

  it('is not known from the first looks', () => {
    const { look } = start();

    expect(look(3, { 'insert customers 10': 100 })).toBeUndefined();
  });

  it('is told apart by what is written', () => {
    const { look } = start();
    look(20, { 'insert customers 10': 100, 'insert customers 0': 2 });

    expect(look(1, { 'insert customers 10': 100 })).toBeCloseTo(1);
    expect(look(1, { 'insert customers 0': 20 })).toBeCloseTo(10);
  });

  it('weighs each write as it usually is', () => {
    const { look } = start();
    look(20, { large: 90, small: 10 });

    expect(look(1, { large: 90, small: 40 })).toBeCloseTo(1.3);
  });

  it('is learned soon where they get faster, and slowly where they get slower', () => {
    const { usual, look } = start();
    look(20, { insert: 100 });

    expect(look(30, { insert: 1_000 })).toBeGreaterThan(7);
    expect(look(50, { insert: 10 })).toBeLessThan(1.1);
    expect(usual.look(true)).toBeUndefined();
  });

  it('is not learned from looks that are not usual', () => {
    const { look } = start();
    look(20, { insert: 100 });
    look(500, { insert: 10 }, false);

    expect(look(1, { insert: 100 }, false)).toBeCloseTo(1);
  });

  it('can be made what they take now, and forgets what tells of an outage', () => {
    const { usual, look } = start();
    look(20, { insert: 100 });
    look(10, { insert: 900 }, false);
    usual.add('insert', 1e6);
    usual.skip();

    usual.accept();

    expect(look(1, { insert: 900 }, false)).toBeCloseTo(1, 1);
  });

  it('is kept of so many kinds, and no more', () => {
    const { look } = start();
    look(4, Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`kind ${index}`, 10])));

    expect(look(4, { other: 10 })).toBeUndefined();
  });
});
