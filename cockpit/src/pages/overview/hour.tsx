import type { Sample } from '../../../../src/monitoring/overview/sample';
import { ratesBetween } from '../../../../src/monitoring/overview/sample';
import { bytes, count, duration, rate } from '../../format';
import { Sparkline, type Series } from './sparkline';

/** Each queue's hour, and that of the servers, in small pictures. */
export function Hour({ samples }: { samples: readonly Sample[] }) {
  const last = samples.at(-1);
  if (samples.length < 2 || !last) return <p class="note">It is seen after the first half minute.</p>;
  return (
    <div class="cards hour">
      {Object.keys(last.queues).map((queue) => (
        <QueueHour key={queue} queue={queue} samples={samples} />
      ))}
      <section class="card" aria-label="Servers in the last hour">
        <h3>Servers</h3>
        <Sparkline name="Redis memory" series={seriesOf(samples, (s) => s.redisMemory)} show={bytes} />
        <Sparkline name="MongoDB" series={seriesOf(samples, (s) => s.mongoMs)} show={duration} />
        <Sparkline name="workers" series={seriesOf(samples, (s) => s.workers)} show={count} />
      </section>
    </div>
  );
}

function QueueHour({ queue, samples }: { queue: string; samples: readonly Sample[] }) {
  const perSecond = (which: 'accepted' | 'processed' | 'failed'): Series =>
    samples.slice(1).map((sample, index) => {
      const before = samples[index];
      const after = sample.queues[queue];
      if (!before || !after) return { atMs: sample.atMs, value: null };
      return {
        atMs: sample.atMs,
        value: ratesBetween(before.queues[queue], after, sample.atMs - before.atMs)[which],
      };
    });
  const shown = (value: number): string => `${rate(value)}/s`;
  return (
    <section class="card" aria-label={`${queue} in the last hour`}>
      <h3>{queue}</h3>
      <Sparkline name="accepted" series={perSecond('accepted')} show={shown} />
      <Sparkline name="processed" series={perSecond('processed')} show={shown} />
      <Sparkline name="failed" series={perSecond('failed')} show={shown} alarming />
      <Sparkline
        name="waiting"
        series={seriesOf(samples, (s) => s.queues[queue]?.waiting ?? null)}
        show={count}
      />
    </section>
  );
}

const seriesOf = (samples: readonly Sample[], value: (sample: Sample) => number | null): Series =>
  samples.map((sample) => ({ atMs: sample.atMs, value: value(sample) }));
