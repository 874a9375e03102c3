import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { JWT_SECRET } from './environment';

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
/** Keys that no service of ours knows. */
export const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
export const jwkOf = (key: KeyObject, kid: string, alg: string) => ({
  ...key.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
});
export const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as somebody makes it by hand, with whatever it says of itself. */
export const forged = (header: object, claims: object, signature: (text: string) => Buffer | string) => {
  const text = `${base64url(header)}.${base64url(claims)}`;
  const made = signature(text);
  return `${text}.${typeof made === 'string' ? made : made.toString('base64url')}`;
};
export const hmac = (secret: string | Buffer) => (text: string) =>
  createHmac('sha256', secret).update(text).digest();
export const byRsa = (text: string) => sign('sha256', Buffer.from(text), rsa.privateKey);
export const byEc = (text: string) =>
  sign('sha256', Buffer.from(text), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
export const byStranger = (text: string) => sign('sha256', Buffer.from(text), strangers.privateKey);

/** One way to tell a service which tokens are good. */
export interface Signer {
  name: string;
  variables: (keySetUri: string) => Record<string, string>;
  /** A token that the service takes, unless something is wrong with its claims or header. */
  sign: (claims: object, header?: object) => string;
}

// As in an .env file: line ends written as \n.
const publicKey = (key: KeyObject) => ({
  JWT_SECRET: '',
  JWT_PUBLIC_KEY: pemOf(key).replaceAll('\n', '\\n'),
});

export const SIGNERS: Signer[] = [
  {
    name: 'JWT_SECRET',
    variables: () => ({}),
    sign: (claims, header) => forged({ alg: 'HS256', ...header }, claims, hmac(JWT_SECRET)),
  },
  {
    name: 'JWT_PUBLIC_KEY of RSA',
    variables: () => publicKey(rsa.publicKey),
    sign: (claims, header) => forged({ alg: 'RS256', ...header }, claims, byRsa),
  },
  {
    name: 'JWT_PUBLIC_KEY of EC',
    variables: () => publicKey(ec.publicKey),
    sign: (claims, header) => forged({ alg: 'ES256', ...header }, claims, byEc),
  },
  {
    name: 'JWT_JWKS_URI',
    variables: (uri) => ({ JWT_SECRET: '', JWT_JWKS_URI: uri }),
    sign: (claims, header) => forged({ alg: 'RS256', kid: 'rsa-1', ...header }, claims, byRsa),
  },
];

export const KEY_SET = [jwkOf(rsa.publicKey, 'rsa-1', 'RS256'), jwkOf(ec.publicKey, 'ec-1', 'ES256')];
