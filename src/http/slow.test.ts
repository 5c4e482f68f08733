import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { openDoor } from './contract/door.ts';
import { fakeGateway } from './contract/fake-gateway.ts';

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
