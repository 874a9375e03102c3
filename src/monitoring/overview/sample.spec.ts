import { ratesBetween, type QueueSample } from './sample';

const NOTHING: QueueSample = {
  waiting: 0,
  active: 0,
  delayed: 0,
  failed: 0,
  completedEver: 0,
  failedEver: 0,
};

describe('rates between two samples', () => {
  it('count what came, what was done and what died', () => {
    const before = { ...NOTHING, waiting: 10, completedEver: 100 };
    const after = { ...NOTHING, waiting: 30, active: 5, failed: 2, completedEver: 140, failedEver: 2 };

    expect(ratesBetween(before, after, 2_000)).toEqual({ accepted: 33.5, processed: 20, failed: 1 });
  });

  it('are none without a sample before', () => {
    expect(ratesBetween(undefined, { ...NOTHING, waiting: 9 }, 1_000)).toEqual({
      accepted: 0,
      processed: 0,
      failed: 0,
    });
  });

  it('are never below nothing, such as when waiting jobs were removed', () => {
    expect(ratesBetween({ ...NOTHING, waiting: 50 }, NOTHING, 1_000).accepted).toBe(0);
  });
});
