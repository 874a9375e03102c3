import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { closing } from './closing';

/** Stands between the service and a server, to take the server away and give it back. */
export interface TcpProxy {
  port: number;
  /** Ends all connections and refuses new ones, as a server that is down does. */
  cut(): void;
  /** Keeps connections open and passes nothing on, as a server that hangs does. */
  freeze(): void;
  /**
   * Until it is restored, passes no answer on once this text was sent on a connection: what was sent is done, or is
   * not when it is `lost` too.
   */
  breakAt(text: string, options?: { lost?: boolean }): void;
  restore(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const { hostname, port: targetPort } = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let mode: 'pass' | 'cut' | 'frozen' = 'pass';
  let trap: { text: string; lost: boolean } | undefined;

  const server = createServer((near) => {
    if (mode === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(targetPort), hostname);
    let answers = true;
    let isLost = false;
    const passes = (from: Socket, bytes: Buffer): boolean => {
      if (from === near && trap && bytes.includes(trap.text)) {
        answers = false;
        isLost = trap.lost;
      }
      return mode === 'pass' && (from === near ? !isLost : answers);
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => {
        if (passes(from, bytes)) to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      mode = 'cut';
      destroyAll();
    },
    freeze: () => {
      mode = 'frozen';
    },
    breakAt: (text, { lost = false } = {}) => {
      trap = { text, lost };
    },
    restore: () => {
      // What was swallowed while frozen is lost: connections start anew.
      if (mode === 'frozen' || trap) destroyAll();
      mode = 'pass';
      trap = undefined;
    },
    close: closing(
      () =>
        new Promise<void>((resolve) => {
          destroyAll();
          server.close(() => {
            resolve();
          });
        }),
    ),
  };
}
