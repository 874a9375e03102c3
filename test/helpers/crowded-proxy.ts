import { setTimeout } from 'node:timers/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between the service and a server that takes its time. */
export interface CrowdedProxy {
  port: number;
  /** Whatever is sent arrives so much later, however much there is. */
  distance(delayMs: number): void;
  /** Whatever is sent is taken one at a time, each for so long: the more there is, the longer all of it waits. */
  crowd(eachMs: number): void;
  close(): Promise<void>;
}

/** @param targetUrl of the server */
export async function startCrowdedProxy(targetUrl: string): Promise<CrowdedProxy> {
  const { hostname, port: targetPort } = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let eachMs = 0;
  let lastTaken = Promise.resolve();
  const taken = (): Promise<void> => {
    if (eachMs === 0) return setTimeout(delayMs);
    lastTaken = lastTaken.then(() => setTimeout(eachMs));
    return lastTaken;
  };

  const server = createServer((near) => {
    const far = connect(Number(targetPort), hostname);
    let arrived = Promise.resolve();
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on('data', (bytes) => {
      // In the order in which it was sent, whatever the proxy did in between.
      arrived = Promise.all([arrived, taken()]).then(() => {
        if (far.writable) far.write(bytes);
      });
    });
    far.pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    distance: (ms) => {
      [delayMs, eachMs] = [ms, 0];
    },
    crowd: (ms) => {
      [delayMs, eachMs] = [0, ms];
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}
