import type { LoggedChange } from '../../model/change.ts';
import type { LogStore, RowSeen } from '../ports.ts';
import { adminsAsOf, recordsAsOf } from './as-of.ts';
import { type DsyncEvent, type DsyncType, envelope } from './dsync.ts';
import { directoryId, eventIdOf, type Part } from './ids.ts';
import { toGroup, toUser } from './records.ts';

const ROWS = 100;

/**
 * The first pass as events: `created` for every person and group that was there then, and for each person the groups. People
 * and groups are as they were; memberships are those of now, and the later ones that come with the log end in the same state.
 * @param from where a reader stands inside it; null = at its beginning
 * @param limit most events
 * @returns `isDone` when nothing of it follows
 */
export async function eventsOfBaseline(
  store: LogStore,
  change: LoggedChange,
  from: Part | null,
  wanted: ReadonlySet<DsyncType>,
  limit: number,
): Promise<{ readonly events: readonly DsyncEvent[]; readonly isDone: boolean; readonly last: Part | null }> {
  const stream = change.key;
  if (stream !== 'users' && stream !== 'groups') return { events: [], isDone: true, last: from };
  const [created, added] = [
    wanted.has(stream === 'users' ? 'dsync.user.created' : 'dsync.group.created'),
    stream === 'users' && wanted.has('dsync.group.user_added'),
  ];
  if (!created && !added) return { events: [], isDone: true, last: from };
  const ofRow = stream === 'users' ? await usersThen(store, change, { created, added }) : groupsThen(store, change);
  const events: DsyncEvent[] = [];
  let last = from;
  const key = stream === 'users' ? from?.user : from?.group;
  // The row that a reader stands in may have memberships left.
  let rows = key === undefined ? [] : await store.rowsByKey(change.connectionId, stream, [key]);
  for (let after = key ?? null; ; ) {
    for (const [part, event] of await ofRow(rows, from)) {
      if (events.length >= limit) return { events, isDone: false, last };
      events.push(event);
      last = part;
    }
    const query = {
      connectionId: change.connectionId,
      stream,
      after,
      order: 'asc',
      limit: ROWS,
      deleted: true,
    } as const;
    rows = await store.rowPage(query);
    if (rows.length === 0) return { events, isDone: true, last };
    after = rows.at(-1)!.key;
  }
}

type Parted = readonly (readonly [Part, DsyncEvent])[];
type OfRows = (rows: readonly RowSeen[], from: Part | null) => Promise<Parted>;

const groupsThen =
  (store: LogStore, change: LoggedChange): OfRows =>
  async (rows, from) => {
    const { connectionId, seq, at } = change;
    const keys = rows.map(({ key }) => key);
    const groups = await recordsAsOf(store, connectionId, 'groups', keys, seq, rows);
    return keys.flatMap((group): Parted => {
      const then = group === from?.group ? null : groups.at(group, seq);
      if (then === null) return [];
      const data = toGroup(connectionId, then.record, { ...then, changedAt: null });
      return [[{ group }, envelope(eventIdOf({ seq, part: { group } }), 'dsync.group.created', data, at)]];
    });
  };

async function usersThen(
  store: LogStore,
  change: LoggedChange,
  { created, added }: { readonly created: boolean; readonly added: boolean },
): Promise<OfRows> {
  const { connectionId, seq, at } = change;
  const isAdmin = await adminsAsOf(store, connectionId, seq);
  return async (rows, from) => {
    const keys = rows.map(({ key }) => key);
    const users = await recordsAsOf(store, connectionId, 'users', keys, seq, rows);
    const then = keys.flatMap((key) => users.at(key, seq) ?? []);
    const ids = new Set(added ? then.flatMap(({ record }) => record.groupIds ?? []) : []);
    const groups = await recordsAsOf(store, connectionId, 'groups', [...ids], seq);
    return then.flatMap(({ record, firstSeenAt }): Parted => {
      const user = record.id;
      const shown = toUser(connectionId, record, isAdmin(user, seq) ? 'admin' : 'member', {
        firstSeenAt,
        changedAt: null,
      });
      const own = { user };
      const isBegun = user === from?.user;
      const first = [own, envelope(eventIdOf({ seq, part: own }), 'dsync.user.created', shown, at)] as const;
      const members = [...(added ? new Set(record.groupIds) : [])].toSorted().flatMap((group): Parted => {
        const joined = groups.at(group, seq);
        if (joined === null || (isBegun && from?.group !== undefined && group <= from.group)) return [];
        const part = { user, group };
        const data = {
          directory_id: directoryId(connectionId),
          user: shown,
          group: toGroup(connectionId, joined.record, { ...joined, changedAt: null }),
        };
        return [[part, envelope(eventIdOf({ seq, part }), 'dsync.group.user_added', data, at)]];
      });
      return created && !isBegun ? [first, ...members] : members;
    });
  };
}
