import { generateKeyPairSync } from 'node:crypto';
import { KeySet, type NamedKey } from './key-set';
import { KeysUnavailable } from './keys-unavailable';

const MINUTE_MS = 60_000;
const keyNamed = (kid: string): NamedKey => ({
  kid,
  key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
});
const [one, two] = [keyNamed('one'), keyNamed('two')];

describe('key set', () => {
  let nowMs: number;
  let asked: number;
  let shown: readonly NamedKey[] | Promise<never> | Error;
  let keys: KeySet;

  beforeEach(() => {
    [nowMs, asked, shown] = [5_000, 0, [one]];
    const ask = () => {
      asked++;
      return shown instanceof Error ? Promise.reject(shown) : Promise.resolve(shown);
    };
    keys = new KeySet(ask, () => nowMs);
  });

  it('asks once for many keys that are looked for at once, known or not', async () => {
    const found = await Promise.all(
      Array.from({ length: 100 }, (_, index) => keys.find(index % 2 ? 'one' : `unknown ${index}`)),
    );

    expect(found.filter((key) => key === one.key)).toHaveLength(50);
    expect(asked).toBe(1);
  });

  it('asks for a key that is not known no sooner than ten seconds after it asked before', async () => {
    await keys.find('one');
    shown = [one, two];

    const early = await keys.find('two');
    nowMs += 10_000;

    expect([early, await keys.find('two'), await keys.find('three')]).toEqual([
      undefined,
      two.key,
      undefined,
    ]);
    expect(asked).toBe(2);
  });

  it('goes on with the keys it has while no newer ones are to be had, for ten hours', async () => {
    await keys.find('one');
    shown = new Error('away');
    nowMs += 599 * MINUTE_MS;

    expect(await keys.find('one')).toBe(one.key);
    nowMs += MINUTE_MS;
    await expect(keys.find('one')).rejects.toThrow(KeysUnavailable);
  });

  it('forgets a key that was withdrawn after ten minutes, however seldom it is used', async () => {
    await keys.find('one');
    shown = [two];
    nowMs += 10 * MINUTE_MS;

    expect(await keys.find('one')).toBeUndefined();
  });

  it('asks anew after five minutes, for which nobody waits', async () => {
    await keys.find('one');
    shown = [two];
    nowMs += 5 * MINUTE_MS;
    const meanwhile = await keys.find('one');
    await Promise.resolve();

    expect([meanwhile, await keys.find('one')]).toEqual([one.key, undefined]);
  });

  it('lets nobody wait for an answer that did not come a moment ago either', async () => {
    await keys.find('one');
    shown = new Error('away');
    nowMs += 10 * MINUTE_MS;
    await keys.find('one');
    shown = new Promise<never>(() => undefined);
    nowMs += 10_000;

    expect(await keys.find('one')).toBe(one.key);
    expect(asked).toBe(3);
  });

  it('says why when there never was a set, and asks again later', async () => {
    shown = new Error('away');
    await expect(keys.find('one')).rejects.toMatchObject({ cause: shown });
    shown = [one];
    await expect(keys.find('one')).rejects.toThrow(KeysUnavailable);
    nowMs += 10_000;

    expect(await keys.find('one')).toBe(one.key);
  });

  it.each([[null], [7], [['one']], [{ kid: 'one' }], ['__proto__'], ['']])(
    'has no key for an id of %j',
    async (kid) => {
      expect(await keys.find(kid)).toBeUndefined();
    },
  );

  it('takes its only key for a token that names none, and no key when it has two', async () => {
    const only = await keys.find(undefined);
    shown = [one, two];
    nowMs += 11 * MINUTE_MS;
    await keys.find('two');

    expect(only).toBe(one.key);
    expect(await keys.find(undefined)).toBeUndefined();
  });
});
