import ipaddr from 'ipaddr.js';
import { isIn, type Address, type Network } from '../../config/network';

/** Not on the public internet, by IANA's registry of special-purpose addresses; and Azure's metadata, which looks public. */
const SPECIAL_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32'],
].map((cidr) => ipaddr.parseCIDR(cidr));

/** All that is public in IPv6: what is reserved for later is not, either. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');
/** Of that, what is special: protocols, Teredo and ORCHID (2001::/23), documentation, 6to4. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'].map((cidr) =>
  ipaddr.parseCIDR(cidr),
);
/** NAT64: what is meant is the IPv4 address in its last 32 bits. */
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');
/** Of an interface that is reached through IPv4 (ISATAP), above that address. */
const ISATAP = [0x0000_5efe, 0x0200_5efe];

/** Whether a webhook may go to an address: a public one, or one of the networks that are allowed beside. */
export function mayReach(address: string, allowed: readonly Network[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const meant = meantBy(ipaddr.parse(address));
  return allowed.some((network) => isIn(meant, network)) || isPublic(meant);
}

function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return !SPECIAL_IPV4.some((network) => isIn(address, network));
  return (
    isIn(address, GLOBAL_IPV6) &&
    !SPECIAL_IPV6.some((network) => isIn(address, network)) &&
    !isIsatap(address)
  );
}

/** The IPv4 address that an IPv6 address stands for, where it is one of those. */
function meantBy(address: Address): Address {
  if (address instanceof ipaddr.IPv4) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return isIn(address, NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(-4)) : address;
}

const isIsatap = ({ parts }: ipaddr.IPv6): boolean =>
  ISATAP.includes((parts[4] ?? 0) * 0x1_0000 + (parts[5] ?? 0));
