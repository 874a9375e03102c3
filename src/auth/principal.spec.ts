import { adminRoleOf, mayOperate, principalOf, type Role } from './principal';

describe('principal', () => {
  it('is who the claims say', () => {
    expect(principalOf({ sub: 'ana', tenantId: 'acme', roles: ['user', 'operator'], iat: 1 })).toEqual({
      userId: 'ana',
      tenantId: 'acme',
      roles: ['user', 'operator'],
    });
  });

  it('has the sub as its tenant, and the role of a user, where the claims name none', () => {
    expect(principalOf({ sub: 'ana' })).toEqual({ userId: 'ana', tenantId: 'ana', roles: ['user'] });
  });

  it('has no role that is not known', () => {
    expect(principalOf({ sub: 'ana', roles: ['root', 'ADMIN', 7, null] })?.roles).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['without sub', {}],
    ['with an empty sub', { sub: '' }],
    ['with a sub that is a number', { sub: 7 }],
    ['with a sub of 256 characters', { sub: 'x'.repeat(256) }],
    ['with a line end in the sub', { sub: 'a\nb' }],
    ['with a NUL in the tenantId', { sub: 'ana', tenantId: 'a\u0000' }],
    ['with an empty tenantId', { sub: 'ana', tenantId: '' }],
    ['with a tenantId that is null', { sub: 'ana', tenantId: null }],
    ['with a tenantId that is an object', { sub: 'ana', tenantId: { $ne: '' } }],
    ['with roles that are a text', { sub: 'ana', roles: 'admin' }],
    ['with roles that are null', { sub: 'ana', roles: null }],
  ])('is nobody %s', (_, claims) => {
    expect(principalOf(claims)).toBeUndefined();
  });

  it('takes a sub and a tenantId of 255 characters', () => {
    const longest = 'x'.repeat(255);

    expect(principalOf({ sub: longest, tenantId: longest })).toMatchObject({
      userId: longest,
      tenantId: longest,
    });
  });

  it.each<[Role[], boolean]>([
    [[], false],
    [['user'], false],
    [['operator'], true],
    [['admin'], true],
    [['user', 'admin'], true],
  ])('with the roles %j may operate: %p', (roles, may) => {
    expect(mayOperate({ userId: 'ana', tenantId: 'acme', roles })).toBe(may);
  });
  it.each<[Role[], string | undefined]>([
    [['user'], undefined],
    [['user', 'viewer'], 'viewer'],
    [['operator', 'viewer'], 'operator'],
    [['admin', 'operator'], 'admin'],
  ])('with the roles %j is on the admin pages: %s', (roles, role) => {
    expect(adminRoleOf({ userId: 'ana', tenantId: 'acme', roles })).toBe(role);
  });
});
