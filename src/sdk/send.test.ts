import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { sleep } from '../lib/sleep.ts';
import { type ClientOptions, createClient, isApiError } from './index.ts';

const TOKEN = 'fk_canary0000000000000000000000000000000000000';

type Scripted =
  | { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | Error;
type Sent = { readonly url: string; readonly init: RequestInit };

/** A client whose answers are scripted, the last one again and again; what it sent and how long it waited is kept. */
function scripted(answers: readonly Scripted[], options: Partial<ClientOptions> = {}) {
  const sent: Sent[] = [];
  const waits: number[] = [];
  const client = createClient({
    baseUrl: 'https://foreknow.example.com/',
    token: TOKEN,
    random: () => 0,
    sleep: async (ms) => void waits.push(ms),
    fetch: async (url, init) => {
      sent.push({ url, init });
      // What never ends fails here: nothing else would get a turn.
      if (sent.length > 50) throw new Error('asked without end');
      const next = answers[Math.min(sent.length, answers.length) - 1]!;
      if (next instanceof Error) throw next;
      const { status = 200, body = {}, headers = {} } = next;
      const type = status < 400 ? 'application/json' : 'application/problem+json';
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return new Response(text, { status, headers: { 'content-type': type, ...headers } });
    },
    ...options,
  });
  return { client, sent, waits };
}

const problem = (code: string, status: number, retry: string, more: object = {}) => ({
  status,
  body: { type: 'x', title: 't', status, code, detail: 'What happened.', retry, request_id: 'r-1', ...more },
});
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

test('a call carries the token, and its query in brackets; what is not given is left out', async () => {
  const { client, sent } = scripted([{ body: { result: [], next_cursor: null } }]);
  await client.users.list({ created_at: { gt: '2026-01-01T00:00:00Z' }, integrated_account_id: 'a&b' }).first();
  expect(sent[0]!.url).toBe(
    'https://foreknow.example.com/unified/user-directory/users?created_at%5Bgt%5D=2026-01-01T00%3A00%3A00Z&integrated_account_id=a%26b',
  );
  expect(sent[0]!.init).toMatchObject({ method: 'GET', redirect: 'manual' });
  expect(sent[0]!.init.headers).toEqual({ accept: 'application/json', authorization: `Bearer ${TOKEN}` });
  await client.connections.get('a/b ü');
  expect(sent[1]!.url).toBe('https://foreknow.example.com/api/v1/connections/a%2Fb%20%C3%BC');
  await client.proxy.get('phishing/security_tests/7');
  expect(sent[2]!.url).toBe('https://foreknow.example.com/proxy/phishing/security_tests/7');
  await client.changes.list({ kinds: ['user.archived', 'user.created'] }).first();
  expect(sent[3]!.url).toContain('?kinds%5B0%5D=user.archived&kinds%5B1%5D=user.created');
});

test('the token may be asked for before every call', async () => {
  let count = 0;
  const { client, sent } = scripted([{}], { token: async () => `t${++count}` });
  await client.connections.get('a');
  await client.connections.get('a');
  expect(sent.map(({ init }) => (init.headers as Record<string, string>).authorization)).toEqual([
    'Bearer t1',
    'Bearer t2',
  ]);
});

test('a read is tried again where waiting helps, later each time, three times in all', async () => {
  const { client, sent, waits } = scripted([
    new TypeError('fetch failed'),
    problem('unavailable', 503, 'soon'),
    { body: { id: 'con_1' } },
  ]);
  expect(await client.connections.get('a')).toEqual({ id: 'con_1' });
  expect(sent).toHaveLength(3);
  expect(waits).toEqual([250, 500]);

  const lost = scripted([new TypeError('fetch failed')]);
  expect(await failure(lost.client.connections.get('a'))).toMatchObject({
    code: 'unreachable',
    status: 0,
    retry: 'soon',
  });
  expect(lost.sent).toHaveLength(3);
  const once = scripted([new TypeError('fetch failed')], { retries: 0 });
  await failure(once.client.connections.get('a'));
  expect(once.sent).toHaveLength(1);
});

test('Retry-After is waited for, and a little longer; one that is too long is thrown at once', async () => {
  const limited = (seconds: string) => ({
    ...problem('rate_limited', 429, 'soon'),
    headers: { 'retry-after': seconds },
  });
  const short = scripted([limited('7'), {}]);
  await short.client.connections.get('a');
  expect(short.waits).toEqual([7125]);
  const long = scripted([limited('3600')]);
  expect(await failure(long.client.connections.get('a'))).toMatchObject({
    code: 'rate_limited',
    retryAfterMs: 3_600_000,
  });
  expect(long.sent).toHaveLength(1);
});

test('what waiting does not mend is not tried again, whatever its status', async () => {
  for (const answer of [
    problem('quota_exhausted', 429, 'later'),
    problem('store_locked', 503, 'never'),
    problem('not_found', 404, 'never'),
    {
      status: 502,
      body: {
        statusCode: 502,
        error: 'Bad Gateway',
        message: 'No.',
        details: { code: 'remote_rejected', request_id: 'r' },
      },
    },
  ]) {
    const { client, sent } = scripted([answer]);
    await failure(client.connections.get('a'));
    expect(sent, JSON.stringify(answer)).toHaveLength(1);
  }
});

test('a call that changes something is sent once, unless its key makes it safe to repeat', async () => {
  const body = { name: 'a', scopes: ['directory' as const] };
  const bare = scripted([problem('unavailable', 503, 'soon')]);
  await failure(bare.client.tokens.create(body));
  await failure(bare.client.tokens.revoke('tok_1'));
  await failure(bare.client.tokens.revoke('tok_1', { idempotencyKey: 'k' }));
  expect(bare.sent).toHaveLength(3);

  const keyed = scripted([new TypeError('fetch failed'), { status: 201, body: { secret: 's' } }]);
  expect(await keyed.client.tokens.create(body, { idempotencyKey: 'k-1' })).toEqual({ secret: 's' });
  expect(keyed.sent).toHaveLength(2);
  for (const { init } of keyed.sent) {
    expect(init.headers).toMatchObject({ 'idempotency-key': 'k-1', 'content-type': 'application/json' });
    expect(JSON.parse(init.body as string)).toEqual(body);
  }
});

test('errors of both shapes say what happened, what to do, where, and for which call', async () => {
  const more = { hint: 'Do that.', field: 'limit', issues: [{ field: 'limit', reason: 'must be a number' }] };
  const one = scripted([{ ...problem('invalid_request', 400, 'never', more), headers: { 'x-request-id': 'r-1' } }]);
  const error = await failure(one.client.people.list().first());
  expect(isApiError(error)).toBe(true);
  expect(error).toMatchObject({
    code: 'invalid_request',
    status: 400,
    message: 'What happened.',
    requestId: 'r-1',
    ...more,
  });

  const details = { code: 'remote_not_found', hint: 'Look there.', request_id: 'r-2' };
  const raw = { errors: ['gone'] };
  const truto = { statusCode: 404, error: 'Not Found', message: 'KnowBe4 has none.', details };
  const other = scripted([{ status: 404, body: { ...truto, truto_is_remote_error: true, raw_response: raw } }]);
  expect(await failure(other.client.proxy.get('users/1'))).toMatchObject({
    ...{ code: 'remote_not_found', status: 404, message: 'KnowBe4 has none.', hint: 'Look there.', remote: raw },
  });
});

test('what is no answer of Foreknow is called so', async () => {
  const answers: readonly Scripted[] = [
    { status: 404, body: '<h1>nginx</h1>', headers: { 'content-type': 'text/html' } },
    { status: 302, body: '', headers: { location: 'https://elsewhere.example.com/' } },
    { status: 200, body: '{"result":[', headers: { 'content-type': 'application/json' } },
  ];
  for (const answer of answers) {
    const { client } = scripted([answer], { retries: 0 });
    expect(await failure(client.connections.get('a'))).toMatchObject({ name: 'ApiError', code: 'unexpected_answer' });
  }
  const { client } = scripted([{ body: { hello: 'world' } }]);
  expect(await failure(client.users.list().all())).toMatchObject({ code: 'unexpected_answer' });
});

test('a call ends with its signal, while it waits too, and after its time', async () => {
  const hanging: ClientOptions['fetch'] = (_, { signal }) =>
    new Promise((_, reject) => {
      const end = () => reject(signal!.reason as Error);
      if (signal!.aborted) end();
      else signal!.addEventListener('abort', end);
    });
  const { client } = scripted([], { fetch: hanging, retries: 0 });
  const stop = new AbortController();
  const ended = failure(client.connections.get('a', { signal: stop.signal }));
  stop.abort(new Error('enough'));
  expect(await ended).toMatchObject({ code: 'aborted', cause: new Error('enough') });
  expect(await failure(client.connections.get('a', { signal: AbortSignal.abort() }))).toMatchObject({
    code: 'aborted',
  });
  expect(await failure(client.connections.get('a', { timeoutMs: 5 }))).toMatchObject({
    ...{ code: 'timed_out', retry: 'soon' },
  });

  const waiting = new AbortController();
  const paused = scripted([problem('unavailable', 503, 'soon')], {
    sleep: (_, signal) => {
      const slept = sleep(3_600_000, signal);
      waiting.abort();
      return slept;
    },
  });
  expect(await failure(paused.client.connections.get('a', { signal: waiting.signal }))).toMatchObject({
    ...{ code: 'aborted', status: 0 },
  });
});

test('neither an error nor the client tells the token', async () => {
  const { client } = scripted([new TypeError('fetch failed')], { retries: 0 });
  const error = await failure(client.connections.get('a'));
  expect(inspect([error, client], { depth: 9, showHidden: true })).not.toContain('canary');
  expect(JSON.stringify(client)).not.toContain('canary');
});

test('a list goes on to its end, stops when told, and never ends where a cursor stands still', async () => {
  const page = (ids: number[], next: string | null) => ({
    body: { result: ids.map((id) => ({ id })), next_cursor: next },
  });
  const pages = [page([1, 2], 'a'), page([], 'b'), page([3], null)];
  const whole = scripted(pages);
  expect(await whole.client.users.list({ limit: 2 }).all()).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(whole.sent.map(({ url }) => new URL(url).search)).toEqual([
    '?limit=2',
    '?limit=2&next_cursor=a',
    '?limit=2&next_cursor=b',
  ]);
  const some = scripted(pages);
  expect(await some.client.users.list().all(2)).toEqual([{ id: 1 }, { id: 2 }]);
  expect(some.sent).toHaveLength(1);
  const stuck = scripted([page([1], 'a')]);
  expect(await failure(stuck.client.users.list().all())).toMatchObject({ code: 'unexpected_answer' });
  const broken = scripted([page([1], 'a'), problem('internal', 500, 'never')]);
  expect(await failure(broken.client.users.list().all())).toMatchObject({ code: 'internal' });
});

test('following a log goes on where it stood, outlives a gateway that is away, and ends with its signal', async () => {
  const portion = (seqs: number[], next: number, more = false) => ({
    body: { result: seqs.map((seq) => ({ seq })), next_after: next, has_more: more },
  });
  const stop = new AbortController();
  const answers = [portion([5, 6], 6, true), new TypeError('fetch failed'), portion([], 6), portion([7], 7)];
  const { client, sent } = scripted(answers, { retries: 0 });
  const seen: unknown[] = [];
  for await (const { rows, position } of client.changes.follow({ after: '4', signal: stop.signal })) {
    seen.push([rows.map(({ seq }) => seq), position]);
    if (position === '7') stop.abort();
  }
  expect(seen).toEqual([
    [[5, 6], '6'],
    [[7], '7'],
  ]);
  expect(sent.map(({ url }) => new URL(url).searchParams.get('after'))).toEqual(['4', '6', '6', '6']);

  const expired = scripted([problem('cursor_expired', 410, 'never')]);
  expect(await failure(expired.client.events.follow({ after: 'x' }).next())).toMatchObject({ code: 'cursor_expired' });
});
