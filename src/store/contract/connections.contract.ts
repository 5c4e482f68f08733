import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../store.ts';
import {
  aChange,
  aConnection,
  anAccount,
  anEnrollment,
  aPage,
  aPass,
  aRecipient,
  aRow,
  aRun,
  aSecret,
  aState,
  at,
  aUser,
  con,
} from './builders.ts';
import type { OpenedStore, OpenStore } from './contract.ts';

/** What the connections room relies on. */
export function connectionContract(open: OpenStore): void {
  let opened: OpenedStore;
  let store: Store;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });

  describe('connections', () => {
    test('are found by id and by name, and survive as they were', async () => {
      const connection = aConnection({
        tenant: 'Example Foods',
        tags: ['west', 'pilot'],
        baseUrls: { reporting: 'http://127.0.0.1:9' },
        lastError: { code: 'wrong_region', detail: 'd', hint: null, at: at(1) },
        settings: { limits: { perDay: null }, timeZone: 'Europe/Berlin' },
        account: {
          name: 'Example Foods',
          type: 'paid',
          domains: ['example.com'],
          subscriptionLevel: null,
          seats: 100,
          admins: 1,
          checkedAt: at(0),
          warnings: [],
        },
        accountKey: 'eu:0123',
      });
      await store.createConnection(connection, [aSecret()]);
      store = await opened.reopen();
      expect(await store.getConnection(connection.id)).toEqual(connection);
      expect(await store.getConnection('example-foods')).toEqual(connection);
      expect(await store.getConnection('nobody')).toBeNull();
      expect(await store.listConnections()).toEqual([connection]);
    });

    test('a taken name is refused, and nothing of the second connection is kept', async () => {
      await store.createConnection(aConnection(), []);
      const second = aConnection({ id: 'con_b' });
      await expect(store.createConnection(second, [aSecret({ connectionId: 'con_b' })])).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(await store.listSecrets()).toEqual([]);
      await store.createConnection({ ...second, name: 'other' }, []);
      await expect(store.saveConnection(second)).rejects.toMatchObject({ code: 'conflict' });
    });

    test('a connection that was removed cannot be saved back', async () => {
      await expect(store.saveConnection(aConnection())).rejects.toMatchObject({ code: 'not_found' });
      expect(await store.listConnections()).toEqual([]);
    });

    test('a connection that somebody else saved meanwhile is not saved over', async () => {
      const before = aConnection();
      await store.createConnection(before, []);
      expect(await store.saveConnection({ ...before, tenant: 'first' }, before)).toBe(true);
      expect(await store.saveConnection({ ...before, tags: ['second'] }, before)).toBe(false);
      expect(await store.getConnection(before.id)).toEqual({ ...before, tenant: 'first' });
      const now = { ...before, tenant: 'first' };
      expect(await store.saveConnection({ ...now, tags: ['second'] }, now)).toBe(true);
      expect(await store.getConnection(before.id)).toEqual({ ...now, tags: ['second'] });
    });

    test('a change takes secrets in place and away with it, or not at all', async () => {
      const before = aConnection();
      await store.createConnection(before, [aSecret(), aSecret({ kind: 'events' })]);
      const product = aSecret({ kind: 'product' });
      const moved = { ...before, region: 'us' as const };
      expect(await store.saveConnection(moved, { ...before, tenant: 'other' }, [product], ['events'])).toBe(false);
      expect((await store.listSecrets()).map(({ kind }) => kind).toSorted()).toEqual(['events', 'reporting']);
      expect(await store.saveConnection(moved, before, [product], ['events'])).toBe(true);
      expect((await store.listSecrets()).map(({ kind }) => kind).toSorted()).toEqual(['product', 'reporting']);
    });

    test('a secret is replaced, never doubled', async () => {
      await store.createConnection(aConnection(), [aSecret()]);
      const newer = aSecret({ sealed: 'v1.newer', fingerprint: 'ffffffff', createdAt: at(9) });
      await store.saveSecret(newer);
      expect(await store.getSecret(con, 'reporting')).toEqual(newer);
      expect(await store.getSecret(con, 'scim')).toBeNull();
      expect(await store.listSecrets()).toEqual([newer]);
    });

    test('a secret gets another envelope unless it was replaced since it was read', async () => {
      await store.createConnection(aConnection(), [aSecret()]);
      expect(await store.resealSecret(aSecret(), 'v1.again')).toBe(true);
      expect(await store.resealSecret(aSecret(), 'v1.late')).toBe(false);
      expect(await store.listSecrets()).toEqual([aSecret({ sealed: 'v1.again' })]);
    });
  });

  /** A mirror of two people with everything that names them. */
  async function mirrorTwoPeople(): Promise<void> {
    await store.createConnection(aConnection(), [aSecret()]);
    await store.startRun(aRun());
    const write = async (id: string, page: Parameters<typeof aPage>[0]) => {
      await store.beginPass(aPass({ id, stream: page!.stream! }));
      await store.commitPage(aPage({ passId: id, ...page }));
    };
    await write('pas_account', { stream: 'account', rows: [aRow(anAccount(['1', '2']))] });
    await write('pas_users', {
      stream: 'users',
      rows: [aRow(aUser('1')), aRow(aUser('2'))],
      changes: [aChange({ key: '1' }), aChange({ key: '2' })],
      membershipsAdded: [
        { groupId: 'g1', userId: '1' },
        { groupId: 'g1', userId: '2' },
      ],
      riskPoints: [
        { subject: 'user', id: '1', date: '2026-03-02', riskScore: 1 },
        { subject: 'user', id: '2', date: '2026-03-02', riskScore: 2 },
      ],
    });
    const membership = (group: string, userId: string) =>
      aChange({ kind: 'group.member_added', key: group, current: { userId }, previous: null });
    // The id of a group may be equal to the id of a person.
    await write('pas_groups', { stream: 'groups', changes: [membership('g1', '1'), membership('1', '2')] });
    await write('pas_enrollments', {
      stream: 'enrollments',
      rows: [aRow(anEnrollment('10', '1')), aRow(anEnrollment('11', '2'))],
      changes: [aChange({ kind: 'enrollment.created', stream: 'enrollments', key: '10' })],
    });
    await write('pas_recipients', {
      stream: 'recipients',
      rows: [aRow(aRecipient('20', '1'), { key: '9/20' }), aRow(aRecipient('21', '2'), { key: '9/21' })],
    });
    await store.saveStreamState(aState());
  }

  const everything = async () => {
    const tables = ['user_rows', 'enrollment_rows', 'recipient_rows', 'account_rows', 'memberships', 'admins'] as const;
    const more = ['risk_points', 'person_totals', 'changes', 'stream_states'] as const;
    const all = await Promise.all(
      [...tables, ...more].map((table) => store.reads.selectFrom(table).selectAll().execute()),
    );
    return all.flat();
  };

  test('erasing a person leaves nothing of them and everything of the others', async () => {
    await mirrorTwoPeople();
    expect(await store.erasePerson({ connectionId: con, userId: '1', mark: 'mark-1', at: at(50) })).toEqual({
      rows: 4,
      changes: 3,
    });
    const left = JSON.stringify(await everything());
    expect(left).not.toContain('Lindqvist 1');
    expect(left).not.toContain('"user_id":"1"');
    expect(left).toContain('Lindqvist 2');
    expect(await store.changes({ connectionIds: null, after: 0, limit: 9 })).toMatchObject([
      { kind: 'connection.created' },
      { kind: 'user.updated', key: '2' },
      { kind: 'group.member_added', key: '1', current: { userId: '2' } },
    ]);
    expect(await store.heads(con, 'account', ['account'])).toMatchObject([{ seenDigest: '' }]);
    expect(await store.erasePerson({ connectionId: con, userId: '1', mark: 'mark-1', at: at(51) })).toEqual({
      rows: 0,
      changes: 0,
    });
  });

  test('removing a connection takes its secrets and stops its run; the mirror stays', async () => {
    await mirrorTwoPeople();
    await store.deleteConnection(con, { purge: false, at: at(9) });
    expect(await store.getConnection(con)).toBeNull();
    expect(await store.listSecrets()).toEqual([]);
    expect(await store.openPass(con, 'users', 'all')).toBeNull();
    await expect(store.commitPage(aPage())).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.liveRows(con, 'users', null, 9)).toHaveLength(2);
  });

  test('purging a connection leaves nothing of it but that it is gone', async () => {
    await mirrorTwoPeople();
    await store.deleteConnection(con, { purge: true, at: at(9) });
    expect(await everything()).toMatchObject([
      { connection_id: con, kind: 'connection.removed', about: '{"connection":{"name":null}}' },
    ]);
    expect(await store.listRuns(con, 9)).toEqual([]);
  });
}
