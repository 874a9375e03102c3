import { setTimeout } from 'node:timers/promises';
import { whenWaited } from './when-waited';

const keepBusy = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

describe('a wait', () => {
  it('is over after its time', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const begun = performance.now();

    whenWaited(50, () => {
      resolve(performance.now() - begun);
    });

    expect(await promise).toBeGreaterThanOrEqual(45);
  });

  it('goes on when the process was busy for all of its time, and may not have read the answer', async () => {
    let isOver = false;
    whenWaited(100, () => {
      isOver = true;
    });

    keepBusy(150);
    await setTimeout(1);

    expect(isOver).toBe(false);
  });

  it('ends without a call when the answer came', async () => {
    let isOver = false;
    const answered = whenWaited(20, () => {
      isOver = true;
    });

    answered();
    await setTimeout(40);

    expect(isOver).toBe(false);
  });
});
