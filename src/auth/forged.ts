import type { FastifyRequest } from 'fastify';

/** Whether another site's page made a browser send it: one adds a cookie or password of its own accord. Reading does no harm, and its answer is not for that page. */
export function isForged({ method, headers }: FastifyRequest): boolean {
  if (['GET', 'HEAD'].includes(method)) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin';
  // Browsers leave that out where they do not trust the way, such as plain HTTP; what is no browser has no origin.
  const { origin, host } = headers;
  return origin !== undefined && URL.parse(origin)?.host !== host;
}
