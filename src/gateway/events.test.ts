import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aChange, aConnection, aPage, aPass, aRun, aState } from '../store/contract/builders.ts';
import { openTempStore, type TempStore } from '../store/contract/temp-store.ts';
import type { StreamName } from '../sync/streams.ts';
import { retentionChore, watchChore } from './events.ts';
import type { Notice } from './gateway.ts';
import { createLimiters } from './limiters.ts';

const DAY = 24 * 60 * 60_000;
const HOUR = 60 * 60_000;
const start = Date.UTC(2026, 2, 2, 8);
const never = new AbortController().signal;

let temp: TempStore;
let time: number;
let notices: Notice[];
beforeEach(async () => {
  temp = await openTempStore();
  [time, notices] = [start, []];
});
afterEach(() => temp.remove());
const now = () => new Date(time);
const ago = (ms: number) => new Date(time - ms).toISOString();

describe('retention', () => {
  test('drops entries and runs that are older than the days they are kept, however many', async () => {
    const { store } = temp;
    for (const [id, days] of [
      ['run_1', 91],
      ['run_2', 1],
    ] as const) {
      await store.startRun(aRun({ id, startedAt: ago(days * DAY) }));
      await store.saveRun(aRun({ id, status: 'done', startedAt: ago(days * DAY), endedAt: ago(days * DAY) }));
    }
    await store.startRun(aRun({ id: 'run_3' }));
    await store.beginPass(aPass({ runId: 'run_3' }));
    const changes = (days: number, count: number) =>
      Array.from({ length: count }, (_, index) => aChange({ key: String(index), at: ago(days * DAY) }));
    await store.commitPage(
      aPage({ runId: 'run_3', changes: [...changes(100, 2500), ...changes(95, 2500), ...changes(89, 3)] }),
    );
    await retentionChore({ store, now }).run(never);
    expect(await store.logBounds()).toMatchObject({ head: 5003, droppedTo: 5000 });
    // The newest 50 runs of a connection stay.
    expect(await store.listRuns('con_aaaaaaaaaaaaaaaa', 9)).toHaveLength(3);
    await retentionChore({ store, now }, { eventDays: 30 }).run(never);
    expect(await store.logBounds()).toMatchObject({ head: 5003, droppedTo: 5003 });
  });

  test('stops between two portions when the process does', async () => {
    const stopped = new AbortController();
    stopped.abort();
    let asked = 0;
    const dropEntries = async () => {
      asked += 1;
      return { dropped: 1, more: true };
    };
    const store = { dropEntries, dropRuns: async () => 0 };
    await retentionChore({ store: store as never, now }).run(stopped.signal);
    expect(asked).toBe(0);
  });
});

describe('the watch over connections', () => {
  const watch = async (options = {}) => {
    const { store } = temp;
    const limiters = createLimiters({
      budgetOf: (key) => store.budget(key),
      listConnections: () => store.listConnections(),
      now: () => time,
      onUnexpected429: () => undefined,
    });
    const notify = (notice: Notice) => void notices.push(notice);
    const newId = (prefix: string) => `${prefix}_${randomUUID()}`;
    const provisioningOf = async () => ({ late: [], silent: [] });
    await watchChore({ store, limiters, now, notify, newId, provisioningOf }, undefined, options).run(never);
    const open = await store.alerts({ connectionIds: null, open: true, limit: 99 });
    return open.map(({ kind, subject }) => `${kind} ${subject}`.trim()).toSorted();
  };
  const refreshed = (stream: StreamName, at: string) =>
    temp.store.saveStreamState(aState({ stream, lastRefreshedAt: at }));
  const everything = async (at: string) => {
    for (const stream of [
      'account',
      'groups',
      'users',
      'phishing_campaigns',
      'security_tests',
      'training_campaigns',
      'recipients',
      'enrollments',
    ] as const) {
      await refreshed(stream, at);
    }
  };
  const old = new Date(start - 100 * DAY).toISOString();

  test('finds streams that are read too seldom for their interval, two hours at least', async () => {
    await temp.store.createConnection(aConnection({ createdAt: old, updatedAt: old }), []);
    await everything(ago(HOUR));
    await refreshed('users', ago(2 * HOUR + 1));
    expect(await watch()).toEqual(['stream_stale users']);
    expect(await watch({ staleAfterMinutes: 180 })).toEqual([]);
    await temp.store.saveConnection(
      aConnection({
        createdAt: old,
        updatedAt: old,
        settings: { directoryEveryMinutes: 60, streamsOff: ['recipients'] },
      }),
    );
    await refreshed('recipients', ago(9 * HOUR));
    expect(await watch()).toEqual([]);
    await refreshed('users', ago(3 * HOUR + 1));
    expect(await watch()).toEqual(['stream_stale users']);
    await temp.store.saveConnection(
      aConnection({
        createdAt: old,
        updatedAt: old,
        settings: { directoryEveryMinutes: null, activityEveryMinutes: null },
      }),
    );
    // What nobody wants read any more is not looked at.
    expect(await watch()).toEqual([]);
  });

  test('gives a first pass a day', async () => {
    await temp.store.createConnection(aConnection({ createdAt: ago(23 * HOUR), updatedAt: ago(23 * HOUR) }), []);
    expect(await watch()).toEqual([]);
    time += 2 * HOUR;
    expect(await watch()).toHaveLength(8);
  });

  test('finds a refused token, and says nothing of streams then', async () => {
    const lastError = { code: 'connection_unauthorized', detail: 'KnowBe4 refused the token.', hint: null, at: old };
    const refused = aConnection({ state: 'needs_reauth', lastError, createdAt: old, updatedAt: old });
    await temp.store.createConnection(refused, []);
    await everything(ago(9 * HOUR));
    expect(await watch()).toEqual(['token_refused']);
  });

  test('finds refusals of the last hour that our own count does not explain', async () => {
    await temp.store.createConnection(aConnection({ accountKey: 'eu:1', createdAt: old, updatedAt: old }), []);
    await everything(ago(0));
    await temp.store.noteRefusal('eu:1', ago(HOUR + 1));
    expect(await watch()).toEqual([]);
    await temp.store.noteRefusal('eu:1', ago(HOUR - 1));
    expect(await watch()).toEqual(['budget_eaten_by_others']);
    time += 2;
    expect(await watch()).toEqual([]);
  });

  test('finds a day that is nearly spent', async () => {
    const limits = { perSecond: null, perMinute: null, perDay: 100 };
    await temp.store.createConnection(
      aConnection({ accountKey: 'eu:1', settings: { limits }, createdAt: old, updatedAt: old }),
      [],
    );
    await everything(ago(0));
    const budget = temp.store.budget('eu:1');
    const ask = {
      kind: 'interactive',
      limits: { perSecond: 1000, perMinute: 1000, perDay: 100 },
      reserveShare: 0.2,
    } as const;
    for (let sent = 0; sent < 90; sent += 1) await budget.take({ ...ask, now: time });
    expect(await watch()).toEqual([]);
    await budget.take({ ...ask, now: time });
    expect(await watch()).toEqual(['budget_low']);
  });

  test('a connection that cannot be looked at does not hide the others', async () => {
    await temp.store.createConnection(aConnection({ id: 'con_a', name: 'a', createdAt: 'broken', updatedAt: old }), []);
    await temp.store.createConnection(aConnection({ id: 'con_b', name: 'b', createdAt: old, updatedAt: old }), []);
    const { streamStates } = temp.store;
    temp.store.streamStates = async (id) => {
      if (id === 'con_a') throw new Error('broken');
      return streamStates(id);
    };
    expect(await watch()).toHaveLength(8);
    expect(notices).toEqual([
      {
        level: 'warn',
        connectionId: 'con_a',
        message: 'Alerts of a could not be looked at: Something broke on our side.',
      },
    ]);
  });
});
