// Posts customers on kept connections, one at a time on each, and tells the rate and the latencies. On bare sockets: an
// HTTP client would take a good part of the shared cores, and measure itself.
import { connect, type Socket } from 'node:net';
import { takeTask, tell } from '../child.ts';
import { percentile } from '../figures.ts';
import { benchRows } from '../rows.ts';

export interface PostTask {
  /** Of the API processes; connections go to one after the other. */
  ports: readonly number[];
  token: string;
  connections: number;
  seconds: number;
  warmUpSeconds: number;
}

export interface PostResult {
  answered: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** CPU of this process per request, in µs. */
  clientUs: number;
}

const rows = benchRows('post', 0, 5_000);
const task = await takeTask<PostTask>();
const HEAD = [
  'POST /api/customer HTTP/1.1',
  'Host: 127.0.0.1',
  `Authorization: Bearer ${task.token}`,
  'Content-Type: application/json',
  'Content-Length: ',
].join('\r\n');
let sent = 0;

function nextRequest(): string {
  sent += 1;
  const row = rows[sent % rows.length];
  // ASCII, so that its length is its bytes.
  const body = JSON.stringify({ ...row, email: `c${process.pid}.${sent}@example.com` });
  return `${HEAD}${body.length}\r\n\r\n${body}`;
}

/** One request at a time until `endsAt`. */
async function post(socket: Socket, endsAt: number, latenciesMs: number[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let startedAt = 0;
  let received = '';
  const send = (): void => {
    startedAt = performance.now();
    if (startedAt >= endsAt) {
      resolve(undefined);
      return;
    }
    received = '';
    socket.write(nextRequest(), 'latin1');
  };
  const read = (text: string): void => {
    received += text;
    if (!isWhole(received)) return;
    if (!received.startsWith('HTTP/1.1 20')) {
      reject(new Error(`A request was answered ${received}`));
      return;
    }
    latenciesMs.push(performance.now() - startedAt);
    send();
  };
  socket.on('data', read);
  socket.once('close', () => {
    reject(new Error('A connection was closed'));
  });
  send();
  await promise;
  socket.off('data', read);
}

function isWhole(answer: string): boolean {
  const bodyAt = answer.indexOf('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
  return bodyAt > 0 && answer.length >= bodyAt + 4 + Number(length);
}

async function postFor(sockets: readonly Socket[], seconds: number): Promise<PostResult> {
  const latenciesMs: number[] = [];
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  await Promise.all(sockets.map((socket) => post(socket, endsAt, latenciesMs)));
  const { user, system } = process.cpuUsage(cpu);
  return {
    answered: latenciesMs.length,
    perSecond: (latenciesMs.length / (performance.now() - startedAt)) * 1_000,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    clientUs: (user + system) / latenciesMs.length,
  };
}

const sockets = Array.from({ length: task.connections }, (_, index) =>
  connect({ port: task.ports[index % task.ports.length] ?? 0, host: '127.0.0.1', noDelay: true }).setEncoding(
    'latin1',
  ),
);
if (task.warmUpSeconds > 0) await postFor(sockets, task.warmUpSeconds);
const result = await postFor(sockets, task.seconds);
for (const socket of sockets) socket.removeAllListeners('close').destroy();
tell(result);
