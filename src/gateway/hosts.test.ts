import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReportingClient, type Fetch } from '../client/index.ts';
import { isForeknowError } from '../errors/errors.ts';
import { createAddressGuard } from './address-guard.ts';
import { createEgress } from './egress.ts';
import { createHosts, guarded } from './hosts.ts';

const init = { method: 'GET', headers: {}, redirect: 'manual', signal: AbortSignal.timeout(60_000) } as const;
let server: Server;
let asked = 0;
beforeAll(async () => {
  server = createServer((_, response) => {
    asked += 1;
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());
const port = () => (server.address() as AddressInfo).port;

test('KnowBe4’s own hosts are allowed on https; others when they are listed; everything when anything goes', () => {
  const { isAllowed } = createHosts({ allow: ['kb4.corp.example', '10.2.0.0/16'] });
  const allowed = (url: string) => isAllowed(new URL(url));
  for (const url of [
    'https://eu.api.knowbe4.com',
    'https://KNOWBE4.com/graphql',
    'https://api-eu.events.knowbe4.com.',
  ]) {
    expect(allowed(url), url).toBe(true);
  }
  for (const url of ['http://kb4.corp.example:8080', 'https://10.2.3.4', 'http://[::ffff:10.2.3.4]:1']) {
    expect(allowed(url), url).toBe(true);
  }
  for (const url of [
    'http://eu.api.knowbe4.com',
    'https://xknowbe4.com',
    'https://10.3.0.1',
    'https://kb4.corp.example.net',
  ]) {
    expect(allowed(url), url).toBe(false);
  }
  expect(createHosts({ any: true }).isAllowed(new URL('http://anything.example'))).toBe(true);
  expect(() => createHosts({ allow: ['10.2.0'] })).toThrow(expect.objectContaining({ field: 'allow_host' }));
});

test('what is not allowed is refused before anything is sent', async () => {
  let sent = 0;
  const fetch: Fetch = async () => {
    sent += 1;
    return new Response('{}');
  };
  const careful = guarded(fetch, createHosts({}));
  await expect(careful('https://example.com/v1/users', init)).rejects.toMatchObject({ code: 'host_not_allowed' });
  await careful('https://us.api.knowbe4.com/v1/users', init);
  await careful('https://us.api.knowbe4.com/v1/groups', init);
  expect(sent).toBe(2);
  // What begins like an address that was allowed is judged by itself.
  for (const url of [
    'http://us.api.knowbe4.com/v1/users',
    'https://us.api.knowbe4.com:8443/v1/users',
    'https://us.api.knowbe4.com@example.com/v1/users',
    'https://us.api.knowbe4.com.example.com/v1/users',
    'https://us.api.knowbe4.com\t.example.com/v1/users',
    'https://us.api.knowbe4.com',
  ]) {
    const isOwn = url === 'https://us.api.knowbe4.com';
    const call = careful(url, init);
    await (isOwn ? call : expect(call, url).rejects.toMatchObject({ code: 'host_not_allowed' }));
  }
  expect(sent).toBe(3);
});

test('a name that leads into the own network is not connected to, and a client says so at once', async () => {
  const guard = createAddressGuard({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
  const egress = createEgress({}, guard);
  const client = createReportingClient({ region: 'us', token: 't', fetch: egress.fetch, limits: 'none' });
  const error = await client.account.get().catch((caught: unknown) => caught);
  expect(isForeknowError(error) && error.code).toBe('host_not_allowed');
  await egress.close();
});

test('a listed name may lead there; a redirect is not followed', async () => {
  const guard = createAddressGuard({
    allow: ['kb4.corp.example'],
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  const egress = createEgress({}, guard);
  asked = 0;
  const answer = await egress.fetch(`http://kb4.corp.example:${port()}/v1/account`, init);
  expect([answer.status, asked]).toEqual([302, 1]);
  await egress.close();
});
