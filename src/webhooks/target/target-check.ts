import type { LookupFunction } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { Environment } from '../../config/environment';
import { type HostAddress, RESOLVE_HOST, type ResolveHost } from './host-resolver';
import { mayReach } from './public-address';
import { TargetRefused } from './target-refused';

const FORBIDDEN = 'the host has an address that is not on the public internet';

/**
 * Keeps webhooks from asking what only this service can reach (SSRF). A URL is checked when it is registered, so that who
 * does it is told; and again at each connection, since a name may mean another address by then.
 */
@Injectable()
export class TargetCheck {
  constructor(
    private readonly environment: Environment,
    @Inject(RESOLVE_HOST) private readonly resolve: ResolveHost,
  ) {}

  /** Looks at the URL, and at all addresses of its host. @throws TargetRefused */
  async vet(text: string): Promise<URL> {
    const url = this.parse(text);
    if (!isLiteral(url)) await this.addressesOf(url.hostname);
    return url;
  }

  /** Looks at the URL alone, and at its host where that is an address. @throws TargetRefused */
  parse(text: string): URL {
    const url = URL.parse(text);
    if (!url || !/^https?:$/.test(url.protocol))
      throw new TargetRefused('invalid_url', 'expected an HTTPS URL');
    if (url.protocol === 'http:' && !this.environment.webhooks.mayUseHttp)
      throw new TargetRefused('https_required', 'expected a URL that starts with https://');
    if (url.username !== '' || url.password !== '')
      throw new TargetRefused('invalid_url', 'a URL with a user or a password is not taken');
    if (isLiteral(url)) this.demand(hostOf(url));
    return url;
  }

  /**
   * For a socket: what is connected to is what was checked. It is not called for a host that is an address, which
   * {@link parse} has looked at.
   */
  readonly lookup: LookupFunction = (hostname, { all }, callback) => {
    this.addressesOf(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (all === true) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: unknown) => {
        callback(error as NodeJS.ErrnoException, '');
      },
    );
  };

  private async addressesOf(hostname: string): Promise<HostAddress[]> {
    const addresses = await this.resolved(hostname);
    if (addresses.length === 0) throw new TargetRefused('unresolvable', 'the host has no address');
    for (const { address } of addresses) this.demand(address);
    return addresses;
  }

  private async resolved(hostname: string): Promise<HostAddress[]> {
    try {
      return await this.resolve(hostname);
    } catch (error) {
      const code =
        typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no answer';
      throw new TargetRefused('unresolvable', `the host is not found in DNS (${code})`);
    }
  }

  private demand(address: string): void {
    if (!mayReach(address, this.environment.webhooks.allowedNetworks))
      throw new TargetRefused('forbidden_address', FORBIDDEN);
  }
}

/** Without the brackets of an IPv6 address. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** The URL's parser made an IPv4 address of whatever is one, such as `0x7f.1`. */
const isLiteral = (url: URL): boolean => ipaddr.isValid(hostOf(url));
