import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createEgress, type EgressOptions } from './egress.ts';

const folder = mkdtempSync(join(tmpdir(), 'foreknow-egress-'));
let ca: string;
let target: Server;
let proxy: Server;
let tunnels: string[] = [];

const listening = (server: Server): Promise<Server> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  ca = readFileSync(cert, 'utf8');
  target = await listening(
    createHttpsServer({ key: readFileSync(key), cert: ca }, (_request, response) => response.end('[]')),
  );
  const tunnelling = createHttpServer((_request, response) => response.writeHead(405).end());
  tunnelling.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    const [host, port] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  proxy = await listening(tunnelling);
});

afterAll(() => {
  target.close();
  proxy.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  tunnels = [];
});

/** The status of one request over a way out, or how it failed. */
async function statusOver(options: EgressOptions): Promise<number | string> {
  const egress = createEgress(options);
  const init = { method: 'GET', headers: {}, redirect: 'manual', signal: AbortSignal.timeout(5000) } as const;
  try {
    const answer = await egress.fetch(`https://127.0.0.1:${portOf(target)}/v1/account`, init);
    await answer.text();
    return answer.status;
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    return cause?.code ?? 'failed';
  } finally {
    await egress.close();
  }
}

const proxyUrl = () => `http://127.0.0.1:${portOf(proxy)}`;

test('a certificate of a private authority is trusted when it is named, and not otherwise', async () => {
  expect(await statusOver({})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  expect(await statusOver({ ca: [ca] })).toBe(200);
});

test('requests go through the proxy, end to end encrypted', async () => {
  expect(await statusOver({ proxy: proxyUrl(), ca: [ca] })).toBe(200);
  expect(tunnels).toEqual([`127.0.0.1:${portOf(target)}`]);
  expect(await statusOver({ proxy: proxyUrl() })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
});

test('hosts that are excepted are reached without the proxy', async () => {
  expect(await statusOver({ proxy: proxyUrl(), noProxy: '127.0.0.1', ca: [ca] })).toBe(200);
  expect(tunnels).toEqual([]);
});
