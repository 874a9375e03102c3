import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { closing } from './closing';

/** Stands between the service and a server, to take the server away and give it back. */
export interface TcpProxy {
  port: number;
  /** Ends all connections and refuses new ones, as a server that is down does. */
  cut(): void;
  /** Keeps connections open and passes nothing on, as a server that hangs does. */
  freeze(): void;
  restore(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const { hostname, port: targetPort } = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let mode: 'pass' | 'cut' | 'frozen' = 'pass';

  const server = createServer((near) => {
    if (mode === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(targetPort), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => {
        if (mode === 'pass') to.write(bytes);
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
    restore: () => {
      // What was swallowed while frozen is lost: connections start anew.
      if (mode === 'frozen') destroyAll();
      mode = 'pass';
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
