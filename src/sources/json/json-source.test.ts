import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { SourcePerson } from '../../model/source-person.ts';
import { type JsonOptions, jsonSource } from './json-source.ts';

type Answer = (url: URL, request: IncomingMessage, response: ServerResponse) => unknown;
const servers: (Server | TcpServer)[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Answers with what `answer` gives, as JSON; nothing given: it has answered by itself. */
async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    const body = answer(new URL(request.url!, 'http://h.test'), request, response);
    if (body === undefined) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/people`;
}

const waits: number[] = [];
const source = (url: string, more: Partial<JsonOptions> = {}) =>
  jsonSource(
    { name: 'hr', url, items: 'data', id: 'id', attributes: { email: 'mail' }, ...more },
    { fetch, sleep: async (ms) => void waits.push(ms) },
  );
async function readAll(url: string, more: Partial<JsonOptions> = {}, signal = new AbortController().signal) {
  const read = await source(url, more).read({ keep: new Set(Object.keys(more.attributes ?? { email: '' })), signal });
  const people: SourcePerson[] = [];
  let error: (Error & { code?: string; detail?: string }) | null = null;
  try {
    for await (const person of read.people) people.push(person);
  } catch (thrown) {
    error = thrown as Error;
  }
  return { people, error, proof: await read.done() };
}
const some = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => ({ id: `E${from + at}`, mail: `p${from + at}@acme.test` }));
const PEOPLE = 25;
const ids = (people: readonly SourcePerson[]) => people.map(({ sourceId }) => sourceId);
const everybody = some(0, PEOPLE).map(({ id }) => id);

test('pages that name the next one are followed to the last, which proves the read', async () => {
  const url = await serve(({ searchParams }) => {
    const at = Number(searchParams.get('at') ?? 0);
    return {
      data: some(at, Math.min(at + 10, PEOPLE)),
      meta: { next: at + 10 < PEOPLE ? `/people?at=${at + 10}` : null },
    };
  });
  const { people, proof } = await readAll(url, { next: { path: 'meta.next' } });
  expect(ids(people)).toEqual(everybody);
  expect(people[0]).toEqual({ sourceId: 'E0', attributes: { email: 'p0@acme.test' }, groups: [], active: true });
  expect(proof).toEqual({ state: 'complete', words: '25 people in 3 pages, no page follows.' });
});

test('a cursor is put into its parameter, beside those of the address', async () => {
  const asked: string[] = [];
  const url = await serve((address) => {
    asked.push(address.search);
    const at = Number(address.searchParams.get('cursor') ?? 0);
    return { data: some(at, Math.min(at + 20, PEOPLE)), next: at + 20 < PEOPLE ? at + 20 : '' };
  });
  const { proof } = await readAll(`${url}?status=all`, {
    next: { path: 'next', cursorParameter: 'cursor' },
    pageSize: { parameter: 'limit', value: 20 },
  });
  expect(asked).toEqual(['?status=all&limit=20', '?status=all&limit=20&cursor=20']);
  expect(proof.state).toBe('complete');
});

test('the Link header leads on as well', async () => {
  const url = await serve(({ searchParams }, _, response) => {
    const at = Number(searchParams.get('at') ?? 0);
    if (at + 10 < PEOPLE) response.setHeader('link', `<?at=${at + 10}>; rel="next"`);
    return some(at, Math.min(at + 10, PEOPLE));
  });
  const { people, proof } = await readAll(url, { items: undefined, next: { link: true } });
  expect(ids(people)).toEqual(everybody);
  expect(proof.state).toBe('complete');
});

test.each([
  ['pages', { pageParameter: 'page' }, (search: URLSearchParams) => (Number(search.get('page')) - 1) * 10],
  [
    'pages from 0',
    { pageParameter: 'page', firstPage: 0 },
    (search: URLSearchParams) => Number(search.get('page')) * 10,
  ],
  ['people', { offsetParameter: 'start' }, (search: URLSearchParams) => Number(search.get('start'))],
])('where %s are counted, an empty page proves the read', async (_, next, from) => {
  const url = await serve(({ searchParams }) => ({
    data: some(from(searchParams), Math.min(from(searchParams) + 10, PEOPLE)),
  }));
  const { people, proof } = await readAll(url, { next, pageSize: { parameter: 'size', value: 10 } });
  expect(ids(people)).toEqual(everybody);
  expect(proof).toEqual({ state: 'complete', words: '25 people in 4 pages, then an empty page.' });
});

test('one page is proven by the total, and by nothing without one', async () => {
  const url = await serve(() => ({ data: some(0, PEOPLE), meta: { total: PEOPLE } }));
  expect((await readAll(url, { completeWhen: { total: 'meta.total' } })).proof).toEqual({
    state: 'complete',
    words: '25 people in 1 page, as many as the answer counts.',
  });
  expect((await readAll(url)).proof).toMatchObject({ state: 'unproven' });
});

test('fewer people than the answer counts are an incomplete read', async () => {
  const url = await serve(() => ({ data: some(0, 20), total: '25' }));
  const { people, proof } = await readAll(url, { completeWhen: { total: 'total' } });
  expect(people).toHaveLength(20);
  expect(proof).toEqual({ state: 'incomplete', words: '20 people in 1 page: the answer counts 25.' });
});

test('a page in the middle that is not full is an incomplete read', async () => {
  const url = await serve(({ searchParams }) => {
    const from = (Number(searchParams.get('page')) - 1) * 10;
    return { data: some(from, Math.min(from === 0 ? 7 : from + 10, PEOPLE)) };
  });
  const { proof } = await readAll(url, { next: { pageParameter: 'page' }, pageSize: { parameter: 'size', value: 10 } });
  expect(proof).toMatchObject({ state: 'incomplete', words: expect.stringContaining('1 pages were shorter') });
});

test('people who come twice show that pages shifted', async () => {
  const url = await serve(({ searchParams }) => {
    const from = Number(searchParams.get('start'));
    return { data: some(Math.max(0, from - 1), Math.min(from + 10, PEOPLE)) };
  });
  const { proof } = await readAll(url, { next: { offsetParameter: 'start' } });
  expect(proof).toMatchObject({ state: 'incomplete', words: expect.stringContaining('came twice') });
});

test('a next page that nobody is told to follow is an incomplete read', async () => {
  const url = await serve((_, __, response) => {
    response.setHeader('link', '</people?at=10>; rel="next"');
    return { data: some(0, 10), total: 10 };
  });
  expect((await readAll(url, { completeWhen: { total: 'total' } })).proof.state).toBe('incomplete');
});

test('a server that gives its last page for ever is left', async () => {
  let asked = 0;
  const url = await serve(() => {
    asked += 1;
    return { data: some(0, 10) };
  });
  const { error, proof } = await readAll(url, { next: { pageParameter: 'page' } });
  expect(error).toMatchObject({ code: 'source_invalid' });
  expect(proof.state).toBe('incomplete');
  expect(asked).toBe(2);
});

test('a cursor that leads back is left', async () => {
  const url = await serve(() => ({ data: some(0, 10), next: 'a' }));
  const { error } = await readAll(url, { next: { path: 'next', cursorParameter: 'c' } });
  expect(error).toMatchObject({ code: 'source_invalid', detail: expect.stringContaining('lead back') });
});

test('credentials go with every page, and never to another server', async () => {
  const seen: unknown[] = [];
  const other = await serve((_, request) => {
    seen.push(request.headers);
    return { data: [] };
  });
  const tokens: unknown[] = [];
  const url = await serve((_, request) => {
    tokens.push(request.headers['x-key']);
    return { data: some(0, 1), next: other };
  });
  const { error, proof } = await readAll(url, { auth: { header: 'X-Key', value: 's3cret' }, next: { path: 'next' } });
  expect(error).toMatchObject({ code: 'source_invalid', field: 'next' });
  expect(tokens).toEqual(['s3cret']);
  expect(seen).toEqual([]);
  expect(`${JSON.stringify([error, proof])} ${error!.stack}`).not.toContain('s3cret');
});

test.each([
  [401, 'source_unauthorized'],
  [403, 'source_unauthorized'],
  [404, 'source_rejected'],
  [302, 'source_rejected'],
  [500, 'source_unreachable'],
])('status %d is %s, and follows nothing', async (status, code) => {
  let asked = 0;
  const url = await serve((_, __, response) => {
    asked += 1;
    response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' }).end('secret words of the server');
  });
  const { error, proof } = await readAll(url, { next: { path: 'next' } });
  expect(error).toMatchObject({ code });
  expect(error!.detail).not.toContain('secret words');
  expect(proof.state).toBe('incomplete');
  expect(asked).toBe(1);
});

test('a server that asks to slow down is asked again, as late as it says', async () => {
  waits.length = 0;
  let asked = 0;
  const url = await serve((_, __, response) => {
    asked += 1;
    if (asked < 3) return void response.writeHead(429, asked === 1 ? { 'retry-after': '7' } : {}).end();
    return { data: some(0, 2), total: 2 };
  });
  expect((await readAll(url, { completeWhen: { total: 'total' } })).proof.state).toBe('complete');
  expect(waits).toEqual([7000, 2000]);
  asked = -10;
  expect((await readAll(url)).error).toMatchObject({ code: 'source_unreachable' });
  expect(asked).toBe(-6);
});

test.each([
  ['that is cut off', (response: ServerResponse) => response.end('{"data":[{"id":"E1"}')],
  [
    'that breaks off',
    (response: ServerResponse) =>
      response.writeHead(200, { 'content-length': '500' }).write('{"data":[') && setImmediate(() => response.destroy()),
  ],
  ['that is a page for people', (response: ServerResponse) => response.end('<html>')],
  ['that is no UTF-8', (response: ServerResponse) => response.end(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))],
  ['without the list', (response: ServerResponse) => response.end('{"people":[]}')],
])('an answer %s is an incomplete read', async (_, respond) => {
  const url = await serve((__, ___, response) => void respond(response));
  const { error, proof } = await readAll(url, { next: { path: 'next' } });
  expect(error!.code).toMatch(/^source_(invalid|unreachable)$/);
  expect(proof.state).toBe('incomplete');
});

test('an answer without an end is not taken into memory', async () => {
  let megabytes = 0;
  const url = await serve((_, __, response) => {
    const piece = Buffer.alloc(1024 * 1024, ' ');
    const more = () => {
      do megabytes += 1;
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  const { error } = await readAll(url);
  expect(error).toMatchObject({ code: 'source_invalid', detail: expect.stringContaining('larger than 64 MB') });
  expect(megabytes).toBeLessThan(100);
});

test('values are text, lists of text, or nothing, and paths go into lists', async () => {
  const item = {
    id: 7,
    name: { first: 'Zoë', last: ' ' },
    emails: [{ value: 'z@acme.test' }],
    tags: ['a', 2, null, true],
    one: ['x'],
    manager: { id: 9 },
    remote: false,
    groups: ['Finance', 'VPN'],
  };
  const url = await serve(() => ({ data: [item], total: 1 }));
  const paths = { first: 'name.first', last: 'name.last', email: 'emails.0.value', tags: 'tags', one: 'one' };
  const more = {
    manager: 'manager',
    remote: 'remote',
    none: 'no.such.thing',
    proto: 'constructor.name',
    size: 'tags.length',
  };
  const { people } = await readAll(url, { attributes: { ...paths, ...more }, groups: 'groups' });
  expect(people[0]).toEqual({
    sourceId: '7',
    attributes: {
      ...{ first: 'Zoë', last: null, email: 'z@acme.test', tags: ['a', '2', 'true'], one: 'x' },
      ...{ manager: null, remote: 'false', none: null, proto: null, size: null },
    },
    groups: ['Finance', 'VPN'],
    active: true,
  });
});

test('numbers too large for JavaScript stay as they are written', async () => {
  const url = await serve(
    (_, __, response) => void response.end('{"data":[{"id":9007199254740993},{"id":9007199254740992}],"total":2}'),
  );
  const { people, proof } = await readAll(url, { completeWhen: { total: 'total' } });
  expect(ids(people)).toEqual(['9007199254740993', '9007199254740992']);
  expect(proof.state).toBe('complete');
});

test.each([
  [{ of: 'status', isNot: ['Left'] }, [true, false, true]],
  [{ of: 'status', is: ['active'] }, [true, false, true]],
])('who works here is read from %j', async (active, expected) => {
  const url = await serve(() => ({ data: [{ id: 1, status: 'Active' }, { id: 2, status: ' left' }, { id: 3 }] }));
  expect((await readAll(url, { active })).people.map((person) => person.active)).toEqual(expected);
});

test('entries without an id make it unproven', async () => {
  const url = await serve(() => ({ data: [{ id: 1 }, { mail: 'x@acme.test' }], total: 2 }));
  const { people, proof } = await readAll(url, { completeWhen: { total: 'total' } });
  expect(ids(people)).toEqual(['1']);
  expect(proof).toMatchObject({ state: 'unproven', words: expect.stringContaining('1 entries without id') });
});

test('nobody at all is never taken for a proof', async () => {
  const url = await serve(() => ({ data: [], total: 0 }));
  expect((await readAll(url, { completeWhen: { total: 'total' } })).proof.state).toBe('unproven');
});

test('a read that is cancelled is incomplete', async () => {
  const stop = new AbortController();
  const url = await serve(() => void stop.abort());
  const { error, proof } = await readAll(url, {}, stop.signal);
  expect(error).toMatchObject({ code: 'aborted' });
  expect(proof.state).toBe('incomplete');
});

test('a test shows the first page and what the mapping finds', async () => {
  const url = await serve(() => ({ data: some(0, 5), total: 25 }));
  const check = await source(url, {
    completeWhen: { total: 'total' },
    attributes: { email: 'mail', title: 'job' },
  }).test(new AbortController().signal);
  expect(check).toMatchObject({ ok: true, sample: [{ sourceId: 'E0' }, { sourceId: 'E1' }, { sourceId: 'E2' }] });
  expect(check.words.join(' ')).toContain('5 entries on its first page, 25 in all. Attributes: email 5, title 0.');
  expect(await source(url, { items: 'nothing' }).test(new AbortController().signal)).toMatchObject({ ok: false });
});

test.each(['http://hr.acme.test/people', 'ftp://hr.acme.test', 'http://127.0.0.1.acme.test/', 'no address'])(
  '%s is refused',
  (url) => {
    expect(() => source(url)).toThrow(expect.objectContaining({ code: 'config_invalid', field: 'url' }));
  },
);

test('however a list of pages is cut, it is never taken for the whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 7 }),
      fc.nat(),
      async (count, size, dice) => {
        // A server that stops giving people somewhere: an answer that is cut, or pages that end too early.
        const cut = dice % count;
        const page = (from: number) => JSON.stringify({ data: some(from, Math.min(from + size, cut)), total: count });
        const url = await serve(
          ({ searchParams }, _, response) => void response.end(page(Number(searchParams.get('start')))),
        );
        const { proof } = await readAll(url, { next: { offsetParameter: 'start' }, completeWhen: { total: 'total' } });
        expect(proof.state).not.toBe('complete');
      },
    ),
    { numRuns: 40 },
  );
});

/** Two pages, of which only so many bytes come; the lengths in the answers are right, or left to the end of the connection. */
async function serveCut(
  cutAfter: number,
  hasLength: boolean,
): Promise<{ readonly url: string; readonly whole: number }> {
  const answers = [
    JSON.stringify({ data: some(0, 3), next: '/people?at=3' }),
    JSON.stringify({ data: some(3, 5), next: null }),
  ].map(
    (body) =>
      `HTTP/1.1 200 OK\r\n${hasLength ? `content-length: ${body.length}\r\n` : ''}connection: close\r\n\r\n${body}`,
  );
  let sent = 0;
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (request: Buffer) => {
      const answer = answers[request.includes('at=3') ? 1 : 0]!;
      const room = Math.max(0, cutAfter - sent);
      sent += answer.length;
      socket.end(answer.slice(0, room));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/people`, whole: answers.join('').length };
}

test('wherever the connection is cut, the read is not complete', async () => {
  const next = { path: 'next' };
  for (const hasLength of [true, false]) {
    const { url, whole } = await serveCut(Number.POSITIVE_INFINITY, hasLength);
    expect((await readAll(url, { next })).proof.state).toBe('complete');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole - 1 }), async (cutAfter) => {
        const cut = await serveCut(cutAfter, hasLength);
        expect((await readAll(cut.url, { next })).proof.state).toBe('incomplete');
      }),
      { numRuns: 40 },
    );
  }
});
