import type { Client } from '../helpers/client';
import { acceptedImport } from '../helpers/customers';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForImport } from '../helpers/wait';

/** Files that are odd, or have bad rows: a bad row never stops the others. */
describe('an uneven upload', () => {
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

  const importAll = async (csv: string) => waitForImport(client, await acceptedImport(client, csv));
  const namesInOrder = async () =>
    (await client.get('/api/customer?sort=email')).body.data.items.map(({ name }: { name: string }) => name);

  it.each([
    ['too few columns', 'Bo', { code: 'column_count', message: 'expected 3 columns, found 1' }],
    ['too many columns', 'Bo,b@x.io,1,2', { code: 'column_count', message: 'expected 3 columns, found 4' }],
    ['no name', ',b@x.io,1', { field: 'name', code: 'required' }],
    ['no email', 'Bo,,1', { field: 'email', code: 'required' }],
    ['a bad email', 'Bo,b@,1', { field: 'email', code: 'invalid_email' }],
    ['a bad number', 'Bo,b@x.io,many', { field: 'visits', code: 'invalid_number' }],
    ['a name of 201 characters', `${'x'.repeat(201)},b@x.io,1`, { field: 'name', code: 'too_long' }],
    ['a field of 1 MB', `Bo,"${'x'.repeat(1024 * 1024)}",1`, { field: 'email', code: 'too_long' }],
    ['text after a quote', '"Bo"x,b@x.io,1', { field: 'name', code: 'malformed_quotes' }],
    ['a control character', 'Bo\u0007,b@x.io,1', { field: 'name', code: 'control_character' }],
    ['nothing but commas', ',,', { code: 'empty_row' }],
  ])('with a row of %s rejects that row, with its line, and imports the others', async (_, row, problem) => {
    const ended = await importAll(`name,email,visits\nAna,a@x.io,1\n${row}\nCy,c@x.io,3\n`);

    expect(ended).toMatchObject({
      status: 'completed_with_errors',
      counts: { rows: 3, processed: 3, created: 2, rejected: 1 },
      problems: [{ line: 3, ...problem }],
    });
    expect(await namesInOrder()).toEqual(['Ana', 'Cy']);
  });

  it('of only bad rows ends with errors, and creates nobody', async () => {
    const ended = await importAll('name,email\n,\nBo,no\n');

    expect(ended).toMatchObject({ status: 'completed_with_errors', counts: { created: 0, rejected: 2 } });
  });

  it('never repeats the value of a bad cell', async () => {
    const ended = await importAll('name,email\nBo,secret.person@\n');

    expect(JSON.stringify(ended)).not.toContain('secret.person');
  });

  it.each([
    ['mixed line ends', 'name,email\r\nAna,a@x.io\nBo,b@x.io\rCy,c@x.io\r\n'],
    ['a byte order mark', '\ufeffname,email\nAna,a@x.io\nBo,b@x.io\nCy,c@x.io\n'],
    ['no line end at the end', 'name,email\nAna,a@x.io\nBo,b@x.io\nCy,c@x.io'],
    ['blank lines', '\n\nname,email\n\nAna,a@x.io\n\r\n\nBo,b@x.io\nCy,c@x.io\n\n'],
    ['quotes around everything', '"name","email"\n"Ana","a@x.io"\n"Bo","b@x.io"\n"Cy","c@x.io"\n'],
    ['spaces around everything', ' name , email \n Ana , a@x.io \n Bo , b@x.io \n Cy , c@x.io \n'],
  ])('with %s imports each row', async (_, csv) => {
    const ended = await importAll(csv);

    expect(ended).toMatchObject({ status: 'completed', counts: { rows: 3, created: 3 } });
    expect(await namesInOrder()).toEqual(['Ana', 'Bo', 'Cy']);
  });

  it('keeps line ends within quotes, and counts them in the lines that it names', async () => {
    const ended = await importAll('name,email,address\nAna,a@x.io,"Rua 1\nRecife\r\nBrasil"\nBo,no,\n');

    expect(ended.problems).toMatchObject([{ line: 5, field: 'email' }]);
    const { body } = await client.get('/api/customer');
    expect(body.data.items).toMatchObject([{ address: 'Rua 1\nRecife\r\nBrasil' }]);
  });
});
