import { encodeCursor } from '../../src/customer/list-cursor';
import type { Client } from '../helpers/client';
import { acceptedImport, existingCustomer } from '../helpers/customers';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { waitForImport } from '../helpers/wait';

const SORTS = ['createdAt', '-createdAt', 'name', '-name', 'email', '-email'];

interface Listed {
  id: string;
  name: string;
  email: string;
  createdAt: string;
}

/** All pages from the first to the last; `between` runs before each next one. */
async function listAll(client: Client, query: string, between: (page: number) => Promise<unknown>) {
  const items: Listed[] = [];
  const sizes: number[] = [];
  let cursor: string | null = '';
  for (let page = 1; cursor !== null; page++) {
    const { status, body } = await client.get(`/api/customer?${query}${cursor && `&cursor=${cursor}`}`);
    if (status !== 200) throw new Error(`Page ${page}: ${status} ${JSON.stringify(body)}`);
    items.push(...body.data.items);
    sizes.push(body.data.items.length);
    cursor = body.data.nextCursor;
    if (cursor !== null) await between(page);
  }
  return { items, sizes };
}

const sortedBy = (items: Listed[], sort: string): Listed[] => {
  const key = sort.replace('-', '') as 'name' | 'email' | 'createdAt';
  const field = key === 'createdAt' ? 'id' : key;
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const ascending = items.toSorted((a, b) => compare(a[field], b[field]) || compare(a.id, b.id));
  return sort.startsWith('-') ? ascending.toReversed() : ascending;
};

describe('GET /api/customer', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });

  afterAll(async () => {
    await app.close();
  });

  /** A client whose tenant has these customers. */
  const tenantWith = async (csv: string): Promise<Client> => {
    const client = app.client();
    await waitForImport(client, await acceptedImport(client, csv));
    return client;
  };

  describe('in pages', () => {
    const names = Array.from({ length: 25 }, (_, index) => `Name ${(index * 7) % 5}`);
    const csv = `name,email\n${names.map((name, index) => `${name},c${(index * 11) % 25}@example.com\n`).join('')}`;

    it.each(SORTS)('gives each customer once and in order by %s, while others are inserted', async (sort) => {
      const client = await tenantWith(csv);
      const before = (await client.get('/api/customer?limit=200')).body.data.items as Listed[];

      const { items, sizes } = await listAll(client, `limit=10&sort=${sort}`, (page) =>
        Promise.all([
          existingCustomer(client, { name: 'Name 0', email: `a${page}@example.com` }),
          existingCustomer(client, { name: 'Name 4', email: `z${page}@example.com` }),
        ]),
      );

      const known = new Set(before.map(({ id }) => id));
      expect(before).toHaveLength(25);
      expect(items.filter(({ id }) => known.has(id))).toEqual(sortedBy(before, sort));
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      expect(sizes.slice(0, -1)).toEqual(sizes.slice(0, -1).fill(10));
    });

    it('starts with the newest customers where no sort is given', async () => {
      const client = app.client();
      const [first, second] = [await existingCustomer(client), await existingCustomer(client)];

      const { body } = await client.get('/api/customer');

      expect(body).toEqual({ success: true, message: 'Customers found', data: expect.any(Object) });
      expect(body.data.items.map(({ id }: Listed) => id)).toEqual([second, first]);
      expect(body.data.nextCursor).toBeNull();
    });

    it('has no next page after one that is just full', async () => {
      const client = await tenantWith('name,email\nA,a@example.com\nB,b@example.com\n');

      const { body } = await client.get('/api/customer?limit=2');

      expect(body.data).toMatchObject({ items: [{}, {}], nextCursor: null });
    });

    it('shows the same of a customer as reading it alone', async () => {
      const client = app.client();
      const id = await existingCustomer(client, { tags: ['vip'], attributes: { plan: 'gold' } });

      const { body } = await client.get('/api/customer');

      expect(body.data.items).toEqual([(await client.get(`/api/customer/${id}`)).body.data]);
    });
  });

  describe('with filters', () => {
    let client: Client;

    beforeAll(async () => {
      client = await tenantWith(
        [
          'name,email,tags',
          'Ana Souza,ana@example.com,vip;new',
          'Joana (Jo) Lima,joana+shop@example.org,vip',
          '"O.B. [x]*",ob@example.com,',
          'ÇAĞLA Öz,cagla@example.net,new',
          '',
        ].join('\n'),
      );
    });

    const namesOf = async (query: Record<string, string>) => {
      const { body } = await client.get(
        `/api/customer?${String(new URLSearchParams({ sort: 'name', ...query }))}`,
      );
      return body.data.items.map(({ name }: Listed) => name);
    };

    it.each([
      ['part of a name', { search: 'ana' }, ['Ana Souza', 'Joana (Jo) Lima']],
      ['part of a name in another case', { search: 'SOUZ' }, ['Ana Souza']],
      ['letters beyond ASCII in another case', { search: 'çağla ö' }, ['ÇAĞLA Öz']],
      ['part of an email', { search: 'EXAMPLE.COM' }, ['Ana Souza', 'O.B. [x]*']],
      ['what is a pattern elsewhere, literally', { search: '.' + '*' }, []],
      ['brackets, literally', { search: '(jo)' }, ['Joana (Jo) Lima']],
      ['a character class, literally', { search: '[x]*' }, ['O.B. [x]*']],
      ['a plus, literally', { search: 'joana+' }, ['Joana (Jo) Lima']],
      ['a backslash, literally', { search: '\\' }, []],
      ['an email, whole and in any case', { email: 'ANA@example.com' }, ['Ana Souza']],
      ['no part of an email', { email: 'ana' }, []],
      ['a tag', { tag: 'vip' }, ['Ana Souza', 'Joana (Jo) Lima']],
      ['no part of a tag', { tag: 'vi' }, []],
      ['several of them at once', { search: 'ana', tag: 'new' }, ['Ana Souza']],
    ])('finds %s', async (_, query, found) => {
      expect(await namesOf(query)).toEqual(found);
    });

    it('pages through what was found', async () => {
      const { items } = await listAll(client, 'limit=1&sort=name&tag=vip', () => Promise.resolve());

      expect(items.map(({ name }) => name)).toEqual(['Ana Souza', 'Joana (Jo) Lima']);
    });
  });

  const foreignCursor = encodeCursor({ sort: 'name', value: 'A', id: 'x' });
  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=abc', 'limit'],
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['sort=age', 'sort'],
    ['sort=', 'sort'],
    ['cursor=', 'cursor'],
    ['cursor=abc', 'cursor'],
    [`cursor=${foreignCursor}`, 'cursor'],
    [`cursor=${foreignCursor}&sort=-name`, 'cursor'],
    [`cursor=${Buffer.from('["name",1,2]').toString('base64url')}&sort=name`, 'cursor'],
    [`cursor=${Buffer.from('{"$gt":""}').toString('base64url')}`, 'cursor'],
    [`cursor=${'x'.repeat(2001)}`, 'cursor'],
    ['search=', 'search'],
    [`search=${'x'.repeat(101)}`, 'search'],
    ['search=a&search=b', 'search'],
    ['search[$ne]=a', 'search[$ne]'],
    [`email=${'x'.repeat(255)}`, 'email'],
    [`tag=${'x'.repeat(51)}`, 'tag'],
    ['page=2', 'page'],
    ['tenantId=other', 'tenantId'],
  ])('refuses ?%s and names the parameter', async (query, field) => {
    const { status, body } = await app.client().get(`/api/customer?${query}`);

    expect(status).toBe(400);
    expect(body.errors).toEqual([{ field, code: expect.any(String), message: expect.any(String) }]);
  });

  it('takes the largest page', async () => {
    expect((await app.client().get('/api/customer?limit=200')).status).toBe(200);
  });
});
