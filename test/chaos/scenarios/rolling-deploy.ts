import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '../cluster/service.ts';
import { DEPLOYMENT } from '../cluster/deployment.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { Traffic } from '../traffic.ts';

const WARM_UP_MS = 2_000;

/** All processes are replaced one by one, as Kubernetes does it with the manifests: nobody notices. */
export const rollingDeploy: Scenario = {
  name: 'rolling-deploy',
  title: () => 'rolling deploy behind HAProxy, no request fails',
  inShortForm: true,
  cast: (form) => ({
    apis: form === 'short' ? 2 : 3,
    workers: form === 'short' ? 2 : 3,
    balanced: true,
    env: { SHUTDOWN_DELAY_MS: String(DEPLOYMENT.shutdownDelayMs) },
  }),
  async run(stage) {
    const traffic = await Traffic.begin(stage);
    await stage.load({ writesPerSecond: 80 });
    await delay(WARM_UP_MS);
    await Promise.all([replaceApis(stage), replaceWorkers(stage)]);
    await delay(WARM_UP_MS);
    await traffic.end();
    noneFailed(stage);
  },
};

async function replaceApis(stage: Stage): Promise<void> {
  const running = new Set(stage.apis);
  let next = stage.standby('api');
  for (const old of stage.apis) {
    await starts(next);
    running.add(next);
    await stage.balancer.sends([...running].map(({ port }) => port));
    const goesAtMs = performance.now();
    // The balancer is not told: it finds out by the probe, after SIGTERM.
    await delay(DEPLOYMENT.preStopMs);
    await stops(stage, old, goesAtMs);
    running.delete(old);
    next = old;
  }
}

/** Nobody asks them: they need no time before SIGTERM. */
async function replaceWorkers(stage: Stage): Promise<void> {
  let next = stage.standby('worker');
  for (const old of stage.workers) {
    await starts(next);
    await stops(stage, old, performance.now());
    next = old;
  }
}

async function starts(service: Service): Promise<void> {
  service.start();
  await service.ready();
}

async function stops(stage: Stage, service: Service, goesAtMs: number): Promise<void> {
  const code = await service.stop();
  const tookMs = performance.now() - goesAtMs;
  stage.log(`  ${service.role} on ${service.port} replaced, gone after ${(tookMs / 1_000).toFixed(1)} s`);
  if (code !== 0) stage.problems.push(`the ${service.role} on ${service.port} ended with exit code ${code}`);
  if (tookMs > DEPLOYMENT.graceMs)
    stage.problems.push(`the ${service.role} on ${service.port} took ${Math.round(tookMs)} ms to end`);
}

function noneFailed({ attempts, problems }: Stage): void {
  problems.push(...attempts.failures);
  for (const [status, times] of attempts.answers)
    if (status !== 202) problems.push(`writes: ${times} × ${status === 0 ? 'no answer' : status}`);
}
