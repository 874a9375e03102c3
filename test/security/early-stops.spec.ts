import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { createTestApp, type TestApp } from '../helpers/test-app';
import type { Client } from '../helpers/client';

const MIB = 1024 * 1024;
const HEADER = Buffer.from('name,email\n');
const ROW = 'Ana,ana@example.com\n';
const PIECE = 64 * 1024;
/** What sockets hold between here and the service, and what it reads on until it has answered. */
const ON_THE_WAY = 24 * MIB;

interface Sent {
  status: number | undefined;
  /** Of the body, before the answer came. */
  bytes: number;
  /** Most that buffers held beyond what they held before: those of the service, and the one sent again and again. */
  grownBytes: number;
}

/** Bodies that would be read for long: answered as soon as it is clear what becomes of them. */
describe('a body of which the beginning says enough', () => {
  let app: TestApp;
  /** Takes less. */
  let small: TestApp;
  let client: Client;
  // Not the one of all: who asks for its connection to be closed loses the answer with what it still sends.
  const agent = new Agent({ keepAlive: true });

  beforeAll(async () => {
    app = await createTestApp({ role: 'api', variables: { IMPORT_MAX_BYTES: String(64 * MIB) } });
    small = await createTestApp({ role: 'api', variables: { IMPORT_MAX_BYTES: String(16 * MIB) } });
    client = app.client();
  });

  afterAll(async () => {
    agent.destroy();
    await Promise.all([app.close(), small.close()]);
  });

  const begin = (path: string, headers: Record<string, string>, { url } = app): ClientRequest => {
    const sent = request(url + path, {
      method: 'POST',
      agent,
      headers: { authorization: `Bearer ${client.token}`, 'content-type': 'text/csv', ...headers },
    });
    // It is destroyed under way.
    sent.on('error', () => undefined);
    return sent;
  };

  /** Sends a beginning, and then a piece again and again, as fast as it is taken, until the answer comes. */
  const sendUntilAnswered = async (
    path: string,
    first: Buffer,
    piece: Buffer,
    headers: Record<string, string> = {},
  ): Promise<Sent> => {
    const before = process.memoryUsage().arrayBuffers;
    const sending = begin(path, headers);
    const answer = new Promise<IncomingMessage>((resolve) => sending.on('response', resolve));
    const sent: Sent = { status: undefined, bytes: 0, grownBytes: 0 };
    void answer.then(({ statusCode }) => (sent.status = statusCode));
    sending.write(first);
    while (sent.status === undefined && sent.bytes < 100 * MIB) {
      sent.bytes += piece.length;
      sent.grownBytes = Math.max(sent.grownBytes, process.memoryUsage().arrayBuffers - before);
      if (!sending.write(piece)) {
        const taken = new Promise((resolve) => sending.once('drain', resolve));
        await Promise.race([taken, answer]);
      }
    }
    await answer;
    sending.destroy();
    return sent;
  };

  const PATHS = ['/api/customer/upload', '/api/customer/imports/preview'];

  it.each(PATHS)('is answered by %s while one endless line still comes', async (path) => {
    const sent = await sendUntilAnswered(path, HEADER, Buffer.alloc(PIECE, 'x'));

    expect(sent.status).toBe(400);
    expect(sent.bytes).toBeLessThan(2 * MIB + ON_THE_WAY);
    expect(sent.grownBytes).toBeLessThan(24 * MIB);
  });

  it.each(PATHS)('is answered by %s while one endless cell still comes', async (path) => {
    const sent = await sendUntilAnswered(path, Buffer.from('name,email\n"'), Buffer.alloc(PIECE, 'x\n'));

    expect(sent.status).toBe(400);
    expect(sent.bytes).toBeLessThan(2 * MIB + ON_THE_WAY);
    expect(sent.grownBytes).toBeLessThan(24 * MIB);
  });

  it.each(PATHS)('is answered by %s while one endless header still comes', async (path) => {
    const sent = await sendUntilAnswered(path, Buffer.from('name'), Buffer.alloc(PIECE, ',"a;b"'));

    expect(sent.status).toBe(400);
    expect(sent.bytes).toBeLessThan(2 * MIB + ON_THE_WAY);
    expect(sent.grownBytes).toBeLessThan(24 * MIB);
  });

  it('is previewed while most of it still comes', async () => {
    const sent = await sendUntilAnswered(PATHS[1] ?? '', HEADER, Buffer.alloc(PIECE, ROW));

    expect(sent.status).toBe(200);
    expect(sent.bytes).toBeLessThan(ON_THE_WAY);
    expect(sent.grownBytes).toBeLessThan(24 * MIB);
  });

  // Whole, it is 8 GiB: read to the end, it would take half a minute.
  const member = gzipSync(Buffer.alloc(8 * MIB, ROW));
  const bomb = Buffer.concat(Array.from({ length: 1024 }, () => member));

  it.each<[string, number]>([
    [PATHS[0] ?? '', 413],
    [PATHS[1] ?? '', 200],
  ])('is unpacked by %s no further than it is read, however long it is', async (path, status) => {
    const before = process.cpuUsage();
    const headers = { 'content-encoding': 'gzip', 'content-length': String(totalBytes()) };
    const sending = begin(path, headers, small);
    const answer = new Promise<IncomingMessage>((resolve) => sending.on('response', resolve));
    const ended = new Promise((resolve) => sending.on('close', resolve));
    sending.write(gzipSync(HEADER));
    sending.end(bomb);

    const answered = await answer;
    answered.resume();
    await ended;

    const { user, system } = process.cpuUsage(before);
    expect(answered.statusCode).toBe(status);
    // All bytes were taken off the connection, as they came.
    expect(sending.writableFinished).toBe(true);
    expect((user + system) / 1e6).toBeLessThan(5);
  });

  const totalBytes = (): number => gzipSync(HEADER).length + bomb.length;
});
