/**
 * What stands behind the proxies: the emulator's answers, kept as bytes so that answering costs nothing.
 * Prints `{ url, token, region, record, list }`, the last two being paths below `/v1`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startEmulator } from '../src/emulator/index.ts';

const emulator = await startEmulator({ people: 300, limits: false, seed: 7 });
const { reportingToken, region } = emulator;
const record = `/users/${emulator.truth().users[0]!.id}`;
const list = '/users?per_page=100';
const bytesOf = async (path: string): Promise<Buffer> => {
  const answer = await fetch(`${emulator.url}/v1${path}`, { headers: { authorization: `Bearer ${reportingToken}` } });
  return Buffer.from(await answer.arrayBuffer());
};
const [account, user, users] = await Promise.all([bytesOf('/account'), bytesOf(record), bytesOf(list)]);
await emulator.close();

const server = createServer((request, response) => {
  request.resume();
  const path = request.url!.slice('/v1'.length);
  const body = path.startsWith('/account') ? account : path.startsWith('/users?') ? users : user;
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };
  response.writeHead(200, { ...headers, 'x-request-id': '0c0f7d3e-51a4-4f5e-9d0c-6f1a2b3c4d5e' }).end(body);
});
server.keepAliveTimeout = 60_000;
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const bytes = { record: user.length, list: users.length };
console.log(JSON.stringify({ url, token: reportingToken, region, record, list, bytes }));
