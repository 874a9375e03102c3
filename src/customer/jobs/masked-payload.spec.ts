import { maskedPayload } from './masked-payload';

describe('a masked payload', () => {
  it('shows ids, places and numbers', () => {
    const payload = {
      tenantId: 'acme',
      customerId: 'c1',
      importId: 'i1',
      chunk: 3,
      rows: 1000,
      counts: null,
    };

    expect(maskedPayload(payload)).toEqual(payload);
  });

  it('shows nothing that says whom it is about', () => {
    const payload = {
      name: 'Ana',
      email: 'ana@example.com',
      phone: '0199',
      address: 'Street 1',
      tags: ['vip', 'berlin'],
      attributes: { id: 'passport 1', shoe: 43 },
      changes: { email: 'ana@example.org', phone: null },
      event: '{"email":"ana@example.com"}',
    };

    expect(maskedPayload(payload)).toEqual({
      name: '•••',
      email: '•••',
      phone: '•••',
      address: '•••',
      tags: ['•••', '•••'],
      attributes: '•••',
      changes: { email: '•••', phone: null },
      event: '•••',
    });
  });

  it.each(['ana@example.com', ['ana'], 7, true])('masks what has no name: %j', (data) => {
    expect(JSON.stringify(maskedPayload(data))).not.toMatch(/ana|7|true/);
  });
});
