/** The baseline: a proxy that adds the token and pipes the answer. Arguments: `url token`; prints `{ url }`. */
import { Agent, request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [target, token] = process.argv.slice(2) as [string, string];
const agent = new Agent({ keepAlive: true });
const server = createServer((request, response) => {
  const path = request.url!.replace(/^\/proxy/, '/v1');
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
  ask(target + path, { agent, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  }).end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
