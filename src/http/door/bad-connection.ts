import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { toProblem } from '../problem';
import { REQUEST_ID_HEADER } from '../request-id';

const STATUSES: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The URL and the headers are larger than 16 KiB together.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The extensions of the chunks of the body are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The headers did not arrive in time.'],
};

/** Node's names for what was wrong are codes. */
type BadConnection = Error & { code?: string };

/**
 * Answers, and ends, a connection on which something came that never became a request.
 * @param headers of each such answer: no hook of ours sees it
 */
export const endBadConnections =
  (headers: Readonly<Record<string, string>>) =>
  (error: BadConnection, socket: Socket): void => {
    endBadConnection(error, socket, headers);
  };

function endBadConnection(
  error: BadConnection,
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): void {
  // The other side is gone, or gets an answer already: another in the middle of it would be taken for a part of it.
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswered(socket)) {
    socket.destroy();
    return;
  }
  const [status, detail] = STATUSES[error.code ?? ''] ?? [400, 'This is no valid HTTP request.'];
  const requestId = randomUUID();
  const body = JSON.stringify(toProblem({ status, detail }, '', requestId));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `${REQUEST_ID_HEADER}: ${requestId}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  // Once that is sent: who is slow or broken might never end its side.
  socket.destroySoon();
}

/** Looked up where Node's own handler of such errors does. */
const isAnswered = (socket: Socket & { _httpMessage?: ServerResponse | null }): boolean =>
  socket._httpMessage?.headersSent ?? false;
