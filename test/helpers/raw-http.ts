import { connect, type Socket } from 'node:net';

/** A connection on which whatever is sent, as no client library would. */
export interface RawConnection {
  socket: Socket;
  /** All that was answered, once the service has ended the connection. */
  ended: Promise<string>;
}

export function openRaw(url: string, first: string | Buffer = ''): RawConnection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString('latin1')));
  // What is cut off while it still sends: what was answered before counts.
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => {
      resolve(text);
    });
  });
  if (first.length > 0) socket.write(first);
  return { socket, ended };
}

/** Sends a text, and waits until the service has ended the connection. */
export const sendRaw = (url: string, text: string | Buffer): Promise<string> => openRaw(url, text).ended;

/** The statuses of the answers on one connection; one begins right behind the body of another. */
export const statusesIn = (answers: string): number[] =>
  [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

/** Sends a byte again and again, until the connection ends. */
export function drip(socket: Socket, bytes: string, everyMs: number): void {
  const dripping = setInterval(() => socket.write(bytes), everyMs);
  socket.on('close', () => {
    clearInterval(dripping);
  });
}
