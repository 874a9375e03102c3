import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closing } from './closing';

/** A server that identity providers show their keys on, or that a forged token names as one. */
export class KeyServer {
  /** Paths that were asked for. */
  readonly asked: string[] = [];

  private constructor(
    readonly url: string,
    readonly close: () => Promise<void>,
  ) {}

  /** @param keys as JWK, asked for anew each time; one that throws is answered with 500 */
  static async start(keys: () => object[] = () => []): Promise<KeyServer> {
    const answer: RequestListener = (request, response) => {
      server.asked.push(request.url ?? '');
      try {
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: keys() }));
      } catch {
        response.writeHead(500).end();
      }
    };
    const listener = createServer(answer);
    await new Promise<void>((resolve) => {
      listener.listen(0, '127.0.0.1', resolve);
    });
    const { port } = listener.address() as AddressInfo;
    const close = closing(
      () =>
        new Promise<void>((resolve) => {
          listener.close(() => {
            resolve();
          });
          listener.closeAllConnections();
        }),
    );
    const server = new KeyServer(`http://127.0.0.1:${port}`, close);
    return server;
  }
}
