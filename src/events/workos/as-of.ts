import type { ChangeFields, ChangeKind, LoggedChange } from '../../model/change.ts';
import type { GroupRecord, UserRecord } from '../../wire/records.ts';
import type { LogStore, RowSeen } from '../ports.ts';
import { readGroup, readUser, type Times } from './records.ts';

type Stream = 'users' | 'groups';
type RecordIn<S extends Stream> = S extends 'users' ? UserRecord : GroupRecord;

/** Changes of what these views show; scores, sign-ins and sizes are not among it. */
const kinds: Readonly<Record<Stream, readonly ChangeKind[]>> = {
  users: ['user.created', 'user.updated', 'user.archived', 'user.restored', 'user.deleted'],
  groups: ['group.created', 'group.updated', 'group.archived', 'group.restored', 'group.deleted'],
};

/** Records as they were at places of the log: as they are now, with what happened since undone. */
export type AsOf<S extends Stream> = {
  /** Null when it was not there then, or nothing is left of it. */
  at(key: string, seq: number): (Times & { readonly record: RecordIn<S> }) | null;
};

/** @param seq the earliest place that will be asked for */
export async function recordsAsOf<S extends Stream>(
  store: Pick<LogStore, 'rowsByKey' | 'entriesOf'>,
  connectionId: string,
  stream: S,
  keys: readonly string[],
  seq: number,
  known?: readonly RowSeen[],
): Promise<AsOf<S>> {
  if (keys.length === 0) return { at: () => null };
  const rows = new Map((known ?? (await store.rowsByKey(connectionId, stream, keys))).map((row) => [row.key, row]));
  const since = new Map<string, LoggedChange[]>();
  for (const change of await store.entriesOf({ connectionId, stream, keys, kinds: kinds[stream], after: seq })) {
    since.set(change.key, [change, ...(since.get(change.key) ?? [])]);
  }
  const read = (row: RowSeen) => (stream === 'users' ? readUser(row) : readGroup(row)) as unknown as ChangeFields;
  return {
    at(key, place) {
      const row = rows.get(key);
      if (row === undefined) return null;
      const now = row.deletedAt === null ? read(row) : null;
      const newestFirst = (since.get(key) ?? []).filter((change) => change.seq > place);
      const then = newestFirst.reduce(undone, now);
      return then === null ? null : { ...row, record: then as unknown as RecordIn<S> };
    },
  };
}

function undone(state: ChangeFields | null, { kind, previous }: LoggedChange): ChangeFields | null {
  if (kind.endsWith('.created')) return null;
  if (kind.endsWith('.deleted')) return previous;
  return state === null ? null : { ...state, ...previous };
}

/** Who was an admin of the console at places of the log. */
export async function adminsAsOf(
  store: Pick<LogStore, 'adminIds' | 'entriesOf'>,
  connectionId: string,
  seq: number,
): Promise<(key: string, seq: number) => boolean> {
  const now = new Set(await store.adminIds(connectionId));
  const changes = await store.entriesOf({
    ...{ connectionId, stream: 'account', keys: ['account'], after: seq },
    kinds: ['account.created', 'account.updated', 'account.deleted'],
  });
  const moves = changes.flatMap(({ seq: place, previous, current }) => {
    const admins = (previous?.admins ?? (current?.admins === undefined ? null : [])) as
      | readonly { id: string }[]
      | null;
    return admins === null ? [] : [{ seq: place, before: new Set(admins.map(({ id }) => id)) }];
  });
  return (key, place) => (moves.find((move) => move.seq > place)?.before ?? now).has(key);
}
