import { buildCsv } from '../factories/csv';
import { ADMIN_PASSWORD } from '../helpers/environment';
import { createTestApp, type TestApp } from '../helpers/test-app';
import { newTenant, tokenFor } from '../helpers/tokens';
import { Visitor } from '../helpers/visitor';
import { waitFor } from '../helpers/wait';

const VIEWER_PASSWORD = 'viewer password of the tests';
const IMPORTS = '/api/customer/imports';

describe('imports of the cockpit', () => {
  let app: TestApp;
  let admin: Visitor;
  let viewer: Visitor;

  beforeAll(async () => {
    app = await createTestApp({ variables: { VIEWER_PASSWORD } });
    admin = await Visitor.signIn(app.url, { user: 'admin', password: ADMIN_PASSWORD });
    viewer = await Visitor.signIn(app.url, { user: 'viewer', password: VIEWER_PASSWORD });
  });

  afterAll(async () => {
    await app.close();
  });

  const upload = (tenantId: string, visitor = admin, headers = {}) =>
    visitor.send('POST', '/api/customer/upload', buildCsv({ rows: 3 }), {
      'x-tenant-id': tenantId,
      ...headers,
    });

  it('are those of the tenant that the person names', async () => {
    const tenantId = newTenant();
    const { importId } = (await upload(tenantId)).body.data;

    const ended = await waitFor(
      'the import to end',
      () => viewer.get(`${IMPORTS}/${importId}`, { 'x-tenant-id': tenantId }),
      ({ body }) => body.data.status === 'completed',
    );

    expect(ended.body.data.counts).toMatchObject({ rows: 3, created: 3 });
    expect((await app.client({ tenantId }).get(`${IMPORTS}/${importId}`)).status).toBe(200);
    expect((await admin.get(`${IMPORTS}/${importId}`, { 'x-tenant-id': newTenant() })).status).toBe(404);
  });

  it('are those of a tenant with letters that no header has', async () => {
    const tenantId = `東京 100% ${newTenant()}`;

    const { importId } = (await upload(encodeURIComponent(tenantId))).body.data;

    expect((await app.client({ tenantId }).get(`${IMPORTS}/${importId}`)).status).toBe(200);
    expect((await admin.get(IMPORTS, { 'x-tenant-id': '100%' })).status).toBe(403);
  });

  it('are those of the token that the person signed in with, whatever tenant the page names', async () => {
    const tenantId = newTenant();
    const operator = await Visitor.signIn(app.url, { token: tokenFor({ tenantId, roles: ['operator'] }) });

    const { importId } = (await upload(newTenant(), operator)).body.data;

    expect((await app.client({ tenantId }).get(`${IMPORTS}/${importId}`)).status).toBe(200);
  });

  it('are not begun by another site, nor for no tenant', async () => {
    expect((await upload(newTenant(), admin, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await admin.get(IMPORTS)).status).toBe(403);
    expect((await admin.get(IMPORTS, { 'x-tenant-id': 'a\tb' })).status).toBe(403);
  });

  it('are in the audit log, with who did what for which tenant; but for what a tenant does itself', async () => {
    const tenantId = newTenant();
    const own = await app.client({ tenantId }).fetch('/api/customer/upload', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: buildCsv({ rows: 1 }),
    });
    const { importId } = (await upload(tenantId)).body.data;
    const details = await waitFor(
      'the import to end',
      () => admin.get(`${IMPORTS}/${importId}`, { 'x-tenant-id': tenantId }),
      ({ body }) => body.data.status === 'completed',
    );
    const undone = await admin.send('POST', `${IMPORTS}/${importId}/undo`, undefined, {
      'x-tenant-id': tenantId,
    });

    const { items } = (await admin.get('/admin/api/audit')).body.data;

    expect([own.status, details.status, undone.status]).toEqual([202, 200, 202]);
    expect(items.filter((entry: { tenantId: string }) => entry.tenantId === tenantId)).toMatchObject([
      { action: 'import.undo', userId: 'admin', details: { importId } },
      { action: 'import.upload', userId: 'admin' },
    ]);
  });

  it('are all that a session opens of the API', async () => {
    const named = { 'x-tenant-id': newTenant() };

    expect((await admin.get('/api/customer', named)).status).toBe(401);
    expect((await admin.get('/api/queue/customer.jobs/details', named)).status).toBe(401);
  });
});
