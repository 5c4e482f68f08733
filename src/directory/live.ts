import { Buffer } from 'node:buffer';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { toGroup, toUser } from '../model/from-wire.ts';
import type { UnifiedGroup } from '../model/group.ts';
import type { UnifiedUser } from '../model/user.ts';
import type { Read, RecordOf } from '../wire/records.ts';
import { isBadRow, type RowReader } from '../wire/reporting/read.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { alone, type Listed, listed, type Shown } from './answer.ts';
import { sealCursor } from './cursor.ts';
import { invalid, readCondition } from './fields.ts';
import { groupsSpec } from './groups.ts';
import { type FieldReader, type ListInput, type ListSpec, readFlags, readListQuery } from './list-query.ts';
import { liveRoles } from './live-roles.ts';
import type { DirectoryRow, DirectoryStore, UserRow } from './ports.ts';
import { notFound, oneConnection } from './scope.ts';
import { keepSurroundings } from './surroundings.ts';
import { usersSpec } from './users.ts';

/**
 * One call of the Reporting API within the account’s budget.
 * @returns its JSON: of a list `{result, next_cursor}` with the rows as KnowBe4 wrote them, else the record
 */
type Ask = (connectionId: string, path: string, query: string, signal: AbortSignal) => Promise<Uint8Array>;

export type LiveDeps = {
  readonly store: DirectoryStore;
  readonly cursorKey: Uint8Array;
  readonly now: () => Date;
  readonly ask: Ask;
  /** A query of the Product API, for connections that hold its key: the answer as it came. */
  readonly askProduct: (connectionId: string, query: string, signal: AbortSignal) => Promise<Uint8Array>;
  /** Whether a person was erased, and so is not shown; null where nobody was. */
  readonly isErased: (connectionId: string) => Promise<((userId: string) => boolean) | null>;
};

/** The same people and groups, read from KnowBe4 at this moment. What is not in an answer says nothing: the mirror stays as it is. */
export type LiveDirectory = {
  readonly users: LiveResource;
  readonly groups: LiveResource;
  /** With security roles, for connections that hold a key of the Product API. */
  readonly roles: LiveResource;
  readonly roleAssignments: LiveResource;
};

/** Throws what every client throws, and for a spent budget an error that names the mirror as the other way. */
export type LiveResource = {
  list(input: ListInput, signal: AbortSignal): Promise<Listed>;
  get(input: ListInput, id: string, signal: AbortSignal): Promise<object>;
};

type LiveFilter = { readonly status?: 'active' | 'archived'; readonly group_id?: string };

type Resource<Stream extends 'users' | 'groups', Row extends DirectoryRow, Unified extends { readonly id: string }> = {
  readonly stream: Stream;
  readonly filters: Readonly<Record<string, FieldReader<LiveFilter>>>;
  /** What the mirror can be asked, to say so. */
  readonly mirrored: ListSpec<object, string>;
  readonly rows: (connectionId: string, keys: readonly string[]) => Promise<readonly Row[]>;
  /** @param row of the mirror, for what KnowBe4 does not tell */
  readonly show: (read: Read<RecordOf[Stream]>, connectionId: string, row: Row | undefined) => Promise<Shown<Unified>>;
};

const statuses: Readonly<Record<string, 'active' | 'archived'>> = { active: 'active', inactive: 'archived' };
const groupStatuses: Readonly<Record<string, 'active' | 'archived'>> = { active: 'active', archived: 'archived' };

export function createLiveDirectory(deps: LiveDeps): LiveDirectory {
  const { store } = deps;
  const surroundings = keepSurroundings(store);
  const around = async (connectionId: string) => surroundings(connectionId, (await store.stamp(connectionId)).version);

  return {
    ...liveRoles(deps),
    users: live<'users', UserRow, UnifiedUser>(deps, {
      stream: 'users',
      filters: {
        status: (name, value) => ({ status: oneOf(name, value, statuses) }),
        group_id: (name, value) => ({ group_id: numberIn(name, value) }),
      },
      mirrored: usersSpec,
      rows: (connectionId, keys) => store.userRows([connectionId], keys),
      show: async ({ record, raw }, connectionId, row) => ({
        unified: toUser(record, await around(connectionId), {
          ...seen(row),
          lastLearningAt: row?.lastLearningAt ?? null,
        }),
        record,
        raw,
      }),
    }),
    groups: live<'groups', DirectoryRow, UnifiedGroup>(deps, {
      stream: 'groups',
      filters: {
        x_status: (name, value) => ({ status: oneOf(name, value, groupStatuses) }),
      },
      mirrored: groupsSpec,
      rows: (connectionId, keys) => store.groupRows([connectionId], keys),
      show: async ({ record, raw }, connectionId, row) => ({
        unified: toGroup(record, await around(connectionId), seen(row)),
        record,
        raw,
      }),
    }),
  };
}

/** It is there now, whatever the mirror thinks of it. */
const seen = (row: DirectoryRow | undefined) => ({
  firstSeenAt: row?.firstSeenAt ?? null,
  changedAt: row?.changedAt ?? null,
  deletedAt: null,
});

function live<Stream extends 'users' | 'groups', Row extends DirectoryRow, Unified extends { readonly id: string }>(
  deps: LiveDeps,
  resource: Resource<Stream, Row, Unified>,
): LiveResource {
  const { stream } = resource;
  const { cursorKey, now } = deps;
  const spec: ListSpec<LiveFilter, 'id'> = {
    resource: `live ${stream}`,
    filters: resource.filters,
    sorts: { id: 'id' },
    hasFlags: true,
  };
  const reader = recordReaders[stream] as unknown as RowReader<RecordOf[Stream]>;

  const shown = async (connectionId: string, reads: readonly Read<RecordOf[Stream]>[]) => {
    const rows =
      reads.length === 0
        ? []
        : await resource.rows(
            connectionId,
            reads.map(({ record }) => record.id),
          );
    const byKey = new Map(rows.map((row) => [row.key, row]));
    return Promise.all(reads.map((read) => resource.show(read, connectionId, byKey.get(read.record.id))));
  };
  const erased = async (connectionId: string) =>
    (stream === 'users' ? await deps.isErased(connectionId) : null) ?? (() => false);

  return {
    async list(input, signal) {
      const connectionId = oneConnection(input.connectionIds);
      refuseMirrored(spec, resource.mirrored, input.query);
      const { filter, keyset, flags, about } = readListQuery(spec, input, cursorKey);
      const { connectionIds: _, ...words } = filter;
      const asked = new URLSearchParams(words);
      const path = `/${stream}${asked.size === 0 ? '' : `?${asked}`}`;
      asked.set('limit', String(keyset.limit));
      if (keyset.position !== null) asked.set('next_cursor', keyset.position[2]);
      const page = pageOf(
        await orMirror(deps, connectionId, stream, deps.ask(connectionId, `/${stream}`, String(asked), signal)),
      );
      const isErased = await erased(connectionId);
      const reads = page.rows.map((row) => reader(row));
      const good = reads.filter((read) => !isBadRow(read)) as Read<RecordOf[Stream]>[];
      const records = await shown(
        connectionId,
        good.filter(({ record }) => !isErased(record.id)),
      );
      const next = page.next === null ? null : { position: [null, '', page.next] as const, ...onwards };
      return listed(
        records,
        flags,
        {
          next_cursor: next === null ? null : sealCursor(next, about, cursorKey),
          prev_cursor: null,
          ...(good.length < reads.length ? { is_partial_response: true as const } : {}),
          x_freshness: { source: 'live', as_of: now().toISOString() },
        },
        `/v1${path}`,
      );
    },

    async get({ connectionIds, query }, id, signal) {
      const connectionId = oneConnection(connectionIds);
      const flags = readFlags(query);
      if (!/^\d{1,18}$/.test(id) || (await erased(connectionId))(id)) throw notFound(stream.slice(0, -1), id);
      const body = parsed(
        await orMirror(deps, connectionId, stream, deps.ask(connectionId, `/${stream}/${id}`, '', signal)),
      );
      const read = reader(Array.isArray(body) && body.length === 1 ? body[0] : body);
      if (isBadRow(read)) throw unreadable(read.bad);
      const [record] = await shown(connectionId, [read]);
      return alone(record!, flags, `/v1/${stream}/${id}`);
    },
  };
}

const onwards = { direction: 'forward', inclusive: false } as const;

/** Nobody is left without an answer: the mirror has one, of known age. */
async function orMirror<T>(
  { store }: LiveDeps,
  connectionId: string,
  stream: 'users' | 'groups',
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isForeknowError(error) || error.status !== 429) throw error;
    const asOf = (await store.stamp(connectionId)).completeAt[stream];
    const { detail, hint, retryAfterMs, remote } = error;
    throw new ForeknowError(error.code, {
      detail,
      hint: `${hint ?? ''} Without x_source=live the mirror answers now${asOf === undefined ? '' : `, as of ${asOf}`}.`.trim(),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(remote === undefined ? {} : { remote }),
      cause: error,
    });
  }
}

/** What only the mirror can be asked is named as such. */
function refuseMirrored(
  spec: ListSpec<object, string>,
  mirrored: ListSpec<object, string>,
  query: ListInput['query'],
): void {
  const live = Object.keys(spec.filters);
  const names = [...Object.keys(mirrored.filters).filter((name) => !live.includes(name)), 'sort_by'];
  const name = names.find((one) => query[one] !== undefined && query[one] !== '');
  if (name === undefined) return;
  throw invalid(
    name,
    'cannot be asked of KnowBe4 live',
    `Live there are: ${live.join(', ')}. Without x_source=live the mirror can be asked more.`,
  );
}

function oneOf<Word extends string>(name: string, value: unknown, words: Readonly<Record<string, Word>>): Word {
  const { eq, ...others } = readCondition(name, 'text', value);
  const word = typeof eq === 'string' && Object.hasOwn(words, eq) ? words[eq] : undefined;
  if (word !== undefined && Object.keys(others).length === 0) return word;
  throw invalid(name, `must be one of ${Object.keys(words).join(', ')} where KnowBe4 is asked live`);
}

function numberIn(name: string, value: unknown): string {
  const { eq, ...others } = readCondition(name, 'text', value);
  if (typeof eq === 'string' && /^\d{1,18}$/.test(eq) && Object.keys(others).length === 0) return eq;
  throw invalid(name, 'must be one id where KnowBe4 is asked live');
}

function pageOf(body: Uint8Array): { readonly rows: readonly unknown[]; readonly next: string | null } {
  const { result, next_cursor: next } = (parsed(body) ?? {}) as { result?: unknown; next_cursor?: unknown };
  if (!Array.isArray(result)) throw unreadable('no list');
  return { rows: result, next: typeof next === 'string' ? next : null };
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw unreadable('no JSON');
  }
}

const unreadable = (why: string): ForeknowError =>
  new ForeknowError('remote_invalid', { detail: `KnowBe4 answered with something that cannot be read (${why}).` });
