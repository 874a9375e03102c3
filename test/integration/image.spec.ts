import { readFile } from 'node:fs/promises';
import path from 'node:path';

const read = (file: string): Promise<string> => readFile(path.resolve(__dirname, '../..', file), 'utf8');
const lines = async (file: string): Promise<string[]> => (await read(file)).split('\n');

describe('the image', () => {
  /** What is copied from the sources, and not from another stage. */
  const copied = async () =>
    (await lines('Dockerfile'))
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));

  it('is made of sources that Docker is shown', async () => {
    const shown = (await lines('.dockerignore'))
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));

    expect(await copied()).toContain('cockpit');
    expect((await copied()).filter((source) => !shown.includes(source.replace(/^\.\//, '')))).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  it("gives the service the operator's account by which the example of Prometheus comes", async () => {
    expect(await read('deploy/prometheus/prometheus.yml')).toContain('username: operator\n');
    expect(await read('docker-compose.yml')).toMatch(/^ {4}OPERATOR_PASSWORD: \$\{OPERATOR_PASSWORD:-\}$/m);
  });
});
