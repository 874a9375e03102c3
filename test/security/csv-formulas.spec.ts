import type { Client } from '../helpers/client';
import { acceptedImport, existingCustomer } from '../helpers/customers';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitFor, waitForImport } from '../helpers/wait';

/** What spreadsheets evaluate, and texts that look as if they had been made harmless before. */
const FORMULAS = ['=', '+', '-', '@', '＝', '＋', '－', '＠'].flatMap((start) => [
  `${start}1+1`,
  `'${start}1+1`,
  `''${start}cmd|' /C calc'!A0`,
]);
/** What spreadsheets skip before they look at a cell; a file may have it where the API takes it off. */
const SKIPPED = ['\t', '\r', '\n', '\t=', '\r\n='].flatMap((start) => [`${start}1+1`, `'${start}1+1`]);

/** The cells that a spreadsheet makes of a file. */
const cellsOf = (csv: string, mark = ','): string[] =>
  csv
    .replace(/^\uFEFF/, '')
    .split(/\r\n(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .flatMap((line) => line.split(new RegExp(`\\${mark}(?=(?:[^"]*"[^"]*")*[^"]*$)`)))
    .map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
const evaluated = (cells: string[]): string[] => cells.filter((cell) => /^[=+\-@＝＋－＠\t\r\n]/.test(cell));
const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

describe('cells that a spreadsheet would take for a formula', () => {
  let app: TestApp;
  let client: Client;

  beforeAll(async () => {
    app = await createTestApp();
  });

  beforeEach(() => {
    client = app.client();
  });

  afterAll(async () => {
    await app.close();
  });

  const imported = async (csv: string, query = '', by = client): Promise<string> => {
    const importId = await acceptedImport(by, csv, query);
    await waitForImport(by, importId);
    return importId;
  };
  const report = async (importId: string, name: string): Promise<string> => {
    const { status, body } = await client.get(`/api/customer/imports/${importId}/${name}.csv`);
    if (status !== 200) throw new Error(`Not downloaded: ${status} ${JSON.stringify(body)}`);
    return String(body);
  };
  const exported = async (): Promise<string> => {
    const { status, body } = await client.get('/api/customer/export.csv?sort=email');
    if (status !== 200) throw new Error(`Not exported: ${status} ${JSON.stringify(body)}`);
    return String(body);
  };
  const listed = async (by = client) =>
    ((await by.get('/api/customer?sort=email&limit=200')).body.data.items as Record<string, unknown>[]).map(
      ({ id: _, createdAt: __, updatedAt: ___, ...rest }) => rest,
    );

  describe('in errors.csv', () => {
    it('get a mark in front, and so do those that look as if they had one', async () => {
      const csv = `name,email,=cmd\n=1+1,x,'=2\n"+1, ok",x,"'"\n`;

      const lines = (await report(await imported(csv), 'errors')).split('\r\n');

      expect(lines.slice(0, 3)).toEqual([
        `line,reason,name,email,'=cmd`,
        `2,email is not a valid address,'=1+1,x,''=2`,
        `3,email is not a valid address,"'+1, ok",x,'`,
      ]);
    });

    it.each([...FORMULAS, ...SKIPPED])('are none, in any column: %j', async (formula) => {
      const row = [formula, 'no email', formula, formula, formula, formula].map(quoted).join();
      const csv = `name,email,phone,address,tags,note\n${row}\n`;

      const cells = cellsOf(await report(await imported(csv), 'errors'));

      expect(cells.filter((cell) => cell.includes(formula))).toHaveLength(5);
      expect(evaluated(cells)).toEqual([]);
    });

    it.each([',', ';', '\t', '|'])(
      'can be corrected and uploaded again as they are, in their own delimiter: %j',
      async (mark) => {
        const rows = [
          ['name', 'email', '=sum', 'note'],
          ['Ana', 'no email', '=1+1', '-1'],
          ['Bo', 'no email', "'=quoted", 'a, b; c\td | e "f"\ng'],
          ['Cy', 'fine@example.com', '', ''],
          ['Dee', 'no email', "'", '+49 30'],
          ...FORMULAS.map((formula) => [formula, 'no email', formula, `x ${formula}`]),
        ];
        const csv = rows.map((row) => row.map(quoted).join(mark)).join('\n');
        const errors = await report(await imported(csv), 'errors');

        let fixed = 100;
        const corrected = errors.replaceAll('no email', () => `fixed-${fixed++}@example.com`);
        const { body } = await client.get(`/api/customer/imports/${await imported(corrected)}`);
        const customers = (await client.get('/api/customer?sort=email&search=fixed')).body.data.items;

        expect(errors).toContain(['line', 'reason', 'name', 'email', "'=sum", 'note'].join(mark));
        expect(evaluated(cellsOf(errors, mark))).toEqual([]);
        expect(body.data.counts).toMatchObject({ created: FORMULAS.length + 3 });
        expect(
          customers.map(({ name, attributes }: { name: string; attributes: object }) => [name, attributes]),
        ).toEqual([
          ['Ana', { '=sum': '=1+1', note: '-1' }],
          ['Bo', { '=sum': "'=quoted", note: 'a, b; c\td | e "f"\ng' }],
          ['Dee', { '=sum': "'", note: '+49 30' }],
          ...FORMULAS.map((formula) => [formula, { '=sum': formula, note: `x ${formula}` }]),
        ]);
      },
    );
  });

  describe('in export.csv', () => {
    it('get a mark in front, and so do those that look as if they had one', async () => {
      await existingCustomer(client, {
        name: '=1+1',
        email: 'x@example.com',
        phone: '+49 30 5550100',
        address: '@sum, "x"\n2',
        tags: ['-1', 'b'],
        attributes: { '=cmd': "'=2", note: "'quoted'" },
      });

      const csv = await exported();

      expect(csv).toMatch(/,lastVisit,'=cmd,note\r\n/);
      expect(csv).toContain(
        `,'=1+1,x@example.com,'+49 30 5550100,"'@sum, ""x""\n2",'-1;b,0.00,0,,''=2,'quoted'\r\n`,
      );
    });

    it('are none, in any column, and make the same customers where it is uploaded', async () => {
      const columns = Object.fromEntries(FORMULAS.slice(0, 6).map((key) => [key, 'x']));
      for (const [n, formula] of FORMULAS.entries())
        await existingCustomer(client, {
          name: formula,
          email: `${'=+-'[n % 3]}${n + 10}@example.com`,
          address: formula,
          tags: [formula, 'b'],
          attributes: { note: formula, ...columns },
        });
      const other = app.client();

      const csv = await exported();
      await imported(csv, '', other);

      expect(evaluated(cellsOf(csv))).toEqual([]);
      expect(await listed(other)).toEqual(await listed());
      expect((await listed(other)).map(({ name }) => name).sort()).toEqual(FORMULAS.toSorted());
    });
  });

  it('are in no results.csv, which has nothing of a row but its line', async () => {
    const rows = FORMULAS.map(
      (formula, n) => `${formula},${n % 2 ? `${n}@example.com` : formula},${formula}\n`,
    );
    const csv = `name,email,=cmd\n${rows.join('')}`;

    const results = await report(await imported(csv), 'results');

    expect(results.split('\r\n').slice(1, -1)).toHaveLength(FORMULAS.length);
    expect(results).toMatch(/^line,outcome,customerId\r\n(\d+,(created,[0-9a-f-]{36}|rejected,)\r\n)+$/);
  });

  it('are in no conflicts.csv, which has nothing of a row but its line', async () => {
    const rows = FORMULAS.map((formula, n) => `${formula},${n}@example.com,${formula}\n`);
    const importId = await imported(`name,email,=cmd\n${rows.join('')}`);
    await imported(`name,email,=cmd\n${rows.map((row) => `=other${row}`).join('')}`, '?onDuplicate=update');

    await client.post(`/api/customer/imports/${importId}/undo`);
    await waitFor(
      'the undo',
      async () => (await client.get(`/api/customer/imports/${importId}`)).body.data.undo,
      ({ finishedAt }) => finishedAt !== null,
    );
    const conflicts = await report(importId, 'conflicts');

    expect(conflicts.split('\r\n').slice(1, -1)).toHaveLength(FORMULAS.length);
    expect(conflicts).toMatch(/^line,customerId\r\n(\d+,[0-9a-f-]{36}\r\n)+$/);
  });
});
