import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillMirror, rawUser } from '../store/contract/mirror.ts';
import { openStore, type Store } from '../store/store.ts';
import { createDirectory, type Directory } from './directory.ts';

let folder: string;
let store: Store;
let directory: Directory;
let connections = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-paging-'));
  store = await openStore({ folder });
  directory = createDirectory({
    store: store.directory,
    cursorKey: Buffer.alloc(32, 7),
    now: () => new Date('2026-03-02T09:00:00Z'),
  });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const texts = fc.constantFrom(null, '', 'a', 'B', 'é', '日', 'a b');
const times = fc.constantFrom(null, '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z');
const aUser = fc
  .record({
    id: fc.integer({ min: 1, max: 300 }),
    first_name: texts,
    status: fc.constantFrom('active', 'archived', null),
    joined_on: times,
    last_sign_in: times,
    current_risk_score: fc.constantFrom(null, 0, 0.1, 41.972, 1e-7, -1),
  })
  .map(({ id, ...changes }) => rawUser(id, changes));
const uniqueUsers = (min: number, max: number) =>
  fc.uniqueArray(aUser, { selector: (user) => user.id, minLength: min, maxLength: max });
const sorts = fc.constantFrom(
  'id',
  'created_at',
  'updated_at',
  'emails',
  'first_name',
  'name',
  'status',
  'last_login_at',
  'last_active_at',
  'x_risk_score',
);
const orders = fc.constantFrom('asc', 'desc');

type Row = Record<string, unknown> & { id: string };
type Page = { result: Row[]; next_cursor: string | null; prev_cursor: string | null; result_count: number };

const newConnection = () => `con_${String(++connections).padStart(16, '0')}`;
let pagesLeft = 0;
const page = async (connectionId: string, query: Record<string, unknown>) => {
  if (query.next_cursor === undefined && query.prev_cursor === undefined) pagesLeft = 100;
  if (pagesLeft-- === 0) throw new Error('the walk does not end');
  return (await directory.listUsers({ connectionIds: [connectionId], query })) as unknown as Page;
};

/** Null before everything, text by its bytes: what the store promises. */
function inOrder(one: Row, other: Row, sort: string): number {
  const [a, b] = [one, other].map((row) =>
    sort === 'emails' ? (row.username as string).toLowerCase() : (row[sort] as string | number | null),
  ) as [string | number | null, string | number | null];
  return compare(a, b) || compare(one.id, other.id);
}
function compare(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(b as string)) : a - (b as number);
}

test('pages walked forwards, then backwards, give every row once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      uniqueUsers(0, 12),
      sorts,
      orders,
      fc.integer({ min: 1, max: 5 }),
      async (users, sort, order, limit) => {
        const connectionId = newConnection();
        await fillMirror(store, { users }, { connectionId });
        const query = { sort_by: { [sort]: order }, limit: String(limit) };

        const forwards: Row[] = [];
        let last = await page(connectionId, query);
        expect(last.prev_cursor).toBeNull();
        forwards.push(...last.result);
        while (last.next_cursor !== null) {
          last = await page(connectionId, { ...query, next_cursor: last.next_cursor });
          forwards.push(...last.result);
        }
        const backwards = [...last.result];
        while (last.prev_cursor !== null) {
          last = await page(connectionId, { ...query, prev_cursor: last.prev_cursor });
          backwards.unshift(...last.result);
        }

        const sign = order === 'asc' ? 1 : -1;
        const wanted = forwards.toSorted((one, other) => sign * inOrder(one, other, sort)).map(({ id }) => id);
        expect(forwards.map(({ id }) => id).toSorted()).toEqual(users.map(({ id }) => String(id)).toSorted());
        expect(forwards.map(({ id }) => id)).toEqual(wanted);
        expect(backwards.map(({ id }) => id)).toEqual(wanted);
      },
    ),
    { numRuns: 60 },
  );
});

test('rows that stay put are neither lost nor doubled while others come, change and go between the pages', async () => {
  const steps = fc.array(
    fc.record({ brings: uniqueUsers(0, 3), removes: fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 2 }) }),
    { minLength: 1, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(
      uniqueUsers(3, 12),
      steps,
      sorts,
      orders,
      fc.integer({ min: 1, max: 3 }),
      async (users, changes, sort, order, limit) => {
        const connectionId = newConnection();
        await fillMirror(store, { users }, { connectionId });
        const query = { sort_by: { [sort]: order }, limit: String(limit) };
        const touched = new Set<string>();
        const pending = [...changes];

        const seen: Row[] = [];
        let current = await page(connectionId, query);
        seen.push(...current.result);
        while (current.next_cursor !== null) {
          const step = pending.shift();
          if (step !== undefined) {
            for (const id of [...step.brings.map((user) => user.id), ...step.removes]) touched.add(String(id));
            const removedUsers = step.removes.map(String);
            await fillMirror(
              store,
              { users: step.brings, removedUsers },
              { connectionId, changedAt: '2026-03-01T00:00:00.000Z', version: seen.length + 2 },
            );
          }
          current = await page(connectionId, { ...query, next_cursor: current.next_cursor });
          seen.push(...current.result);
        }

        const still = users.map(({ id }) => String(id)).filter((id) => !touched.has(id));
        expect(
          seen
            .map(({ id }) => id)
            .filter((id) => !touched.has(id))
            .toSorted(),
        ).toEqual(still.toSorted());
      },
    ),
    { numRuns: 40 },
  );
});

test('a walk can turn round at an end that has become empty', async () => {
  const connectionId = newConnection();
  await fillMirror(store, { users: [rawUser(1), rawUser(2), rawUser(3)] }, { connectionId });
  const first = await page(connectionId, { limit: '2' });
  await fillMirror(store, { removedUsers: ['3'] }, { connectionId });
  const end = await page(connectionId, { limit: '2', next_cursor: first.next_cursor });
  expect(end).toMatchObject({ result: [], next_cursor: null });
  const back = await page(connectionId, { limit: '2', prev_cursor: end.prev_cursor });
  expect(back.result.map(({ id }) => id)).toEqual(['1', '2']);
});

test('a cursor is refused with another filter, sort or connection', async () => {
  const [one, other] = [newConnection(), newConnection()];
  for (const connectionId of [one, other]) {
    await fillMirror(store, { users: [rawUser(1), rawUser(2)] }, { connectionId });
  }
  const { next_cursor } = await page(one, { limit: '1', status: 'active' });
  const refused = expect.objectContaining({ code: 'invalid_cursor', hint: expect.any(String) });
  await expect(page(one, { limit: '1', next_cursor })).rejects.toEqual(refused);
  await expect(page(one, { limit: '1', status: 'active', sort_by: '-id', next_cursor })).rejects.toEqual(refused);
  await expect(page(other, { limit: '1', status: 'active', next_cursor })).rejects.toEqual(refused);
  await expect(directory.listGroups({ connectionIds: [one], query: { next_cursor } })).rejects.toEqual(refused);
  const { result } = await page(one, { limit: '500', status: 'active', next_cursor });
  expect(result.map(({ id }) => id)).toEqual(['2']);
});
