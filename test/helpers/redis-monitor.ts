import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Tells of each command that Redis is sent, with its arguments. By a socket alone: ioredis takes commands that are told
 * before its own was answered for answers.
 * @returns what ends it
 */
export async function monitorRedis(redisUrl: string, tell: (command: string[]) => void): Promise<() => void> {
  const { port, hostname } = new URL(redisUrl);
  const socket = connect(Number(port), hostname);
  const lines = createInterface({ input: socket });
  lines.on('line', (line) => {
    const words = line.matchAll(/"((?:[^"\\]|\\.)*)"/g);
    tell([...words].map(([, word = '']) => word.replaceAll(/\\(["\\])/g, '$1')));
  });
  socket.write('MONITOR\r\n');
  await once(lines, 'line');
  return () => {
    socket.destroy();
  };
}
