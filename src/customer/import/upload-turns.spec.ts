import { setImmediate } from 'node:timers/promises';
import { UploadTurns } from './upload-turns';

const STEPS = 3;

describe('uploads that come at once', () => {
  it('go on side by side, however many there are', async () => {
    const turns = new UploadTurns();
    const steps: number[] = [];
    const upload = async (id: number): Promise<void> => {
      for (let step = 0; step < STEPS; step++) {
        await turns.next();
        steps.push(id);
      }
    };
    const ids = Array.from({ length: 100 }, (_, id) => id);

    await Promise.all(ids.map(upload));

    expect(steps).toEqual(Array.from({ length: STEPS }, () => ids).flat());
  });

  it('leave the process time for all else between their steps', async () => {
    const turns = new UploadTurns();
    const steps = Array.from({ length: 1_000 }, () => turns.next().then(() => turn));
    let turn = 0;
    for (; turn < 500; turn++) await setImmediate();

    const last = await steps.at(-1);

    expect(last).toBeGreaterThan(50);
  });
});
