import { createServer } from 'node:net';

/** Who asked for one may not have bound it yet. */
const given = new Set<number>();

/**
 * A port of 127.0.0.1 that was free a moment ago, and that this process was not given before; whoever binds it must
 * expect to lose the race now and then.
 */
export async function freePort(): Promise<number> {
  const port = await unboundPort();
  if (given.has(port)) return freePort();
  given.add(port);
  return port;
}

function unboundPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('The system named no port'));
      });
    });
  });
}

/** Whether nobody listens on this port, neither on one address nor on all. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    if ((await listenError(port, host)) === 'EADDRINUSE') return false;
  }
  return true;
}

/** The code of the error that listening gives; a machine without IPv6 gives another one than a taken port. */
function listenError(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
    server.listen(port, host, () => {
      server.close(() => {
        resolve(undefined);
      });
    });
  });
}
