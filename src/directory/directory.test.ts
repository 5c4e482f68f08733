import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unifiedGroup } from '../model/group.ts';
import { unifiedOrganization } from '../model/organization.ts';
import { person, personDetail } from '../model/person.ts';
import { unifiedRole } from '../model/role.ts';
import { unifiedRoleAssignment } from '../model/role-assignment.ts';
import { unifiedUser } from '../model/user.ts';
import { at } from '../store/contract/builders.ts';
import { fillMirror, type MirrorContent, rawAccount, rawGroup, rawUser } from '../store/contract/mirror.ts';
import { openStore, type Store } from '../store/store.ts';
import { createDirectory, type Directory } from './directory.ts';

const con = 'con_aaaaaaaaaaaaaaaa';
const other = 'con_bbbbbbbbbbbbbbbb';
let folder: string;
let store: Store;
let directory: Directory;

const content: MirrorContent = {
  account: [rawAccount({ admins: [{ id: 2, first_name: 'Ines', email: 'ines@example.com' }] })],
  groups: [rawGroup(81, { name: 'Finance', member_count: 2 }), rawGroup(82, { status: 'archived' })],
  users: [
    rawUser(1, { groups: [81, 99], current_risk_score: 41.97, manager_name: 'Tomas', 'a key "of theirs"': 'é\u2028' }),
    rawUser(2, { groups: [81] }),
    rawUser(3, { status: 'archived', archived_at: '2026-02-01T00:00:00.000Z' }),
  ],
  enrollments: [
    { enrollment_id: 900, user: { id: 1 }, module_name: 'Passwords', status: 'Past Due', enrollment_date: at(0) },
    { enrollment_id: 901, user: { id: 1 }, module_name: 'Fraud', status: 'Completed', completion_date: at(9) },
  ],
  recipients: [{ recipient_id: 70, pst_id: 9, user: { id: 1 }, delivered_at: at(1), clicked_at: at(2) }],
  riskPoints: [
    { subject: 'user', id: '1', date: '2025-06-01', riskScore: 90 },
    { subject: 'user', id: '1', date: '2026-01-01', riskScore: 40.1 },
    { subject: 'user', id: '1', date: '2026-03-01', riskScore: 41.97 },
  ],
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-directory-'));
  store = await openStore({ folder });
  await fillMirror(store, content);
  directory = createDirectory({
    store: store.directory,
    cursorKey: Buffer.alloc(32, 7),
    now: () => new Date('2026-03-02T09:00:00Z'),
  });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

type Row = Record<string, unknown> & { id: string };
const input = (query: Record<string, unknown> = {}) => ({ connectionIds: [con], query });
const asJson = async (query: Record<string, unknown> = {}) => {
  const bytes = await directory.listUsersJson(input(query));
  return JSON.parse(bytes.toString()) as { result: Row[]; result_count: number };
};

describe('users', () => {
  test('a person is shown with names of groups, role, organization and the object they came from', async () => {
    const user = (await directory.getUser(input(), '1')) as Row;
    expect(unifiedUser.parse(user)).toEqual(user);
    expect(user).toMatchObject({
      id: '1',
      name: 'Amara Lindqvist 1',
      emails: [{ email: 'Amara.1@example.com', type: 'primary', is_primary: true }],
      status: 'active',
      type: 'end_user',
      roles: [{ id: 'kb4:user', name: 'User' }],
      organizations: [{ id: con, name: 'Example Foods' }],
      groups: [
        { id: '81', name: 'Finance' },
        { id: '99', name: null },
      ],
      created_at: '2024-02-12T08:30:00.000Z',
      updated_at: '2024-02-12T08:30:00.000Z',
      last_login_at: null,
      last_active_at: at(9),
      x_risk_score: 41.97,
      x_manager_name: 'Tomas',
      remote_data: { id: 1, groups: [81, 99] },
    });
  });

  test('an admin of the account is an admin, an archived person is inactive', async () => {
    expect(await directory.getUser(input(), '2')).toMatchObject({ type: 'admin', roles: [{ id: 'kb4:admin' }] });
    expect(await directory.getUser(input(), '3')).toMatchObject({
      status: 'inactive',
      x_archived_at: '2026-02-01T00:00:00.000Z',
    });
  });

  test('a deleted person is hidden from lists, shown when asked for, and says so', async () => {
    await fillMirror(store, { removedUsers: ['3'] });
    expect((await asJson()).result.map(({ id }) => id)).toEqual(['1', '2']);
    expect((await asJson({ status: 'deleted' })).result).toMatchObject([{ id: '3', status: 'deleted' }]);
    expect((await asJson({ x_deleted: 'show' })).result_count).toBe(3);
    expect(await directory.getUser(input(), '3')).toMatchObject({ status: 'deleted', x_deleted_at: at(50) });
  });

  test('the text of a list is the list: cold, from kept rows, and from kept pages', async () => {
    const wanted = JSON.parse(JSON.stringify(await directory.listUsers(input({ limit: '2' }))));
    expect(await asJson({ limit: '2' })).toEqual(wanted);
    expect(await asJson({ limit: '2' })).toEqual(wanted);
    await fillMirror(store, { users: [rawUser(9)] });
    expect(await asJson({ limit: '2' })).toEqual(wanted);
  });

  test('kept text follows every change that shows in it', async () => {
    await asJson();
    await fillMirror(store, { users: [rawUser(1, { first_name: 'Ada' })] }, { version: 2, changedAt: at(30) });
    expect((await asJson()).result[0]).toMatchObject({ first_name: 'Ada', updated_at: at(30) });
    await fillMirror(store, { groups: [rawGroup(81, { name: 'Money' })] }, { version: 2, changedAt: at(31) });
    expect((await asJson()).result[1]).toMatchObject({ groups: [{ id: '81', name: 'Money' }] });
    await fillMirror(store, { account: [rawAccount({ admins: [{ id: 1 }] })] }, { version: 2, changedAt: at(32) });
    expect((await asJson()).result.map(({ type }) => type)).toEqual(['admin', 'end_user', 'end_user']);
    const done = { enrollment_id: 950, user: { id: 2 }, status: 'Completed', completion_date: at(40) };
    await fillMirror(store, { enrollments: [done] }, { changedAt: at(41) });
    expect((await asJson()).result[1]).toMatchObject({ last_active_at: at(40) });
    await fillMirror(store, { removedUsers: ['1'] });
    expect((await asJson()).result.map(({ id }) => id)).toEqual(['2', '3']);
  });

  test('flags drop the raw object and fields, and key the result', async () => {
    const [plain] = (await asJson({ truto_ignore_remote_data: 'true' })).result;
    expect(plain).not.toHaveProperty('remote_data');
    const [short] = (await asJson({ truto_exclude_fields: ['emails', 'remote_data'] })).result;
    expect(short).not.toHaveProperty('emails');
    expect(short).toHaveProperty('phones');
    const keyed = await directory.listUsers(input({ truto_key_by: 'username' }));
    expect(Object.keys(keyed.result)).toEqual(['Amara.1@example.com', 'Amara.2@example.com', 'Amara.3@example.com']);
    expect(keyed.result_count).toBe(3);
    const byNull = await directory.listUsers(input({ truto_key_by: 'external_id' }));
    expect(Object.keys(byNull.result)).toEqual(['1', '2', '3']);
    await expect(directory.listUsers(input({ truto_key_by: 'mail' }))).rejects.toMatchObject({ field: 'truto_key_by' });
    await expect(directory.listUsers(input({ truto_key_by: 'emails' }))).rejects.toMatchObject({
      field: 'truto_key_by',
    });
  });

  test('a list can be asked for as the vendor sent it, or as it was read', async () => {
    expect((await asJson({ truto_response_format: 'raw' })).result[0]).toMatchObject({ id: 1, groups: [81, 99] });
    expect((await asJson({ truto_response_format: 'normalized' })).result[0]).toMatchObject({
      id: '1',
      group_ids: ['81', '99'],
      risk_score: 41.97,
    });
  });

  test('nobody is found under an id that is not there', async () => {
    await expect(directory.getUser(input(), '77')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a list says how fresh it is, and is partial while it was never read whole', async () => {
    expect(await directory.listUsers(input())).toMatchObject({ x_freshness: { source: 'mirror', as_of: at(60) } });
    expect(await directory.listUsers(input())).not.toHaveProperty('is_partial_response');
    await fillMirror(store, { users: [rawUser(1)] }, { connectionId: other, completeAt: null });
    const partial = await directory.listUsers({ connectionIds: [other], query: {} });
    expect(partial).toMatchObject({ is_partial_response: true, x_freshness: { as_of: null }, result_count: 1 });
  });

  test('a call over several connections names the parameter that is missing', async () => {
    const both = { connectionIds: [con, other], query: {} };
    const missing = expect.objectContaining({ code: 'invalid_request', field: 'integrated_account_id' });
    await expect(directory.listUsersJson(both)).rejects.toEqual(missing);
    await expect(directory.getUser(both, '1')).rejects.toEqual(missing);
    await expect(directory.listRoleAssignments(both)).rejects.toEqual(missing);
    await expect(directory.me({ connectionIds: [] })).rejects.toEqual(missing);
  });

  test('the key is shown as a service account of its organization, not as a person', async () => {
    const key = await directory.me({ connectionIds: [con] });
    expect(unifiedUser.parse(key)).toEqual(key);
    expect(key).toMatchObject({ type: 'service-account', organizations: [{ id: con, name: 'Example Foods' }] });
  });
});

test('groups are listed with their kind, members and state', async () => {
  const { result } = await directory.listGroups(input());
  for (const group of result as Row[]) expect(unifiedGroup.parse(group)).toEqual(group);
  expect(result).toMatchObject([
    { id: '81', name: 'Finance', group_type: 'group', x_group_type: 'console_group', x_member_count: 2 },
    { id: '82', x_status: 'archived', organization: con },
  ]);
  expect((await directory.listGroups(input({ user_id: '2' }))).result).toHaveLength(1);
  expect((await directory.listGroups(input({ group_type: 'team' }))).result).toHaveLength(0);
  expect(await directory.getGroup(input(), '81')).toMatchObject({ name: 'Finance' });
  await expect(directory.getGroup(input(), '99')).rejects.toMatchObject({ code: 'not_found' });
});

describe('roles', () => {
  test('roles and assignments never look complete with a Reporting API key', async () => {
    const roles = await directory.listRoles(input());
    expect(roles).toMatchObject({ is_partial_response: true, result: [{ id: 'kb4:admin' }, { id: 'kb4:user' }] });
    for (const role of roles.result as Row[]) expect(unifiedRole.parse(role)).toEqual(role);
    expect(await directory.listRoleAssignments(input())).toMatchObject({
      is_partial_response: true,
      result: [{ id: 'kb4:admin:2', user_id: '2', role_id: 'kb4:admin', remote_data: { email: 'ines@example.com' } }],
    });
    expect(await directory.getRole(input(), 'kb4:user')).toMatchObject({ name: 'User' });
    await expect(directory.getRole(input(), 'kb4:owner')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('assignments can be filtered, paged both ways and read one by one', async () => {
    const admins = ['30', '4', '5'].map((id) => ({ id: Number(id) }));
    await fillMirror(store, { account: [rawAccount({ admins })] }, { version: 2, changedAt: at(30) });
    const page = async (query: Record<string, unknown>) => {
      const { result, ...cursors } = await directory.listRoleAssignments(input({ limit: '2', ...query }));
      return { ids: (result as Row[]).map((one) => one.user_id), ...cursors };
    };
    const first = await page({});
    const second = await page({ next_cursor: first.next_cursor });
    const back = await page({ next_cursor: second.prev_cursor });
    expect([first.ids, second.ids, back.ids]).toEqual([['30', '4'], ['5'], ['30', '4']]);
    expect([first.prev_cursor, second.next_cursor, back.prev_cursor]).toEqual([null, null, null]);
    expect((await page({ user_id: '5' })).ids).toEqual(['5']);
    expect((await page({ role_id: { in: 'kb4:user' } })).ids).toEqual([]);
    const one = (await directory.getRoleAssignment(input(), 'kb4:admin:4')) as Row;
    expect(unifiedRoleAssignment.parse(one)).toEqual(one);
  });
});

test('the account is the one organization, under the id of its connection', async () => {
  const { result } = await directory.listOrganizations(input());
  expect(result).toMatchObject([
    { id: con, name: 'Example Foods', pricing_plan: 'Diamond', licenses: [{ id: 'kb4:seat', x_seats: 100 }] },
  ]);
  const one = (await directory.getOrganization(input(), con)) as Row;
  expect(unifiedOrganization.parse(one)).toEqual(one);
  await expect(directory.getOrganization(input(), other)).rejects.toMatchObject({ code: 'not_found' });
});

describe('people', () => {
  const all = new Set(['training', 'phishing', 'risk'] as const);

  test('a person in a list comes with risk, training and phishing figures', async () => {
    const { result } = await directory.listPeople(input({ overdue: 'true' }), all);
    for (const one of result) expect(person.parse(one)).toEqual(one);
    expect(result).toMatchObject([
      {
        id: '1',
        connection_id: con,
        manager: { name: 'Tomas', email: null },
        risk: { score: 41.97 },
        training: { enrolled: 2, overdue: 1, completed: 1, last_completed_at: at(9) },
        phishing: { delivered: 1, failed: 1, last_failed_at: at(2) },
      },
    ]);
  });

  test('one person comes with current enrollments, last tests and the risk of 90 days', async () => {
    const one = await directory.getPerson({ connectionIds: [con] }, '1', all);
    expect(personDetail.parse(one)).toEqual(one);
    expect(one.training?.current).toMatchObject([{ id: '900', module: 'Passwords', overdue: true }]);
    expect(one.phishing?.last_tests).toMatchObject([{ test_id: '9', campaign_type: 'email', failed_at: at(2) }]);
    expect(one.risk).toMatchObject({ trend_90d: 1.87, points: [{ score: 40.1 }, { score: 41.97 }] });
    expect(one.freshness).toEqual({ source: 'mirror', users: at(60), enrollments: at(60), recipients: at(60) });
  });

  test('what the caller may not see is not there, and cannot be asked by', async () => {
    const { result } = await directory.listPeople(input(), new Set(['training']));
    expect(result[0]).toHaveProperty('training');
    for (const part of ['risk', 'phishing']) expect(result[0]).not.toHaveProperty(part);
    const one = await directory.getPerson({ connectionIds: [con] }, '1', new Set());
    for (const part of ['risk', 'phishing', 'training'])
      expect(JSON.parse(JSON.stringify(one))).not.toHaveProperty(part);
    const refused = (scope: string) =>
      expect.objectContaining({ code: 'scope_missing', hint: expect.stringContaining(scope) });
    const ask = (query: Record<string, unknown>) => directory.listPeople(input(query), new Set());
    await expect(ask({ overdue: 'true' })).rejects.toEqual(refused('training'));
    await expect(ask({ failed_since: '2026-01-01' })).rejects.toEqual(refused('phishing.identified'));
    await expect(ask({ sort_by: '-risk_score' })).rejects.toEqual(refused('risk'));
  });

  test('people of several connections come in one list, each with the names of their own', async () => {
    const theirs = { account: [rawAccount({ name: 'Other' })], groups: [rawGroup(81, { name: 'Theirs' })] };
    await fillMirror(
      store,
      { ...theirs, users: [rawUser(1, { groups: [81] })] },
      { connectionId: other, completeAt: at(40) },
    );
    const both = { connectionIds: [other, con], query: { id: '1' } };
    const { result, x_freshness } = await directory.listPeople(both, all);
    expect(result.map((one) => [one.connection_id, one.groups[0]?.name, one.training?.enrolled])).toEqual([
      [con, 'Finance', 2],
      [other, 'Theirs', 0],
    ]);
    expect(x_freshness.as_of).toBe(at(40));
    await expect(directory.getPerson(both, '1', all)).rejects.toMatchObject({ field: 'connection_id' });
    expect(await directory.getPerson(both, '2', all)).toMatchObject({ connection_id: con });
    await expect(directory.getPerson(both, '77', all)).rejects.toMatchObject({ code: 'not_found' });
  });
});
