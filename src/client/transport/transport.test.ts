import { expect, test, vi } from 'vitest';
import { isForeknowError } from '../../errors/errors.ts';
import { createReportingClient, type ReportingClientOptions } from '../client.ts';
import { tokenFacts } from './token.ts';
import type { Fetch, RequestEvent } from './types.ts';

const TOKEN = 'rk-5f0c1d2e3b4a-secret';
const account = { name: 'Example Foods', type: 'paid', domains: ['example.com'], number_of_seats: 12 };

const answer = (status: number, body: unknown = account, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'X-Request-Id': 'req-1', ...headers },
  });

/** A client over scripted answers; the last one repeats. Waiting only moves the clock. */
function lab(script: readonly (Response | Error)[], more: Partial<ReportingClientOptions> = {}) {
  const clock = { now: Date.parse('2026-11-21T10:00:00Z') };
  const calls: { url: string; headers: Record<string, string> }[] = [];
  const events: RequestEvent[] = [];
  const slept: number[] = [];
  const fetch: Fetch = async (url, init) => {
    calls.push({ url, headers: init.headers });
    const next = script[Math.min(calls.length, script.length) - 1]!;
    if (next instanceof Error) throw next;
    return next.clone();
  };
  const sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    slept.push(ms);
    clock.now += ms;
  };
  const client = createReportingClient({
    region: 'eu',
    token: TOKEN,
    fetch,
    sleep,
    now: () => clock.now,
    random: () => 0,
    onRequest: (event) => events.push(event),
    ...more,
  });
  return { client, calls, events, slept, clock };
}

const failure = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!isForeknowError(error)) throw new Error(`expected a ForeknowError, got ${String(error)}`);
  return error;
};

const jwt = (payload: object) => `eyJhbGciOiJIUzI1NiJ9.${btoa(JSON.stringify(payload)).replaceAll('=', '')}.c2ln`;

test('a request goes to the region, asks for JSON and carries the token in its header alone', async () => {
  const { client, calls, events } = lab([answer(200)], { userAgent: 'foreknow/0.1' });
  expect((await client.account.get()).record.seats).toBe(12);
  expect(calls[0]).toEqual({
    url: 'https://eu.api.knowbe4.com/v1/account',
    headers: { accept: 'application/json', authorization: `Bearer ${TOKEN}`, 'user-agent': 'foreknow/0.1' },
  });
  expect(events).toEqual([
    {
      method: 'GET',
      endpoint: '/v1/account',
      url: calls[0]!.url,
      status: 200,
      requestId: 'req-1',
      durationMs: 0,
      kind: 'interactive',
    },
  ]);
});

test('another base URL is taken with or without a slash and /v1', async () => {
  for (const baseUrl of [
    'http://127.0.0.1:9',
    'http://127.0.0.1:9/',
    'http://127.0.0.1:9/v1',
    'http://127.0.0.1:9/v1/',
  ]) {
    const { client, calls } = lab([answer(200)], { baseUrl });
    await client.account.get();
    expect(calls[0]!.url).toBe('http://127.0.0.1:9/v1/account');
  }
});

test('what waiting can mend is tried again, with growing waits', async () => {
  for (const broken of [
    new TypeError('fetch failed'),
    answer(500, ''),
    answer(502, '<html>'),
    answer(504),
    answer(200, '{"name": "Exa'),
  ]) {
    const { client, calls, slept } = lab([broken, broken, answer(200)]);
    expect((await client.account.get()).record.name).toBe('Example Foods');
    expect(calls).toHaveLength(3);
    expect(slept).toEqual([500, 1000]);
  }
});

test('maintenance is waited out for minutes, not seconds', async () => {
  const { client, slept } = lab([answer(503), answer(503), answer(200)]);
  await client.account.get();
  expect(slept).toEqual([30_000, 60_000]);
});

test('it gives up after four tries with the last answer', async () => {
  const { client, calls } = lab([answer(500, 'sorry')]);
  const error = await failure(client.account.get());
  expect(calls).toHaveLength(4);
  expect(error).toMatchObject({
    code: 'remote_unavailable',
    retry: 'soon',
    remote: { status: 500, requestId: 'req-1', body: 'sorry' },
  });
});

test('a refusal is final', async () => {
  const codes = {
    400: 'remote_rejected',
    401: 'connection_unauthorized',
    403: 'connection_forbidden',
    404: 'remote_not_found',
    406: 'remote_rejected',
    422: 'remote_rejected',
    301: 'remote_rejected',
  };
  for (const [status, code] of Object.entries(codes)) {
    const { client, calls } = lab([answer(Number(status), { error: 'no' })]);
    expect(await failure(client.account.get())).toMatchObject({ code, remote: { status: Number(status) } });
    expect(calls).toHaveLength(1);
  }
});

test('429 waits as long as the answer says, in seconds or as a date, and then goes on', async () => {
  const waits: [Record<string, string>, number][] = [
    [{ 'Retry-After': '17' }, 17_000],
    [{ 'Retry-After': 'Sat, 21 Nov 2026 10:00:42 GMT' }, 42_000],
    [{ 'X-RateLimit-Reset': '30' }, 30_000],
    [{ 'X-RateLimit-Reset': String(Date.parse('2026-11-21T10:01:05Z') / 1000) }, 65_000],
    [{ 'Retry-After': 'soon' }, 60_000],
    [{}, 60_000],
  ];
  for (const [headers, waitMs] of waits) {
    const { client, calls, clock } = lab([answer(429, '', headers), answer(200)]);
    const before = clock.now;
    await client.account.get();
    expect(calls).toHaveLength(2);
    expect(clock.now - before).toBe(waitMs);
  }
});

test('no answer makes the account wait longer than a day', async () => {
  const { client, clock } = lab([answer(429, '', { 'Retry-After': '99999999' }), answer(200)]);
  const before = clock.now;
  await client.account.get();
  expect(clock.now - before).toBe(86_400_000);
});

test('429 for ever ends in an error that says when to come back', async () => {
  const { client, calls, clock } = lab([answer(429, '')]);
  const before = clock.now;
  expect(await failure(client.account.get())).toMatchObject({ code: 'remote_rate_limited' });
  expect(calls).toHaveLength(4);
  expect(clock.now - before).toBe(60_000 + 120_000 + 300_000);
});

test('an interactive call does not sit through a long pause', async () => {
  const { client, calls, slept } = lab([answer(429, '', { 'Retry-After': '300' })], { maxWaitMs: 10_000 });
  expect(await failure(client.account.get())).toMatchObject({ code: 'remote_rate_limited', retryAfterMs: 300_000 });
  expect(await failure(client.account.get())).toMatchObject({ code: 'remote_rate_limited', retryAfterMs: 300_000 });
  expect(calls).toHaveLength(1);
  expect(slept).toEqual([]);
});

test('status 200 with a refusal inside is a refusal, and never data', async () => {
  const { client } = lab([answer(200, { message: 'Invalid Token' })]);
  expect(await failure(client.account.get())).toMatchObject({ code: 'connection_unauthorized' });
  const users = client.users.list();
  const readAll = async () => {
    for await (const user of users) expect.fail(`no user: ${user.id}`);
  };
  expect(await failure(readAll())).toMatchObject({ code: 'connection_unauthorized' });
  expect(users.proof()).toMatchObject({ complete: false, why: 'error', rows: 0 });
  const other = lab([answer(200, { error: 'try later' })]);
  expect(await failure(other.client.account.get())).toMatchObject({ code: 'remote_invalid' });
});

test('the hint tells token, product and region apart as far as the token gives it away', async () => {
  const hintFor = async (token: string) => (await failure(lab([answer(401, '')], { token }).client.account.get())).hint;
  expect(await hintFor(TOKEN)).toMatch(/^Token, product or region:.*region eu/);
  expect(await hintFor(jwt({ scope: 'kcm' }))).toMatch(/one for the KCM/);
  expect(await hintFor(jwt({ scopes: ['phisher'] }))).toMatch(/PhishER API/);
  expect(await hintFor(jwt({ scope: 'elvis', iss: 'https://training.knowbe4.com' }))).toMatch(
    /region us, and the connection says eu/,
  );
  expect(await hintFor(jwt({ scope: 'elvis', exp: 1_700_000_000 }))).toMatch(/expired on 2023-11-14/);
  expect(await hintFor(jwt({ scope: 'elvis', iss: 'https://eu.knowbe4.com' }))).toMatch(/^Token, product or region/);
  expect((await failure(lab([answer(404, '')]).client.users.get(1))).hint).toMatch(/region eu/);
});

test('a token that is no JWT says nothing and breaks nothing', () => {
  for (const token of [
    '',
    'a.b.c',
    'a.%%%.c',
    `a.${btoa('[1]')}.c`,
    `a.${btoa('null')}`,
    `x.${btoa('{"exp":"soon"}')}.y`,
  ]) {
    expect(tokenFacts(token)).toEqual({ product: null, region: null, expiresAt: null });
  }
});

test('no error shows the token, whatever KnowBe4 sends back', async () => {
  const secret = jwt({ scope: 'elvis', sub: 'someone' });
  const echo = `{"error":"bad header Authorization: Bearer ${secret} and again ${secret} ${'x'.repeat(9000)}`;
  for (const token of [secret, TOKEN]) {
    for (const status of [200, 400, 401, 403, 404, 429, 500, 503]) {
      const body = echo.replaceAll(secret, token);
      const { client } = lab([answer(status, body)], { token, retry: { tries: 1 } });
      const error = await failure(client.account.get());
      const shown = [
        error.message,
        error.stack,
        error.detail,
        error.hint,
        JSON.stringify(error),
        JSON.stringify(error.remote),
        String(error.cause),
      ].join();
      expect(shown).not.toContain(token);
      expect(error.remote!.body!.length).toBeLessThanOrEqual(4096);
      expect(error.remote!.body).toContain('[redacted]');
    }
  }
  const cut = lab([new TypeError('fetch failed')], { retry: { tries: 1 } });
  expect(JSON.stringify(await failure(cut.client.account.get()))).not.toContain(TOKEN);
});

test('a token, region or address that cannot work is refused before anything is sent', () => {
  const fetch = vi.fn();
  const make = (more: Partial<ReportingClientOptions>) => () =>
    createReportingClient({ region: 'us', token: TOKEN, fetch, ...more });
  expect(make({ token: ' ' })).toThrow('The token is empty');
  expect(make({ token: 'two words' })).toThrow(expect.not.stringContaining('two words'));
  expect(make({ region: 'fr' as 'us' })).toThrow('no region "fr"');
  expect(make({ baseUrl: 'ftp://x' })).toThrow('base URL');
  expect(make({ baseUrl: 'nonsense' })).toThrow('base URL');
  expect(fetch).not.toHaveBeenCalled();
});

test('an answer that does not end in time is given up', async () => {
  const fetch: Fetch = (_url, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const client = createReportingClient({ region: 'us', token: TOKEN, fetch, timeoutMs: 5, retry: { tries: 1 } });
  expect(await failure(client.account.get())).toMatchObject({
    code: 'remote_unavailable',
    detail: expect.stringContaining('within 5 ms'),
  });
});

test('a signal of the call or of the client cancels a request, a wait and a retry', async () => {
  const hanging: Fetch = (_url, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  for (const fetch of [hanging, async () => answer(503, '')]) {
    for (const ofClient of [true, false]) {
      const control = new AbortController();
      const { signal } = control;
      const client = createReportingClient({ region: 'us', token: TOKEN, fetch, ...(ofClient ? { signal } : {}) });
      const call = failure(client.account.get(ofClient ? {} : { signal }));
      setTimeout(() => control.abort(), 5);
      expect(await call).toMatchObject({ code: 'aborted' });
      expect(await failure(client.account.get({ signal }))).toMatchObject({ code: 'aborted' });
    }
  }
});
