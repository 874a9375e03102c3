import type { EmailSettings } from './email-settings';
import { KnownSettings } from './known-settings';

/** A store that says how often it was asked for each tenant. */
class Store {
  readonly asked: string[] = [];
  broken = false;

  read(tenantId: string): Promise<EmailSettings | undefined> {
    this.asked.push(tenantId);
    return this.broken ? Promise.reject(new Error('away')) : Promise.resolve(undefined);
  }
}

describe('known settings', () => {
  let store: Store;
  let known: KnownSettings;

  beforeEach(() => {
    store = new Store();
    known = new KnownSettings(store);
  });

  it('are asked for once in two seconds, also where there are none', async () => {
    for (const nowMs of [0, 1, 1_999]) await known.of('acme', nowMs);
    expect(store.asked).toEqual(['acme']);

    await known.of('acme', 2_000);
    expect(store.asked).toEqual(['acme', 'acme']);
  });

  it('are asked for again when they could not be read', async () => {
    store.broken = true;
    await expect(known.of('acme', 0)).rejects.toThrow('away');
    store.broken = false;

    await expect(known.of('acme', 1)).resolves.toBeUndefined();
  });

  it('are those of ten thousand tenants at most: the oldest are forgotten', async () => {
    for (let tenant = 0; tenant <= 10_000; tenant++) await known.of(String(tenant), 0);
    store.asked.length = 0;

    await known.of('10000', 1);
    await known.of('1', 1);
    await known.of('0', 1);

    expect(store.asked).toEqual(['0']);
  });
});
