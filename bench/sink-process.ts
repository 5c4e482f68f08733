/**
 * A receiver of webhooks that says 200 to everything. Prints `{ url }`; GET answers what has come: `count`, size of the last
 * body, and the ms from the first to the last; DELETE begins anew.
 */
import { createServer } from 'node:http';

let seen = { count: 0, bytes: 0, first: 0, last: 0 };
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ count: seen.count, bytes: seen.bytes, ms: seen.last - seen.first }));
    return;
  }
  if (request.method === 'DELETE') {
    seen = { count: 0, bytes: 0, first: 0, last: 0 };
    response.end();
    return;
  }
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.on('end', () => {
    const now = performance.now();
    seen = { count: seen.count + 1, bytes, first: seen.count === 0 ? now : seen.first, last: now };
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as { port: number }).port}` }));
});
process.on('SIGTERM', () => process.exit(0));
