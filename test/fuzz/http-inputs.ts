import type { Random } from '../support/random.ts';
import { bodyOf } from './http-bodies.ts';
import { encoded, oddText, oddTimes } from './words.ts';
import type { Operation, Role, World } from './world.ts';

/** Bytes for the server, and what may be expected of its answer. */
export type HttpInput = {
  readonly kind: (typeof httpKinds)[number];
  /** Latin-1: one character a byte. */
  readonly bytes: string;
  /** Methods of the requests in it, in order. */
  readonly methods: readonly string[];
  readonly role: Role;
  /** The operation that is called, where it is one that the document knows. */
  readonly operation: Operation | null;
  /** Whether every byte that was promised is there; otherwise the server may wait, and hangs up when we do. */
  readonly whole: boolean;
  /** Where the bytes are cut: they go out piece by piece. */
  readonly cuts?: readonly number[];
  /** A cursor that was signed and then altered is in it: no page may follow from it. */
  readonly isForged?: boolean;
};

export const httpKinds = [
  'call',
  'odd path',
  'altered cursor',
  'odd headers',
  'odd protocol',
  'pipeline',
  'in pieces',
  'broken off',
] as const;

/** One input, from throws of the dice and what the server is known to have. */
export function httpInput(random: Random, world: World): HttpInput {
  const roles = world.roles();
  const role = random.chance(0.55) ? roles.find(({ name }) => name === 'admin')! : random.pick(roles);
  const throwOf = random.next();
  if (throwOf < 0.72) return call(random, world, role);
  if (throwOf < 0.8) return oddPath(random, world, role);
  if (throwOf < 0.85) return alteredCursor(random, world, role);
  if (throwOf < 0.9) return oddHeaders(random, world, role);
  if (throwOf < 0.95) return oddProtocol(random, role);
  if (throwOf < 0.97) return pipeline(random, world, role);
  if (throwOf < 0.98) return inPieces(random, world, role);
  return brokenOff(random, world, role);
}

type Request = {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: string | null;
};

/** A request as bytes. Text of the body goes out as UTF-8, everything else as it stands. */
function bytesOf({ method, target, headers, body }: Request, role: Role): string {
  const utf8 = body === null ? '' : Buffer.from(body, 'utf8').toString('latin1');
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: localhost',
    ...(role.secret === null ? [] : [`authorization: Bearer ${role.secret}`]),
    ...headers,
    ...(body === null ? [] : [`content-length: ${utf8.length}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${utf8}`;
}

const single = (kind: HttpInput['kind'], request: Request, role: Role, operation: Operation | null): HttpInput => ({
  kind,
  bytes: bytesOf(request, role),
  methods: [request.method],
  role,
  operation,
  whole: true,
});

function call(random: Random, world: World, role: Role): HttpInput {
  const operation = pickOperation(random, world);
  const method = random.chance(0.92)
    ? operation.method
    : random.pick(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']);
  const request = { method, target: targetOf(random, world, operation), ...bodyOf(random, world, operation, method) };
  // Another method may lead to another operation, or to none.
  const pushes = operation.path.startsWith('/scim/') && random.chance(0.7);
  const by = (pushes && world.roles().find((one) => one.pushes)) || role;
  return single('call', request, by, method === operation.method ? operation : null);
}

/** What takes long or makes much goes seldom: the figures count inputs, not syncs. */
function pickOperation(random: Random, world: World): Operation {
  for (;;) {
    const operation = random.pick(world.operations);
    const isHeavy = /\/(sync|rotate|check|token|connections)$/.test(operation.path) && operation.method === 'POST';
    const removes = operation.method === 'DELETE';
    if (random.chance(isHeavy ? 0.05 : removes ? 0.2 : 1)) return operation;
  }
}

function targetOf(random: Random, world: World, operation: Operation): string {
  const path = operation.path.replace(
    /(\w+)\/\{\w+\}/g,
    (_, kind: string) => `${kind}/${segment(random, world, kind)}`,
  );
  // At the end of the log there is nothing to answer at once.
  if (operation.query.includes('wait') && random.chance(0.2)) return `${path}?after=${world.endOfLog()}&wait=1`;
  if (random.chance(0.3)) return `${path}?${connectionParameter(operation)}=acme`;
  return path + queryOf(random, world, operation.query);
}

const connectionParameter = ({ path }: Operation): string =>
  path.startsWith('/unified') ? 'integrated_account_id' : 'connection_id';

/** A place in a path: something that exists, something odd in its encoding, or something odd as it is. */
function segment(random: Random, world: World, kind: string): string {
  if (kind === 'v2' && random.chance(0.9)) return 'push';
  if ((kind === 'Users' || kind === 'Groups') && random.chance(0.7)) return random.pick(world.pushed());
  const right = world
    .known()
    .filter((one) => one.startsWith(kind === 'runs' ? 'run_' : kind === 'connections' ? 'acme' : '4'));
  if (random.chance(0.6)) return encoded(random.pick(random.chance(0.8) && right.length > 0 ? right : world.known()));
  const text = oddText(random);
  if (random.chance(0.6)) return encoded(text) || 'x';
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[\s\0?#]/g, '')
    .replace(/^\/*$/, 'x');
}

function queryOf(random: Random, world: World, names: readonly string[]): string {
  const count = random.chance(0.01) ? random.int(100, 400) : random.pick([0, 0, 1, 1, 2, 4]);
  const parts = Array.from({ length: count }, () => {
    const name = names.length > 0 && random.chance(0.8) ? random.pick(names) : encoded(oddText(random));
    const bracket = random.chance(0.65)
      ? ''
      : random.pick([
          '[]',
          '[0]',
          '[99999]',
          '[gt]',
          '[in]',
          '[in][]',
          '[like]',
          '[eq]',
          '[__proto__]',
          '[a][b][c][d][e]',
          '[',
          ']',
          '[gt',
          '[[',
          '%5Bgt%5D',
        ]);
    return `${name}${bracket}${random.chance(0.95) ? '=' : ''}${queryValue(random, world, name)}`;
  });
  if (random.chance(0.7))
    parts.push(`${random.pick(['integrated_account_id', 'connection_id'])}=${random.pick(world.known())}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function queryValue(random: Random, world: World, name: string): string {
  const likely: readonly string[] =
    name === 'limit'
      ? ['1', '2', '100', '200', '500', '501', '1000', '0', '-1', '99999999999999999999']
      : name.endsWith('cursor') || name === 'after'
        ? world.cursors()
        : name === 'wait'
          ? ['true', 'false', '', '0', '1', '25', '26', '-1', '0.5']
          : [
              '1',
              'true',
              'id',
              'name',
              'active',
              'admin',
              '2026-11-01',
              '2026-11-01T00:00:00Z',
              'full',
              'asc',
              'users',
              'raw',
            ];
  if (/(_at|since|from|until)$/.test(name) && random.chance(0.5)) return encoded(random.pick(oddTimes));
  if (random.chance(0.4)) return random.pick(likely);
  if (random.chance(0.3)) return encoded(random.pick(world.known()));
  return encoded(oddText(random));
}

function oddPath(random: Random, world: World, role: Role): HttpInput {
  const path = random.pick(world.operations).path.replace(/\{\w+\}/g, () => encoded(random.pick(world.known())));
  const target = random.pick<() => string>([
    () => `/${path}`,
    () => `//${path}//`,
    () => path.replaceAll('/', '//'),
    () => path.replaceAll('/', '%2f'),
    () => path.replaceAll('/', '\\'),
    () => `${path}/..`,
    () => `${path}/../../account`,
    () => `/api/v1/../../..${path}`,
    () => `/%2e%2e${path}`,
    () => `${path}%00`,
    () => `${path};jsessionid=1`,
    () => `${path}#part`,
    () => path.toUpperCase(),
    () => `${path}/${'a/'.repeat(random.int(1, 500))}`,
    () => `/${'a'.repeat(random.int(100, 14_000))}`,
    () => `http://localhost${path}`,
    () => `https://user:pass@other.example:99${path}?a=1`,
    () => 'http://',
    () => `/${encoded(oddText(random))}/${encoded(oddText(random))}`,
    () => `${path}?${'a['.repeat(random.int(1, 3000))}`,
    () => `${path}?${'a=1&'.repeat(random.int(1, 3000))}`,
    () => `${path}?${'a[b][c]'.repeat(random.int(1, 800))}=1`,
    () => '/docs/errors.md',
    () => '/.git/config',
    () => '/docs/../package.json',
    () => '/docs/%2e%2e/package.json',
  ])();
  const method = random.pick(['GET', 'GET', 'GET', 'POST', 'DELETE', 'HEAD']);
  return single('odd path', { method, target, headers: [], body: null }, role, null);
}

function alteredCursor(random: Random, world: World, role: Role): HttpInput {
  const given = random.pick(world.cursors());
  const bytes = Buffer.from(given, 'base64url');
  const at = random.int(0, bytes.length - 1);
  bytes[at] = bytes[at]! ^ (1 << random.int(0, 7));
  const cursor = random.chance(0.9) ? bytes.toString('base64url') : encoded(oddText(random)) || 'x';
  const lists = world.operations.filter(({ query }) =>
    query.some((name) => name.includes('cursor') || name === 'after'),
  );
  const operation = random.pick(lists);
  const name = operation.query.find((one) => one.includes('cursor') || one === 'after')!;
  const target = `${operation.path.replace(/\{\w+\}/g, 'acme')}?${name}=${cursor}&integrated_account_id=acme`;
  const input = single(
    'altered cursor',
    { method: operation.method, target, headers: [], body: null },
    role,
    operation,
  );
  return { ...input, isForged: name === 'next_cursor' };
}

function oddHeaders(random: Random, world: World, role: Role): HttpInput {
  const operation = random.pick(world.operations.filter(({ method }) => method === 'GET'));
  const flood = (count: number, name: (index: number) => string, value: string) =>
    Array.from({ length: count }, (_, index) => `${name(index)}: ${value}`);
  const headers = random.pick<() => string[]>([
    () => flood(random.int(10, 3000), (index) => `x-${index}`, 'y'),
    () => flood(random.int(10, 300), () => 'cookie', 'a=b'),
    () => flood(random.int(2, 50), () => 'authorization', `Bearer fk_${'B'.repeat(43)}`),
    () => [`x-long: ${'z'.repeat(random.int(1000, 30_000))}`],
    () => [
      `authorization: ${random.pick(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', `Bearer ${'k'.repeat(9000)}`, 'bEaReR fk_x'])}`,
    ],
    () => [`x-request-id: ${random.pick(['a'.repeat(101), 'ok-1', '<b>', '../..', ''])}`],
    () => [
      `x-forwarded-for: ${random.pick(['127.0.0.1', '::1', 'unknown', `${'1.1.1.1,'.repeat(200)}`, '999.1.1.1'])}`,
    ],
    () => [`host: other.example`, 'x-forwarded-host: evil.example', 'x-original-url: /api/v1/tokens'],
    () => ['expect: 100-continue', 'expect: cake'].slice(random.int(0, 1)),
    () => [`accept: ${'text/html,'.repeat(random.int(1, 500))}`, 'accept-encoding: gzip;q=1.0, *;q=0'],
    () => ['range: bytes=0-', 'if-none-match: *', 'if-modified-since: x'],
    () => ['connection: upgrade', 'upgrade: websocket', 'sec-websocket-key: x', 'sec-websocket-version: 13'],
    () => ['x-http-method-override: DELETE', 'x-method-override: DELETE'],
    () => [`x-forwarded-proto: ${random.pick(['https', 'a'.repeat(500), '\u00ff'])}`, 'x-foreknow-operator: root'],
    () => [`accept-version: ${random.pick(['1.x', '*', '\u00ff'])}`],
    () => [
      `traceparent: ${random.pick(['00-0-0-0', 'zz', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'])}`,
    ],
    () => [`x-\u00e9: \u00ff\u00fe`],
  ])();
  const request = { method: 'GET', target: targetOf(random, world, operation), headers, body: null };
  return single('odd headers', request, role, null);
}

/** Requests that HTTP forbids, or allows and hardly anybody sends. */
function oddProtocol(random: Random, role: Role): HttpInput {
  const line = 'POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\n';
  const [bytes, whole = true] = random.pick<() => readonly [string, boolean?]>([
    () => ['GET /healthz HTTP/1.1\r\n\r\n'],
    () => ['GET /healthz HTTP/1.0\r\n\r\n'],
    () => ['GET /healthz HTTP/2.0\r\nhost: x\r\n\r\n'],
    () => ['GET /healthz HTTP/9.9\r\nhost: x\r\n\r\n'],
    () => ['GET /healthz\r\n\r\n'],
    () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    () => ['\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'],
    () => ['CONNECT a.example:443 HTTP/1.1\r\nhost: a.example\r\n\r\n'],
    () => ['OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n'],
    () => ['GET  /healthz HTTP/1.1\r\nhost: x\r\n\r\n'],
    () => ['GET healthz HTTP/1.1\r\nhost: x\r\n\r\n'],
    () => ['GET ?a HTTP/1.1\r\nhost: x\r\n\r\n'],
    () => ['GET /\u0000 HTTP/1.1\r\nhost: x\r\n\r\n'],
    () => ['GET /\u00ff\u00fe HTTP/1.1\r\nhost: x\r\n\r\n'],
    () => [' GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'],
    () => ['GET /healthz HTTP/1.1\nhost: x\n\n'],
    () => ['GET /healthz HTTP/1.1\r\nhost: x\r\n folded: y\r\n\r\n'],
    () => ['GET /healthz HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n'],
    () => ['GET /healthz HTTP/1.1\r\nhost: x\r\nbad name: y\r\n\r\n'],
    () => ['GET /healthz HTTP/1.1\r\nhost: x\r\nx: a\u0000b\r\n\r\n'],
    () => [`${line}content-length: -1\r\n\r\n`],
    () => [`${line}content-length: 1e3\r\n\r\n`],
    () => [`${line}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`],
    () => [`${line}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    () => [`${line}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n`],
    () => [`${line}transfer-encoding: gzip\r\n\r\n{}`],
    () => [`${line}transfer-encoding: chunked\r\n\r\n2;ext=1\r\n{}\r\n0\r\ntrailer: x\r\n\r\n`],
    () => [`${line}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
    () => [`${line}transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n`, false],
    () => [`${line}transfer-encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n`],
    () => [`${line}content-length: 99999999999\r\n\r\n{`, false],
    () => [`${line}expect: 100-continue\r\ncontent-length: 2\r\n\r\n{}`],
    () => [`${line}content-length: 2\r\n\r\n{}${'\r\n'.repeat(50)}`],
    () => [`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
    () => [`${'A'.repeat(random.int(10, 5000))}\r\n\r\n`],
    () => [Array.from({ length: random.int(5, 200) }, () => String.fromCharCode(random.int(0, 255))).join(''), false],
  ])();
  const method = /^[A-Z]+(?= )/.exec(bytes)?.[0] ?? 'GET';
  return { kind: 'odd protocol', bytes, methods: [method], role, operation: null, whole };
}

/** Several requests in one piece: answers come in their order. */
function pipeline(random: Random, world: World, role: Role): HttpInput {
  const inputs = Array.from({ length: random.int(2, 8) }, () => call(random, world, role));
  const quick = inputs.filter(({ methods: [method] }) => method === 'GET' || method === 'HEAD');
  const all = quick.length > 0 ? quick : [inputs[0]!];
  const methods = all.flatMap((input) => input.methods);
  return {
    kind: 'pipeline',
    bytes: all.map(({ bytes }) => bytes).join(''),
    methods,
    role,
    operation: null,
    whole: true,
  };
}

/** A whole request whose bytes come in pieces, cut anywhere. */
function inPieces(random: Random, world: World, role: Role): HttpInput {
  const input = call(random, world, role);
  const cuts = Array.from({ length: random.int(1, 6) }, () => random.int(1, input.bytes.length - 1));
  return { ...input, kind: 'in pieces', cuts: [...new Set(cuts)].toSorted((a, b) => a - b) };
}

/** The beginning of a request, then silence and a closed connection. */
function brokenOff(random: Random, world: World, role: Role): HttpInput {
  const input = call(random, world, role);
  const bytes = input.bytes.slice(0, random.int(1, Math.max(1, input.bytes.length - 1)));
  return { ...input, kind: 'broken off', bytes, operation: null, whole: false };
}
