import { beforeAll, describe, expect, test } from 'vitest';
import type { DirectoryStore, EnrollmentFilter, GroupFilter, Keyset, UserFilter } from '../../directory/ports.ts';
import type { Store } from '../store.ts';
import { at, con } from './builders.ts';
import { fillMirror, rawAccount, rawGroup, rawUser } from './mirror.ts';

const other = 'con_bbbbbbbbbbbbbbbb';
const start: Keyset = { limit: 100, position: null, direction: 'forward', inclusive: false };

/** What the directory relies on. `open` hands out one empty store for all of the tests, which only read. */
export function directoryContract(open: () => Promise<{ store: Store; directory: DirectoryStore }>): void {
  let store: Store;
  let directory: DirectoryStore;

  beforeAll(async () => {
    ({ store, directory } = await open());
    await fillMirror(store, {
      account: [rawAccount({ admins: [{ id: 2, email: 'ben@example.com' }] })],
      groups: [rawGroup(81, { name: 'Finance' }), rawGroup(82, { status: 'archived' }), rawGroup(83, { name: null })],
      users: [
        rawUser(1, { first_name: 'Amara', groups: [81, 82], department: 'Payroll', current_risk_score: 10 }),
        rawUser(2, { first_name: 'Ben_', email: 'Ben@Example.com', groups: [82], current_risk_score: 20.5 }),
        rawUser(3, {
          first_name: 'Zoe',
          status: 'archived',
          manager_email: 'Ben@Example.com',
          employee_number: 'E-77',
        }),
        rawUser(4, { first_name: null, last_name: null, joined_on: null, last_sign_in: at(5) }),
        rawUser(5, { first_name: 'Gone', last_sign_in: at(7) }),
      ],
      training_campaigns: [
        { campaign_id: 7, name: 'Basics', start_date: at(1) },
        { campaign_id: 8, name: 'Later', start_date: at(30) },
        { campaign_id: 6, name: 'No start', start_date: null },
      ],
      enrollments: [
        anEnrollment(900, 1, { status: 'Past Due' }),
        anEnrollment(901, 1, { status: 'Completed', completion_date: at(20), enrollment_date: at(10) }),
        anEnrollment(902, 2, { status: 'In Progress' }),
      ],
      security_tests: [
        { pst_id: 9, campaign_id: 5, name: 'March', started_at: at(1), clicked_count: 1 },
        { pst_id: 10, campaign_id: 5, name: 'April', started_at: at(40) },
      ],
      recipients: [
        aRecipient(70, 2, { delivered_at: at(1), clicked_at: at(2) }),
        aRecipient(71, 2, { delivered_at: at(3) }),
        aRecipient(72, 1, { delivered_at: at(3), reported_at: at(4) }),
      ],
      riskPoints: [
        { subject: 'user', id: '1', date: '2026-03-01', riskScore: 11 },
        { subject: 'user', id: '1', date: '2026-02-01', riskScore: 9 },
        { subject: 'group', id: '1', date: '2026-02-01', riskScore: 1 },
      ],
    });
    await fillMirror(
      store,
      {
        store_purchases: [
          { store_purchase_id: 71, name: 'Basics' },
          { store_purchase_id: 7, name: 'Other' },
        ],
        policies: [{ policy_id: 9, name: 'A "quoted" policy' }],
        enrollments: [
          anEnrollment(902, 2, { status: 'In Progress', store_purchase_id: 71, module_name: '"store_purchase_id":7,' }),
          anEnrollment(903, 2, { status: null, campaign_id: 8, store_purchase_id: 7, completion_date: at(3) }),
          anEnrollment(904, 3, { campaign_id: 8, content_type: 'Uploaded Policy', module_name: 'A "quoted" policy' }),
          anEnrollment(905, 3, { content_type: 'Store Purchase', module_name: 'A "quoted" policy' }),
        ],
      },
      { connectionId: other },
    );
    await fillMirror(store, { removedUsers: ['5'] });
    await fillMirror(store, { users: [rawUser(1, { first_name: 'Other', groups: [81] })] }, { connectionId: other });
  });

  const users = async (filter: Partial<UserFilter>, keyset: Partial<Keyset> = {}) => {
    const all = { connectionIds: [con], ...filter };
    const page = await directory.listUsers(all, { by: 'id', order: 'asc' }, { ...start, ...keyset });
    return page.rows.map((row) => row.key);
  };
  const groups = async (filter: Partial<GroupFilter>) => {
    const page = await directory.listGroups({ connectionIds: [con], ...filter }, { by: 'id', order: 'asc' }, start);
    return page.rows.map((row) => row.key);
  };

  describe('which people', () => {
    const cases: [string, Partial<UserFilter>, string[]][] = [
      ['everybody who is not deleted', {}, ['1', '2', '3', '4']],
      ['nobody', { nothing: true }, []],
      ['deleted people only', { deleted: 'only' }, ['5']],
      ['deleted people as well', { deleted: 'show' }, ['1', '2', '3', '4', '5']],
      ['by id', { id: { in: ['2', '4', '99'] } }, ['2', '4']],
      ['by an empty choice', { id: { in: [] } }, []],
      ['by address, whatever its case', { email: { eq: 'BEN@example.COM' } }, ['2']],
      ['by a part of the name', { name: { like: 'AMARA lind' } }, ['1']],
      ['by a part that looks like a pattern', { firstName: { like: 'n_' } }, ['2']],
      ['by a percent sign', { firstName: { like: '%' } }, []],
      ['without a first name', { firstName: { eq: null } }, ['4']],
      ['archived', { status: { eq: 'inactive' } }, ['3']],
      ['active', { status: { eq: 'active' } }, ['1', '2', '4']],
      ['deleted or archived', { status: { in: ['deleted', 'inactive'] }, deleted: 'show' }, ['3', '5']],
      ['joined before', { createdAt: { lt: '2024-02-12T08:30:00.001Z' } }, ['1', '2', '3']],
      ['changed since', { updatedAt: { gte: at(50) }, deleted: 'show' }, ['5']],
      ['who fell for one test', { failedTest: '9' }, ['2']],
      ['who fell for a test that nobody fell for', { failedTest: '10' }, []],
      ['who completed a training', { trained: true }, ['1']],
      ['who never completed one', { trained: false }, ['2', '3', '4']],
      ['in a group', { groupId: { eq: '82' } }, ['1', '2']],
      ['in any of some groups, once each', { groupId: { in: ['81', '82'] } }, ['1', '2']],
      ['admins', { admin: true }, ['2']],
      ['all but admins', { admin: false }, ['1', '3', '4']],
      ['of a department', { department: { eq: 'Payroll' } }, ['1']],
      ['of a manager', { managerEmail: { eq: 'ben@example.com' } }, ['3']],
      ['above a risk score', { riskScore: { gt: 10 } }, ['2']],
      ['at least at a risk score', { riskScore: { gte: 10, lte: 20.5 } }, ['1', '2']],
      ['with something overdue', { overdue: true }, ['1']],
      ['with nothing overdue', { overdue: false }, ['2', '3', '4']],
      ['failed a test since', { failedSince: at(2) }, ['2']],
      ['failed a test since, but earlier', { failedSince: at(3) }, []],
      ['by a search in name, address and employee number', { search: 'e-77' }, ['3']],
      ['of another connection', { connectionIds: [other] }, ['1']],
      ['of no connection', { connectionIds: [] }, []],
    ];
    test.each(cases)('%s', async (_, filter, wanted) => {
      expect(await users(filter)).toEqual(wanted);
    });

    test('of several connections, in the order of connection and id', async () => {
      const page = await directory.listUsers({ connectionIds: [con, other] }, { by: 'id', order: 'desc' }, start);
      expect(page.rows.map((row) => [row.connectionId, row.key])).toEqual([
        [other, '1'],
        [con, '4'],
        [con, '3'],
        [con, '2'],
        [con, '1'],
      ]);
    });

    test('of several connections, page by page over equal values', async () => {
      const seen: string[] = [];
      let position: Keyset['position'] = null;
      do {
        const filter = { connectionIds: [con, other] };
        const page = await directory.listUsers(
          filter,
          { by: 'last_login_at', order: 'asc' },
          { ...start, limit: 2, position },
        );
        seen.push(...page.rows.map((row) => `${row.connectionId.at(-1)}${row.key}`));
        position = page.next;
      } while (position !== null && seen.length < 20);
      expect(seen).toEqual(['a1', 'a2', 'a3', 'b1', 'a4']);
    });
  });

  describe('which groups', () => {
    const cases: [string, Partial<GroupFilter>, string[]][] = [
      ['all of them, archived ones too', {}, ['81', '82', '83']],
      ['by name', { name: { eq: 'Finance' } }, ['81']],
      ['of a person', { userId: { eq: '2' } }, ['82']],
      ['active ones', { status: { eq: 'active' } }, ['81', '83']],
      ['by kind', { groupType: { eq: 'smart_group' } }, []],
    ];
    test.each(cases)('%s', async (_, filter, wanted) => {
      expect(await groups(filter)).toEqual(wanted);
    });
  });

  test('a row is given whole, and rows that are not there are left out', async () => {
    const rows = await directory.userRows([con], ['1', '5', '99']);
    expect(rows.map(({ key, deletedAt, lastLearningAt }) => ({ key, deletedAt, lastLearningAt }))).toEqual([
      { key: '1', deletedAt: null, lastLearningAt: at(20) },
      { key: '5', deletedAt: at(50), lastLearningAt: null },
    ]);
    expect(JSON.parse(rows[0]!.raw)).toMatchObject({ id: 1, department: 'Payroll' });
  });

  test('the stamp in a list is the stamp of the row', async () => {
    const page = await directory.listUsers({ connectionIds: [con] }, { by: 'name', order: 'asc' }, start);
    const rows = await directory.userRows(
      [con],
      page.rows.map((row) => row.key),
    );
    const stamps = new Map(rows.map((row) => [row.key, row.stamp]));
    for (const ref of page.rows) expect(ref.stamp).toBe(stamps.get(ref.key));
  });

  test('names are of groups that have one', async () => {
    expect([...(await directory.groupNames(con))]).toEqual([
      ['81', 'Finance'],
      ['82', 'Group 82'],
    ]);
  });

  test('a person has totals, enrollments, tests and risk points of their own', async () => {
    const totals = await directory.totals([con], ['1', '2', '3']);
    expect(totals.map(({ userId, training }) => [userId, training.enrolled, training.overdue]).toSorted()).toEqual([
      ['1', 2, 1],
      ['2', 1, 0],
    ]);
    expect((await directory.enrollmentsOf(con, '1')).map((row) => row.key)).toEqual(['901', '900']);
    expect((await directory.recipientsOf(con, '2', 10)).map((row) => row.key)).toEqual(['9/71', '9/70']);
    expect((await directory.recipientsOf(con, '2', 1)).map((row) => row.key)).toEqual(['9/71']);
    expect(await directory.riskPoints(con, 'user', '1')).toEqual([
      { date: '2026-02-01', riskScore: 9 },
      { date: '2026-03-01', riskScore: 11 },
    ]);
  });

  test('what a filter finds is counted without reading it', async () => {
    expect(await directory.countUsers({ connectionIds: [con] })).toBe(4);
    expect(await directory.countUsers({ connectionIds: [con, other], groupId: { eq: '81' } })).toBe(2);
    expect(await directory.countUsers({ connectionIds: [con], trained: false, overdue: false })).toBe(3);
    expect(await directory.countUsers({ connectionIds: [con], nothing: true })).toBe(0);
    expect(await directory.countGroups({ connectionIds: [con], status: { eq: 'archived' } })).toBe(1);
  });

  test('campaigns and tests come the last begun first, a part at a time, with how many there are', async () => {
    const keys = (sliced: Awaited<ReturnType<DirectoryStore['securityTests']>>) => [
      ...sliced.rows.map((row) => row.key),
      sliced.total,
    ];
    expect(keys(await directory.trainingCampaigns(con, { offset: 0, limit: 2 }))).toEqual(['8', '7', 3]);
    expect(keys(await directory.trainingCampaigns(con, { offset: 2, limit: 2 }))).toEqual(['6', 3]);
    expect(keys(await directory.securityTests(con, { offset: 0, limit: 9 }))).toEqual(['10', '9', 2]);
    expect(keys(await directory.securityTests(other, { offset: 0, limit: 9 }))).toEqual([0]);
  });

  test('enrollments of campaigns are counted by their state', async () => {
    const counts = await directory.enrollmentCounts(con, ['7', '8']);
    expect(counts.toSorted((a, b) => (a.status! < b.status! ? -1 : 1))).toEqual([
      { campaignId: '7', status: 'Completed', count: 1 },
      { campaignId: '7', status: 'In Progress', count: 1 },
      { campaignId: '7', status: 'Past Due', count: 1 },
    ]);
    expect(await directory.enrollmentCounts(con, [])).toEqual([]);
  });

  test('enrollments are found by person, campaign, state, time and course, a page at a time', async () => {
    const found = async (filter: Partial<EnrollmentFilter>, keyset: Partial<Keyset> = {}) =>
      directory.listEnrollments({ connectionIds: [other], ...filter }, 'asc', { ...start, ...keyset });
    const keys = async (filter: Partial<EnrollmentFilter>) => (await found(filter)).rows.map(({ key }) => key);
    expect(await keys({})).toEqual(['902', '903', '904', '905']);
    expect(await keys({ userId: { eq: '2' } })).toEqual(['902', '903']);
    expect(await keys({ campaignId: { in: ['8', '9'] } })).toEqual(['903', '904']);
    expect(await keys({ status: { in: ['In Progress'] } })).toEqual(['902']);
    expect(await keys({ status: { eq: null } })).toEqual(['903', '904', '905']);
    expect(await keys({ completedAt: { gt: at(2) } })).toEqual(['903']);
    expect(await keys({ courses: [{ purchaseId: '7' }] })).toEqual(['903']);
    expect(await keys({ courses: [{ policyName: 'A "quoted" policy' }, { purchaseId: '71' }] })).toEqual([
      '902',
      '904',
    ]);
    expect(await keys({ courses: [{ policyName: 'a "quoted" policy' }] })).toEqual([]);
    expect(await keys({ courses: [] })).toEqual([]);
    expect(await keys({ deleted: 'only' })).toEqual([]);
    const first = await found({}, { limit: 2 });
    const rest = await found({}, { limit: 2, position: first.next });
    expect([first, rest].map(({ rows }) => rows.map(({ key }) => key))).toEqual([
      ['902', '903'],
      ['904', '905'],
    ]);
    expect(rest.next).toBeNull();
    expect((await directory.enrollmentRows(other, ['905', 'none'])).map(({ key }) => key)).toEqual(['905']);
  });

  test('what can be learned is read whole, or by its keys', async () => {
    const keys = async (...args: Parameters<DirectoryStore['contentRows']>) =>
      (await directory.contentRows(...args)).map(({ key }) => key).toSorted();
    expect(await keys(other, 'store_purchases')).toEqual(['7', '71']);
    expect(await keys(other, 'store_purchases', ['7', 'none'])).toEqual(['7']);
    expect(await keys(other, 'policies', [])).toEqual([]);
    expect(await keys(con, 'training_campaigns')).toEqual(['6', '7', '8']);
  });

  test('the account is there once it was read, and freshness by stream with it', async () => {
    expect(JSON.parse((await directory.accountRow(con))!.raw)).toMatchObject({ name: 'Example Foods' });
    expect(await directory.accountRow(other)).toBeNull();
    expect((await directory.stamp(con)).completeAt).toMatchObject({ users: at(60), groups: at(60) });
    expect(await directory.stamp('con_none')).toEqual({ version: 0, completeAt: {} });
  });

  test('revision and version move with what is written', async () => {
    const [revision, { version }] = [await directory.revision(), await directory.stamp(con)];
    expect(await directory.revision()).toBe(revision);
    await fillMirror(store, { groups: [rawGroup(81, { name: 'Finance' })] }, { version: 2, changedAt: at(30) });
    expect(await directory.revision()).not.toBe(revision);
    expect((await directory.stamp(con)).version).toBeGreaterThan(version);
  });
}

const anEnrollment = (id: number, userId: number, changes: Readonly<Record<string, unknown>>) => ({
  enrollment_id: id,
  module_name: 'Passwords',
  user: { id: userId },
  campaign_id: 7,
  enrollment_date: at(0),
  start_date: null,
  completion_date: null,
  ...changes,
});

const aRecipient = (id: number, userId: number, changes: Readonly<Record<string, unknown>>) => ({
  recipient_id: id,
  pst_id: 9,
  user: { id: userId },
  ...changes,
});
