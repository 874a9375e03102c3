import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { CloudEvent } from '../../src/events/customer-events';
import { closing } from './closing';
import { waitFor } from './wait';

/** One request that a receiver got. */
export interface Received {
  headers: IncomingHttpHeaders;
  path: string;
  body: string;
  event: CloudEvent;
  atMs: number;
}

type Answer = (response: ServerResponse, received: Received) => void;

const taken: Answer = (response) => response.writeHead(204).end();

/** Somebody's server that takes webhooks. */
export class Receiver {
  readonly received: Received[] = [];
  connections = 0;
  /** How it answers from now on. */
  answer: Answer = taken;

  private constructor(
    readonly url: string,
    readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<Receiver> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (data: Buffer) => (body += data.toString()));
      request.on('end', () => {
        const event = JSON.parse(body) as CloudEvent;
        const received = { headers: request.headers, path: request.url ?? '', body, event, atMs: Date.now() };
        receiver.received.push(received);
        receiver.answer(response, received);
      });
    });
    server.on('connection', () => (receiver.connections += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const close = closing(() => {
      server.close();
      server.closeAllConnections();
    });
    const receiver = new Receiver(`http://127.0.0.1:${port}/hook?key=hush`, close);
    return receiver;
  }

  /** Answers with a status, and this time only with those given before it. */
  answerWith(...statuses: number[]): void {
    const left = [...statuses];
    this.answer = (response) => {
      const status = left.length > 1 ? left.shift() : left[0];
      response.writeHead(status ?? 204).end();
    };
  }

  /** Takes requests, and never answers. */
  hang(): void {
    this.answer = () => undefined;
  }

  /** Once there are so many. */
  until(count: number, options?: { timeoutMs?: number }): Promise<Received[]> {
    return waitFor(
      `${count} deliveries`,
      () => Promise.resolve(this.received),
      ({ length }) => length >= count,
      options,
    );
  }
}

/** Verifies a request as its receiver would. @throws when nobody with the secret signed it */
export function verified({ body, headers }: Received, secret: string): CloudEvent {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as CloudEvent;
}
