import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Emulator, User } from '../index.ts';
import { anEmulator, ask, query } from '../lab.contract.ts';
import { pusher, reports, rowsOf, seen, sync, userBody } from './scim-lab.contract.ts';

const MINUTE = 60_000;
const state = async (emulator: Emulator) =>
  (await query(emulator, '{ account { userProvisioning { testMode scimStatus } } }')).data.account.userProvisioning;
const statuses = async (emulator: Emulator) => (await reports(emulator)).map(({ status }) => status);

const aFresh = async () => {
  const emulator = await anEmulator({ provisioner: 'none', switches: { scimAuthoritativeArchive: false } });
  emulator.mutate({ kind: 'scim-test-mode', on: false });
  return { emulator, ...pusher(emulator) };
};
const ofScim = async (emulator: Emulator) => (await reports(emulator)).filter(({ id }) => id > 990_000);

describe('a sync', () => {
  test('waits, is at work, and is done; what was written meanwhile goes along', async () => {
    const { emulator, post } = await aFresh();
    expect(await state(emulator)).toEqual({ testMode: false, scimStatus: 'DISCONNECTED' });
    await post('ada@halden.example');
    expect(await ofScim(emulator)).toMatchObject([
      { status: 'PENDING', completedAt: null, userUpdates: { created: 0 } },
    ]);
    emulator.advance(30_000);
    await post('bob@halden.example');
    expect((await ofScim(emulator))[0]).toMatchObject({ status: 'PROCESSING', completedAt: null });
    expect(await state(emulator)).toEqual({ testMode: false, scimStatus: 'PROCESSING' });
    emulator.advance(30_000);
    expect(await ofScim(emulator)).toMatchObject([
      {
        status: 'COMPLETED',
        testMode: false,
        createdAt: '2026-11-16T09:00:00Z',
        completedAt: '2026-11-16T09:01:00Z',
        userUpdates: { created: 2, success: 2, errors: 0 },
      },
    ]);
    expect(await state(emulator)).toEqual({ testMode: false, scimStatus: 'CONNECTED' });
  });

  test('within fifteen minutes of the last one is skipped, and what waits comes when they are over', async () => {
    const { emulator, post } = await aFresh();
    await post('ada@halden.example');
    emulator.advance(MINUTE);
    await post('bob@halden.example');
    emulator.advance(MINUTE);
    expect((await ofScim(emulator)).map(({ status }) => status)).toEqual(['PENDING', 'SKIPPED', 'COMPLETED']);
    expect(await seen(emulator, 'bob@halden.example')).toBeUndefined();
    emulator.advance(14 * MINUTE - 1);
    expect(await seen(emulator, 'bob@halden.example')).toBeUndefined();
    emulator.advance(1);
    expect(await seen(emulator, 'bob@halden.example')).toBeDefined();
    expect((await ofScim(emulator)).map(({ status, completedAt }) => `${status} ${completedAt}`)).toEqual([
      'COMPLETED 2026-11-16T09:16:00Z',
      'SKIPPED 2026-11-16T09:02:00Z',
      'COMPLETED 2026-11-16T09:01:00Z',
    ]);
  });

  test('that is forced runs at once, and not again before the quarter of an hour is over', async () => {
    const { emulator, post } = await aFresh();
    await post('ada@halden.example');
    const forced = 'mutation { forceSyncScim { node { id status userUpdates { created } } errors { reason } } }';
    expect((await query(emulator, forced)).data.forceSyncScim).toMatchObject({
      node: { status: 'COMPLETED', userUpdates: { created: 1 } },
      errors: null,
    });
    expect(await seen(emulator, 'ada@halden.example')).toBeDefined();
    expect((await query(emulator, forced)).data.forceSyncScim.node.status).toBe('SKIPPED');
    emulator.advance(15 * MINUTE);
    expect((await query(emulator, forced)).data.forceSyncScim.node.status).toBe('COMPLETED');
  });

  test('applies what Test Mode has only reported once it is off, with no other write', async () => {
    const { emulator, post } = await aFresh();
    emulator.mutate({ kind: 'scim-test-mode', on: true });
    await post('ada@halden.example');
    emulator.advance(60 * MINUTE);
    expect(await seen(emulator, 'ada@halden.example')).toBeUndefined();
    emulator.mutate({ kind: 'scim-test-mode', on: false });
    emulator.advance(MINUTE);
    expect(await seen(emulator, 'ada@halden.example')).toBeDefined();
  });

  test('without a delay is done before the write is answered', async () => {
    const { emulator, post } = await aFresh();
    emulator.mutate({ kind: 'switch', switches: { scimSyncDelayMs: 0, scimMinIntervalMs: 0 } });
    for (const name of ['ada', 'bob']) {
      await post(`${name}@halden.example`);
      expect(await seen(emulator, `${name}@halden.example`)).toBeDefined();
    }
  });

  test('is the same however the time is divided', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 6 }), async (minutes) => {
        const worlds = [];
        for (const way of [minutes, [minutes.reduce((sum, one) => sum + one, 0)]]) {
          const emulator = await anEmulator({ people: 40, switches: { scimSyncDelayMs: 150 * MINUTE } });
          const { post, group } = pusher(emulator);
          await group('Night shift', [await post('ada@halden.example')]);
          for (const ms of way) emulator.advance(ms * MINUTE);
          worlds.push(JSON.stringify(emulator.truth()));
        }
        expect(worlds[0] === worlds[1]).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  test('reports are of this account, and a report that is not there is an error', async () => {
    const { emulator } = await aFresh();
    const { errors } = await query(emulator, '{ ldapSyncReportItems(ldapSyncReportId: 1) { nodes { id } } }');
    expect(errors).toHaveLength(1);
  });

  test('rows can be asked for by action, type and status', async () => {
    const { emulator, post, group } = await aFresh();
    await group('Night shift', [await post('ada@halden.example'), 'nobody']);
    await sync(emulator);
    const { id } = (await ofScim(emulator))[0]!;
    const of = async (args: string) =>
      (
        await query(
          emulator,
          `{ ldapSyncReportItems(ldapSyncReportId: ${id}, ${args}) { nodes { type email guid group manager message error createdAt } pagination { totalCount } } }`,
        )
      ).data.ldapSyncReportItems;
    expect((await of('type: GROUP')).nodes.map((row: { group: string }) => row.group)).toEqual(['Night shift']);
    expect((await of('status: ERROR')).nodes).toMatchObject([{ type: 'MEMBERSHIP', error: 'The member is no user' }]);
    expect((await of('action: CREATED')).pagination.totalCount).toBe(4);
    expect((await of('action: ARCHIVED')).nodes).toEqual([]);
    expect(await rowsOf(emulator, id)).toHaveLength(4);
    const [report] = await ofScim(emulator);
    expect(report!.membershipUpdates).toMatchObject({ created: 1, success: 1, errors: 1 });
  });
});

describe('another program that provisions the account', () => {
  test('has filled the store, and what happens to people is in it at once', async () => {
    const emulator = await anEmulator({ people: 300 });
    const { find, call } = pusher(emulator);
    const { totalResults } = await call('GET', '/Users?count=0');
    emulator.advance(10 * 24 * 60 * MINUTE);
    const created = emulator.changes(0).filter(({ stream, kind }) => stream === 'users' && kind === 'created');
    const users = new Map(emulator.truth().users.map((user) => [String(user.id), user]));
    const managed = created.map(({ id }) => users.get(id)!).filter((user) => user.provisioning_managed);
    expect(managed.length).toBeGreaterThan(0);
    expect((await call('GET', '/Users?count=0')).totalResults).toBe(totalResults + managed.length);
    for (const { email, first_name } of managed) expect((await find(email)).name.givenName).toBe(first_name);
    const groups = emulator.truth().groups.filter(({ group_type }) => group_type === 'provisioning_managed_group');
    const { Resources } = await call('GET', '/Groups');
    const archivedTwin = 'ola.berg@haldenfoods.example';
    for (const { id, name } of groups) {
      const { members } = Resources.find((group: { displayName: string }) => group.displayName === name);
      const inStore = await Promise.all(members.map(({ value }: { value: string }) => call('GET', `/Users/${value}`)));
      const isMember = (user: User) => user.groups.includes(id) && user.provisioning_managed;
      const inWorld = [...users.values()].filter(isMember).map(({ email }) => email);
      expect(inStore.map(({ userName }) => userName)).toEqual(inWorld.filter((email) => email !== archivedTwin));
    }
  });

  test('beside it, a sync of ours changes what we wrote and nothing else', async () => {
    const emulator = await anEmulator({ people: 300 });
    const before = emulator.truth();
    await pusher(emulator).post('ada@halden.example');
    expect(await sync(emulator)).toEqual(['CREATED ada@halden.example']);
    const after = emulator.truth();
    const rest = after.users.filter(({ email }) => email !== 'ada@halden.example');
    expect(rest).toEqual(before.users);
    expect(await sync(emulator)).toEqual([]);
  });

  test('does not touch what we wrote because a sync has applied it', async () => {
    const emulator = await anEmulator();
    const { call, post } = pusher(emulator);
    const id = await post('ada@halden.example', { nickName: 'Countess' });
    const before = await call('GET', `/Users/${id}`);
    await sync(emulator);
    expect(await call('GET', `/Users/${id}`)).toEqual(before);
  });

  test('gives nobody an address that we gave', async () => {
    const emulator = await anEmulator();
    await pusher(emulator).post('zed.unique@haldenfoods.example');
    await sync(emulator);
    emulator.mutate({ kind: 'add-user', fields: { first_name: 'Zed', last_name: 'Unique' } });
    expect(emulator.truth().users.at(-1)!.email).toBe('zed.unique2@haldenfoods.example');
  });

  test('lets go of groups that are purged and written again', async () => {
    const emulator = await anEmulator({ people: 100 });
    emulator.mutate({ kind: 'scim-purge', what: 'GROUPS' });
    await pusher(emulator).group('Production');
    await sync(emulator);
    const user = emulator.truth().users.find((one) => one.status === 'active' && one.department === 'Production')!;
    emulator.mutate({ kind: 'change-user', user: user.id, fields: { location: 'Elsewhere' } });
    expect(emulator.truth().groups.find(({ name }) => name === 'Production')).toMatchObject({ member_count: 0 });
  });

  test('lets go of a group that we write: its members are ours, whatever the departments are', async () => {
    const emulator = await anEmulator({ people: 100 });
    const { call, find, patchGroup } = pusher(emulator);
    const { Resources } = await call('GET', `/Groups?filter=${encodeURIComponent('displayName eq "Production"')}`);
    const { id } = emulator.truth().groups.find(({ name }) => name === 'Production')!;
    const members = emulator.truth().users.filter((user) => user.status === 'active' && user.groups.includes(id));
    const user = members.find((one) => one.provisioning_managed)!;
    const entry = await find(user.email);
    await patchGroup(Resources[0].id, { op: 'remove', path: `members[value eq "${entry.id}"]` });
    expect(await sync(emulator)).toContain(`DELETED ${user.email} in Production`);
    expect((await seen(emulator, user.email))!.groups).not.toContain(id);
    emulator.mutate({ kind: 'change-user', user: user.id, fields: { location: 'Elsewhere' } });
    expect((await seen(emulator, user.email))!.groups).not.toContain(id);
  });

  test('and we are two masters: the last who writes is right', async () => {
    const emulator = await anEmulator({ people: 100 });
    const { find, patch } = pusher(emulator);
    const { email, id } = emulator.truth().users.find((user) => user.status === 'active' && user.provisioning_managed)!;
    await patch((await find(email)).id, { op: 'replace', path: 'title', value: 'Ours' });
    await sync(emulator);
    expect((await seen(emulator, email))!.job_title).toBe('Ours');
    emulator.mutate({ kind: 'change-user', user: id, fields: { job_title: 'Theirs' } });
    await sync(emulator);
    expect((await seen(emulator, email))!.job_title).toBe('Theirs');
  });

  test('switched off, nobody comes and goes, the store stays, and the console is overwritten', async () => {
    const emulator = await anEmulator({ people: 300 });
    const { call } = pusher(emulator);
    emulator.mutate({ kind: 'scim-provisioner', active: false });
    const before = emulator.changes(0).length;
    emulator.advance(10 * 24 * 60 * MINUTE);
    const moved = emulator
      .changes(before)
      .filter(({ stream, kind, changed }) => stream === 'users' && kind !== 'score' && !changed?.last_sign_in);
    expect(moved.filter(({ group_id }) => group_id === undefined)).toEqual([]);
    const store = await call('GET', '/Users?count=0');
    const user = emulator.truth().users.find((one) => one.status === 'active' && one.provisioning_managed)!;
    emulator.mutate({ kind: 'change-user', user: user.id, fields: { department: 'Legal' } });
    expect((await seen(emulator, user.email))!.groups).toEqual(user.groups);
    expect(await sync(emulator)).toEqual([`CHANGED ${user.email}`]);
    expect((await seen(emulator, user.email))!.department).toBe(user.department);
    expect((await call('GET', '/Users?count=0')).totalResults).toBe(store.totalResults);
  });

  test('daily reports are its, and end when it is switched off', async () => {
    const emulator = await anEmulator();
    emulator.mutate({ kind: 'scim-provisioner', active: false });
    const [before] = await reports(emulator);
    emulator.advance(3 * 24 * 60 * MINUTE);
    expect((await reports(emulator))[0]).toEqual(before);
    expect((await statuses(emulator)).every((status) => status === 'COMPLETED')).toBe(true);
  });
});

test('two accounts have stores of their own', async () => {
  const emulator = await anEmulator({
    provisioner: 'none',
    accounts: [{ name: 'Second Ltd', people: 10, provisioner: 'none' }],
  });
  await pusher(emulator).post('ada@halden.example');
  const second = emulator.accounts[1]!;
  const other = await fetch(`${second.addresses.scim}/Users`, {
    headers: { authorization: `Bearer ${second.tokens.scim}` },
  });
  expect(await other.json()).toMatchObject({ totalResults: 0 });
  expect((await ask(emulator, 'scim', '/Users')).body.totalResults).toBe(1);
});

test('5,000 people are looked up, pushed and applied while somebody waits', async () => {
  const emulator = await anEmulator({ people: 10, provisioner: 'none', switches: { scimSeats: 'allow' } });
  emulator.mutate({ kind: 'scim-test-mode', on: false });
  const headers = { authorization: `Bearer ${emulator.tokens.scim}` };
  const at = (path: string) => `${emulator.addresses.scim}${path}`;
  for (let n = 0; n < 5000; n += 1) {
    const name = `p${n}@halden.example`;
    await emulator.fetch(at(`/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`), { headers });
    await emulator.fetch(at('/Users'), { method: 'POST', headers, body: JSON.stringify(userBody(name)) });
  }
  await sync(emulator);
  expect(emulator.truth().users.filter(({ status }) => status === 'active')).toHaveLength(5000);
}, 60_000);
