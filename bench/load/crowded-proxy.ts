// A database that can be made slow for the crowd: whatever clients send it is taken one at a time.
import { startCrowdedProxy } from '../../test/helpers/crowded-proxy.ts';
import { takeTask } from '../child.ts';

export interface CrowdedProxyTask {
  targetUrl: string;
}

/** What is sent while it runs: how long each packet takes, or 0 for a database that is as fast as it is. */
export interface Crowding {
  eachMs: number;
}

const { targetUrl } = await takeTask<CrowdedProxyTask>();
const proxy = await startCrowdedProxy(targetUrl);
process.on('message', ({ eachMs }: Crowding) => {
  if (eachMs > 0) proxy.crowd(eachMs);
  else proxy.distance(0);
});
process.once('disconnect', () => process.exit(0));
process.send?.({ port: proxy.port });
