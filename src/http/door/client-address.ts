import ipaddr from 'ipaddr.js';
import { isIn, type Network } from '../../config/network';

/** As many bits of an IPv6 address as a provider gives one customer at the least. */
const IPV6_GROUPS_OF_A_SITE = 4;
/** Longer than any address: what a proxy passes on unread. */
const MAX_LENGTH = 64;

/** Tells Fastify whose `X-Forwarded-*` to believe, hop by hop from the connection on. */
export const trusts =
  (proxies: readonly Network[]) =>
  (address: string): boolean => {
    if (!ipaddr.isValid(address)) return false;
    const hop = ipaddr.process(address);
    return proxies.some((network) => isIn(hop, network));
  };

/**
 * Who is counted: an IPv4 address, or the /64 of an IPv6 address, of which a caller has as many as it likes. Without the
 * port that some proxies put behind it, each time another.
 */
export function countedAddress(address: string): string {
  const [, host = address] = /^(?:\[([^\]]*)\]|(\d+(?:\.\d+){3})):\d+$/.exec(address)?.filter(Boolean) ?? [];
  if (!host.includes(':') || !ipaddr.isValid(host)) return host.slice(0, MAX_LENGTH);
  const one = ipaddr.process(host);
  if (one instanceof ipaddr.IPv4) return one.toString();
  const site = one.parts.slice(0, IPV6_GROUPS_OF_A_SITE).map((group) => group.toString(16));
  return `${site.join(':')}::/64`;
}
