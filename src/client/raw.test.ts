import { expect, test } from 'vitest';
import { isForeknowError } from '../errors/errors.ts';
import { perSeatLimits, safeLimits } from '../wire/limits.ts';
import { createUserEventsClient } from './events/user-events.ts';
import { createGraphqlClient } from './product/graphql.ts';
import { createRawClient, type RawClientOptions } from './raw.ts';
import { checkScim } from './scim/check.ts';
import { createLimiter } from './transport/limiter.ts';
import type { Fetch, RequestEvent } from './transport/types.ts';

const TOKEN = 'rk-5f0c1d2e3b4a-secret';
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' || body === null ? body : JSON.stringify(body), { status, headers });

/** Scripted answers; the last one repeats. Waiting only moves the clock. */
function lab(script: readonly (Response | Error)[], limits = safeLimits(12)) {
  const clock = { now: Date.parse('2026-11-21T10:00:00Z') };
  const calls: { url: string; method: string; headers: Record<string, string>; body: string | undefined }[] = [];
  const events: RequestEvent[] = [];
  const fetch: Fetch = async (url, { method, headers, body }) => {
    calls.push({ url, method, headers, body });
    const next = script[Math.min(calls.length, script.length) - 1]!;
    if (next instanceof Error) throw next;
    return next.clone();
  };
  const sleep = async (ms: number) => {
    clock.now += ms;
  };
  const now = () => clock.now;
  const limiter = createLimiter({ limits, now, sleep, random: () => 0 });
  const options = { token: TOKEN, region: 'eu', limiter, fetch, sleep, now, random: () => 0 } as const;
  const world = {
    ...options,
    baseUrl: 'https://eu.api.knowbe4.com/v1',
    onRequest: (one: RequestEvent) => events.push(one),
  };
  const raw = (more: Partial<RawClientOptions> = {}) => createRawClient({ surface: 'reporting', ...world, ...more });
  return { raw, world, calls, events, clock, limiter };
}

async function failure(promise: Promise<unknown>) {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!isForeknowError(error)) throw new Error(`expected a ForeknowError, got ${String(error)}`);
  return error;
}

test('an answer comes as the bytes that KnowBe4 sent, with its status and headers', async () => {
  const body = '[ {"id":1,\n "name":"M\\u00fcller \\u0026 Co" } ]\n';
  const { raw, calls, events } = lab([json(200, body, { 'x-next-cursor': 'abc', 'content-type': 'application/json' })]);
  const answer = await raw({ userAgent: 'foreknow' })({ path: '/users/4100001', query: 'status=active&expand=group' });
  expect(new TextDecoder().decode(answer.body)).toBe(body);
  expect([answer.status, answer.headers.get('x-next-cursor')]).toEqual([200, 'abc']);
  expect(calls).toEqual([
    {
      url: 'https://eu.api.knowbe4.com/v1/users/4100001?status=active&expand=group',
      method: 'GET',
      headers: { accept: 'application/json', authorization: `Bearer ${TOKEN}`, 'user-agent': 'foreknow' },
      body: undefined,
    },
  ]);
  expect(events.map(({ endpoint }) => endpoint)).toEqual(['/v1/users/{id}']);
});

test('counters are told known words alone, whatever the path', async () => {
  const { raw, events } = lab([json(200, [])]);
  await raw()({ path: '/mara@example.com/x1/groups' });
  expect(events[0]!.endpoint).toBe('/v1/{other}/{id}/groups');
});

test('what KnowBe4 refuses keeps its status and body, without the token', async () => {
  const { raw, calls } = lab([json(422, { error: `no, ${TOKEN}` }, { 'x-request-id': 'r-9' })]);
  const error = await failure(raw()({ path: '/users' }));
  expect(error.remote).toEqual({ status: 422, requestId: 'r-9', body: '{"error":"no, [redacted]"}' });
  expect(calls).toHaveLength(1);
});

test('a message in place of data is an error, a short answer is not, and neither is an empty 204', async () => {
  expect(await failure(lab([json(200, { message: 'Invalid Token' })]).raw()({ path: '/users' }))).toMatchObject({
    code: 'connection_unauthorized',
    remote: { status: 200 },
  });
  expect((await lab([json(200, { id: 7, status: 'active' })]).raw()({ path: '/users/7' })).status).toBe(200);
  expect((await lab([json(204, null)]).raw()({ path: '/events/7', method: 'DELETE' })).status).toBe(204);
});

test('a page that is no JSON is not handed on, and is asked for again', async () => {
  const { raw, calls } = lab([json(200, '<html>maintenance</html>'), json(200, '')]);
  expect(await failure(raw()({ path: '/users' }))).toMatchObject({ code: 'remote_invalid' });
  expect(calls).toHaveLength(3);
});

test('reads are tried again, writes are not', async () => {
  const reads = lab([json(502, ''), json(200, [])]);
  await reads.raw()({ path: '/users' });
  expect(reads.calls).toHaveLength(2);
  const writes = lab([json(502, ''), json(200, [])]);
  expect(await failure(writes.raw()({ path: '/events', method: 'POST', body: '{}' }))).toMatchObject({
    code: 'remote_unavailable',
  });
  expect(writes.calls).toHaveLength(1);
});

test('waits and tries end within the time they are given', async () => {
  const { raw, clock, calls } = lab([json(500, 'sorry')]);
  const begun = clock.now;
  const error = await failure(
    raw({ retry: { baseMs: 4000, maxMs: 4000 } })({ path: '/users', withinMs: 3000, tries: 9 }),
  );
  expect(clock.now - begun).toBeLessThan(3000);
  expect(calls).toHaveLength(2);
  expect(error).toMatchObject({ code: 'remote_unavailable', remote: { status: 500 } });
});

test('a 429 that asks for a longer wait than there is time is told with that wait and with its body', async () => {
  const { raw, calls } = lab([json(429, { error: 'slow' }, { 'retry-after': '45' })]);
  const error = await failure(raw()({ path: '/users', withinMs: 25_000 }));
  expect(error).toMatchObject({ code: 'remote_rate_limited', retryAfterMs: 45_000 });
  expect(error.remote).toMatchObject({ status: 429, body: '{"error":"slow"}' });
  expect(calls).toHaveLength(1);
});

test('who waits in a queue leaves it when the whole wait is longer than allowed, not only a single one', async () => {
  const { raw, clock, calls } = lab([json(200, [])], { perSecond: 1, perMinute: Infinity, perDay: Infinity });
  const begun = clock.now;
  const ask = raw();
  const asked = await Promise.allSettled(Array.from({ length: 8 }, () => ask({ path: '/users', withinMs: 4000 })));
  const refused = asked.filter(({ status }) => status === 'rejected');
  expect(calls.length).toBeGreaterThanOrEqual(4);
  expect(calls.length + refused.length).toBe(8);
  expect(refused.length).toBeGreaterThanOrEqual(3);
  expect(clock.now - begun).toBeLessThan(4000);
});

test('a refusal of our own to send is no failure of the network', async () => {
  const { raw, calls } = lab([
    new TypeError('fetch failed', { cause: await failure(lab([json(404, '')]).raw()({ path: '/x' })) }),
  ]);
  expect((await failure(raw()({ path: '/users' }))).code).toBe('remote_not_found');
  expect(calls).toHaveLength(1);
});

test('User Events: the envelope is opened, pages are followed, and the limit stands in the body', async () => {
  const page = (number: number, next: number | null) =>
    json(200, { data: [{ id: `e${number}` }], meta: { current_page: number, next_page: next } });
  const { world, calls } = lab([page(1, 2), page(2, null)], perSeatLimits(12));
  const client = createUserEventsClient({ ...world, baseUrl: 'https://api-eu.events.knowbe4.com' });
  const seen: unknown[] = [];
  for await (const rows of client.events({ source: 'dlp' })) seen.push(...rows);
  expect(seen).toEqual([{ id: 'e1' }, { id: 'e2' }]);
  expect(calls[1]!.url).toBe('https://api-eu.events.knowbe4.com/events?source=dlp&page=2&per_page=100');

  for (const status of [200, 403, 500]) {
    const over = lab([json(status, { message: 'Limit Exceeded' }, { 'retry-after': '60' })]);
    const error = await failure(over.raw({ surface: 'events' })({ path: '/events', withinMs: 1000 }));
    expect(error).toMatchObject({ code: 'remote_rate_limited', retryAfterMs: 60_000 });
  }
});

test('User Events: a failure says that it may be the key; an event is not made twice', async () => {
  const { world, calls } = lab([json(500, { message: 'Internal Server Error' })]);
  const client = createUserEventsClient({ ...world, baseUrl: 'https://api.events.knowbe4.com' });
  const error = await failure(client.create({ target_user: 'mara@example.com', event_type: 'DLP block' }));
  expect(error).toMatchObject({ code: 'remote_unavailable', hint: expect.stringContaining('User Event API') });
  expect(calls).toMatchObject([
    { method: 'POST', body: '{"target_user":"mara@example.com","event_type":"DLP block"}' },
  ]);
  await expect(client.event('../events')).rejects.toMatchObject({ code: 'invalid_request', field: 'id' });
  expect(calls).toHaveLength(1);
});

test('GraphQL: errors inside a 200 are errors, at the top and in a payload, and a refusal is a refused token', async () => {
  const client = (body: unknown) =>
    createGraphqlClient({ ...lab([json(200, body)]).world, baseUrl: 'https://eu.knowbe4.com/graphql' });
  expect(await client({ data: { account: { id: 1 } } }).run({ query: '{account{id}}' })).toEqual({
    account: { id: 1 },
  });
  const bad: [unknown, object][] = [
    [{ errors: [{ message: 'Field "apiToken" is not there' }] }, { code: 'remote_rejected' }],
    [
      { data: { groupCreate: { node: null, errors: [{ field: 'name', reason: 'too_short' }] } } },
      { code: 'remote_rejected' },
    ],
    [{ data: null, errors: [{ message: 'Unauthorized' }] }, { code: 'connection_unauthorized' }],
    [{ errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] }, { code: 'connection_unauthorized' }],
    [{ message: 'Invalid Token' }, { code: 'connection_unauthorized' }],
  ];
  for (const [body, expected] of bad) {
    const error = await failure(client(body).run({ query: '{a}' }));
    expect(error).toMatchObject(expected);
  }
  const { errors } = JSON.parse(
    new TextDecoder().decode((await client({ errors: [{ message: 'x' }], data: { a: 1 } }).raw({ query: '{a}' })).body),
  );
  expect(errors).toEqual([{ message: 'x' }]);
});

test('GraphQL goes out as one POST with the document and its variables', async () => {
  const { world, calls } = lab([json(200, { data: {} })]);
  const client = createGraphqlClient({ ...world, baseUrl: 'https://eu.knowbe4.com/graphql' });
  await client.run({ query: 'query($s:String){a(s:$s)}', variables: { s: 'x' } });
  expect(calls).toMatchObject([
    {
      url: 'https://eu.knowbe4.com/graphql',
      method: 'POST',
      body: '{"query":"query($s:String){a(s:$s)}","variables":{"s":"x"}}',
      headers: { 'content-type': 'application/json' },
    },
  ]);
});

test('SCIM: a list proves address and token, anything else does not', async () => {
  const check = (answer: Response) => {
    const { world, calls } = lab([answer]);
    const { region: _, ...rest } = world;
    return { calls, done: checkScim({ ...rest, baseUrl: 'https://eu.knowbe4.com/scim/t1/', withinMs: 5000 }) };
  };
  const list = { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 3, Resources: [] };
  const good = check(json(200, list));
  expect(await good.done).toEqual({ totalResults: 3 });
  expect(good.calls[0]!.url).toBe('https://eu.knowbe4.com/scim/t1/Users?count=1');
  expect(await failure(check(json(200, { hello: 'world' })).done)).toMatchObject({ code: 'remote_invalid' });
  expect(await failure(check(json(401, '')).done)).toMatchObject({
    code: 'connection_unauthorized',
    hint: expect.stringContaining('User Provisioning'),
  });
});

test('a token of another product is named by what it is and by what is wanted', async () => {
  const jwt = `eyJhbGciOiJIUzI1NiJ9.${btoa(JSON.stringify({ scope: 'elvis' })).replaceAll('=', '')}.c2ln`;
  const { raw } = lab([json(401, '')]);
  const error = await failure(raw({ surface: 'product', token: jwt })({ path: '' }));
  expect(error.hint).toMatch(/looks like one for the Reporting API.*Product API/);
});
