// A database that is 5 ms further away: whatever a client sends arrives later, and nothing queues behind it.
import { connect, createServer, type AddressInfo } from 'node:net';
import { takeTask } from '../child.ts';

export interface ProxyTask {
  targetPort: number;
  delayMs: number;
}

const { targetPort, delayMs } = await takeTask<ProxyTask>();
const server = createServer((client) => {
  const target = connect(targetPort, '127.0.0.1');
  client.setNoDelay(true);
  target.setNoDelay(true);
  client.on('data', (bytes) => {
    setTimeout(() => {
      if (target.writable) target.write(bytes);
    }, delayMs);
  });
  target.pipe(client);
  client.on('error', () => target.destroy());
  target.on('error', () => client.destroy());
  client.on('close', () => setTimeout(() => target.destroy(), delayMs));
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.once('disconnect', () => process.exit(0));
