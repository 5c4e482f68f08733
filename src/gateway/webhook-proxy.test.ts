import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { attempt, type Outcome } from '../events/attempt.ts';
import { createAddressGuard, type GuardOptions } from './address-guard.ts';
import type { EgressOptions } from './egress.ts';
import { isExcepted } from './tunnel.ts';
import { createWebhookPost, type WebhookPost } from './webhook-post.ts';

/* Deliveries where the only way out is a proxy. */

const PUBLIC = '93.184.215.14';
const folder = mkdtempSync(join(tmpdir(), 'foreknow-tunnel-'));
let ca: string;
let receiver: Server;
let proxy: Server;
let received: { servername: unknown; host: unknown }[];
let tunnels: { to: string; credentials: unknown }[];
/** What the proxy answers. */
let says: number;
let posts: WebhookPost[];

const listening = (server: Server): Promise<Server> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const proxyUrl = (scheme = 'http://') => `${scheme}127.0.0.1:${portOf(proxy)}`;

/** Whatever it is asked for, it leads to the receiver. */
function startProxy(): Promise<Server> {
  const server = createHttpServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket) => {
    tunnels.push({ to: request.url ?? '', credentials: request.headers['proxy-authorization'] });
    if (says !== 200) return socket.end(`HTTP/1.1 ${says} No\r\ncontent-length: 0\r\n\r\n`);
    const onward = connect(portOf(receiver), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return listening(server);
}

beforeAll(async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=hooks.example.com', '-addext', 'subjectAltName=DNS:hooks.example.com,DNS:localhost'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  ca = readFileSync(cert, 'utf8');
  const take: RequestListener = ({ socket, headers }, response) => {
    received.push({ servername: (socket as TLSSocket).servername, host: headers.host });
    response.end('taken');
  };
  receiver = await listening(createHttpsServer({ key: readFileSync(key), cert: ca }, take));
  proxy = await startProxy();
});
afterAll(() => {
  receiver.close();
  proxy.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  [received, tunnels, says, posts] = [[], [], 200, []];
});
afterEach(async () => {
  for (const post of posts) await post.close();
});

const resolvesTo =
  (...addresses: readonly string[]): NonNullable<GuardOptions['resolve']> =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const unknownHere: NonNullable<GuardOptions['resolve']> = async () => {
  throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};

async function sent(url: string, guard: GuardOptions, egress: EgressOptions = {}): Promise<Outcome> {
  const made = createWebhookPost(createAddressGuard(guard), { proxy: proxyUrl(), ca: [ca], ...egress }, 5000);
  posts.push(made);
  return attempt(
    { post: made.post, now: Date.now, userAgent: 'foreknow' },
    { url, sign: ({ id }) => ({ 'webhook-id': id }) },
    'evt_1',
    { contentType: 'application/json', body: '{}' },
    new AbortController().signal,
  );
}

test('the proxy is asked for the address that was checked, the receiver for its name', async () => {
  const { isDelivered, attempt: made } = await sent('https://hooks.example.com/in', { resolve: resolvesTo(PUBLIC) });
  expect(made).toMatchObject({ status: 200, answer: 'taken' });
  expect(isDelivered).toBe(true);
  expect(tunnels).toEqual([{ to: `${PUBLIC}:443`, credentials: undefined }]);
  expect(received).toEqual([{ servername: 'hooks.example.com', host: 'hooks.example.com' }]);
  const six = await sent('https://hooks.example.com/in', { resolve: resolvesTo('2606:2800:21f::1') });
  expect(six.isDelivered).toBe(true);
  expect(tunnels[1]!.to).toBe('[2606:2800:21f::1]:443');
});

test('the certificate is still the receiver’s own', async () => {
  const guard = { resolve: resolvesTo(PUBLIC) };
  const { attempt: untrusted } = await sent('https://hooks.example.com/', guard, { ca: [] });
  expect(untrusted.error).toContain('The certificate was not accepted');
  const { attempt: other } = await sent('https://other.example.com/', guard);
  expect(other.error).toContain('The certificate was not accepted (ERR_TLS_CERT_ALTNAME_INVALID)');
  expect(received).toEqual([]);
});

test('what leads inside is refused before the proxy hears of it, whichever address of the name it is', async () => {
  for (const resolve of [resolvesTo('10.0.0.1'), resolvesTo(PUBLIC, '169.254.169.254'), resolvesTo('::ffff:7f00:1')]) {
    const { attempt: made } = await sent('https://hooks.example.com/in', { resolve });
    expect(made.error).toBe('hooks.example.com leads to an address that is not on the public internet.');
  }
  expect((await sent('https://10.0.0.1/in', {})).attempt.error).toContain('not on the public internet');
  expect((await sent('https://gone.example.com/', { resolve: unknownHere })).attempt.error).toBe(
    'The name does not resolve.',
  );
  expect(tunnels).toEqual([]);
});

test('a host that the operator named is asked for by its name, which the proxy alone may know', async () => {
  const guard = { allow: ['hooks.example.com'], resolve: unknownHere };
  expect((await sent('https://hooks.example.com:8443/in', guard)).isDelivered).toBe(true);
  expect(tunnels.map(({ to }) => to)).toEqual(['hooks.example.com:8443']);
});

test('what is inside and allowed is reached directly, and so are hosts that are excepted', async () => {
  const inside = `https://localhost:${portOf(receiver)}/in`;
  for (const allow of [['127.0.0.0/8'], ['localhost']]) {
    const guard = { allow, ports: [portOf(receiver)], resolve: resolvesTo('127.0.0.1') };
    expect((await sent(inside, guard)).isDelivered).toBe(true);
  }
  const named = { allow: ['hooks.example.com'], resolve: unknownHere };
  const excepted = await sent('https://hooks.example.com/in', named, { noProxy: '.example.com' });
  expect(excepted.attempt.error).toBe('The name does not resolve.');
  expect(tunnels).toEqual([]);
});

test('a proxy that wants a name gets it, and what it says is told without it', async () => {
  const guard = { resolve: resolvesTo(PUBLIC) };
  const secret = { proxy: proxyUrl('http://gate:pw%40canary@') };
  expect((await sent('https://hooks.example.com/in', guard, secret)).isDelivered).toBe(true);
  expect(tunnels[0]!.credentials).toBe(`Basic ${Buffer.from('gate:pw@canary').toString('base64')}`);
  says = 407;
  const { attempt: refused } = await sent('https://hooks.example.com/in', guard, secret);
  expect(refused).toMatchObject({ status: null, error: 'The proxy did not open the connection (it answered 407).' });
  expect(JSON.stringify(refused)).not.toContain('canary');
  const { attempt: away } = await sent('https://hooks.example.com/in', guard, { proxy: 'http://127.0.0.1:1' });
  expect(away.error).toBe('The proxy could not be reached (ECONNREFUSED).');
});

test('exceptions are names, endings, addresses and everything, with a port or without', () => {
  const cases: readonly [string, string, number, boolean][] = [
    ['', 'a.example', 443, false],
    ['a.example', 'a.example', 443, true],
    ['a.example', 'b.a.example', 443, true],
    ['a.example', 'ba.example', 443, false],
    [' x.example , .Corp.Example', 'hooks.corp.example', 443, true],
    ['*.corp.example', 'hooks.corp.example', 443, true],
    ['a.example:8443', 'a.example', 443, false],
    ['a.example:8443', 'a.example', 8443, true],
    ['*', 'anything', 1, true],
    ['10.0.0.1', '10.0.0.1', 443, true],
    ['::1', '::1', 443, true],
    ['[::1]:443', '::1', 443, true],
    ['[::1]:443', '::1', 80, false],
  ];
  for (const [list, host, port, expected] of cases) {
    expect([list, host, port, isExcepted(list, host, port)]).toEqual([list, host, port, expected]);
  }
});
