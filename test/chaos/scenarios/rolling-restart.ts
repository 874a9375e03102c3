import type { Scenario } from '../scenario.ts';

/** As a deployment does it: each worker ends by SIGTERM, and its successor is ready before the next one goes. */
export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  title: () => 'rolling restart (SIGTERM) of three workers',
  inShortForm: true,
  cast: () => ({ workers: 3 }),
  async run(stage) {
    await stage.load();
    await stage.upload(stage.pick({ full: 20_000, short: 2_000 }));
    for (let round = 0; round < stage.pick({ full: 3, short: 1 }); round++) {
      for (const [index, worker] of stage.workers.entries()) {
        const code = await worker.stop();
        if (code !== 0) stage.problems.push(`worker ${index + 1} ended with exit code ${code}`);
        await stage.recovers(['completed'], () => {
          worker.start();
        });
        await worker.ready();
      }
    }
  },
};
