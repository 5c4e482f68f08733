import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';

const acme = aConnection();
const beta = aConnection({ id: 'con_0000000000000002', name: 'beta' });
const { gateway, addToken } = fakeGateway({ connections: [acme, beta] });
const admin = addToken({ scopes: ['admin'] });
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor({ gateway, limits: { failuresPerMinute: 1000 } });
});
afterAll(() => door.close());

test('missing, unknown, expired and revoked tokens get one and the same answer', async () => {
  const revoked = addToken({ revokedAt: '2026-01-01T00:00:00.000Z' });
  const expired = addToken({ expiresAt: '2026-01-01T00:00:00.000Z' });
  const headers: Record<string, string>[] = [
    {},
    { authorization: '' },
    { authorization: 'Basic YTpi' },
    { authorization: 'Bearer' },
    { authorization: `Bearer ${'x'.repeat(5000)}` },
    { authorization: 'Bearer fk_unknown' },
    { authorization: `Bearer ${revoked}` },
    { authorization: `Bearer ${expired}` },
  ];
  const bodies = new Set<string>();
  for (const one of headers) {
    const answer = await door.call('/api/v1/connections', { headers: one });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    bodies.add(answer.text.replace(answer.body.request_id, ''));
  }
  expect(bodies.size).toBe(1);
});

test('the scheme of the authorization header is read in any case', async () => {
  const answer = await door.call('/api/v1/connections', { headers: { authorization: `bearer ${admin}` } });
  expect(answer.status).toBe(200);
});

test('a token without the scope gets 403 naming it', async () => {
  const answer = await door.call('/api/v1/connections', { token: addToken({ scopes: ['directory'] }) });
  expect(answer.status).toBe(403);
  expect(answer.body).toMatchObject({ code: 'scope_missing', issues: [{ field: 'scope', reason: 'connections' }] });
  expect(answer.body.detail).toContain('connections');
});

test('many failures from one address are throttled, while a valid token goes on', async () => {
  const strict = await openDoor({ gateway, limits: { failuresPerMinute: 3 } });
  const statuses: number[] = [];
  for (let count = 0; count < 5; count++) statuses.push((await strict.call('/api/v1/connections')).status);
  const throttled = await strict.call('/api/v1/connections', { token: 'fk_wrong' });
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
  expect(Number(throttled.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await strict.call('/api/v1/connections', { token: admin })).status).toBe(200);
  await strict.close();
});

test('reads are limited by token, and live calls sooner', async () => {
  const strict = await openDoor({ gateway, limits: { readsPerMinute: 3, livePerTenSeconds: 1 } });
  const [one, other] = [addToken({ scopes: ['admin'] }), addToken({ scopes: ['admin'] })];
  const read = (token: string) => strict.call('/api/v1/connections', { token });
  for (let count = 0; count < 3; count++) expect((await read(one)).status).toBe(200);
  const limited = await read(one);
  expect(limited.status).toBe(429);
  expect(limited.headers.get('ratelimit-limit')).toBe('3');
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await read(other)).status).toBe(200);
  const check = () => strict.call('/api/v1/connections/acme/check', { method: 'POST', token: other });
  expect((await check()).status).toBe(200);
  expect((await check()).status).toBe(429);
  await strict.close();
});

test('addresses that a proxy tells are believed only when the operator says so', async () => {
  for (const [trustProxy, last] of [
    [true, 401],
    [false, 429],
  ] as const) {
    const strict = await openDoor({ gateway, trustProxy, limits: { failuresPerMinute: 1 } });
    const from = (address: string) => strict.call('/api/v1/connections', { headers: { 'x-forwarded-for': address } });
    expect((await from('192.0.2.1')).status).toBe(401);
    expect((await from('192.0.2.2')).status).toBe(last);
    await strict.close();
  }
});

test('a trusted proxy that is no address is refused in words', async () => {
  for (const trustProxy of ['nonsense', ['10.0.0.1', '10.0.0.0/99']]) {
    const refusal = { code: 'invalid_request', field: 'trust_proxy' };
    await expect(openDoor({ gateway, trustProxy })).rejects.toMatchObject(refusal);
  }
});

test('HEAD is GET without the body, and needs the same token', async () => {
  const head = await door.call('/api/v1/connections', { method: 'HEAD', token: admin, headers: { accept: '*/*' } });
  expect([head.status, head.text]).toEqual([200, '']);
  expect(Number(head.headers.get('content-length'))).toBeGreaterThan(10);
  expect((await fetch(`${door.url}/api/v1/connections`, { method: 'HEAD' })).status).toBe(401);
});

test('an unknown address is 404 in the shape of its door', async () => {
  const own = await door.call('/api/v1/nothing', { token: admin });
  expect(own.status).toBe(404);
  expect(own.headers.get('content-type')).toContain('application/problem+json');
  expect(own.body).toMatchObject({ code: 'not_found', type: '/docs/errors.md#not_found' });
  const unified = await door.call('/unified/crm/contacts?integrated_account_id=x', { token: admin });
  expect(unified.status).toBe(404);
  expect(unified.body).toMatchObject({ statusCode: 404, error: 'Not Found', details: { code: 'not_found' } });
});

test('a known address with another method is 405 and says which are allowed', async () => {
  const answer = await door.call('/api/v1/connections/acme', { method: 'PUT', token: admin, json: {} });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH');
  expect((await door.call('/api/v1/connections', { method: 'OPTIONS' })).status).toBe(405);
  expect((await door.call('/api/v1/connections/', { method: 'PUT' })).status).toBe(405);
});

test('several leading slashes are one, and a trailing one does not matter', async () => {
  expect((await door.call('//api/v1/connections', { token: admin })).status).toBe(200);
  expect((await door.call('/api/v1/connections/', { token: admin })).status).toBe(200);
  expect((await door.call('///healthz?')).status).toBe(200);
});

test('a body is read as JSON whatever its content type says', async () => {
  for (const type of ['text/plain;charset=UTF-8', 'application/json', 'application/x-www-form-urlencoded']) {
    const answer = await door.call('/api/v1/connections/acme', {
      method: 'PATCH',
      token: admin,
      headers: { 'content-type': type },
      body: '{"tags":["a"]}',
    });
    expect(answer.status).toBe(200);
    expect(answer.body.tags).toEqual(['a']);
  }
});

test('bodies that cannot be used are refused in words, all problems at once', async () => {
  const post = (body: string) => door.call('/api/v1/connections', { method: 'POST', token: admin, body });
  expect((await post('{"name":')).body).toMatchObject({ status: 400, detail: 'The body is not valid JSON.' });
  expect((await post('')).body).toMatchObject({ status: 400, detail: 'The body is missing.' });
  expect((await post('[]')).status).toBe(400);
  expect((await post('null')).status).toBe(400);
  expect((await post('{"__proto__":{"admin":true}}')).status).toBe(400);
  expect((await post('['.repeat(100_000))).status).toBe(400);
  expect((await post(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).status).toBe(400);
  expect((await post(`"${'x'.repeat(300_000)}"`)).status).toBe(413);
  const bytes = (...codes: number[]) =>
    door.call('/api/v1/connections', { method: 'POST', token: admin, body: new Uint8Array(codes) });
  expect((await bytes(0x22, 0xc0, 0xaf, 0x22)).body.detail).toBe('The body is not UTF-8.');
  expect((await bytes(0x22, 0xed, 0xa0, 0x80, 0x22)).body.detail).toBe('The body is not UTF-8.');
  const packed = { method: 'POST', token: admin, body: '{}', headers: { 'content-encoding': 'gzip' } };
  expect((await door.call('/api/v1/connections', packed)).body.detail).toContain('encoded as gzip');
  const several = await post('{"name":5,"extra":1}');
  expect(several.body.issues).toEqual([
    { field: 'name', reason: 'expected string, received number' },
    { field: 'region', reason: 'required' },
    { field: 'reporting_token', reason: 'required' },
    { field: 'extra', reason: 'is not known here' },
  ]);
});

test('an address that cannot be decoded, or whose query contradicts itself, is 400', async () => {
  expect((await door.call('/api/v1/runs/%zz', { token: admin })).status).toBe(400);
  expect((await door.call('/api/v1/runs/%c0%ae', { token: admin })).status).toBe(400);
  const twice = await door.call('/api/v1/runs?limit=1&limit[gt]=2', { token: admin });
  expect(twice.status).toBe(400);
  expect(twice.body.detail).toContain('limit');
  expect((await door.call(`/api/v1/runs/${'x'.repeat(2000)}`, { token: admin })).status).toBe(400);
});

test('every answer carries a request id: the caller’s own when it is plain, else a new one', async () => {
  const own = await door.call('/healthz', { headers: { 'x-request-id': 'trace-1' } });
  expect(own.headers.get('x-request-id')).toBe('trace-1');
  const odd = await door.call('/api/v1/nothing', { headers: { 'x-request-id': 'a b<script>' } });
  expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(odd.body.request_id).toBe(odd.headers.get('x-request-id'));
  const undecodable = await door.call('/%zz');
  expect(undecodable.body.request_id).toBe(undecodable.headers.get('x-request-id'));
});

test('answers are not cached, framed or sniffed', async () => {
  const { headers } = await door.call('/api/v1/connections', { token: admin });
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('x-powered-by')).toBeNull();
});

test('what is not HTTP or has too many headers is answered and hung up', async () => {
  expect(await sendRaw('nonsense\r\n\r\n')).toContain('HTTP/1.1 400');
  expect(await sendRaw('FOO / HTTP/1.1\r\nhost: x\r\n\r\n')).toContain('HTTP/1.1 400');
  const flood = Array.from({ length: 2000 }, (_, index) => `x-${index}: ${'y'.repeat(20)}`).join('\r\n');
  const answer = await sendRaw(`GET /healthz HTTP/1.1\r\nhost: x\r\n${flood}\r\n\r\n`);
  expect(answer).toContain('HTTP/1.1 431');
  expect(answer).toContain('application/problem+json');
});

test('a caller who is still sending when it is refused gets the answer all the same', async () => {
  const begun = `GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(17_000)}`;
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    let sending: NodeJS.Timeout;
    const socket = connect(Number(new URL(door.url).port), '127.0.0.1', () => {
      socket.write(begun);
      sending = setInterval(() => socket.writable && socket.write('z'.repeat(10_000)), 1);
    });
    // Read late: what was lost when the connection was closed would be missed.
    socket.pause();
    setTimeout(() => socket.resume(), 100);
    socket.on('data', (part) => {
      text += part;
    });
    socket.on('error', reject).on('close', () => {
      clearInterval(sending);
      resolve(text);
    });
  });
  expect(answer).toContain('HTTP/1.1 431');
});

test('what Node would answer without words is answered in ours', async () => {
  const oddities = [
    ['GET /healthz HTTP/1.1\r\n\r\n', 400, 'no Host header'],
    ['GET /healthz HTTP/1.1\r\nhost: x\r\nexpect: cake\r\n\r\n', 417, '100-continue'],
    ['CONNECT kb4.example:443 HTTP/1.1\r\nhost: kb4.example\r\n\r\n', 405, 'CONNECT'],
  ] as const;
  for (const [text, status, words] of oddities) {
    const answer = await sendRaw(text.replace(/\r\n\r\n$/, '\r\nconnection: close\r\n\r\n'));
    expect(answer).toContain(`HTTP/1.1 ${status}`);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain(words);
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    expect(body.status).toBe(status);
  }
  expect(await sendRaw('GET /healthz HTTP/1.0\r\n\r\n')).toContain('HTTP/1.1 200');
});

test('a token has a number of calls under way at most, and other tokens are not in its way', async () => {
  const gate = Promise.withResolvers<void>();
  const strict = await openDoor({
    gateway: { ...gateway, sync: { ...gateway.sync, runs: () => gate.promise.then(() => []) } },
    limits: { atOnce: 2 },
  });
  const [one, other] = [addToken({ scopes: ['admin'] }), addToken({ scopes: ['admin'] })];
  const slow = (token: string) => strict.call('/api/v1/runs?connection_id=acme', { token });
  const health = () => strict.call('/api/v1/tokens', { token: one });
  const held = [slow(one), slow(one)];
  await expect.poll(async () => (await health()).status).toBe(429);
  const refused = await health();
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.body.code).toBe('rate_limited');
  expect((await strict.call('/api/v1/tokens', { token: other })).status).toBe(200);
  gate.resolve();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
  await expect.poll(async () => (await health()).status).toBe(200);
  await strict.close();
});

test.each([new Error('secret path /var/lib/x'), new SyntaxError('secret in a row')])(
  'an error of our own says nothing of its cause, and is not laid at the caller’s door',
  async (error) => {
    const broken = await openDoor({
      gateway: {
        ...gateway,
        connections: {
          ...gateway.connections,
          list: async () => {
            throw error;
          },
        },
      },
    });
    const answer = await broken.call('/api/v1/connections', { token: admin });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret');
    await broken.close();
  },
);

function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(door.url).port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
  });
}
