import { Agent, request, type IncomingMessage } from 'node:http';
import { closing } from './closing';
import { waitFor } from './wait';

/** One server-sent event, as a browser would hand it over. */
export interface StreamedEvent {
  id: string;
  event: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests assert its shape
  data: any;
}

const agent = new Agent({ keepAlive: false, maxSockets: Infinity });

/** A client of `GET /api/events`, as https://html.spec.whatwg.org/multipage/server-sent-events.html has it. */
export class EventStreamClient {
  readonly events: StreamedEvent[] = [];
  /** What a browser would send as `Last-Event-ID`. */
  lastEventId = '';
  isEnded = false;
  /** Pieces that hold no event: heartbeats, and the id at the start. */
  beats = 0;
  private rest = '';

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      this.read(text);
    });
    response.on('error', () => undefined);
    response.once('close', () => (this.isEnded = true));
  }

  static async open(
    url: string,
    token: string,
    { query = '', after }: { query?: string; after?: string } = {},
  ): Promise<EventStreamClient> {
    const headers = { authorization: `Bearer ${token}`, ...(after && { 'last-event-id': after }) };
    const sent = request(`${url}/api/events${query}`, { agent, headers });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve).once('error', reject).end();
    });
    if (response.statusCode !== 200) throw new Error(`The stream was answered ${response.statusCode}`);
    const client = new EventStreamClient(response);
    closing(() => {
      client.close();
    });
    return client;
  }

  close(): void {
    this.response.destroy();
  }

  /** The events so far, once there are so many. */
  until(count: number): Promise<StreamedEvent[]> {
    return waitFor(
      `${count} streamed events`,
      () => Promise.resolve(this.events),
      ({ length }) => length >= count,
    );
  }

  private read(text: string): void {
    const pieces = (this.rest + text).split('\n\n');
    this.rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      const fields = new Map(
        piece.split('\n').map((line): [string, string] => {
          const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
          return [name, value];
        }),
      );
      this.lastEventId = fields.get('id') ?? this.lastEventId;
      const data = fields.get('data');
      if (data === undefined) this.beats += 1;
      else
        this.events.push({
          id: this.lastEventId,
          event: fields.get('event') ?? 'message',
          data: JSON.parse(data),
        });
    }
  }
}
