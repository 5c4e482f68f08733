import { beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../events/alert.ts';
import type { LogQuery } from '../../events/ports.ts';
import type { Hold, RunRecord } from '../../sync/ports.ts';
import type { Store } from '../store.ts';
import {
  aChange,
  aConnection,
  aGroup,
  anAccount,
  aPage,
  aPass,
  aRow,
  aRun,
  aSecret,
  aState,
  at,
  aUser,
  con,
} from './builders.ts';
import type { OpenStore } from './contract.ts';

const all: LogQuery = { connectionIds: null, first: 1, last: 1000, order: 'asc', limit: 100 };

/** What the events room relies on. */
export function eventContract(open: OpenStore): void {
  let store: Store;
  beforeEach(async () => {
    store = (await open()).store;
  });
  const kinds = async () => (await store.logEntries(all)).map(({ kind }) => kind);

  /** A connection with entries at the given seconds, one each. */
  const entriesAt = async (...seconds: readonly number[]) => {
    await store.createConnection(aConnection(), []);
    for (const second of seconds) {
      const entry = { kind: 'connection.stale', key: con, at: at(second), current: { stream: 'users' } } as const;
      await store.appendEntry({ connectionId: con, ...entry });
    }
  };

  describe('what happens to a connection is in the log', () => {
    test('that it was made, paused, resumed, refused, proven again, removed', async () => {
      const made = aConnection();
      const lastError = { code: 'connection_unauthorized', detail: 'No.', hint: null, at: at(3) };
      await store.createConnection(made, []);
      await store.saveConnection({ ...made, tags: ['west'], updatedAt: at(1) });
      await store.saveConnection({ ...made, pausedAt: at(1), updatedAt: at(1) });
      await store.saveConnection({ ...made, updatedAt: at(2) });
      await store.saveConnection({ ...made, state: 'needs_reauth', lastError, updatedAt: at(3) });
      await store.saveConnection({ ...made, state: 'validation_error', lastError, updatedAt: at(4) });
      await store.deleteConnection(made.id, { purge: true, at: at(6) });
      // A purge takes what the log knew of the connection before.
      const [removed, ...others] = await store.logEntries(all);
      expect(others).toEqual([]);
      expect(removed).toMatchObject({
        ...{ seq: 7, connectionId: con, kind: 'connection.removed', stream: 'connection', key: con, at: at(6) },
        about: { connection: { name: null } },
      });
    });

    test('each turn once, with the reason of a refusal', async () => {
      const made = aConnection();
      const lastError = { code: 'connection_unauthorized', detail: 'No.', hint: null, at: at(3) };
      await store.createConnection(made, []);
      await store.saveConnection({ ...made, tags: ['west'], updatedAt: at(1) });
      await store.saveConnection({ ...made, pausedAt: at(1), updatedAt: at(1) });
      await store.saveConnection({ ...made, updatedAt: at(2) });
      await store.saveConnection({ ...made, state: 'needs_reauth', lastError, updatedAt: at(3) });
      await store.saveConnection({ ...made, state: 'needs_reauth', lastError, updatedAt: at(4) });
      await store.saveConnection({ ...made, updatedAt: at(5) });
      await store.deleteConnection(made.id, { purge: false, at: at(6) });
      const entries = await store.logEntries(all);
      expect(entries.map((entry) => [entry.kind, entry.at])).toEqual([
        ['connection.created', at(0)],
        ['connection.updated', at(1)],
        ['connection.updated', at(1)],
        ['connection.paused', at(1)],
        ['connection.resumed', at(2)],
        ['connection.token_refused', at(3)],
        ['connection.token_restored', at(5)],
        ['connection.removed', at(6)],
      ]);
      expect(entries[1]!.current).toEqual({ changed: ['tags'] });
      expect(entries[5]!.current).toEqual({
        error: { code: 'connection_unauthorized', detail: 'No.', hint: null },
      });
    });

    test('that another token took the place of the one before, also of one that was refused', async () => {
      const made = aConnection({ tenant: 'tenant-7' });
      await store.createConnection(made, [aSecret()]);
      await store.saveConnection({ ...made, updatedAt: at(1) }, undefined, [aSecret({ sealed: 'v1.other' })]);
      await store.saveConnection({ ...made, state: 'needs_reauth', updatedAt: at(2) });
      await store.saveConnection({ ...made, updatedAt: at(3) }, undefined, [aSecret({ sealed: 'v1.third' })]);
      await store.saveConnection({ ...made, updatedAt: at(4) }, undefined, [aSecret({ kind: 'scim' })]);
      const entries = await store.logEntries(all);
      expect(entries.map((entry) => [entry.kind, entry.at])).toEqual([
        ['connection.created', at(0)],
        ['connection.reconnected', at(1)],
        ['connection.token_refused', at(2)],
        ['connection.reconnected', at(3)],
        ['connection.token_restored', at(3)],
      ]);
      expect(entries[0]!.about).toEqual({ connection: { name: made.name, tenant: 'tenant-7' } });
    });

    test('what becomes of runs, while an endpoint asks for it by name', async () => {
      const made = aConnection();
      await store.createConnection(made, []);
      const runOnce = async (id: string, seconds: number) => {
        await store.queueRun(aRun({ id, status: 'queued', startedAt: at(seconds) }), null, 0);
        await store.startRun(aRun({ id, startedAt: at(seconds) }), at(seconds + 100));
        await store.saveRun(aRun({ id, startedAt: at(seconds), requests: 3 }));
        const ended = aRun({ id, startedAt: at(seconds), status: 'done', endedAt: at(seconds + 2), changes: 4 });
        await store.saveRun(ended);
        await store.saveRun(ended);
      };
      const endpoint = {
        ...{ id: 'whk_a', url: 'https://hooks.example.com/in', description: null, connections: null, names: false },
        ...({ families: ['connections'], fieldPolicy: null, state: 'active', stateReason: null } as const),
        ...{ createdAt: at(0), updatedAt: at(0), previousSecretUntil: null },
      };
      const secret = { slot: 'webhook', sealed: 'sealed', fingerprint: '0', createdAt: at(0) } as const;
      await store.createEndpoint({ ...endpoint, id: 'whk_0', types: ['*'], format: 'plain' }, secret);
      await runOnce('run_1', 10);
      expect(await store.logEntries(all)).toHaveLength(1);
      await store.createEndpoint({ ...endpoint, types: ['sync_job_run:completed'], format: 'truto' }, secret);
      await runOnce('run_2', 20);
      await store.startRun(aRun({ id: 'run_3', startedAt: at(30) }), at(40));
      await store.interruptLapsed(at(50));
      const told = (await store.logEntries(all)).slice(1);
      expect(
        told.map(({ kind, key, at: time, current }) => [kind, key, time, (current!.run as RunRecord).status]),
      ).toEqual([
        ['run.queued', 'run_2', at(20), 'queued'],
        ['run.started', 'run_2', at(20), 'running'],
        ['run.ended', 'run_2', at(22), 'done'],
        ['run.started', 'run_3', at(30), 'running'],
        ['run.ended', 'run_3', at(50), 'interrupted'],
      ]);
      expect(told.map(({ current }) => current!.wasQueued)).toEqual([undefined, true, undefined, false, undefined]);
      await store.saveEndpoint({ ...endpoint, types: ['*'], format: 'plain' });
      await runOnce('run_4', 60);
      expect(await store.logEntries(all)).toHaveLength(6);
    });

    test('that a hold was opened and decided, once each', async () => {
      const hold: Hold = {
        ...{ id: 'hold_1', connectionId: con, stream: 'users', scope: 'all', kind: 'needs_person', state: 'open' },
        ...{ live: 400, absent: 210, firstPassAt: at(1), createdAt: at(1), decidedAt: null, decidedBy: null },
      };
      await store.saveHold(hold);
      await store.saveHold({ ...hold, absent: 211 });
      await store.saveHold({ ...hold, state: 'confirmed', decidedAt: at(5), decidedBy: 'token x' });
      const entries = await store.logEntries(all);
      expect(entries.map(({ kind, at: time, current }) => [kind, time, (current!.hold as Hold).state])).toEqual([
        ['connection.hold_opened', at(1), 'open'],
        ['connection.hold_decided', at(5), 'confirmed'],
      ]);
    });

    test('that a sync failed after one that had not, whatever is saved again', async () => {
      const error = { code: 'remote_unavailable', detail: 'd', hint: null };
      const runs = [
        ['run_1', 'failed'],
        ['run_2', 'failed'],
        ['run_3', 'done'],
        ['run_4', 'failed'],
      ] as const;
      for (const [index, [id, status]] of runs.entries()) {
        const run = aRun({ id, startedAt: at(index * 10) });
        await store.startRun(run);
        const ended = { ...run, status, error, endedAt: at(index * 10 + 5) };
        await store.saveRun(ended);
        await store.saveRun(ended);
      }
      const entries = await store.logEntries(all);
      expect(entries.map(({ kind, at: time, current }) => [kind, time, current!.runId])).toEqual([
        ['connection.sync_failed', at(5), 'run_1'],
        ['connection.sync_failed', at(35), 'run_4'],
      ]);
    });
  });

  describe('the log', () => {
    test('is read by place, connection, kind and time, from either end', async () => {
      await entriesAt(10, 20, 30, 40);
      await store.appendEntry({
        connectionId: 'con_b',
        kind: 'connection.paused',
        key: 'con_b',
        at: at(50),
        current: {},
      });
      const seqs = async (query: Partial<LogQuery>) =>
        (await store.logEntries({ ...all, ...query })).map(({ seq }) => seq);
      expect(await seqs({})).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await seqs({ first: 2, last: 4 })).toEqual([2, 3, 4]);
      expect(await seqs({ order: 'desc', limit: 2 })).toEqual([6, 5]);
      expect(await seqs({ connectionIds: ['con_b'] })).toEqual([6]);
      expect(await seqs({ connectionIds: [] })).toEqual([]);
      expect(await seqs({ kinds: ['connection.created', 'connection.paused'] })).toEqual([1, 6]);
      expect(await seqs({ from: at(20), until: at(40) })).toEqual([3, 4]);
      expect(await store.logBounds()).toMatchObject({ head: 6, droppedTo: 0 });
    });

    test('keeps what a change is about', async () => {
      await store.startRun(aRun());
      await store.beginPass(aPass());
      const about = { user: { id: '1', email: 'a@example.com' } };
      await store.commitPage(aPage({ changes: [aChange({ key: '1', about })] }));
      expect((await store.logEntries(all))[0]).toMatchObject({ key: '1', about });
      expect((await store.changes({ connectionIds: null, after: 0, limit: 5 }))[0]).toMatchObject({ about });
    });

    test('loses its oldest entries by their age, in portions, and says up to where', async () => {
      await entriesAt(10, 20, 30, 40); // 1 is the connection's own, at 0
      expect(await store.dropEntries({ before: at(30), limit: 2 })).toEqual({ dropped: 2, more: true });
      expect(await store.logBounds()).toMatchObject({ head: 5, droppedTo: 2 });
      expect(await store.dropEntries({ before: at(30), limit: 2 })).toEqual({ dropped: 1, more: false });
      expect(await store.dropEntries({ before: at(30), limit: 2 })).toEqual({ dropped: 0, more: false });
      expect(await store.logBounds()).toMatchObject({ head: 5, droppedTo: 3 });
      expect((await store.logEntries(all)).map(({ seq }) => seq)).toEqual([4, 5]);
      expect(await store.dropEntries({ before: at(100), limit: 100 })).toEqual({ dropped: 2, more: false });
      await store.appendEntry({ connectionId: con, kind: 'connection.paused', key: con, at: at(60), current: {} });
      expect((await store.logEntries(all)).map(({ seq }) => seq)).toEqual([6]);
      expect(await store.lastChangeSeq()).toBe(6);
    });

    test('an entry stops the dropping, however old those behind it are', async () => {
      await entriesAt(50, 10);
      expect(await store.dropEntries({ before: at(30), limit: 10 })).toEqual({ dropped: 1, more: false });
      expect((await store.logEntries(all)).map(({ seq }) => seq)).toEqual([2, 3]);
    });
  });

  test('old runs go, but never the newest of a connection nor one that has not ended', async () => {
    for (const [id, seconds] of [
      ['run_1', 1],
      ['run_2', 2],
      ['run_3', 3],
      ['run_4', 40],
    ] as const) {
      await store.startRun(aRun({ id, startedAt: at(seconds) }));
      await store.saveRun(aRun({ id, startedAt: at(seconds), status: 'done', endedAt: at(seconds) }));
    }
    await store.startRun(aRun({ id: 'run_0', startedAt: at(0) }));
    expect(await store.dropRuns({ before: at(30), keep: 2 })).toBe(2);
    expect((await store.listRuns(con, 10)).map(({ id }) => id)).toEqual(['run_4', 'run_3', 'run_0']);
  });

  describe('rows', () => {
    beforeEach(async () => {
      await store.startRun(aRun());
      await store.beginPass(aPass({ stream: 'groups' }));
      await store.commitPage(
        aPage({ stream: 'groups', rows: [aRow(aGroup('81')), aRow(aGroup('82'))], baseline: true }),
      );
      await store.beginPass(aPass({ id: 'pas_2' }));
      await store.commitPage(
        aPage({
          passId: 'pas_2',
          rows: ['1', '2', '3'].map((id) => aRow(aUser(id))),
          membershipsAdded: [
            { groupId: '81', userId: '1' },
            { groupId: '81', userId: '3' },
          ],
          baseline: true,
        }),
      );
      const removal = { connectionId: con, runId: 'run_1', stream: 'users', at: at(9), keys: ['3'] } as const;
      await store.removeRows({ ...removal, changes: [], membershipsRemoved: [] });
    });
    const page = { connectionId: con, stream: 'users', after: null, order: 'asc', limit: 10, deleted: false } as const;

    test('come in the order of their keys, deleted ones when asked for', async () => {
      const keys = async (query: object) => (await store.rowPage({ ...page, ...query })).map(({ key }) => key);
      expect(await keys({})).toEqual(['1', '2']);
      expect(await keys({ deleted: true })).toEqual(['1', '2', '3']);
      expect(await keys({ order: 'desc', limit: 1 })).toEqual(['2']);
      expect(await keys({ order: 'desc', after: '2' })).toEqual(['1']);
      expect(await keys({ after: '1' })).toEqual(['2']);
      expect(await keys({ memberOf: '81' })).toEqual(['1']);
      expect(await keys({ stream: 'groups', memberOf: '1' })).toEqual(['81']);
      expect(await keys({ stream: 'groups' })).toEqual(['81', '82']);
      const [seen] = await store.rowsByKey(con, 'users', ['3', '9']);
      expect(seen).toMatchObject({ key: '3', firstSeenAt: at(1), deletedAt: at(9), raw: { id: '3' } });
    });

    test('have their entries of the log, after a place, of some kinds', async () => {
      const change = (key: string, kind: 'user.updated' | 'user.archived') => aChange({ key, kind });
      await store.endPass({
        ...{ passId: 'pas_2', runId: 'run_1', state: aState(), rebuildTotals: false },
        changes: [
          change('1', 'user.updated'),
          change('2', 'user.updated'),
          change('1', 'user.archived'),
          change('1', 'user.updated'),
        ],
      });
      const found = await store.entriesOf({
        ...{ connectionId: con, stream: 'users', keys: ['1'], kinds: ['user.updated'], after: 1 },
      });
      expect(found.map(({ seq }) => seq)).toEqual([4]);
    });
  });

  test('admins of the account are known by their ids', async () => {
    await store.startRun(aRun());
    await store.beginPass(aPass({ stream: 'account' }));
    await store.commitPage(aPage({ stream: 'account', rows: [aRow(anAccount(['2', '1']))], baseline: true }));
    expect(await store.adminIds(con)).toEqual(['1', '2']);
  });

  describe('alerts', () => {
    const alert = (changes: Partial<Alert> = {}): Alert => ({
      ...{ id: 'alr_1', connectionId: con, kind: 'stream_stale', subject: 'users', detail: 'd', openedAt: at(10) },
      ...{ closedAt: null, mailedAt: null },
      ...changes,
    });
    const entry = { connectionId: con, kind: 'connection.stale', key: con, at: at(10), current: {} } as const;

    test('are opened once for each subject and closed once, with their entries', async () => {
      expect(await store.openAlert(alert(), entry)).toBe(true);
      expect(await store.openAlert(alert({ id: 'alr_2' }), entry)).toBe(false);
      expect(await store.openAlert(alert({ id: 'alr_3', subject: 'groups', openedAt: at(11) }), null)).toBe(true);
      expect((await store.alerts({ connectionIds: null, open: true, limit: 9 })).map(({ id }) => id)).toEqual([
        'alr_3',
        'alr_1',
      ]);
      const over = { ...entry, kind: 'connection.fresh_again' } as const;
      expect(await store.closeAlert(alert(), at(20), over)).toBe(true);
      expect(await store.closeAlert(alert(), at(21), over)).toBe(false);
      expect(await kinds()).toEqual(['connection.stale', 'connection.fresh_again']);
      expect(await store.alerts({ connectionIds: [con], open: false, limit: 9 })).toEqual([
        alert({ closedAt: at(20) }),
      ]);
      expect(await store.openAlert(alert({ id: 'alr_4' }), entry)).toBe(true);
      expect(await store.alerts({ connectionIds: ['con_other'], limit: 9 })).toEqual([]);
    });

    test('are taken for mail together, and not again until some time later', async () => {
      const take = (seconds: number, kind: Alert['kind'] = 'stream_stale') =>
        store.takeForMail({ connectionId: con, kind, at: at(seconds), notSince: at(seconds - 3600) });
      await store.openAlert(alert(), null);
      await store.openAlert(alert({ id: 'alr_2', subject: 'groups' }), null);
      await store.openAlert(alert({ id: 'alr_3', kind: 'budget_low', subject: '' }), null);
      expect((await take(60)).map(({ id }) => id)).toEqual(['alr_2', 'alr_1']);
      await store.openAlert(alert({ id: 'alr_4', subject: 'recipients' }), null);
      expect(await take(120)).toEqual([]);
      expect((await take(120, 'budget_low')).map(({ id }) => id)).toEqual(['alr_3']);
      expect((await take(3661)).map(({ id }) => id)).toEqual(['alr_4']);
      await store.untakeForMail(['alr_4']);
      expect((await take(3661 + 3600)).map(({ id }) => id)).toEqual(['alr_4']);
    });

    test('go with their connection', async () => {
      await store.createConnection(aConnection(), []);
      await store.openAlert(alert(), null);
      await store.deleteConnection(con, { purge: false, at: at(30) });
      expect(await store.alerts({ connectionIds: null, limit: 9 })).toEqual([]);
    });
  });

  test('refusals that our own count does not explain are counted by account and time', async () => {
    for (const seconds of [10, 20, 30]) await store.noteRefusal('eu:1', at(seconds));
    await store.noteRefusal('eu:2', at(40));
    expect(await store.refusalsSince('eu:1', at(20))).toBe(2);
    await store.noteRefusal('eu:2', at(8 * 24 * 3600));
    expect(await store.refusalsSince('eu:1', at(0))).toBe(0);
  });
}
