import { toUser } from '../model/from-wire.ts';
import type { UnifiedUser } from '../model/user.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { alone, type Envelope, envelope, type Listed, listed, type Shown } from './answer.ts';
import { userFilters, userSorts } from './filters.ts';
import { cursorsOf, isPlain, type ListInput, type ListSpec, readFlags, readListQuery } from './list-query.ts';
import type { PageCache } from './page-cache.ts';
import type { DirectoryStore, RowRef, UserFilter, UserRow, UserSort } from './ports.ts';
import type { RowCache } from './row-cache.ts';
import { byPlace, distinct, readRow } from './rows.ts';
import { notFound, oneConnection } from './scope.ts';
import type { ReadSurroundings } from './surroundings.ts';

export type Deps = {
  readonly store: DirectoryStore;
  readonly cursorKey: Uint8Array;
  readonly surroundings: ReadSurroundings;
};

type Caches = { readonly rowCache: RowCache; readonly pageCache: PageCache };

export const usersSpec: ListSpec<Omit<UserFilter, 'connectionIds'>, UserSort> = {
  resource: 'users',
  filters: userFilters,
  sorts: userSorts,
  hasFlags: true,
};

export const listUsers =
  (deps: Deps) =>
  async (input: ListInput): Promise<Listed> => {
    const page = await readUserPage(deps, input);
    const { store, connectionId, version, query } = page;
    const rows = await rowsOf(store, page.refs);
    const found = page.refs.map(byPlace(rows)).filter((row) => row !== undefined);
    const around = await deps.surroundings(connectionId, version);
    return listed(
      found.map((row) => show(row, around)),
      query.flags,
      page.head,
    );
  };

/**
 * The same list as the bytes of its JSON. A page that was sent before is sent again while nothing was written; otherwise it
 * is put together from rendered rows, with the vendor's object copied in as the text it is stored as. Whatever changes the
 * shape of records takes the way of `listUsers`.
 */
export const listUsersJson = (deps: Deps & Caches) => {
  const { store, pageCache } = deps;
  const list = listUsers(deps);
  return async (input: ListInput): Promise<Buffer> => {
    if (!isPlain(readFlags(input.query))) return Buffer.from(JSON.stringify(await list(input)));
    const pageKey = JSON.stringify([input.connectionIds, input.query]);
    const revision = await store.revision();
    const known = pageCache.get(revision, pageKey);
    if (known !== undefined) return known;
    const page = await readUserPage(deps, input);
    const bytes = joined(await renderedRows(deps, page), page.head);
    pageCache.put(revision, pageKey, bytes);
    return bytes;
  };
};

export const getUser =
  (deps: Deps) =>
  async ({ connectionIds, query }: ListInput, id: string): Promise<object> => {
    const connectionId = oneConnection(connectionIds);
    const flags = readFlags(query);
    const { version } = await deps.store.stamp(connectionId);
    const [row] = await deps.store.userRows([connectionId], [id]);
    if (row === undefined) throw notFound('user', id);
    return alone(show(row, await deps.surroundings(connectionId, version)), flags);
  };

/** Who the key is. A Reporting API key belongs to the account and to no person, so it is shown as what it is. */
export const me =
  (deps: Deps) =>
  async ({ connectionIds }: Pick<ListInput, 'connectionIds'>): Promise<UnifiedUser> => {
    const connectionId = oneConnection(connectionIds);
    const { version } = await deps.store.stamp(connectionId);
    const { organization } = await deps.surroundings(connectionId, version);
    return { ...nobody, id: `kb4:key:${connectionId}`, organizations: [organization] };
  };

const nobody: UnifiedUser = {
  id: '',
  external_id: null,
  identifiers: { employee_number: null, provisioning_guid: null },
  first_name: null,
  last_name: null,
  title: null,
  name: 'KnowBe4 Reporting API key',
  username: null,
  emails: [],
  phones: [],
  status: 'active',
  is_email_verified: null,
  is_2fa_enabled: null,
  roles: [],
  organizations: [],
  type: 'service-account',
  licenses: [],
  groups: [],
  workspaces: [],
  avatar: null,
  timezone: null,
  languages: [],
  bio: null,
  created_at: null,
  updated_at: null,
  last_login_at: null,
  last_active_at: null,
  x_risk_score: null,
  x_phish_prone_percent: null,
  x_department: null,
  x_division: null,
  x_location: null,
  x_manager_name: null,
  x_manager_email: null,
  x_archived_at: null,
  x_deleted_at: null,
};

type UserPage = Awaited<ReturnType<typeof readUserPage>>;

async function readUserPage({ store, cursorKey }: Deps, input: ListInput) {
  const connectionId = oneConnection(input.connectionIds);
  const query = readListQuery(usersSpec, input, cursorKey);
  // The version first: what is built later may be newer than it says, never older.
  const { version, completeAt } = await store.stamp(connectionId);
  const page = await store.listUsers(query.filter, query.sort, query.keyset);
  const head = envelope(cursorsOf(page, query, cursorKey), completeAt.users ?? null, false);
  return { store, connectionId, version, query, refs: page.rows, head };
}

const rowsOf = async (store: DirectoryStore, refs: readonly RowRef[]): Promise<readonly UserRow[]> =>
  refs.length === 0
    ? []
    : store.userRows(distinct(refs.map((ref) => ref.connectionId)), distinct(refs.map((ref) => ref.key)));

function show(row: UserRow, around: Awaited<ReturnType<ReadSurroundings>>): Shown<UnifiedUser> {
  const { record, raw } = readRow(row, recordReaders.users);
  return { unified: toUser(record, around, row), record, raw };
}

async function renderedRows(
  { store, surroundings, rowCache }: Deps & Caches,
  { connectionId, version, refs }: UserPage,
): Promise<readonly Buffer[]> {
  const kept = refs.map((ref) => rowCache.get(ref, version));
  const missing = refs.filter((_, index) => kept[index] === undefined);
  if (missing.length === 0) return kept as Buffer[];
  const around = await surroundings(connectionId, version);
  const rendered = new Map<string, Buffer>();
  for (const row of await rowsOf(store, missing)) {
    const bytes = render(row, around);
    rendered.set(row.key, bytes);
    rowCache.put(row, version, bytes);
  }
  // A row that was purged between the two queries is left out.
  return refs.flatMap((ref, index) => kept[index] ?? rendered.get(ref.key) ?? []);
}

/** The unified record with the stored text as its last member. */
function render(row: UserRow, around: Awaited<ReturnType<ReadSurroundings>>): Buffer {
  const { record } = readRow(row, recordReaders.users);
  const unified = JSON.stringify(toUser(record, around, row));
  return Buffer.from(`${unified.slice(0, -1)},"remote_data":${row.raw}}`);
}

const COMMA = ','.charCodeAt(0);

function joined(rows: readonly Buffer[], head: Envelope): Buffer {
  const start = Buffer.from('{"result":[');
  const end = Buffer.from(`],"result_count":${rows.length},${JSON.stringify(head).slice(1)}`);
  const commas = Math.max(0, rows.length - 1);
  const size = rows.reduce((sum, row) => sum + row.length, start.length + end.length + commas);
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = start.copy(bytes);
  for (const [index, row] of rows.entries()) {
    if (index > 0) bytes[at++] = COMMA;
    at += row.copy(bytes, at);
  }
  end.copy(bytes, at);
  return bytes;
}
