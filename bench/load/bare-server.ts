// Reads request bodies, throws them away, and answers: as little as an HTTP server can do with an upload.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"success":true}');
  });
});
// As the service does: Node's own 511 are less than come at once.
server.listen(0, '127.0.0.1', 4096, () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.once('disconnect', () => process.exit(0));
