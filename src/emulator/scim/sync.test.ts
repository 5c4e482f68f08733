import { beforeEach, describe, expect, test } from 'vitest';
import type { Emulator, EmulatorOptions } from '../index.ts';
import { anEmulator, ask } from '../lab.contract.ts';
import type { User } from '../world/records.ts';
import { ENTERPRISE, enrolledIn, KNOWBE4, pusher, seen, sync, userBody } from './scim-lab.contract.ts';

/** SCIM has just been set up, and nobody is archived for not being in its store unless a test says so. */
const aFresh = async (switches: EmulatorOptions['switches'] = {}) => {
  const emulator = await anEmulator({
    provisioner: 'none',
    switches: { scimAuthoritativeArchive: false, ...switches },
  });
  emulator.mutate({ kind: 'scim-test-mode', on: false });
  return { emulator, ...pusher(emulator) };
};

const activeUsers = (emulator: Emulator): User[] => emulator.truth().users.filter(({ status }) => status === 'active');
const anybody = (emulator: Emulator, fits: (user: User) => boolean = () => true): User =>
  activeUsers(emulator).find((user) => user.first_name !== '' && fits(user))!;
const userById = (emulator: Emulator, id: number): User => emulator.truth().users.find((user) => user.id === id)!;

describe('a new person', () => {
  test('is in the Reporting API after the sync, not before it', async () => {
    const { emulator, post } = await aFresh();
    await post('ada@halden.example');
    expect(await seen(emulator, 'ada@halden.example')).toBeUndefined();
    emulator.advance(59_000);
    expect(await seen(emulator, 'ada@halden.example')).toBeUndefined();
    emulator.advance(1000);
    expect(await seen(emulator, 'ada@halden.example')).toMatchObject({ status: 'active', provisioning_managed: true });
    expect(emulator.changes(0).some(({ stream, kind }) => stream === 'users' && kind === 'created')).toBe(true);
  });

  test('has what was sent, and nothing of what was not', async () => {
    const { emulator, post } = await aFresh();
    const boss = await post('boss@halden.example', { name: { givenName: 'Ines', familyName: 'Verne' } });
    await post('ada@halden.example', {
      title: 'Controller',
      displayName: 'Ines Verne',
      phoneNumbers: [
        { type: 'work', value: '+47 555 1' },
        { type: 'mobile', value: '+47 555 2' },
      ],
      addresses: [{ type: 'work', formatted: 'Halden' }],
      [ENTERPRISE]: {
        department: 'Finance',
        division: 'Money',
        organization: 'Halden',
        employeeNumber: '007',
        manager: { value: boss },
      },
      [KNOWBE4]: { customField1: 'a', customDate1: '2026-04-04T04:23:30Z' },
    });
    await sync(emulator);
    expect(await seen(emulator, 'ada@halden.example')).toMatchObject({
      first_name: 'Amara',
      last_name: 'Lindqvist',
      job_title: 'Controller',
      manager_name: 'Ines Verne',
      manager_email: 'boss@halden.example',
      phone_number: '+47 555 1',
      mobile_phone_number: '+47 555 2',
      location: 'Halden',
      department: 'Finance',
      division: 'Money',
      organization: 'Halden',
      employee_number: '007',
      custom_field_1: 'a',
      custom_date_1: '2026-04-04',
      custom_field_2: null,
      comment: null,
      aliases: [],
      provisioning_guid: 'key-ada',
      last_sign_in: null,
    });
  });

  test('is enrolled by campaigns of everybody, and by those of a group that SCIM puts the person into', async () => {
    const { emulator, post, group } = await aFresh();
    const ada = await post('ada@halden.example');
    await post('bob@halden.example');
    await group('Finance', [ada]);
    await sync(emulator);
    const inWhich = async (email: string) => new Set(enrolledIn(emulator, (await seen(emulator, email))!.id));
    expect(await inWhich('ada@halden.example')).toContain('Annual training 2026');
    expect(await inWhich('ada@halden.example')).toContain('Whose invoice is this?');
    expect(await inWhich('bob@halden.example')).toContain('Annual training 2026');
    expect(await inWhich('bob@halden.example')).not.toContain('Whose invoice is this?');
  });

  test('the truth tells whose account a user of the store is', async () => {
    const { emulator, post, group } = await aFresh();
    const ada = await post('ada@halden.example');
    await group('Night shift', [ada]);
    const user = { id: ada, external_id: 'key-ada', user_name: 'ada@halden.example', active: true };
    expect(emulator.truth().scim_users).toEqual([{ ...user, user_id: null }]);
    await sync(emulator);
    const { id } = (await seen(emulator, 'ada@halden.example'))!;
    expect(emulator.truth().scim_users).toEqual([{ ...user, user_id: id }]);
    expect(emulator.truth().scim_groups).toMatchObject([
      { name: 'Night shift', member_ids: [ada], external_id: null, group_id: expect.any(Number) },
    ]);
  });

  test('who is inactive in the store gets no account', async () => {
    const { emulator, post } = await aFresh();
    await post('ada@halden.example', { active: false });
    expect(await sync(emulator)).toEqual([]);
    expect(await seen(emulator, 'ada@halden.example')).toBeUndefined();
  });
});

describe('somebody whom the console has', () => {
  test('is claimed by the address: the same account with its history, without aliases, blank where nothing was sent', async () => {
    const { emulator, post } = await aFresh();
    const before = anybody(emulator, ({ aliases, custom_field_1 }) => aliases.length > 0 && custom_field_1 !== null);
    emulator.mutate({
      kind: 'change-user',
      user: before.id,
      fields: { comment: 'On leave', provisioning_managed: false, provisioning_guid: null },
    });
    const enrolled = enrolledIn(emulator, before.id);
    await post(before.email.toUpperCase());
    expect(await sync(emulator)).toEqual([`CLAIMED ${before.email}`]);
    const after = userById(emulator, before.id);
    expect(after).toMatchObject({
      email: before.email.toUpperCase(),
      provisioning_managed: true,
      aliases: [],
      custom_field_1: null,
      department: null,
      comment: 'On leave',
      employee_start_date: before.employee_start_date,
    });
    expect(enrolledIn(emulator, before.id)).toEqual(expect.arrayContaining(enrolled));
    expect(
      activeUsers(emulator).filter(({ email }) => email.toLowerCase() === before.email.toLowerCase()),
    ).toHaveLength(1);
  });

  test('with another userName than the address gets a second account, and the first is archived', async () => {
    const { emulator, post, call } = await aFresh({ scimAuthoritativeArchive: true });
    for (const { id } of activeUsers(emulator)) emulator.mutate({ kind: 'scim-exempt', user: id });
    const before = anybody(emulator);
    emulator.mutate({ kind: 'scim-exempt', user: before.id, exempt: false });
    await post(`upn-${before.email}`);
    expect((await sync(emulator)).filter((row) => !row.includes('group'))).toEqual([
      `CREATED upn-${before.email}`,
      `ARCHIVED ${before.email}`,
    ]);
    expect(userById(emulator, before.id).status).toBe('archived');
    expect((await call('GET', '/Users')).totalResults).toBe(1);
  });

  test('of two with one address, the active one is claimed', async () => {
    const { emulator, post } = await aFresh();
    const twins = emulator.truth().users.filter(({ email }) => email.toLowerCase() === 'ola.berg@haldenfoods.example');
    expect(twins.map(({ status }) => status)).toEqual(['archived', 'active']);
    await post('ola.berg@haldenfoods.example');
    await sync(emulator);
    expect(emulator.truth().scim_users[0]!.user_id).toBe(twins[1]!.id);
    expect(userById(emulator, twins[0]!.id)).toEqual(twins[0]);
  });

  test('is no longer exempt once claimed', async () => {
    const { emulator, post } = await aFresh({ scimAuthoritativeArchive: true });
    const { id, email } = anybody(emulator);
    emulator.mutate({ kind: 'scim-exempt', user: id });
    await post(email);
    await sync(emulator);
    emulator.mutate({ kind: 'scim-purge' });
    await sync(emulator);
    expect(userById(emulator, id).status).toBe('archived');
  });

  test('what the console changes later is overwritten by the next sync', async () => {
    const { emulator, post } = await aFresh();
    await post('ada@halden.example', { title: 'Controller' });
    await sync(emulator);
    const { id } = (await seen(emulator, 'ada@halden.example'))!;
    emulator.mutate({ kind: 'change-user', user: id, fields: { job_title: 'Queen', comment: 'kept' } });
    expect(await sync(emulator)).toEqual(['CHANGED ada@halden.example']);
    expect(userById(emulator, id)).toMatchObject({ job_title: 'Controller', comment: 'kept' });
    expect(await sync(emulator)).toEqual([]);
  });
});

describe('authority', () => {
  test('archives whoever is not in the store, but nobody who is exempt; smart and console groups stay', async () => {
    const { emulator, post } = await aFresh({ scimAuthoritativeArchive: true });
    const [first, second, third] = activeUsers(emulator);
    const groups = emulator.truth().groups;
    emulator.mutate({ kind: 'scim-exempt', user: second!.id });
    await post(first!.email);
    await sync(emulator);
    expect(activeUsers(emulator).map(({ id }) => id)).toEqual([first!.id, second!.id]);
    expect(userById(emulator, third!.id)).toMatchObject({ status: 'archived', archived_at: expect.any(String) });
    const after = emulator.truth().groups;
    for (const group of groups) {
      const now = after.find(({ id }) => id === group.id)!;
      const isGone = group.group_type === 'provisioning_managed_group';
      expect(now.status).toBe(isGone ? 'archived' : group.status);
      expect(now.group_type).toBe(group.group_type);
    }
  });

  test('switched off, nobody is archived but those whose entry is deleted', async () => {
    const { emulator, post, delete: remove } = await aFresh();
    const [first] = activeUsers(emulator);
    const before = activeUsers(emulator).length;
    const id = await post(first!.email);
    await sync(emulator);
    expect(activeUsers(emulator)).toHaveLength(before);
    await remove(id);
    expect(await sync(emulator)).toEqual([`ARCHIVED ${first!.email}`]);
    expect(activeUsers(emulator)).toHaveLength(before - 1);
  });

  test('a purge empties the store, and the next sync archives everybody', async () => {
    const { emulator, post } = await aFresh({ scimAuthoritativeArchive: true });
    await post('ada@halden.example');
    await sync(emulator);
    emulator.mutate({ kind: 'scim-purge', what: 'USERS' });
    expect((await ask(emulator, 'scim', '/Users')).body.totalResults).toBe(0);
    await sync(emulator);
    expect(activeUsers(emulator)).toEqual([]);
  });
});

describe('who leaves and comes back', () => {
  test('inactive is archived with all records, active again is restored and enrolled where repeats are allowed', async () => {
    const { emulator, post, patch, group } = await aFresh();
    const ada = await post('ada@halden.example');
    await group('Production', [ada]);
    await sync(emulator);
    const { id } = (await seen(emulator, 'ada@halden.example'))!;
    const before = enrolledIn(emulator, id);
    await patch(ada, { op: 'Replace', path: 'active', value: 'False' });
    expect(await sync(emulator)).toEqual(['ARCHIVED ada@halden.example']);
    expect(userById(emulator, id).status).toBe('archived');
    expect(enrolledIn(emulator, id)).toEqual(before);
    await patch(ada, { op: 'replace', value: { active: true } });
    expect(await sync(emulator)).toEqual(['UNARCHIVED ada@halden.example']);
    expect(userById(emulator, id)).toMatchObject({ status: 'active', archived_at: null });
    expect(enrolledIn(emulator, id)).toEqual([...before, 'Back at the line']);
  });

  test('a POST of an archived address brings the person back, or is an error of the sync', async () => {
    for (const scimRestoreByPost of [true, false]) {
      const { emulator, post } = await aFresh({ scimRestoreByPost });
      const gone = anybody(emulator);
      emulator.mutate({ kind: 'archive-user', user: gone.id });
      await post(gone.email);
      expect(await sync(emulator)).toEqual(
        scimRestoreByPost
          ? [`CLAIMED ${gone.email}`, `UNARCHIVED ${gone.email}`]
          : [`UNARCHIVED ${gone.email} ! Email has already been taken by an archived user`],
      );
      expect(userById(emulator, gone.id).status).toBe(scimRestoreByPost ? 'active' : 'archived');
    }
  });

  test('deleted and written again before the sync is as if nothing had been', async () => {
    const { emulator, post, delete: remove } = await aFresh();
    const ada = await post('ada@halden.example');
    await sync(emulator);
    const before = await seen(emulator, 'ada@halden.example');
    await remove(ada);
    await post('ada@halden.example');
    expect(await sync(emulator)).toEqual(['CLAIMED ada@halden.example']);
    expect(await seen(emulator, 'ada@halden.example')).toEqual(before);
  });
});

describe('changes', () => {
  test('a PUT wipes what it does not say', async () => {
    const { emulator, post, put } = await aFresh();
    const ada = await post('ada@halden.example', { title: 'Controller', [ENTERPRISE]: { department: 'Finance' } });
    await sync(emulator);
    await put(ada, userBody('ada@halden.example', { title: 'Controller' }));
    expect(await sync(emulator)).toEqual(['CHANGED ada@halden.example']);
    expect(await seen(emulator, 'ada@halden.example')).toMatchObject({ job_title: 'Controller', department: null });
  });

  test('another userName renames the account, or archives it and makes a second one', async () => {
    for (const scimRenameById of ['keep', 'duplicate'] as const) {
      const { emulator, post, patch } = await aFresh({ scimRenameById });
      const ada = await post('ada@halden.example');
      await sync(emulator);
      const { id } = (await seen(emulator, 'ada@halden.example'))!;
      await patch(ada, { op: 'replace', path: 'userName', value: 'ada.king@halden.example' });
      const rows = await sync(emulator);
      const now = (await seen(emulator, 'ada.king@halden.example'))!;
      if (scimRenameById === 'keep') {
        expect(rows).toEqual(['CHANGED ada@halden.example']);
        expect(now.id).toBe(id);
      } else {
        expect(rows).toEqual(['ARCHIVED ada@halden.example', 'CREATED ada.king@halden.example']);
        expect(now.id).not.toBe(id);
        expect(userById(emulator, id).status).toBe('archived');
      }
      expect(now.status).toBe('active');
      expect(await sync(emulator)).toEqual([]);
    }
  });

  test('a second account takes the places of the first in the groups, also when it is one that was there', async () => {
    const { emulator, post, patch, group } = await aFresh({ scimRenameById: 'duplicate' });
    const other = anybody(emulator);
    const [ada, bob] = [await post('ada@halden.example'), await post('bob@halden.example')];
    await group('Night shift', [ada, bob]);
    await sync(emulator);
    const { id } = emulator.truth().groups.find(({ name }) => name === 'Night shift')!;
    const members = () => activeUsers(emulator).flatMap(({ groups, email }) => (groups.includes(id) ? [email] : []));
    await patch(ada, { op: 'replace', path: 'userName', value: other.email });
    await sync(emulator);
    expect(members()).toEqual([other.email, 'bob@halden.example']);
    await patch(bob, { op: 'replace', path: 'userName', value: 'bobby@halden.example' });
    await sync(emulator);
    expect(members()).toEqual([other.email, 'bobby@halden.example']);
  });

  test('an address that somebody outside the store has is an error, and the rest is done', async () => {
    const { emulator, post, patch } = await aFresh();
    const other = anybody(emulator);
    const ada = await post('ada@halden.example');
    await sync(emulator);
    await patch(ada, { op: 'replace', value: { userName: other.email, title: 'Controller' } });
    expect(await sync(emulator)).toEqual([
      'CHANGED ada@halden.example ! Email has already been taken',
      'CHANGED ada@halden.example',
    ]);
    expect(await seen(emulator, 'ada@halden.example')).toMatchObject({ job_title: 'Controller' });
    emulator.mutate({ kind: 'change-user', user: other.id, fields: { email: 'else@halden.example' } });
    expect(await sync(emulator)).toEqual(['CHANGED ada@halden.example']);
    expect(await seen(emulator, other.email)).toMatchObject({ job_title: 'Controller' });
  });

  test('two who swap their addresses have them after one sync', async () => {
    const { emulator, post, patch } = await aFresh();
    const [ada, bob] = [await post('ada@halden.example'), await post('bob@halden.example')];
    await sync(emulator);
    const ids = [(await seen(emulator, 'ada@halden.example'))!.id, (await seen(emulator, 'bob@halden.example'))!.id];
    const rename = (id: string, value: string) => patch(id, { op: 'replace', path: 'userName', value });
    await rename(ada, 'x@halden.example');
    await rename(bob, 'ada@halden.example');
    await rename(ada, 'bob@halden.example');
    await sync(emulator);
    expect(userById(emulator, ids[0]!).email).toBe('bob@halden.example');
    expect(userById(emulator, ids[1]!).email).toBe('ada@halden.example');
  });

  test('a manager outside the store has no address, and comes with it', async () => {
    const { emulator, post } = await aFresh();
    await post('ada@halden.example', { displayName: 'Ines', [ENTERPRISE]: { manager: { value: 'nobody' } } });
    await sync(emulator);
    expect(await seen(emulator, 'ada@halden.example')).toMatchObject({ manager_name: 'Ines', manager_email: null });
  });

  test('a manager who is renamed takes the new address to everybody else', async () => {
    const { emulator, post, patch } = await aFresh();
    const boss = await post('boss@halden.example');
    await post('ada@halden.example', { [ENTERPRISE]: { manager: { value: boss } } });
    await sync(emulator);
    await patch(boss, { op: 'replace', path: 'userName', value: 'chief@halden.example' });
    await sync(emulator);
    expect(await seen(emulator, 'ada@halden.example')).toMatchObject({ manager_email: 'chief@halden.example' });
  });

  test('without the habit of KnowBe4, displayName is not the manager', async () => {
    const { emulator, post } = await aFresh({ scimDisplayNameIsManager: false });
    const boss = await post('boss@halden.example', { name: { givenName: 'Ines', familyName: 'Verne' } });
    await post('ada@halden.example', { displayName: 'Ada', [ENTERPRISE]: { manager: { value: boss } } });
    await sync(emulator);
    expect(await seen(emulator, 'ada@halden.example')).toMatchObject({ manager_name: 'Ines Verne' });
  });
});

describe('groups', () => {
  const groupNamed = (emulator: Emulator, name: string) =>
    emulator.truth().groups.filter((group) => group.name === name);

  test('arrive as groups of provisioning, with their members', async () => {
    const { emulator, post, group, patchGroup } = await aFresh();
    const [ada, bob] = [await post('ada@halden.example'), await post('bob@halden.example')];
    const nights = await group('Night shift', [ada, bob]);
    expect(await sync(emulator)).toEqual(
      expect.arrayContaining(['CREATED group Night shift', 'CREATED ada@halden.example in Night shift']),
    );
    const [made] = groupNamed(emulator, 'Night shift');
    expect(made).toMatchObject({ group_type: 'provisioning_managed_group', member_count: 2 });
    await patchGroup(nights, { op: 'Remove', path: 'members', value: [{ value: bob }] });
    expect(await sync(emulator)).toEqual(['DELETED bob@halden.example in Night shift']);
    expect((await seen(emulator, 'ada@halden.example'))!.groups).toContain(made!.id);
    expect((await seen(emulator, 'bob@halden.example'))!.groups).not.toContain(made!.id);
  });

  test('of an earlier provisioning are claimed by their name, and have the members that are sent', async () => {
    const { emulator, post, group } = await aFresh();
    const before = emulator
      .truth()
      .users.find(({ status, department }) => status === 'active' && department === 'Finance')!;
    const [finance] = groupNamed(emulator, 'Finance');
    expect(before.groups).toContain(finance!.id);
    await group('Finance', [await post('ada@halden.example')]);
    await sync(emulator);
    expect(userById(emulator, before.id).groups).not.toContain(finance!.id);
    expect((await seen(emulator, 'ada@halden.example'))!.groups).toContain(finance!.id);
    expect(groupNamed(emulator, 'Finance')).toHaveLength(1);
  });

  test('of an earlier provisioning do not follow the departments any more', async () => {
    const { emulator, post } = await aFresh();
    await post('ada@halden.example', { [ENTERPRISE]: { department: 'Finance' } });
    await sync(emulator);
    const [finance] = groupNamed(emulator, 'Finance');
    expect((await seen(emulator, 'ada@halden.example'))!.groups).not.toContain(finance!.id);
  });

  test('of the console are taken over, or a second one of the name is made', async () => {
    for (const scimClaimGroups of [true, false]) {
      const { emulator, group } = await aFresh({ scimClaimGroups });
      const [before] = groupNamed(emulator, 'First aid');
      await group('First aid');
      await sync(emulator);
      const types = groupNamed(emulator, 'First aid').map(({ group_type }) => group_type);
      expect(types).toEqual(
        scimClaimGroups ? ['provisioning_managed_group'] : ['console_group', 'provisioning_managed_group'],
      );
      expect(groupNamed(emulator, 'First aid')[0]!.member_count).toBe(scimClaimGroups ? 0 : before!.member_count);
    }
  });

  test('a smart group keeps its rule, whatever is sent under its name', async () => {
    const { emulator, group } = await aFresh();
    const [before] = groupNamed(emulator, 'Managers');
    await group('Managers');
    await sync(emulator);
    expect(groupNamed(emulator, 'Managers')).toHaveLength(2);
    expect(groupNamed(emulator, 'Managers')[0]).toMatchObject({
      group_type: 'smart_group',
      member_count: before!.member_count,
    });
  });

  test('renamed, deleted and written again', async () => {
    const { emulator, group, patchGroup, call } = await aFresh();
    const nights = await group('Night shift');
    await sync(emulator);
    const { id } = groupNamed(emulator, 'Night shift')[0]!;
    await patchGroup(nights, { op: 'replace', value: { id: nights, displayName: 'Late shift' } });
    expect(await sync(emulator)).toEqual(['CHANGED group Late shift']);
    expect(groupNamed(emulator, 'Late shift')[0]!.id).toBe(id);
    await call('DELETE', `/Groups/${nights}`);
    expect(await sync(emulator)).toEqual(['ARCHIVED group Late shift']);
    await group('Late shift');
    expect(await sync(emulator)).toEqual(['CLAIMED group Late shift', 'UNARCHIVED group Late shift']);
    expect(groupNamed(emulator, 'Late shift')).toMatchObject([{ id, status: 'active' }]);
  });

  test('a member that is no user is an error, until there is one', async () => {
    const { emulator, post, group } = await aFresh({ scimIdIsExternalId: true });
    await group('Night shift', ['key-ada']);
    expect(await sync(emulator)).toContain('CREATED in Night shift ! The member is no user');
    await post('ada@halden.example');
    expect(await sync(emulator)).toEqual(['CREATED ada@halden.example', 'CREATED ada@halden.example in Night shift']);
  });

  test('lose whose entry is deleted', async () => {
    const { call, post, group, delete: remove } = await aFresh();
    const ada = await post('ada@halden.example');
    const days = await group('Day shift', [ada]);
    await remove(ada);
    expect((await call('GET', `/Groups/${days}`)).members).toBeUndefined();
  });
});

describe('seats', () => {
  test('beyond them nobody is created or restored, until one is free; with the switch everybody is', async () => {
    for (const scimSeats of ['refuse', 'allow'] as const) {
      const { emulator, post, patch } = await aFresh({ scimSeats });
      const seats = emulator.truth().account.number_of_seats;
      const free = seats - activeUsers(emulator).length;
      const ids = [];
      for (let n = 0; n <= free; n += 1) ids.push(await post(`p${n}@halden.example`));
      const rows = await sync(emulator);
      const last = `p${free}@halden.example`;
      expect(rows.at(-1)).toBe(scimSeats === 'refuse' ? `CREATED ${last} ! No seats left` : `CREATED ${last}`);
      expect(activeUsers(emulator)).toHaveLength(scimSeats === 'refuse' ? seats : seats + 1);
      if (scimSeats === 'allow') continue;
      await patch(ids[0]!, { op: 'replace', path: 'active', value: false });
      expect(await sync(emulator)).toEqual([`ARCHIVED p0@halden.example`, `CREATED ${last} ! No seats left`]);
      expect(await sync(emulator)).toEqual([`CREATED ${last}`]);
    }
  });
});

describe('ids', () => {
  test('are the externalId where the switch says so', async () => {
    const { post, call } = await aFresh({ scimIdIsExternalId: true });
    expect(await post('ada@halden.example')).toBe('key-ada');
    expect(await post('bob@halden.example', { externalId: undefined })).toMatch(/^[0-9a-f-]{36}$/);
    await expect(call('POST', '/Users', userBody('else@halden.example', { externalId: 'key-ada' }))).rejects.toThrow(
      /409.*uniqueness/,
    );
  });

  test('provisioning_guid shows the externalId, or the id', async () => {
    for (const scimProvisioningGuid of ['externalId', 'id'] as const) {
      const { emulator, post } = await aFresh({ scimProvisioningGuid });
      const id = await post('ada@halden.example');
      await sync(emulator);
      expect((await seen(emulator, 'ada@halden.example'))!.provisioning_guid).toBe(
        scimProvisioningGuid === 'id' ? id : 'key-ada',
      );
    }
  });
});

describe('Test Mode', () => {
  let emulator: Emulator;
  let push: ReturnType<typeof pusher>;
  beforeEach(async () => {
    emulator = await anEmulator({ provisioner: 'none' });
    push = pusher(emulator);
  });

  test('is on where SCIM has just been set up; a sync tells what it would do, and does nothing', async () => {
    const account = () => ({ ...emulator.truth(), scim_users: [], scim_groups: [] });
    const before = JSON.stringify(account());
    const [first] = activeUsers(emulator);
    await push.post(first!.email);
    const ada = await push.post('ada@halden.example');
    await push.group('Night shift', [ada]);
    const rows = await sync(emulator);
    expect(rows).toEqual(
      expect.arrayContaining([
        `CLAIMED ${first!.email}`,
        'CREATED ada@halden.example',
        'CREATED group Night shift',
        'CREATED ada@halden.example in Night shift',
      ]),
    );
    expect(rows.filter((row) => row.startsWith('ARCHIVED') && !row.includes('group'))).toHaveLength(
      activeUsers(emulator).length - 1,
    );
    expect(JSON.stringify(account())).toBe(before);
    expect(await sync(emulator)).toEqual(rows);
  });

  test('switched off, what was reported is done, row for row', async () => {
    const people = activeUsers(emulator);
    for (const { email } of people.slice(2)) await push.post(email);
    await push.group('Night shift', [await push.post('ada@halden.example')]);
    const rows = await sync(emulator);
    emulator.mutate({ kind: 'scim-test-mode', on: false });
    expect(await sync(emulator)).toEqual(rows);
    expect(activeUsers(emulator)).toHaveLength(people.length - 2 + 1);
    expect(await sync(emulator)).toEqual([]);
  });
});
