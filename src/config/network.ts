import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A network as address and length of its prefix. */
export type Network = [Address, number];

/** Whether an address is of a network; one of the other kind of addresses never is. */
export const isIn = (address: Address, [network, bits]: Network): boolean =>
  address.kind() === network.kind() && address.match(network, bits);
