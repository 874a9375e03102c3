import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';

/** What was answered 202 is there; what was not is sent again with its key, and is there once. */
export const apiKilled: Scenario = {
  name: 'api-killed',
  title: () => 'API killed (-9) under load',
  inShortForm: true,
  async run(stage) {
    await stage.load();
    for (let kill = 0; kill < stage.pick({ full: 6, short: 2 }); kill++) {
      await delay(stage.pick({ full: 4_000, short: 1_500 }));
      await stage.api.crash();
      await stage.recovers(['accepted'], () => {
        stage.api.start();
      });
    }
  },
};
