import { AbstractConnector } from 'ioredis';
import { connect as connectTcp, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RedisNode, RedisServer } from '../config/redis-server';
import type { MasterWatch } from './master-watch';
import type { MasterSearch } from './redis-master';

/** For the connection to end by itself, in ms. */
const DISCONNECT_TIMEOUT_MS = 2_000;

/**
 * Connects to whoever is the master at the moment, anew after each end of the connection. One connection to one node, as
 * with a single server: all that is promised of one that is away holds while there is no master.
 */
export class MasterConnector extends AbstractConnector {
  constructor(
    private readonly search: MasterSearch,
    private readonly tls: RedisServer['tls'],
    /** Absent where a master that is replaced says so itself. */
    private readonly watch?: MasterWatch,
  ) {
    super(DISCONNECT_TIMEOUT_MS);
  }

  /** The role in what INFO says: a master that was replaced, or is not yet one, is left again. */
  override check({ role }: { role?: string }): boolean {
    return role === undefined || role === 'master';
  }

  async connect(): Promise<Socket> {
    this.connecting = true;
    const stream = await this.reach();
    stream.once('error', (error) => (this.firstError = error));
    this.stream = stream;
    return stream;
  }

  private async reach(): Promise<Socket> {
    const master = this.watch?.successor ?? (await this.search.find().catch(asError));
    const isGivenUp = !this.connecting;
    if (!isGivenUp && !(master instanceof Error)) return this.open(master);
    // A connection that ended at once is tried again, or not, by the rules for any other; a rejection would be the last
    // word, also where somebody gave up this attempt only.
    if (!isGivenUp && master instanceof Error)
      this.firstError = new Error(`No master of Redis is known: ${master.message}`, { cause: master });
    return new Socket().destroy();
  }

  private open(master: RedisNode): Socket {
    const stream = this.tls ? connectTls({ ...this.tls, ...master }) : connectTcp(master);
    this.watch?.hold(stream, master);
    return stream;
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
