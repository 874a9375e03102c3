import { Resolver } from 'node:dns/promises';

export interface HostAddress {
  address: string;
  family: 4 | 6;
}

/** All addresses of a host, by DNS. @throws when it has none, or DNS does not answer in time */
export type ResolveHost = (hostname: string) => Promise<HostAddress[]>;

export const RESOLVE_HOST = Symbol('RESOLVE_HOST');

/**
 * Asks DNS itself: the system's own look-up waits in one of four threads of the process, where a few names whose servers
 * hang would hold up everybody. `/etc/hosts` and search domains are not for receivers.
 */
export const resolveHost: ResolveHost = async (hostname) => {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const addresses = [
    ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 as const })) : []),
    ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 as const })) : []),
  ];
  if (addresses.length === 0 && v4.status === 'rejected') throw v4.reason;
  return addresses;
};
