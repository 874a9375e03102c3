import type { Overview } from '../../../../src/monitoring/overview/overview';
import type { Sample } from '../../../../src/monitoring/overview/sample';
import { bytes, duration } from '../../format';
import { troublesOf, useOverview } from '../../health';
import { Facts } from '../../parts/facts';
import { Page } from '../../parts/page';
import { usePolled } from '../../server/use-polled';
import { Hour } from './hour';
import { QueueCard } from './queue-card';
import { Troubles } from './troubles';
import { Workers } from './workers';

const HOUR_EVERY_MS = 10_000;

/** The service at a glance: what is wrong first, and a calm page when nothing is. */
export function OverviewPage() {
  const overview = useOverview();
  const hour = usePolled<Sample[]>('/admin/api/overview/hour', HOUR_EVERY_MS);
  const troubles = troublesOf(overview);
  const { data } = overview;
  return (
    <Page title="Overview">
      {troubles && <Troubles troubles={troubles} />}
      {data && (
        <div class={overview.failure ? 'stale' : ''}>
          <h2>Queues</h2>
          <div class="cards">
            {data.queues.map((queue) => (
              <QueueCard key={queue.name} queue={queue} />
            ))}
          </div>
          <h2>The last hour</h2>
          <Hour samples={hour.data ?? []} />
          <h2>Workers</h2>
          <Workers workers={data.workers} />
          <h2>Servers</h2>
          <Servers overview={data} />
        </div>
      )}
    </Page>
  );
}

function Servers({ overview: { redis, mongodb } }: { overview: Overview }) {
  return (
    <div class="cards">
      <section class="card" aria-label="Redis">
        <h3>Redis</h3>
        <Facts
          of={[
            ['State', redis.status],
            ['Answers in', duration(redis.latencyMs)],
            [
              'Memory',
              `${bytes(redis.usedMemory)} of ${redis.maxMemory ? bytes(redis.maxMemory) : 'no limit'}`,
            ],
            ['Persistence', `${redis.persistence ?? '–'}, fsync ${redis.appendfsync ?? '–'}`],
            ['Eviction', redis.evictionPolicy ?? '–'],
          ]}
        />
      </section>
      <section class="card" aria-label="MongoDB">
        <h3>MongoDB</h3>
        <Facts
          of={[
            ['State', mongodb.latencyMs === null ? 'does not answer' : 'healthy'],
            ['Answers in', duration(mongodb.latencyMs)],
          ]}
        />
      </section>
    </div>
  );
}
