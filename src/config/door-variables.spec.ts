import { Environment } from './environment';

const REQUIRED = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  MONGODB_URI: 'mongodb://127.0.0.1:27017/insight',
  JWT_SECRET: 'a secret of at least 32 bytes, it is',
};
const read = (variables: Record<string, string> = {}) => Environment.read({ ...REQUIRED, ...variables });

describe('the variables of the door', () => {
  it('have defaults that keep it closed', () => {
    expect(read()).toMatchObject({
      rateLimitPerAddress: 60_000,
      trustedProxies: [],
      corsOrigins: [],
      clients: {
        headersTimeoutMs: 10_000,
        bodyTimeoutMs: 30_000,
        uploadMinBytesPerSecond: 8_192,
        maxConnections: 20_000,
      },
    });
  });

  it('trusts the proxies of the networks that are named', () => {
    const { trustedProxies } = read({ TRUSTED_PROXIES: '10.0.0.0/8' });

    expect(trustedProxies.map(([address, bits]) => `${address.toString()}/${bits}`)).toEqual(['10.0.0.0/8']);
  });

  it('takes origins by comma', () => {
    const list = 'https://app.example.com, http://localhost:5173';

    expect(read({ CORS_ORIGINS: list }).corsOrigins).toEqual(list.split(', '));
  });

  it.each([
    [{ RATE_LIMIT_PER_MINUTE: '20' }, 200],
    [{ RATE_LIMIT_PER_MINUTE: '0' }, 0],
    [{ RATE_LIMIT_PER_MINUTE: '0', RATE_LIMIT_PER_ADDRESS: '30' }, 30],
    [{ RATE_LIMIT_PER_ADDRESS: '0' }, 0],
  ])('with %j lets an address ask %i times a minute', (variables, limit) => {
    expect(read(variables).rateLimitPerAddress).toBe(limit);
  });

  it.each([
    ['TRUSTED_PROXIES', 'true'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', 'https://*.example.com'],
    ['CORS_ORIGINS', 'https://app.example.com/'],
    ['CORS_ORIGINS', 'https://app.example.com:443'],
    ['CORS_ORIGINS', 'app.example.com'],
    ['RATE_LIMIT_PER_ADDRESS', '-1'],
    ['HEADERS_TIMEOUT_MS', '99'],
    ['BODY_TIMEOUT_MS', '0'],
    ['UPLOAD_MIN_BYTES_PER_SECOND', '0'],
    ['CONNECTIONS_MAX', '0'],
  ])('refuse %s=%s, in one line that starts with its name', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(new RegExp(`^${name}: expected .*$`));
  });
});
