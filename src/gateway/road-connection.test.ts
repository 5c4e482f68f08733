import { expect, test } from 'vitest';
import { type Fetch, memoryBudget } from '../client/index.ts';
import { json, scimService } from '../client/scim/service.contract.ts';
import type { Connection } from '../connections/connection.ts';
import { ForeknowError } from '../errors/errors.ts';
import { createHosts, guarded } from './hosts.ts';
import { createKeyLimiters } from './key-clients.ts';
import { createRoads } from './road.ts';

/* What a connection's road is made of: its sealed key, its tenant URL, the hosts that are allowed, and the limiter of the key. */

const connection = (name: string, scim?: string) =>
  ({
    id: `con_${name}`,
    name,
    region: 'eu',
    account: null,
    accountKey: null,
    baseUrls: scim ? { scim } : {},
  }) as Connection;

function lab() {
  const service = scimService();
  const opened: string[] = [];
  const sent: { url: string; authorization: string | undefined }[] = [];
  const told: string[] = [];
  const fetch: Fetch = (url, init) => {
    sent.push({ url, authorization: init.headers.authorization });
    return service.fetch(url, init);
  };
  const clock = { now: 0 };
  const keyLimiters = createKeyLimiters({ budgetOf: () => memoryBudget(), now: () => clock.now });
  const roadOf = createRoads({
    room: {
      openKey: async ({ name }, kind) => {
        opened.push(`${name} ${kind}`);
        if (name === 'keyless') throw new ForeknowError('not_found', { detail: 'No key.' });
        return `key-of-${name}`;
      },
    },
    ...{ keyLimiters, now: () => clock.now },
    fetch: guarded(fetch, createHosts({ allow: ['scim.example.com'] })),
    onRequest: ({ name }, { endpoint, status }) => told.push(`${name} ${endpoint} ${status}`),
  });
  return { service, roadOf, opened, sent, told, keyLimiters, clock };
}

const acme = connection('acme', 'https://scim.example.com/scim');

test('the sealed key goes to the tenant URL of its connection, and each request is told', async () => {
  const { roadOf, sent, opened, told } = lab();
  const road = await roadOf(acme);
  expect(await road.getUser('u-1')).toBeNull();
  expect(opened).toEqual(['acme scim']);
  expect(sent).toEqual([{ url: 'https://scim.example.com/scim/Users/u-1', authorization: 'Bearer key-of-acme' }]);
  expect(told).toEqual(['acme /scim/Users/{id} 404']);
});

test('a host that is not allowed is sent nothing; without a key or an address there is no road', async () => {
  const { roadOf, sent } = lab();
  const road = await roadOf(connection('stray', 'https://elsewhere.example.net/scim'));
  await expect(road.getUser('u-1')).rejects.toMatchObject({ code: 'host_not_allowed' });
  await expect(roadOf(connection('keyless', 'https://scim.example.com'))).rejects.toMatchObject({ code: 'not_found' });
  await expect(roadOf(connection('homeless'))).rejects.toMatchObject({ code: 'not_found', hint: expect.anything() });
  expect(sent).toEqual([]);
});

test('roads of one key share its limiter: it begins slowly, and a refusal slows all of them', async () => {
  const { keyLimiters, roadOf, service } = lab();
  const limits = async () => (await keyLimiters('scim', acme).usage()).limits.perSecond;
  expect(await limits()).toBe(2);
  service.when(() => json(429, {}, { 'retry-after': '30' }));
  const control = new AbortController();
  const road = await roadOf(acme, { signal: control.signal });
  const waiting = road.getUser('u-1').catch((error: unknown) => error);
  while ((await keyLimiters('scim', acme).usage()).pausedUntil === null) await new Promise(setImmediate);
  expect((await keyLimiters('scim', acme).usage()).pausedUntil).toBe(30_000);
  expect(await limits()).toBe(1);
  control.abort();
  expect(await waiting).toMatchObject({ code: 'aborted' });
});
