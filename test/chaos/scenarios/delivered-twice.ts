import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';

/** Every delivery of every job is two at the same moment, as to two workers of which one has lost its lock. */
export const deliveredTwice: Scenario = {
  name: 'delivered-twice',
  title: () => 'every job delivered twice at once',
  inShortForm: true,
  cast: () => ({ faults: { CHAOS_TWICE: 'true' } }),
  async run(stage) {
    await stage.load();
    await stage.upload(stage.pick({ full: 20_000, short: 3_000 }));
    await delay(stage.pick({ full: 30_000, short: 4_000 }));
  },
};
