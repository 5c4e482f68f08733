import { expect, test } from 'vitest';
import { createGraphqlClient, createLimiter, noLimits, provisioningReads } from '../client/index.ts';
import type { Connection } from '../connections/connection.ts';
import type { EmulatorOptions } from '../emulator/index.ts';
import { anEmulator } from '../emulator/lab.contract.ts';
import { createReadScimStatus } from './scim-status.ts';

const connection = { id: 'con_1' } as Connection;

async function lab(options: EmulatorOptions = {}) {
  const emulator = await anEmulator(options);
  const graphql = createGraphqlClient({
    ...{ baseUrl: emulator.addresses.product, region: 'us', token: emulator.tokens.product },
    limiter: createLimiter({ limits: noLimits }),
  });
  const read = (run = graphql.run) =>
    createReadScimStatus({
      store: { getSecret: async () => ({}) as never },
      product: async () => ({ run }),
    })(connection);
  const write = (body: unknown) =>
    fetch(`${emulator.addresses.scim}/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${emulator.tokens.scim}` },
      body: JSON.stringify(body),
    });
  const person = (userName: string) => ({
    ...{ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, active: true },
  });
  return { emulator, graphql, read, write, person };
}

test('Test Mode, the last sync and what came after it are read with two requests', async () => {
  const { emulator, read, write, person } = await lab({ provisioner: 'none' });
  expect(await read()).toMatchObject({ testMode: 'on', lastSync: null, since: [], owner: 'unknown' });
  await write(person('new.person@example.com'));
  expect(await read()).toMatchObject({ lastSync: null, since: [{ status: 'PENDING', source: 'SCIM_V2' }] });
  emulator.advance(120_000);
  emulator.resetRequests();
  const inTestMode = await read();
  expect(emulator.requests().total).toBe(2);
  expect(inTestMode).toMatchObject({ testMode: 'on', since: [], provisioning: { enabled: true, source: 'SCIM_V2' } });
  expect(inTestMode.lastSync).toMatchObject({ status: 'COMPLETED', testMode: true, users: { created: 1 } });

  emulator.mutate({ kind: 'scim-test-mode', on: false });
  expect(await read()).toMatchObject({ testMode: 'off', lastSync: { testMode: true } });
  emulator.advance(30 * 60_000);
  expect(await read()).toMatchObject({ testMode: 'off', lastSync: { testMode: false } });
});

test('every row of a report is read, and it is said whether that were all', async () => {
  const { emulator, graphql, write, person } = await lab({ provisioner: 'none', people: 12 });
  for (let n = 0; n < 60; n += 1) await write(person(`new.${n}@example.com`));
  emulator.advance(120_000);
  const reads = provisioningReads({
    // The smallest page, so that there are several.
    run: (request, options) =>
      graphql.run({ ...request, query: request.query.replace('per: 500', 'per: 25') }, options),
  });
  const report = (await reads.syncReports())![0]!;
  const found = (await reads.syncReportItems(report.id))!;
  expect(found.complete).toBe(true);
  const created = found.items.filter(({ action, type }) => action === 'CREATED' && type === 'USER');
  expect(created.map(({ email }) => email)).toContain('new.59@example.com');
  expect(created).toHaveLength(report.users.created! + created.filter(({ status }) => status === 'ERROR').length);
  await expect(reads.syncReportItems('1')).resolves.toBeNull();
  const nodes = [{ id: 1, action: 'CREATED', type: 'USER', status: 'SUCCESS' }];
  const cut = provisioningReads({
    run: async () => ({ ldapSyncReportItems: { nodes, pagination: { page: 1, pages: 1, totalCount: 2 } } }),
  });
  expect(await cut.syncReportItems('1')).toMatchObject({ complete: false, items: [{ id: '1', email: null }] });
});

test('what a token may not read is unknown, and of the account’s word and the report’s the account’s goes first', async () => {
  const { graphql, read, emulator } = await lab({ provisioner: 'none' });
  const without = (name: string) => (request: Parameters<typeof graphql.run>[0]) =>
    graphql.run({ ...request, query: request.query.replace(name, 'notForYou') }, { onlyReads: true });
  expect(await read(without('userProvisioning'))).toMatchObject({ testMode: 'unknown', provisioning: null });
  expect(await read(without('ldapSyncReports'))).toMatchObject({ testMode: 'on', lastSync: null });
  emulator.mutate({ kind: 'scim-force-sync' });
  expect(await read(without('userProvisioning'))).toMatchObject({ testMode: 'on', lastSync: { testMode: true } });
});

test('people of Active Directory Integration are somebody else’s; without a Product API key nothing is known', async () => {
  const run = async ({ query }: { query: string }) =>
    query.includes('ldapSyncReports')
      ? { ldapSyncReports: { nodes: [{ id: 1, source: 'ADI', status: 'COMPLETED', testMode: false }] } }
      : { account: { userProvisioning: { enabled: true, source: 'ADI', testMode: null } } };
  const { read } = await lab();
  expect(await read(run)).toMatchObject({ owner: 'foreign', testMode: 'unknown', lastSync: null });
  const without = createReadScimStatus({
    store: { getSecret: async () => null },
    product: () => expect.fail('nothing is asked'),
  });
  expect(await without(connection)).toMatchObject({ owner: 'unknown', testMode: 'unknown', provisioning: null });
});
