import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway, INTAKE_SECRET } from './contract/fake-gateway.ts';
import { createLogger } from './logger.ts';

const acme = aConnection();
const { gateway, addToken } = fakeGateway({ connections: [acme] });
const accept = vi.spyOn(gateway.intake, 'accept');
const admit = vi.spyOn(gateway.intake, 'admit');
const log: string[] = [];
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  const logger = createLogger({ level: 'trace', stream: { write: (line) => void log.push(line) } });
  door = await openDoor({ gateway, logger, limits: { failuresPerMinute: 30 } });
});
afterAll(() => door.close());

const address = `/intake/knowbe4/${acme.id}`;
const send = (headers: Record<string, string>, body = '{"event":"x"}', query = '') =>
  door.call(`${address}${query}`, { method: 'POST', headers, body });

test('the secret is taken as Bearer, as Basic password and as API key, and the answer is 202', async () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const ways: Record<string, string>[] = [
    { authorization: `Bearer ${INTAKE_SECRET}` },
    { authorization: basic(`anybody:${INTAKE_SECRET}`) },
    { authorization: basic(`:${INTAKE_SECRET}`) },
    { 'x-api-key': INTAKE_SECRET },
  ];
  for (const headers of ways) {
    const answer = await send(headers);
    expect([answer.status, answer.body]).toEqual([202, { accepted: true, repeated: false }]);
  }
});

test('a wrong secret, none, and an unknown connection get one answer', async () => {
  const bodies = new Set<string>();
  const answers = [
    await send({}),
    await send({ authorization: 'Bearer wrong' }),
    await send({ authorization: 'Basic !!!' }),
    await send({ 'x-api-key': `${INTAKE_SECRET}x` }),
    await door.call('/intake/knowbe4/nobody', { method: 'POST', headers: { 'x-api-key': INTAKE_SECRET } }),
  ];
  for (const { status, text, body } of answers) {
    expect(status).toBe(401);
    bodies.add(text.replace(body.request_id, '').replaceAll('nobody', acme.id));
  }
  expect(bodies.size).toBe(1);
});

test('whoever is not admitted is refused before the body is read', async () => {
  const { port } = new URL(door.url);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', reject).on('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    // The body is announced and never sent.
    socket.write(`POST ${address} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nX-API-Key: wrong\r\n\r\n`);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
});

test('any body is taken as it is, up to 64 kB', async () => {
  const headers = { 'x-api-key': INTAKE_SECRET };
  for (const [type, body] of [
    ['application/json', '{"cut'],
    ['application/x-www-form-urlencoded', 'a=1'],
    ['text/plain', ''],
  ] as const) {
    accept.mockClear();
    expect((await send({ ...headers, 'content-type': type }, body)).status).toBe(202);
    const [id, bytes] = accept.mock.calls[0]!;
    expect([id, Buffer.from(bytes).toString()]).toEqual([acme.id, body]);
  }
  const large = await send(headers, 'x'.repeat(64 * 1024 + 1));
  expect([large.status, large.body.code]).toEqual([413, 'payload_too_large']);
});

test('a repeated call is told so, and is no error', async () => {
  accept.mockResolvedValueOnce('repeated');
  expect((await send({ 'x-api-key': INTAKE_SECRET })).body).toEqual({ accepted: true, repeated: true });
});

test('a secret in the query is handed on as such, and neither logged nor answered', async () => {
  log.length = 0;
  admit.mockClear();
  const answer = await send({}, '{}', `?api_key=${INTAKE_SECRET}`);
  expect(answer.status).toBe(401);
  expect(admit.mock.calls[0]![1]).toEqual([{ value: INTAKE_SECRET, inQuery: true }]);
  expect(log.length).toBeGreaterThan(0);
  expect(log.join('\n') + answer.text).not.toContain(INTAKE_SECRET);
});

test('wrong secrets are counted by address; beyond the limit a right one still passes', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 40; n += 1) statuses.push((await send({ 'x-api-key': 'wrong' })).status);
  expect(statuses.at(-1)).toBe(429);
  expect((await send({ 'x-api-key': INTAKE_SECRET })).status).toBe(202);
});

test('calls of one connection are limited', async () => {
  const statuses = new Set<number>();
  for (let n = 0; n < 620; n += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => send({ 'x-api-key': INTAKE_SECRET })));
    for (const { status } of answers) statuses.add(status);
  }
  expect([...statuses].toSorted()).toEqual([202, 429]);
});

test('the intake of a connection is made, shown without its secret, and closed', async () => {
  const token = addToken({ scopes: ['connections'] });
  const path = `/api/v1/connections/${acme.name}/intake`;
  const made = await door.call(path, { method: 'POST', token, json: { in_query: true } });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ enabled: true, in_query: true, secret: INTAKE_SECRET });
  expect((await door.call(path, { method: 'POST', token })).body.in_query).toBe(false);
  const shown = await door.call(path, { token });
  expect(shown.body).toMatchObject({ connection_id: acme.id, path: address });
  expect(shown.text).not.toContain('fk_in_');
  expect((await door.call(path, { method: 'DELETE', token })).status).toBe(200);
  expect((await door.call(path, { token: addToken({ scopes: ['directory'] }) })).status).toBe(403);
});
