import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import type { Network } from './network';

const partsOf = (list: string): string[] => list.split(',').map((part) => part.trim());

/** Networks by comma, such as `10.1.0.0/16,fd00::/8`. */
export const networks = z.string().transform((list, context): Network[] => {
  const cidrs = partsOf(list);
  if (cidrs.every((cidr) => ipaddr.isValidCIDR(cidr))) return cidrs.map((cidr) => ipaddr.parseCIDR(cidr));
  context.addIssue({ code: 'custom', message: 'expected networks by comma, such as 10.1.0.0/16,fd00::/8' });
  return z.NEVER;
});

/** Origins by comma, spelled as browsers send them: without a path, a default port, or any `*`. */
export const origins = z.string().transform((list, context): string[] => {
  const all = partsOf(list);
  if (
    all.every(
      (origin) => /^https?:/.test(origin) && URL.parse(origin)?.origin === origin && !origin.includes('*'),
    )
  )
    return all;
  context.addIssue({ code: 'custom', message: 'expected origins by comma, such as https://app.example.com' });
  return z.NEVER;
});
