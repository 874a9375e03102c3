import { readdir, readFile } from 'node:fs/promises';
import type { Service } from '../test/chaos/cluster/service.ts';

export interface Memory {
  nowMb: number;
  /** Since the process began. */
  peakMb: number;
}

/** Resident memory of a process of the service, as Linux counts it. */
export async function memoryOf(service: Service): Promise<Memory> {
  const status = await readFile(`/proc/${await pidOf(service)}/status`, 'utf8');
  const megabytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { nowMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}

/** A guard stands between us and the process: it is known by the port in its environment. */
export async function pidOf({ url }: Service): Promise<string> {
  const port = `PORT=${new URL(url).port}`;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const [environ, cmdline] = await Promise.all([read('environ'), read('cmdline')]);
    const program = cmdline.split('\0')[1] ?? '';
    if (environ.split('\0').includes(port) && program.endsWith('dist/main.js')) return pid;
  }
  throw new Error(`No process of the service has ${port}`);
}
