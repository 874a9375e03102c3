import { Link } from 'wouter-preact';
import type { QueueOverview } from '../../../../src/monitoring/overview/queue-overviews';
import { count, duration, rate } from '../../format';
import { Badge } from '../../parts/badge';

type Percentiles = QueueOverview['waitMs'];

/** One queue: how fast it moves, what is in it, and how long its jobs take. */
export function QueueCard({ queue }: { queue: QueueOverview }) {
  const { name, paused, perSecond, depth } = queue;
  return (
    <section class="card" aria-label={name}>
      <h3>
        {name} {paused && <Badge state="paused" />}
      </h3>
      <dl class="figures">
        <Figure name="accepted/s" value={rate(perSecond.accepted)} />
        <Figure name="processed/s" value={rate(perSecond.processed)} />
        <Figure name="failed/s" value={rate(perSecond.failed)} alarming={perSecond.failed > 0} />
      </dl>
      <dl class="figures">
        <Figure name="waiting" value={count(depth.waiting)} />
        <Figure name="active" value={count(depth.active)} />
        <Figure name="delayed" value={count(depth.delayed)} />
        <div>
          <dt>dead letters</dt>
          <dd class={depth.failed > 0 ? 'alarming' : ''}>
            <Link href={`/dead-letters?queue=${encodeURIComponent(name)}`}>{count(depth.failed)}</Link>
          </dd>
        </div>
      </dl>
      <table class="times">
        <caption class="unseen">How long jobs of {name} take</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">p50</th>
            <th scope="col">p95</th>
            <th scope="col">p99</th>
          </tr>
        </thead>
        <tbody>
          <Times name="wait" of={queue.waitMs} />
          <Times name="run" of={queue.runMs} />
        </tbody>
      </table>
      <p class="note">
        Oldest waiting: {duration(queue.oldestWaitingAgeMs)} · workers: {count(queue.workers)}
      </p>
    </section>
  );
}

const Figure = ({ name, value, alarming = false }: { name: string; value: string; alarming?: boolean }) => (
  <div>
    <dt>{name}</dt>
    <dd class={alarming ? 'alarming' : ''}>{value}</dd>
  </div>
);

const Times = ({ name, of: { p50, p95, p99 } }: { name: string; of: Percentiles }) => (
  <tr>
    <th scope="row">{name}</th>
    <td>{duration(p50)}</td>
    <td>{duration(p95)}</td>
    <td>{duration(p99)}</td>
  </tr>
);
