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

  it('shows of an e-mail what it is about, and not to whom it goes', () => {
    const event = {
      id: 'e1',
      type: 'customer.created',
      data: { customerId: 'c1', email: 'ana@example.com' },
    };

    expect(maskedPayload({ tenantId: 'acme', to: ['ops@example.com'], event })).toEqual({
      tenantId: 'acme',
      to: ['•••'],
      event: { ...event, data: { customerId: 'c1', email: '•••' } },
    });
    const result = { messageId: '<m1@example.com>', recipients: 1 };
    expect(maskedPayload(result)).toEqual(result);
  });

  it('shows which event a webhook gets, and not whom it is about', () => {
    const event = {
      id: 'job-1:customer.failed',
      type: 'customer.failed',
      tenantid: 'acme',
      data: {
        customerId: 'c1',
        operation: 'CREATE_CUSTOMER',
        reason: 'EMAIL_TAKEN',
        email: 'ana@example.com',
      },
    };

    expect(maskedPayload({ webhookId: 'w1', deliveryId: 'd1', event })).toEqual({
      webhookId: 'w1',
      deliveryId: 'd1',
      event: { ...event, data: { ...event.data, email: '•••' } },
    });
  });

  it.each(['ana@example.com', ['ana'], 7, true])('masks what has no name: %j', (data) => {
    expect(JSON.stringify(maskedPayload(data))).not.toMatch(/ana|7|true/);
  });
});
