import { readdir, readFile } from 'node:fs/promises';

interface Line {
  item: string;
  line: string;
  file: string;
  describes: string;
}

/** Rows of the table of what is tested. */
async function linesOf(document: string): Promise<Line[]> {
  const rows = (await readFile(document, 'utf8')).matchAll(
    /^\| (API\d+) +\| (.+?) +\| `(test\/[^`]+)` › `([^`]+)` +\|$/gm,
  );
  return [...rows].map(([, item = '', line = '', file = '', describes = '']) => ({
    item,
    line,
    file,
    describes,
  }));
}

describe('the table of docs/security.md', () => {
  let lines: Line[];

  beforeAll(async () => {
    lines = await linesOf('docs/security.md');
  });

  it('names specs that there are', async () => {
    const missing: string[] = [];
    for (const { file, describes } of lines) {
      const source = await readFile(file, 'utf8').catch(() => '');
      if (!["'", '"'].some((quote) => source.includes(`(${quote}${describes}${quote}`)))
        missing.push(`${file} › ${describes}`);
    }

    expect(lines.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });

  it('has every spec of test/security but this one', async () => {
    const specs = (await readdir('test/security')).filter(
      (name) => name.endsWith('.spec.ts') && name !== 'documented.spec.ts',
    );
    const listed = new Set(lines.map(({ file }) => file));

    expect(specs.filter((name) => !listed.has(`test/security/${name}`))).toEqual([]);
  });

  it('names specs of test/security, but for what needs a browser, or a receiver of spans', () => {
    const elsewhere = lines.map(({ file }) => file).filter((file) => !file.startsWith('test/security/'));

    expect(elsewhere).toEqual(['test/e2e/traces.spec.ts', 'test/browser/cockpit.spec.ts']);
  });

  it('is sorted by item', () => {
    const numbers = lines.map(({ item }) => Number(item.slice('API'.length)));

    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it('has a row for every line that looks like one', async () => {
    const text = await readFile('docs/security.md', 'utf8');

    expect(lines).toHaveLength((text.match(/^\| API\d/gm) ?? []).length);
  });
});
