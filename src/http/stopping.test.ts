import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { aRun, fakeGateway } from './contract/fake-gateway.ts';
import { createServer } from './server.ts';

/** A server that will hold a call until it stops, and connections to it. */
async function holding() {
  const { gateway, addToken } = fakeGateway({});
  const token = addToken({ scopes: ['admin'] });
  const begun = Promise.withResolvers<void>();
  const getRun = async () => {
    begun.resolve();
    return aRun({ status: 'running', endedAt: null });
  };
  const start = async () => aRun({ status: 'queued', endedAt: null });
  const as: typeof gateway.as = (actor) => ({
    ...gateway.as(actor),
    sync: { ...gateway.as(actor).sync, start, getRun },
  });
  const app = await createServer({ gateway: { ...gateway, as } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };

  const open = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const closed = once(socket, 'close').then(() => text);
    return { socket, closed };
  };
  const head = (method: string, path: string) =>
    `${method} ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ncontent-length: 0\r\n`;
  return { app, open, head, begun: begun.promise };
}

test('a call that is held when the server stops is answered, and nobody waits for its connection', async () => {
  const { app, open, head, begun } = await holding();
  const { socket, closed } = await open();
  socket.write(`${head('POST', '/api/v1/connections/acme/sync?wait=true')}\r\n`);
  await begun;
  await app.close();
  const answer = await closed;
  expect(answer).toMatch(/^HTTP\/1\.1 202 /);
  expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toEqual({ run_id: 'run_1', status: 'running' });
});

test('a request that comes while the server stops is told to come again; that it is alive is said', async () => {
  const { app, open, head, begun } = await holding();
  const paths = ['/readyz', '/api/v1/connections', '/healthz'];
  const late = await Promise.all(paths.map(async (path) => ({ path, ...(await open()) })));
  for (const { socket, path } of late) socket.write(head('GET', path));
  const held = await open();
  held.socket.write(`${head('POST', '/api/v1/connections/acme/sync?wait=true')}\r\n`);
  await begun;
  const stopped = app.close();
  for (const { socket } of late) socket.write('\r\n');
  await stopped;
  const [ready, list, health] = await Promise.all(late.map(({ closed }) => closed));
  for (const answer of [ready!, list!]) {
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/\r\nretry-after: 5\r\n/i);
    expect(answer).toMatch(/\r\ncontent-type: application\/problem\+json/i);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ code: 'unavailable', retry: 'soon' });
  }
  expect(health).toMatch(/^HTTP\/1\.1 200 /);
  await held.closed;
});
