import { Environment, EnvironmentInvalid } from './environment';

const REQUIRED = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  MONGODB_URI: 'mongodb://127.0.0.1:27017/insight',
  JWT_SECRET: 'a secret of at least 32 bytes, it is',
};

describe('an environment that is refused', () => {
  it.each([
    ['REDIS_URL', 'http://user:hunter22@localhost'],
    ['REDIS_URL', 'redis://user:hunter22@localhost:port'],
    ['MONGODB_URI', 'mongodb://user:hunter22@localhost:port'],
    ['MONGODB_URI', 'mongodb://user:hunter22@'],
    ['JWT_SECRET', 'hunter22'],
    ['JWT_PUBLIC_KEY', 'hunter22'],
    ['JWT_JWKS_URI', 'ftp://hunter22'],
    ['ADMIN_PASSWORD', 'hunter2'],
    ['LOG_LEVEL', 'hunter22'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'ftp://hunter22'],
    ['SMTP_URL', 'http://user:hunter22@mail.example.com'],
    ['EMAIL_FROM', 'hunter22'],
  ])('tells nothing of the value of a malformed %s', (name, value) => {
    const reading = () => Environment.read({ ...REQUIRED, [name]: value });

    expect(reading).toThrow(EnvironmentInvalid);
    expect(reading).not.toThrow('hunter2');
  });
});
