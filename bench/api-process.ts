/**
 * Two servers on one process: the API over a mirrored folder, and the same framework answering a constant body.
 * Argument: `folder`; prints `{ api, token, constant, bytes }` when ready.
 */
import fastify from 'fastify';
import { startServer } from '../src/main/index.ts';

const server = await startServer({ folder: process.argv[2]!, port: 0, scheduler: false });
const { secret } = await server.gateway.tokens.create({ name: 'bench', scopes: ['directory'] });
const path = '/unified/user-directory/users?limit=100';
const body = await (await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${secret}` } })).text();
if (!body.startsWith('{"result":[{')) throw new Error(`the list answered ${body.slice(0, 200)}`);

const bytes = Buffer.from(body); // as the API keeps it: text would be encoded again for each answer
const constant = fastify();
constant.get('/unified/user-directory/users', (_request, reply) =>
  reply.header('content-type', 'application/json; charset=utf-8').send(bytes),
);
await constant.listen({ host: '127.0.0.1', port: 0 });
const port = (constant.server.address() as { port: number }).port;
console.log(
  JSON.stringify({
    api: `${server.url}${path}`,
    token: secret,
    constant: `http://127.0.0.1:${port}${path}`,
    bytes: bytes.length,
  }),
);
