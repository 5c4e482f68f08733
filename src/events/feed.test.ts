import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChangeKind, LoggedChange } from '../model/change.ts';
import { catalogEntry, eventFamilies, eventTypes } from './catalog.ts';
import { cursorText, readCursor } from './cursor.ts';
import type { Event } from './event.ts';
import { createFeed, type FeedQuery } from './feed.ts';
import { eventsOf } from './from-change.ts';
import type { LogGap } from './gaps.ts';
import type { LogQuery } from './ports.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 2, 8, 0, seconds)).toISOString();

/** A log in memory, with a clock that moves while somebody sleeps. */
function aLog(changes: readonly LoggedChange[], droppedTo = 0, gaps: readonly LogGap[] = []) {
  const log = [...changes];
  let time = 0;
  let reads = 0;
  const onSleep: (() => void)[] = [];
  const feed = createFeed({
    store: {
      logBounds: async () => {
        const head = Math.max(log.at(-1)?.seq ?? droppedTo, gaps.at(-1)?.until ?? 0);
        return { head, droppedTo, gaps };
      },
      logEntries: async (query: LogQuery) => {
        reads += 1;
        const found = log.filter(
          (one) =>
            one.seq > droppedTo &&
            one.seq >= query.first &&
            one.seq <= query.last &&
            (query.connectionIds === null || query.connectionIds.includes(one.connectionId)) &&
            (query.kinds === undefined || query.kinds.includes(one.kind)) &&
            (query.from === undefined || one.at >= query.from) &&
            (query.until === undefined || one.at < query.until),
        );
        return (query.order === 'asc' ? found : found.toReversed()).slice(0, query.limit);
      },
    },
    now: () => time,
    sleep: async (ms) => {
      time += ms;
      onSleep.shift()?.();
    },
  });
  return { feed, log, onSleep, time: () => time, reads: () => reads };
}

const aChange = (seq: number, fields: Partial<LoggedChange> = {}): LoggedChange => ({
  ...{ seq, connectionId: 'con_1', kind: 'user.archived', stream: 'users', key: String(seq), at: at(seq) },
  ...{ current: { status: 'archived' }, previous: { status: 'active' } },
  ...fields,
});

/** Makes three events. */
const aFailure = (seq: number): LoggedChange =>
  aChange(seq, {
    kind: 'recipient.updated',
    key: `9/${seq}`,
    current: { deliveredAt: at(1), clickedAt: at(2), failedAt: at(2), reportedAt: at(3) },
    previous: { deliveredAt: null, clickedAt: null, failedAt: null, reportedAt: null },
    about: { user: { id: '1', email: 'a@example.com', firstName: 'A', lastName: 'B' } },
  });

const everything: FeedQuery = {
  ...{ connectionIds: null, families: eventFamilies },
  ...{ types: [], after: null, order: 'asc', limit: 100 },
};

async function readAll(feed: ReturnType<typeof aLog>['feed'], query: FeedQuery): Promise<Event[]> {
  const events: Event[] = [];
  for (let after = query.after, pages = 0; ; pages += 1) {
    expect(pages).toBeLessThan(1000);
    const page = await feed.page({ ...query, after });
    expect(page.events.length).toBeLessThanOrEqual(query.limit);
    events.push(...page.events);
    after = page.nextCursor;
    if (!page.hasMore) return events;
  }
}

describe('the feed', () => {
  const kinds = [...new Set(eventTypes.flatMap((type) => catalogEntry(type).from))];
  const changes = fc
    .array(
      fc.record({
        gap: fc.integer({ min: 1, max: 4 }),
        kind: fc.oneof(
          { arbitrary: fc.constant('three' as const), weight: 1 },
          { arbitrary: fc.constantFrom<ChangeKind>(...kinds, 'group.member_count_changed'), weight: 2 },
        ),
        connectionId: fc.constantFrom('con_1', 'con_2'),
      }),
      { maxLength: 40 },
    )
    .map((list) => {
      let seq = 0;
      return list.map(({ gap, kind, connectionId }) => {
        seq += gap;
        return { ...(kind === 'three' ? aFailure(seq) : aChange(seq, { kind })), connectionId };
      });
    });

  test('gives every event once and in order, on pages of any size, with any filter, in both orders', async () => {
    await fc.assert(
      fc.asyncProperty(
        changes,
        fc.constantFrom(1, 2, 3, 7),
        fc.constantFrom<readonly string[]>([], ['user.*'], ['phishing.failed', 'phishing.reported'], ['*']),
        fc.constantFrom<readonly string[] | null>(null, ['con_2']),
        fc.constantFrom<'asc' | 'desc'>('asc', 'desc'),
        async (log, limit, types, connectionIds, order) => {
          const { feed } = aLog(log);
          const expected = log
            .filter(({ connectionId }) => connectionIds === null || connectionIds.includes(connectionId))
            .flatMap(eventsOf)
            .filter(({ type }) => {
              if (types.length === 0 || types[0] === '*') return true;
              return types.includes(type) || (types[0] === 'user.*' && type.startsWith('user.'));
            });
          const found = await readAll(feed, { ...everything, limit, types, connectionIds, order });
          expect(found).toEqual(order === 'asc' ? expected : expected.toReversed());
        },
      ),
    );
  });

  test('goes on after the id of any event as after its page', async () => {
    await fc.assert(
      fc.asyncProperty(changes, fc.constantFrom<'asc' | 'desc'>('asc', 'desc'), fc.nat(), async (log, order, pick) => {
        const { feed } = aLog(log);
        const all = await readAll(feed, { ...everything, order });
        fc.pre(all.length > 0);
        const index = pick % all.length;
        const rest = await readAll(feed, { ...everything, order, after: all[index]!.id });
        expect(rest).toEqual(all.slice(index + 1));
      }),
    );
  });

  test('an empty page has a cursor from which later events are found, and nothing is looked at twice', async () => {
    const { feed, log } = aLog([aChange(1), aChange(2)]);
    const query = { ...everything, types: ['group.*'] };
    const page = await feed.page(query);
    expect(page).toMatchObject({ events: [], hasMore: false });
    log.push(aChange(3, { kind: 'group.archived' }));
    const next = await feed.page({ ...query, after: page.nextCursor });
    expect(next.events.map(({ id }) => id)).toEqual(['evt_000000000000003']);
  });

  test('a long stretch without wanted events is read in portions', async () => {
    const { feed, reads } = aLog([
      aChange(1, { kind: 'group.archived' }),
      aChange(500_000, { kind: 'group.archived' }),
    ]);
    const page = await feed.page({ ...everything, types: ['group.*'] });
    expect(page).toMatchObject({ hasMore: true, events: [{ seq: 1 }] });
    expect(reads()).toBe(20);
    expect(await readAll(feed, { ...everything, after: page.nextCursor })).toMatchObject([{ seq: 500_000 }]);
  });

  test('a gap of any length is passed at once, in both orders', async () => {
    const gap = { after: 2, until: 1_000_000_002 };
    const seqs = [1, 2, gap.until + 1, gap.until + 2];
    for (const limit of [1, 2, 3, 4, 5]) {
      const { feed, reads } = aLog(
        seqs.map((seq) => aChange(seq)),
        0,
        [gap],
      );
      const found = await readAll(feed, { ...everything, limit });
      expect(found.map(({ seq }) => seq)).toEqual(seqs);
      const back = await readAll(feed, { ...everything, limit, order: 'desc' });
      expect(back.map(({ seq }) => seq)).toEqual(seqs.toReversed());
      expect(reads()).toBeLessThan(15);
    }
    const { feed } = aLog([aChange(1), aChange(2)], 0, [gap]);
    expect(await feed.page({ ...everything, order: 'desc', limit: 1 })).toMatchObject({ events: [{ seq: 2 }] });
    await expect(feed.get('evt_000000000000003', everything)).rejects.toMatchObject({
      detail: expect.stringContaining('any more'),
    });
  });

  test('leaves out the families and the names that the reader may not see', async () => {
    const { feed } = aLog([aChange(1), aFailure(2), aChange(3, { kind: 'connection.paused', current: {} })]);
    const of = async (...families: FeedQuery['families']) => {
      const { events } = await feed.page({ ...everything, families });
      return events;
    };
    expect((await of('connections')).map(({ type }) => type)).toEqual(['connection.paused']);
    const phishing = await of('phishing.identified');
    expect(phishing).toHaveLength(3);
    for (const { data } of phishing) expect(data.user).toEqual({ id: '1' });
    expect((await of('phishing.identified', 'directory')).at(-1)!.data.user).toMatchObject({ email: 'a@example.com' });
    expect(await of()).toEqual([]);
  });

  test('filters by time', async () => {
    const { feed } = aLog([aChange(1), aChange(2), aChange(3)]);
    const { events } = await feed.page({ ...everything, from: at(2), until: at(3) });
    expect(events.map(({ seq }) => seq)).toEqual([2]);
  });

  test('a cursor before what is kept has expired, and the hint names the oldest one that works', async () => {
    const changes = [1, 2, 3, 4, 5].map((seq) => aChange(seq));
    const { nextCursor } = await aLog(changes).feed.page({ ...everything, limit: 1 });
    const { feed } = aLog(changes, 3);
    const expired = (await feed.page({ ...everything, after: nextCursor }).catch((error: unknown) => error)) as {
      code: string;
      hint: string;
    };
    expect(expired.code).toBe('cursor_expired');
    const after = /after=(\S+)$/.exec(expired.hint)![1]!;
    expect((await feed.page({ ...everything, after })).events.map(({ seq }) => seq)).toEqual([4, 5]);
    expect((await feed.page(everything)).events.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(await readAll(feed, { ...everything, order: 'desc', limit: 1 })).toHaveLength(2);
    const dropped = cursorText({ order: 'asc', seq: 3, done: 1 });
    await expect(feed.page({ ...everything, after: dropped })).rejects.toMatchObject({ code: 'cursor_expired' });
    // Exactly what is kept follows the last one that was dropped.
    const third = cursorText({ order: 'asc', seq: 4, done: 0 });
    expect((await feed.page({ ...everything, after: third })).events).toHaveLength(2);
  });

  test('a cursor beyond the log, of the other order, or altered by one bit is refused', async () => {
    const { feed } = aLog([aChange(1)]);
    const refused = (after: string, order: 'asc' | 'desc' = 'asc') =>
      expect(feed.page({ ...everything, after, order })).rejects.toMatchObject({
        code: 'invalid_cursor',
        field: 'after',
      });
    await refused(cursorText({ order: 'asc', seq: 3, done: 0 }));
    await refused(cursorText({ order: 'asc', seq: 1, done: 0 }), 'desc');
    const good = cursorText({ order: 'asc', seq: 1, done: 0 });
    expect(readCursor(good, 'asc')).toEqual({ order: 'asc', seq: 1, done: 0 });
    const bytes = Buffer.from(good, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      await refused(altered.toString('base64url'));
    }
    for (const text of ['', 'x', good.slice(0, -1), `${good}=`, 'evt_1', '💥']) await refused(text);
  });

  test('a type that is not there is said', async () => {
    const { feed } = aLog([]);
    for (const type of ['user.gone', 'users.*', '', 'us*', '**']) {
      await expect(feed.page({ ...everything, types: [type] })).rejects.toMatchObject({
        code: 'invalid_request',
        field: 'types',
      });
    }
  });

  test('waits for an event, no longer than it may, and not once the caller is gone', async () => {
    const quiet = aLog([aChange(1)]);
    const { nextCursor: after } = await quiet.feed.page(everything);
    expect((await quiet.feed.wait({ ...everything, after }, 3000)).events).toEqual([]);
    expect(quiet.time()).toBe(3000);

    const soon = aLog([aChange(1)]);
    soon.onSleep.push(
      () => {},
      () => soon.log.push(aChange(2)),
    );
    expect((await soon.feed.wait({ ...everything, after }, 3000)).events).toMatchObject([{ seq: 2 }]);
    expect(soon.time()).toBe(500);

    const gone = aLog([aChange(1)]);
    const stop = new AbortController();
    gone.onSleep.push(() => stop.abort());
    expect((await gone.feed.wait({ ...everything, after }, 3000, stop.signal)).events).toEqual([]);
    expect(gone.time()).toBe(250);
  });

  test('one event is found by its id, unless the reader may not see it', async () => {
    const { feed } = aLog([aChange(1), aFailure(2)], 0);
    expect(await feed.get('evt_000000000000002b', everything)).toMatchObject({ type: 'phishing.reported' });
    const hidden = { ...everything, families: ['training'] } as const;
    for (const [id, sight] of [
      ['evt_000000000000002c', everything],
      ['evt_000000000000003', everything],
      ['nonsense', everything],
      ['evt_000000000000002', hidden],
      ['evt_000000000000002', { ...everything, connectionIds: ['con_2'] }],
    ] as const) {
      await expect(feed.get(id, sight)).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});
