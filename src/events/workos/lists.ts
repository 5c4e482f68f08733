import { ForeknowError } from '../../errors/errors.ts';
import type { LogStore, RowSeen } from '../ports.ts';
import { connectionOf, type RecordId, recordOf } from './ids.ts';
import { type Directory, readGroup, readUser, toDirectory, toGroup, toUser } from './records.ts';

export type ListQuery = {
  /** Ids of records: the list goes on after, or ends before one. */
  readonly after?: string;
  readonly before?: string;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
};

export type List<Item> = {
  readonly object: 'list';
  readonly data: readonly Item[];
  readonly list_metadata: { readonly before: string | null; readonly after: string | null };
};

/** Groups of a person that are inlined at most: the list of groups of a person has them all. */
const GROUPS = 100;

/** The lists of directories, people and groups. `reached` are the connections that the caller may see. */
export function directoryLists(store: LogStore) {
  const pageOf = async (stream: 'users' | 'groups', where: Where, query: ListQuery) => {
    const { connectionId, memberOf } = where;
    const kind = stream === 'users' ? 'user' : 'group';
    const isBack = query.before !== undefined;
    const anchor = query.before ?? query.after;
    const after = anchor === undefined ? null : recordHere(kind, anchor, connectionId, isBack ? 'before' : 'after').key;
    const order = isBack === (query.order === 'asc') ? 'desc' : 'asc';
    const filter = memberOf === null ? {} : { memberOf };
    const page = { connectionId, stream, after, order, limit: query.limit + 1, deleted: false, ...filter } as const;
    const rows = await store.rowPage(page);
    const shown = rows.slice(0, query.limit);
    const isMore = rows.length > query.limit;
    return {
      rows: isBack ? shown.toReversed() : shown,
      hasBefore: isBack ? isMore : query.after !== undefined,
      hasAfter: isBack || isMore,
    };
  };

  const usersOf = async (connectionId: string, rows: readonly RowSeen[]) => {
    const admins = new Set(await store.adminIds(connectionId));
    const users = rows.map((row) => ({ row, record: readUser(row) }));
    const ids = new Set(users.flatMap(({ record }) => record.groupIds?.slice(0, GROUPS) ?? []));
    const found = await store.rowsByKey(connectionId, 'groups', [...ids]);
    const groups = new Map(
      found.flatMap((row) => (row.deletedAt === null ? [[row.key, toGroup(connectionId, readGroup(row), row)]] : [])),
    );
    return users.map(({ row, record }) => ({
      ...toUser(connectionId, record, admins.has(row.key) ? 'admin' : 'member', row),
      groups: (record.groupIds ?? []).slice(0, GROUPS).flatMap((id) => groups.get(id) ?? []),
    }));
  };

  return {
    directories(reached: readonly Directory[], { after, before, order, limit }: ListQuery) {
      const all = reached.map(toDirectory).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const ordered = order === 'asc' ? all : all.toReversed();
      const place = (id: string) => ordered.findIndex((one) => one.id === id);
      const end = before === undefined ? ordered.length : Math.max(0, place(before));
      const start = before === undefined ? (after === undefined ? 0 : place(after) + 1) : Math.max(0, end - limit);
      const data = ordered.slice(start, Math.min(end, start + limit));
      return listOf(data, start > 0, start + data.length < ordered.length);
    },
    directory(reached: readonly Directory[], id: string) {
      const found = reached.find((one) => one.id === connectionOf(id));
      if (found === undefined) throw nothing('directory');
      return toDirectory(found);
    },

    async users(reached: readonly Directory[], where: { directory?: string; group?: string }, query: ListQuery) {
      const place = placeOf(reached, where.directory, where.group, 'group');
      const page = await pageOf('users', place, query);
      return listOf(await usersOf(place.connectionId, page.rows), page.hasBefore, page.hasAfter);
    },
    async user(reached: readonly Directory[], id: string) {
      const { connectionId, row } = await one(store, reached, 'user', id);
      return (await usersOf(connectionId, [row]))[0]!;
    },

    async groups(reached: readonly Directory[], where: { directory?: string; user?: string }, query: ListQuery) {
      const place = placeOf(reached, where.directory, where.user, 'user');
      const page = await pageOf('groups', place, query);
      const groups = page.rows.map((row) => toGroup(place.connectionId, readGroup(row), row));
      return listOf(groups, page.hasBefore, page.hasAfter);
    },
    async group(reached: readonly Directory[], id: string) {
      const { connectionId, row } = await one(store, reached, 'group', id);
      return toGroup(connectionId, readGroup(row), row);
    },
  };
}

const listOf = <Item extends { readonly id: string }>(
  data: readonly Item[],
  hasBefore: boolean,
  hasAfter: boolean,
): List<Item> => ({
  object: 'list',
  data,
  list_metadata: {
    before: hasBefore ? (data[0]?.id ?? null) : null,
    after: hasAfter ? (data.at(-1)?.id ?? null) : null,
  },
});

type Where = { readonly connectionId: string; readonly memberOf: string | null };

/** A list is of one directory: named, or told by the group or person that it is about. */
function placeOf(
  reached: readonly Directory[],
  directory: string | undefined,
  member: string | undefined,
  kind: 'user' | 'group',
): Where {
  const of = member === undefined ? null : recordOf(kind, member);
  if (member !== undefined && of === null) throw nothing(kind);
  const connectionId = of?.connectionId ?? (directory === undefined ? null : connectionOf(directory));
  if (connectionId === null) {
    throw new ForeknowError('invalid_request', {
      detail: `Say which list is meant: directory, or ${kind}.`,
      hint: 'GET /workos/directories lists the ids.',
      field: 'directory',
    });
  }
  if (!reached.some(({ id }) => id === connectionId)) throw nothing('directory');
  return { connectionId, memberOf: of?.key ?? null };
}

function recordHere(kind: 'user' | 'group', id: string, connectionId: string, field: string): RecordId {
  const found = recordOf(kind, id);
  if (found?.connectionId === connectionId) return found;
  throw new ForeknowError('invalid_cursor', {
    detail: `${field} is no id of this list.`,
    hint: 'Send the id that list_metadata names.',
    field,
  });
}

async function one(store: LogStore, reached: readonly Directory[], kind: 'user' | 'group', id: string) {
  const found = recordOf(kind, id);
  if (found === null || !reached.some((directory) => directory.id === found.connectionId)) throw nothing(kind);
  const stream = kind === 'user' ? 'users' : 'groups';
  const [row] = await store.rowsByKey(found.connectionId, stream, [found.key]);
  if (row === undefined || row.deletedAt !== null) throw nothing(kind);
  return { connectionId: found.connectionId, row };
}

const nothing = (what: string): ForeknowError =>
  new ForeknowError('not_found', { detail: `There is no ${what} with this id.` });
