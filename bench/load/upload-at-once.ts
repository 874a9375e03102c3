// Sends many files at the same moment, each on a connection of its own.
import { Agent, request } from 'node:http';
import { takeTask, tell } from '../child.ts';
import { benchCsv } from '../rows.ts';

export interface UploadsTask {
  url: string;
  token: string;
  /** Names the customers in the files. */
  set: string;
  files: number;
  rows: number;
}

export interface UploadsResult {
  wallMs: number;
  latenciesMs: number[];
  bytes: number;
  /** How many got which answer. */
  answers: Record<string, number>;
}

const { url, token, set, files, rows } = await takeTask<UploadsTask>();
const bodies = Array.from({ length: files }, (_, file) => benchCsv(set, file * rows, rows));
const agent = new Agent({ keepAlive: true, maxSockets: files });
const answers: Record<string, number> = {};

const upload = (body: Buffer): Promise<number> => {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/api/customer/upload`,
      {
        agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'text/csv',
          'content-length': body.length,
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => {
          answers[response.statusCode ?? 0] = (answers[response.statusCode ?? 0] ?? 0) + 1;
          resolve(performance.now() - startedAt);
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
};

const startedAt = performance.now();
const latenciesMs = await Promise.all(bodies.map(upload));
const wallMs = performance.now() - startedAt;
agent.destroy();
tell({
  wallMs,
  latenciesMs,
  bytes: bodies.reduce((sum, { length }) => sum + length, 0),
  answers,
} satisfies UploadsResult);
