import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** What Prometheus' own tool says. @param input is what it reads from its standard input */
export async function promtool(args: string[], input = ''): Promise<{ code: number | null; output: string }> {
  const child = spawn('promtool', args, { stdio: 'pipe' });
  const code = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new Error('promtool is missing: apt-get install prometheus') : error);
    });
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), code]);
  return { code: await code, output: stdout + stderr };
}
