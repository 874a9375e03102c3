// Posts customers on 64 connections, each with an email of its own, and tells the rate and the latencies.
import autocannon from 'autocannon';
import { benchRows } from '../rows.ts';
import { takeTask, tell } from '../child.ts';

export interface PostTask {
  url: string;
  token: string;
  connections: number;
  seconds: number;
  warmUpSeconds: number;
}

export interface PostResult {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers other than 202, and connections that broke. */
  failed: number;
}

const rows = benchRows('post', 0, 5_000);
let sent = 0;

const task = await takeTask<PostTask>();

const shoot = (seconds: number) =>
  autocannon({
    url: task.url,
    connections: task.connections,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        path: '/api/customer',
        headers: { authorization: `Bearer ${task.token}`, 'content-type': 'application/json' },
        setupRequest: (request) => {
          sent += 1;
          const row = rows[sent % rows.length];
          return {
            ...request,
            body: JSON.stringify({ ...row, email: `c${process.pid}.${sent}@example.com` }),
          };
        },
      },
    ],
  });

if (task.warmUpSeconds > 0) await shoot(task.warmUpSeconds);
const { requests, latency, non2xx, errors } = await shoot(task.seconds);
tell({
  perSecond: requests.average,
  p50Ms: latency.p50,
  p99Ms: latency.p99,
  failed: non2xx + errors,
} satisfies PostResult);
