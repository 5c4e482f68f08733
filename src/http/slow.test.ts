import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';

const { gateway, addToken } = fakeGateway({});
const admin = addToken({ scopes: ['admin'] });

/** Sends a beginning, then a byte now and then, until it is hung up on. */
function dribble(port: number, beginning: string, more: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    let timer: NodeJS.Timeout | undefined;
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(beginning);
      timer = setInterval(() => socket.writable && socket.write(more), 20);
    });
    socket.on('data', (part) => {
      answer += String(part);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(answer);
    });
  });
}

test('requests that arrive byte by byte are told so and hung up on, and keep nobody waiting', async () => {
  const door = await openDoor({ gateway, patience: { headersMs: 300, requestMs: 600, lookMs: 50 } });
  const port = Number(new URL(door.url).port);
  const inHeaders = dribble(port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n', 'x: y\r\n');
  const inBody = dribble(
    port,
    `POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${admin}\r\ncontent-length: 9000\r\n\r\n{`,
    ' ',
  );
  const silent = dribble(port, '', '');
  const many = Array.from({ length: 40 }, () => dribble(port, 'GET / HTTP/1.1\r\n', 'x: y\r\n'));
  for (let count = 0; count < 10; count++) {
    expect((await door.call('/api/v1/connections', { token: admin })).status).toBe(200);
  }
  for (const answer of await Promise.all([inHeaders, inBody, ...many])) {
    expect(answer).toContain('HTTP/1.1 408');
    expect(answer).toContain('The request took too long to arrive.');
  }
  await silent;
  await door.close();
});

const never = new Promise<never>(() => undefined);

test('a call that is worked at for too long is told so, whether it has a body or not', async () => {
  const as: typeof gateway.as = (actor) => ({
    ...gateway.as(actor),
    tokens: { ...gateway.tokens, create: () => never },
  });
  const stuck = { ...gateway, as, tokens: { ...gateway.tokens, list: () => never } };
  const door = await openDoor({ gateway: stuck, patience: { workMs: 100 } });
  const json = { name: 'reports', scopes: ['risk'] };
  for (const init of [{}, { method: 'POST', json }]) {
    const answer = await door.call('/api/v1/tokens', { token: admin, ...init });
    // A client that asks again at once after a 503 must not make a second token.
    const [status, code] = 'method' in init ? [500, 'internal'] : [503, 'unavailable'];
    expect([answer.status, answer.body]).toEqual([
      status,
      expect.objectContaining({ code, detail: 'The answer took too long.' }),
    ]);
  }
  expect((await door.call('/api/v1/connections', { token: admin })).status).toBe(200);
  await door.close();
});

test('whoever does not take the answer is hung up on', async () => {
  const many = Array.from({ length: 50_000 }, (_, index) => aConnection({ id: `con_${index}`, name: `acme-${index}` }));
  const { gateway: large, addToken: add } = fakeGateway({ connections: many });
  const door = await openDoor({ gateway: large, patience: { workMs: 300 } });
  const accepted = once(door.app.server, 'connection') as Promise<[Socket]>;
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1').pause();
  socket.on('error', () => undefined);
  const headers = `host: x\r\nauthorization: Bearer ${add({ scopes: ['admin'] })}`;
  socket.write(`GET /api/v1/connections HTTP/1.1\r\n${headers}\r\n\r\n`);
  const [there] = await accepted;
  await once(there, 'close');
  expect(there.bytesWritten).toBeGreaterThan(0);
  socket.destroy();
  await door.close();
});
