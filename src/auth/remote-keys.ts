import { createPublicKey } from 'node:crypto';
import { JwksClient } from 'jwks-rsa';
import { KeySet, type NamedKey } from './key-set';

const TIMEOUT_MS = 5_000;

/** The key set that an identity provider shows at an address: asked for whole, kept and bounded by {@link KeySet}. */
export function remoteKeys(jwksUri: string): KeySet {
  const client = new JwksClient({ jwksUri, cache: false, timeout: TIMEOUT_MS });
  return new KeySet(async (): Promise<NamedKey[]> => {
    const keys = await client.getSigningKeys();
    return keys.map((key) => ({ kid: key.kid, key: createPublicKey(key.getPublicKey()) }));
  });
}
