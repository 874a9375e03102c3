import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const WARM_UP_MS = 2_000;
const FROZEN_S = { full: 30, short: 4 };
const DOWN_S = { full: 60, short: 5 };

/** What was confirmed is in the journal, so it is there after a SIGKILL. */
export const mongoKilled: Scenario = {
  name: 'mongo-killed',
  title: () => 'MongoDB killed (-9) and restarted under load',
  inShortForm: true,
  async run(stage) {
    await stage.load();
    for (let kill = 0; kill < stage.pick({ full: 4, short: 1 }); kill++) {
      await delay(stage.pick({ full: 5_000, short: WARM_UP_MS }));
      await stage.servers.mongo.crash();
      await stage.recovers(['completed'], () => stage.servers.mongo.start());
    }
    intakeWentOn(stage);
  },
};

export const mongoFrozen: Scenario = {
  name: 'mongo-frozen',
  title: (form) => `MongoDB frozen (SIGSTOP) for ${FROZEN_S[form]} s`,
  inShortForm: false,
  async run(stage) {
    await stage.load();
    await delay(WARM_UP_MS);
    stage.servers.mongo.freeze();
    await delay(FROZEN_S[stage.form] * 1_000);
    await stage.recovers(['completed'], () => {
      stage.servers.mongo.thaw();
    });
    intakeWentOn(stage);
  },
};

export const mongoDown: Scenario = {
  name: 'mongo-down',
  title: (form) => `MongoDB away for ${DOWN_S[form]} s`,
  inShortForm: false,
  async run(stage) {
    await stage.load();
    await delay(WARM_UP_MS);
    await stage.servers.mongo.crash();
    await delay(DOWN_S[stage.form] * 1_000);
    await stage.recovers(['completed'], () => stage.servers.mongo.start());
    intakeWentOn(stage);
  },
};

/** The API does not need MongoDB to take work in. */
function intakeWentOn({ attempts, problems }: Stage): void {
  const refused = [...attempts.answers].filter(([status]) => status !== 202 && status !== 409);
  const count = refused.reduce((sum, [, times]) => sum + times, 0);
  if (count > 0) problems.push(`${count} writes were not taken in while MongoDB was away`);
}
