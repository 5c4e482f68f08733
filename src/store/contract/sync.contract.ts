import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PageCommit } from '../../sync/ports.ts';
import type { Store } from '../store.ts';
import {
  aChange,
  aGroup,
  anAccount,
  anEnrollment,
  aPage,
  aPass,
  aRow,
  aRun,
  aState,
  at,
  aUser,
  con,
} from './builders.ts';
import type { OpenedStore, OpenStore } from './contract.ts';
import { endPass, removeRows, type WritePass, writePass } from './write-pass.ts';

/** What the sync relies on. */
export function syncContract(open: OpenStore): void {
  let opened: OpenedStore;
  let store: Store;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
    await store.startRun(aRun(), at(30));
  });

  const usersPage = (ids: readonly string[], changes: Partial<PageCommit> = {}) =>
    aPage({ rows: ids.map((id) => aRow(aUser(id))), ...changes });

  const pass: WritePass = (...given) => writePass(store)(...given);
  const end = (passId: string, changes?: Parameters<typeof endPass>[2]) => endPass(store, passId, changes);

  describe('runs', () => {
    test('a connection is held by one run at a time', async () => {
      await expect(store.startRun(aRun({ id: 'run_2' }))).rejects.toMatchObject({ code: 'conflict' });
      await store.startRun(aRun({ id: 'run_3', connectionId: 'con_other' }));
      expect(await store.getRun('run_2')).toBeNull();
    });

    test('a run that has ended gives the connection back and cannot write any more', async () => {
      await store.beginPass(aPass());
      await store.saveRun(aRun({ status: 'done', endedAt: at(5) }));
      await expect(store.commitPage(usersPage(['1']))).rejects.toMatchObject({ code: 'conflict' });
      await store.startRun(aRun({ id: 'run_2' }));
      expect((await store.getRun('run_1'))?.status).toBe('done');
    });

    test('runs are listed newest first, as they were saved', async () => {
      const done = aRun({ status: 'done', endedAt: at(5), requests: 7, error: { code: 'x', detail: 'd', hint: null } });
      await store.saveRun(done);
      await store.startRun(aRun({ id: 'run_2', startedAt: at(10) }));
      expect((await store.listRuns(con, 10)).map((run) => run.id)).toEqual(['run_2', 'run_1']);
      expect(await store.listRuns(con, 1)).toHaveLength(1);
      expect(await store.getRun('run_1')).toEqual(done);
    });

    test('a run whose process is gone is interrupted at the next open; its pass can be resumed', async () => {
      await store.beginPass(aPass());
      await store.commitPage(usersPage(['1', '2']));
      store = await opened.reopen();
      expect((await store.getRun('run_1'))?.status).toBe('interrupted');
      expect(await store.openPass(con, 'users', 'all')).toMatchObject({ checkpoint: 'page:2', pages: 1, rows: 2 });
      await store.startRun(aRun({ id: 'run_2', startedAt: at(20) }));
      await store.commitPage(usersPage(['3'], { runId: 'run_2', checkpoint: 'page:3' }));
      expect(await store.absence('pas_1')).toEqual({ live: 3, absent: 0, missedBefore: 0 });
    });

    test('a run whose lease has lapsed is interrupted by the next one, and cannot write any more', async () => {
      await store.saveStreamState(aState({ status: 'running' }));
      await store.saveStreamState(aState({ status: 'running', connectionId: 'con_other' }));
      await store.beginPass(aPass());
      await store.startRun(aRun({ id: 'run_2', startedAt: at(30) }), at(60));
      expect(await store.getRun('run_1')).toMatchObject({ status: 'interrupted', endedAt: at(30) });
      expect((await store.streamStates(con))[0]?.status).toBe('partial');
      expect((await store.streamStates('con_other'))[0]?.status).toBe('running');
      expect(await store.renewRun('run_1', at(90))).toBe(false);
      const late = [
        () => store.commitPage(usersPage(['1'])),
        () => store.saveStreamState(aState({ baselineAt: null }), 'run_1'),
        () => store.beginPass(aPass({ id: 'pas_2', scope: 'test:1' })),
      ];
      for (const write of late) await expect(write()).rejects.toMatchObject({ code: 'conflict' });
      expect((await store.streamStates(con))[0]).toMatchObject({ status: 'partial', baselineAt: aState().baselineAt });
      await store.saveRun(aRun({ status: 'done', endedAt: at(31) }));
      expect((await store.getRun('run_1'))?.status).toBe('interrupted');
      await store.commitPage(usersPage(['1'], { runId: 'run_2' }));
    });

    test('a run that renews its lease keeps the connection', async () => {
      expect(await store.renewRun('run_1', at(60))).toBe(true);
      const second = aRun({ id: 'run_2', startedAt: at(45) });
      await expect(store.startRun(second, at(75))).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.interruptLapsed(at(59))).toEqual([]);
      expect((await store.getRun('run_1'))?.status).toBe('running');
    });

    test('a run without a lease is held until it ends', async () => {
      const unbound = { id: 'run_2', connectionId: 'con_other' };
      await store.startRun(aRun(unbound));
      const later = aRun({ ...unbound, id: 'run_3', startedAt: at(9999) });
      await expect(store.startRun(later)).rejects.toMatchObject({ code: 'conflict' });
      await store.saveRun(aRun({ ...unbound, status: 'done', endedAt: at(5) }));
      await store.startRun(later);
    });

    test('runs whose lease has lapsed can be looked for, each is ended once', async () => {
      await store.saveStreamState(aState({ status: 'running' }));
      await store.startRun(aRun({ id: 'run_2', connectionId: 'con_other' }), at(90));
      const ended = await store.interruptLapsed(at(31));
      expect(ended).toEqual([aRun({ status: 'interrupted', endedAt: at(31) })]);
      expect(await store.interruptLapsed(at(31))).toEqual([]);
      expect(await store.getRun('run_1')).toEqual(ended[0]);
      expect((await store.streamStates(con))[0]?.status).toBe('partial');
      await store.startRun(aRun({ id: 'run_3', startedAt: at(31) }), at(60));
    });

    test('the state of a stream is kept as it was saved', async () => {
      const state = aState({ lastError: { code: 'remote_unavailable', detail: 'No answer.', hint: null } });
      await store.saveStreamState(aState({ status: 'running', lastProof: null }));
      await store.saveStreamState(state);
      expect(await store.streamStates(con)).toEqual([state]);
    });
  });

  describe('pages', () => {
    test('a page writes rows, changes, memberships, risk points and the checkpoint together', async () => {
      await store.beginPass(aPass());
      await store.commitPage(
        usersPage(['2', '1'], {
          changes: [aChange({ kind: 'user.created', current: { id: '1' }, previous: null })],
          membershipsAdded: [{ groupId: 'g1', userId: '1' }],
          riskPoints: [{ subject: 'user', id: '1', date: '2026-03-02', riskScore: 41.5 }],
        }),
      );
      expect(await store.openPass(con, 'users', 'all')).toMatchObject({ checkpoint: 'page:2', pages: 1, rows: 2 });
      expect(await store.heads(con, 'users', ['1', '2', '3'])).toEqual([
        { key: '1', seenDigest: 'seen-1-1', deletedAt: null },
        { key: '2', seenDigest: 'seen-2-1', deletedAt: null },
      ]);
      expect(await store.rows(con, 'users', ['2'])).toEqual([
        {
          key: '2',
          seenDigest: 'seen-2-1',
          digest: 'digest-2-1',
          deletedAt: null,
          firstSeenAt: at(1),
          changedAt: null,
          raw: aUser('2'),
          riskTold: null,
        },
      ]);
      expect(await store.memberships(con, ['1', '2'])).toEqual([{ groupId: 'g1', userId: '1' }]);
      expect(await store.changes({ connectionIds: [con], after: 0, limit: 10 })).toMatchObject([
        { kind: 'user.created', key: '1', connectionId: con, runId: 'run_1', current: { id: '1' }, previous: null },
      ]);
      expect(await store.reads.selectFrom('risk_points').select(['subject_id', 'risk_score']).execute()).toEqual([
        { subject_id: '1', risk_score: 41.5 },
      ]);
    });

    test('a page that fails in the middle leaves nothing of itself', async () => {
      await store.beginPass(aPass());
      const broken = aRow(aUser('3'), { digest: null as unknown as string });
      await expect(
        store.commitPage(
          aPage({
            rows: [aRow(aUser('1')), broken],
            membershipsAdded: [{ groupId: 'g1', userId: '1' }],
            changes: [aChange()],
          }),
        ),
      ).rejects.toMatchObject({ code: 'store_failed' });
      expect(await store.heads(con, 'users', ['1', '3'])).toEqual([]);
      expect(await store.openPass(con, 'users', 'all')).toMatchObject({ checkpoint: null, pages: 0 });
      expect(await store.lastChangeSeq()).toBe(0);
      await store.commitPage(usersPage(['1']));
      expect(await store.heads(con, 'users', ['1'])).toHaveLength(1);
    });

    test('a page of a pass that is not open is refused', async () => {
      await expect(store.commitPage(usersPage(['1']))).rejects.toMatchObject({ code: 'conflict' });
    });

    test('a changed row keeps when it was first seen and says when it changed', async () => {
      await pass('pas_1', [{ rows: [aRow(aUser('1')), aRow(aUser('2'))] }]);
      await store.commitPage(
        aPage({
          at: at(60),
          rows: [aRow(aUser('1', { department: 'Finance' }), { version: 2, changed: true })],
        }),
      );
      await store.commitPage(aPage({ at: at(90), rows: [aRow(aUser('1'), { version: 3, changed: false })] }));
      expect(await store.rows(con, 'users', ['1'])).toMatchObject([
        { firstSeenAt: at(1), changedAt: at(60), seenDigest: 'seen-1-3' },
      ]);
    });

    test('the score that was told last is kept with the row, until the row says another one', async () => {
      await pass('pas_1', [{ rows: [aRow(aUser('1'), { riskTold: 41.5 }), aRow(aUser('2'))] }]);
      expect(await store.rows(con, 'users', ['1', '2'])).toMatchObject([{ riskTold: 41.5 }, { riskTold: null }]);
      await store.commitPage(aPage({ rows: [aRow(aUser('1'), { version: 2, riskTold: 52 })] }));
      expect(await store.rows(con, 'users', ['1'])).toMatchObject([{ riskTold: 52 }]);
    });

    test('columns for queries come from the normalised record', async () => {
      await pass('pas_1', [
        { rows: [aRow(aUser('1', { email: 'Mixed@Example.COM', department: 'Finance', riskScore: 12.5 }))] },
      ]);
      const columns = ['email', 'name', 'department', 'risk_score', 'status', 'manager_email'] as const;
      expect(await store.reads.selectFrom('user_rows').select(columns).execute()).toEqual([
        {
          email: 'mixed@example.com',
          name: 'Amara Lindqvist 1',
          department: 'Finance',
          risk_score: 12.5,
          status: 'active',
          manager_email: null,
        },
      ]);
    });

    test('the admins follow the account row, and the directory version grows with it', async () => {
      const version = async () =>
        (await store.reads.selectFrom('directory_versions').select('version').executeTakeFirst())?.version ?? 0;
      const admins = async () =>
        (await store.reads.selectFrom('admins').select('user_id').execute()).map((a) => a.user_id);
      await pass('pas_1', [{ stream: 'account', rows: [aRow(anAccount(['1', '2']))] }]);
      expect(await admins()).toEqual(['1', '2']);
      const first = await version();
      await store.commitPage(aPage({ stream: 'account', rows: [aRow(anAccount(['2', '3']), { version: 2 })] }));
      expect(await admins()).toEqual(['2', '3']);
      expect(await version()).toBeGreaterThan(first);
    });

    test('a row, a membership and a risk point that a page has twice are there once, as they came last', async () => {
      await store.beginPass(aPass());
      const membership = { groupId: 'g1', userId: '1' };
      const point = { subject: 'user', id: '1', date: '2026-03-02' } as const;
      await store.commitPage(
        aPage({
          rows: [aRow(aUser('1'), { version: 1 }), aRow(aUser('2')), aRow(aUser('1'), { version: 2 })],
          membershipsAdded: [membership, membership],
          riskPoints: [
            { ...point, riskScore: 1 },
            { ...point, riskScore: 2 },
          ],
        }),
      );
      expect(await store.heads(con, 'users', ['1', '2'])).toMatchObject([{ seenDigest: 'seen-1-2' }, { key: '2' }]);
      expect(await store.memberships(con, ['1'])).toEqual([membership]);
      expect(await store.reads.selectFrom('risk_points').select('risk_score').execute()).toEqual([{ risk_score: 2 }]);
    });

    test('text that holds any character is kept, or read as the same again and again', async () => {
      const odd = 'zero \0 quote \' " \\ {a,b} ? $1 \u{1F600} \u2028 end';
      await store.beginPass(aPass());
      const row = aRow(aUser(odd, { department: odd, comment: odd }), { key: odd });
      await store.commitPage(
        aPage({ rows: [row, aRow(aUser('2'))], changes: [aChange({ key: odd, current: { a: odd } })] }),
      );
      expect(await store.absence('pas_1')).toEqual({ live: 2, absent: 0, missedBefore: 0 });
      expect(await store.heads(con, 'users', [odd])).toMatchObject([{ deletedAt: null }]);
      const [found] = await store.rows(con, 'users', [odd]);
      expect(found!.raw).toEqual(row.raw);
      expect(await store.changes({ connectionIds: null, after: 0, limit: 9 })).toMatchObject([{ current: { a: odd } }]);
      expect(await store.getRun('a\0b')).toBeNull();
      expect(await store.findTokenByHash('a\0b')).toBeNull();
    });

    test('a dropped pass forgets what it saw and may be begun again', async () => {
      await store.beginPass(aPass());
      await store.commitPage(usersPage(['1']));
      await expect(store.beginPass(aPass({ id: 'pas_2' }))).rejects.toMatchObject({ code: 'conflict' });
      await store.dropPass('pas_1');
      expect(await store.openPass(con, 'users', 'all')).toBeNull();
      await store.beginPass(aPass({ id: 'pas_2' }));
      expect(await store.absence('pas_2')).toEqual({ live: 1, absent: 1, missedBefore: 0 });
    });

    test('live rows are walked in key order, deleted ones left out', async () => {
      await pass('pas_1', [{ rows: ['5', '1', '3', '4', '2'].map((id) => aRow(aUser(id))) }]);
      await remove(['3']);
      const first = await store.liveRows(con, 'users', null, 2);
      expect(first.map((row) => row.key)).toEqual(['1', '2']);
      expect((await store.liveRows(con, 'users', '2', 10)).map((row) => row.key)).toEqual(['4', '5']);
    });
  });

  const remove = (keys: readonly string[], changes = {}) => removeRows(store, keys, changes);

  describe('absence', () => {
    beforeEach(async () => {
      await pass('pas_1', [{ rows: ['1', '2', '3', '4'].map((id) => aRow(aUser(id))) }]);
      await end('pas_1');
    });

    test('counts the live rows that no page of the pass had', async () => {
      await pass('pas_2', [{ seenKeys: ['1'] }, { seenKeys: ['3'] }]);
      expect(await store.absence('pas_2')).toEqual({ live: 4, absent: 2, missedBefore: 0 });
      expect(await store.absentRows('pas_2', null, 10)).toEqual([
        { key: '2', scope: 'all', firstMissedAt: null },
        { key: '4', scope: 'all', firstMissedAt: null },
      ]);
      expect(await store.absentRows('pas_2', '2', 10)).toEqual([{ key: '4', scope: 'all', firstMissedAt: null }]);
      expect(await store.absentRows('pas_2', null, 1)).toEqual([{ key: '2', scope: 'all', firstMissedAt: null }]);
    });

    test('remembers a first miss until the row is seen again', async () => {
      await pass('pas_2', [{ seenKeys: ['1'] }]);
      await store.noteMissed('pas_2', ['2', '3', '4'], at(10));
      await end('pas_2');
      await pass('pas_3', [{ seenKeys: ['1', '3'] }]);
      await store.noteMissed('pas_3', ['2', '4'], at(20));
      expect(await store.absence('pas_3')).toEqual({ live: 4, absent: 2, missedBefore: 2 });
      expect(await store.absentRows('pas_3', null, 10)).toEqual([
        { key: '2', scope: 'all', firstMissedAt: at(10) },
        { key: '4', scope: 'all', firstMissedAt: at(10) },
      ]);
      await end('pas_3');
      await pass('pas_4', [{ seenKeys: ['1'] }]);
      expect(await store.absence('pas_4')).toEqual({ live: 4, absent: 3, missedBefore: 2 });
    });

    test('is judged inside the scope of the pass', async () => {
      const row = (id: string, campaign: string) =>
        aRow(anEnrollment(id, '1', { campaignId: campaign }), { scope: `campaign:${campaign}` });
      await store.beginPass(aPass({ id: 'pas_5', stream: 'enrollments' }));
      await store.commitPage(
        aPage({ passId: 'pas_5', stream: 'enrollments', rows: [row('10', '7'), row('11', '7'), row('12', '8')] }),
      );
      await store.beginPass(aPass({ id: 'pas_6', stream: 'enrollments', scope: 'campaign:7' }));
      await store.commitPage(aPage({ passId: 'pas_6', stream: 'enrollments', seenKeys: ['10'] }));
      expect(await store.absence('pas_6')).toEqual({ live: 2, absent: 1, missedBefore: 0 });
      expect(await store.absentRows('pas_6', null, 10)).toEqual([
        { key: '11', scope: 'campaign:7', firstMissedAt: null },
      ]);
    });

    test('removed rows are deleted, not live, and come back when they are seen again', async () => {
      await remove(['2', '4'], {
        changes: [aChange({ kind: 'user.deleted', key: '2', current: null, previous: { id: '2' } })],
      });
      expect(await store.rows(con, 'users', ['2'])).toMatchObject([{ deletedAt: at(100), changedAt: at(100) }]);
      await pass('pas_2', [{ seenKeys: ['1'] }]);
      expect(await store.absence('pas_2')).toEqual({ live: 2, absent: 1, missedBefore: 0 });
      await store.commitPage(
        aPage({ passId: 'pas_2', rows: [aRow(aUser('2'), { version: 2, changed: true })], at: at(200) }),
      );
      expect(await store.rows(con, 'users', ['2'])).toMatchObject([
        { deletedAt: null, firstSeenAt: at(1), changedAt: at(200) },
      ]);
      expect(await store.changes({ connectionIds: null, after: 0, limit: 9 })).toMatchObject([
        { kind: 'user.deleted' },
      ]);
    });

    test('removing people and groups takes their memberships along', async () => {
      await store.beginPass(aPass({ id: 'pas_2' }));
      await store.commitPage(
        aPage({
          passId: 'pas_2',
          membershipsAdded: [
            { groupId: 'g1', userId: '1' },
            { groupId: 'g1', userId: '2' },
            { groupId: 'g2', userId: '1' },
            { groupId: 'g2', userId: '3' },
          ],
        }),
      );
      await store.commitPage(aPage({ passId: 'pas_2', membershipsRemoved: [{ groupId: 'g2', userId: '3' }] }));
      await remove(['2']);
      expect(await store.memberships(con, ['1', '2', '3'])).toEqual([
        { groupId: 'g1', userId: '1' },
        { groupId: 'g2', userId: '1' },
      ]);
      await remove(['g1'], { stream: 'groups' });
      expect(await store.memberships(con, ['1'])).toEqual([{ groupId: 'g2', userId: '1' }]);
    });

    test('a run that lost the connection removes nothing', async () => {
      await expect(remove(['1'], { runId: 'run_gone' })).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.liveRows(con, 'users', null, 10)).toHaveLength(4);
    });
  });

  describe('the content digest', () => {
    test('is SHA-256 over key and digest of the live rows in key order', async () => {
      await pass('pas_1', [{ rows: ['9', '10', '1'].map((id) => aRow(aUser(id))) }]);
      const expected = createHash('sha256').update('1 digest-1-1\n10 digest-10-1\n9 digest-9-1\n').digest('hex');
      expect(await store.contentDigest(con, 'users')).toEqual({ rows: 3, digest: expected });
      await remove(['10']);
      expect((await store.contentDigest(con, 'users')).rows).toBe(2);
    });

    test('of nothing is the digest of the empty text', async () => {
      const empty = createHash('sha256').digest('hex');
      expect(await store.contentDigest(con, 'policies')).toEqual({ rows: 0, digest: empty });
    });
  });

  describe('the log of changes', () => {
    test('is one order over all connections, read by position, connection and kind', async () => {
      await store.startRun(aRun({ id: 'run_b', connectionId: 'con_b' }));
      await store.beginPass(aPass());
      await store.beginPass(aPass({ id: 'pas_b', connectionId: 'con_b', runId: 'run_b' }));
      const other = { connectionId: 'con_b', runId: 'run_b', passId: 'pas_b' };
      await store.commitPage(aPage({ changes: [aChange({ key: '1' }), aChange({ key: '2' })] }));
      await store.commitPage(aPage({ ...other, changes: [aChange({ key: '3', kind: 'user.created' })] }));
      await store.commitPage(aPage({ changes: [aChange({ key: '4' })] }));

      const all = await store.changes({ connectionIds: null, after: 0, limit: 10 });
      expect(all.map((change) => change.key)).toEqual(['1', '2', '3', '4']);
      expect(all.every((change, index) => index === 0 || change.seq > all[index - 1]!.seq)).toBe(true);
      expect(await store.lastChangeSeq()).toBe(all[3]!.seq);
      const keys = async (query: Partial<Parameters<Store['changes']>[0]>) =>
        (await store.changes({ connectionIds: null, after: 0, limit: 10, ...query })).map((change) => change.key);
      expect(await keys({ after: all[1]!.seq })).toEqual(['3', '4']);
      expect(await keys({ limit: 2 })).toEqual(['1', '2']);
      expect(await keys({ connectionIds: [con] })).toEqual(['1', '2', '4']);
      expect(await keys({ connectionIds: [con, 'con_b'] })).toHaveLength(4);
      expect(await keys({ connectionIds: [] })).toEqual([]);
      expect(await keys({ kinds: ['user.created'] })).toEqual(['3']);
    });

    test('has no gaps, whatever failed in between', async () => {
      await store.beginPass(aPass());
      await store.commitPage(aPage({ changes: [aChange({ key: '1' }), aChange({ key: '2' })] }));
      const broken = aPage({
        rows: [aRow(aUser('1'), { digest: null as unknown as string })],
        changes: [aChange({ key: 'x' })],
      });
      await expect(store.commitPage(broken)).rejects.toMatchObject({ code: 'store_failed' });
      await store.commitPage(aPage({ changes: [aChange({ key: '3' })] }));
      const all = await store.changes({ connectionIds: null, after: 0, limit: 10 });
      expect(all.map(({ seq, key }) => [seq, key])).toEqual([
        [1, '1'],
        [2, '2'],
        [3, '3'],
      ]);
    });

    test('never gives a position twice, even when the newest changes were erased', async () => {
      await store.beginPass(aPass());
      await store.commitPage(aPage({ changes: [aChange({ key: '1' })] }));
      const before = await store.lastChangeSeq();
      await store.erasePerson({ connectionId: con, userId: '1', mark: 'mark-1', at: at(5) });
      await store.commitPage(aPage({ changes: [aChange({ key: '2' })] }));
      expect(await store.lastChangeSeq()).toBeGreaterThan(before);
    });

    test('ending a pass writes state and events together and forgets the pass', async () => {
      await store.beginPass(aPass());
      await end('pas_1', { changes: [aChange({ kind: 'baseline', key: 'users', previous: null })] });
      expect(await store.openPass(con, 'users', 'all')).toBeNull();
      expect(await store.streamStates(con)).toEqual([aState()]);
      expect(await store.changes({ connectionIds: null, after: 0, limit: 9 })).toMatchObject([{ kind: 'baseline' }]);
    });
  });

  test('what was last read of each scope is kept with the end of the pass', async () => {
    const read = { scope: 'test:9', completedAt: at(1), mark: 'mark-1', rows: 3 } as const;
    await store.beginPass(aPass({ stream: 'recipients', scope: 'test:9' }));
    await end('pas_1', { state: aState({ stream: 'recipients' }), scopeReads: [read] });
    await store.beginPass(aPass({ stream: 'recipients', scope: 'test:9' }));
    const again = { ...read, completedAt: at(9), mark: 'mark-2' };
    await end('pas_1', { state: aState({ stream: 'recipients' }), scopeReads: [again] });
    expect(await store.scopeReads(con, 'recipients')).toEqual([again]);
    expect(await store.scopeReads(con, 'enrollments')).toEqual([]);
  });

  test('groups and people of two connections with equal ids stay apart', async () => {
    await store.startRun(aRun({ id: 'run_b', connectionId: 'con_b' }));
    const other = { connectionId: 'con_b', runId: 'run_b', passId: 'pas_b' } as const;
    await store.beginPass(aPass({ stream: 'groups' }));
    await store.beginPass(aPass({ id: 'pas_b', ...other, stream: 'groups' }));
    await store.commitPage(aPage({ stream: 'groups', rows: [aRow(aGroup('1', { name: 'Ours' }))] }));
    await store.commitPage(aPage({ ...other, stream: 'groups', rows: [aRow(aGroup('1', { name: 'Theirs' }))] }));
    await store.deleteConnection('con_b', { purge: true, at: at(9) });
    expect(await store.rows(con, 'groups', ['1'])).toMatchObject([{ raw: { name: 'Ours' } }]);
    expect(await store.rows('con_b', 'groups', ['1'])).toEqual([]);
  });
}
