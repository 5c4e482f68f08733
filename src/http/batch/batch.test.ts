import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Answer, type Asked, type Bounds, type Get, inOrder, runBatch } from './batch.ts';

const sizes: Readonly<Record<string, number>> = { '1': 3, '2': 0, '3': 7, '4': 1 };

/** Four groups with members, in pages of at most `limit`. */
const world: Get = async (path, query) => {
  const group = String(query.group_id ?? '');
  const [, one] = /^\/unified\/user-directory\/users\/(.+)$/.exec(path) ?? [];
  if (one !== undefined) return answer(one === 'none' ? 404 : 200, { id: decodeURIComponent(one) });
  const all = path.endsWith('/groups')
    ? Object.keys(sizes).map((id) => ({ id }))
    : Array.from({ length: sizes[group] ?? 0 }, (_, index) => ({ id: `${group}.${index}` }));
  const from = Number(query.next_cursor ?? 0);
  const to = from + Math.min(2, Number(query.limit));
  return answer(200, { result: all.slice(from, to), next_cursor: to < all.length ? String(to) : null });
};
const answer = (status: number, body: object): Answer => ({ status, body, bytes: 10, retryAfter: null });

const free: Bounds = { calls: 1000, rows: 1000, bytes: 10_000, hasTime: () => true };
const members: readonly Asked[] = [
  { resource: 'user-directory/groups', method: 'list' },
  {
    ...{ resource: 'user-directory/users', method: 'list', depends_on: 'user-directory/groups' },
    query: { group_id: '{{resources.user-directory.groups.id}}', limit: 3 },
  },
];
const everybody = Object.entries(sizes).flatMap(([group, size]) =>
  Array.from({ length: size }, (_, index) => `${group}.${index}`),
);
const idsOf = (rows: readonly unknown[] = []) => rows.map((row) => (row as { id: string }).id);

test('lists are followed to their ends, and what depends on one is asked for each of its records', async () => {
  const { result, errors, ...rest } = await runBatch(members, {}, world, free);
  expect(idsOf(result['user-directory/groups'])).toEqual(['1', '2', '3', '4']);
  expect(idsOf(result['user-directory/users'])).toEqual(everybody);
  expect([errors, rest]).toEqual([{}, {}]);
});

test('whatever bound ends a batch, what it says is unfinished leads to the rest, each record once', async () => {
  const bounds = fc.record({
    calls: fc.integer({ min: 1, max: 9 }),
    rows: fc.integer({ min: 1, max: 9 }),
    bytes: fc.integer({ min: 5, max: 90 }),
    looks: fc.integer({ min: 1, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(bounds, async ({ looks, ...bound }) => {
      const users: string[] = [];
      const groups: string[] = [];
      let asked: readonly Asked[] = members;
      for (let batches = 0; asked.length > 0 && batches < 100; batches += 1) {
        let left = looks;
        const done = await runBatch(inOrder(asked), {}, world, { ...bound, hasTime: () => left-- > 0 });
        users.push(...idsOf(done.result['user-directory/users']));
        groups.push(...idsOf(done.result['user-directory/groups']));
        expect(done.is_partial_response === true).toBe(done.x_unfinished !== undefined);
        asked = (done.x_unfinished ?? []) as readonly Asked[];
      }
      expect(groups.toSorted()).toEqual(['1', '2', '3', '4']);
      expect(users.toSorted()).toEqual(everybody.toSorted());
    }),
  );
});

test('an argument that is a list is gone through, and each error stands beside the others’ records', async () => {
  const asked: Asked[] = [
    { resource: 'user-directory/users', method: 'get', id: '{{args.user_ids}}', loop_on: '{{args.user_ids}}' },
    { resource: 'lms/users', method: 'get', id: '{{args.nobody}}' },
  ];
  const { result, errors } = await runBatch(asked, { user_ids: ['a/b', 'none', '7', '..'] }, world, free);
  expect(idsOf(result['user-directory/users'])).toEqual(['a/b', '7']);
  expect(errors['user-directory/users']).toMatchObject([{ details: { code: 'invalid_request' } }, { id: 'none' }]);
  expect(errors['lms/users']).toMatchObject([
    { statusCode: 400, message: 'The placeholder {{args.nobody}} names nothing.' },
  ]);
  expect(result['lms/users']).toEqual([]);
});

test('one that is told to wait ends its kind, and says how long; others go on', async () => {
  const asked: Asked[] = [
    { resource: 'users', method: 'get', id: '{{args.ids}}', loop_on: 'ids' },
    { resource: 'user-directory/groups', method: 'list' },
  ];
  let calls = 0;
  const busy: Get = async (path, query) => {
    calls += 1;
    return path.startsWith('/proxy/') ? { ...answer(429, { statusCode: 429 }), retryAfter: 30 } : world(path, query);
  };
  const done = await runBatch(asked, { ids: ['1', '2', '3'] }, busy, free);
  expect(calls).toBe(3);
  expect(done.errors.users).toMatchObject([{ id: '1', statusCode: 429 }]);
  expect(done.x_unfinished).toEqual([
    { resource: 'users', method: 'get', id: '1', because: 'rate_limited', retry_after: 30 },
    { resource: 'users', method: 'get', id: '2', because: 'rate_limited' },
    { resource: 'users', method: 'get', id: '3', because: 'rate_limited' },
  ]);
  expect(idsOf(done.result['user-directory/groups'])).toHaveLength(4);
});

test('what others need alone is not told', async () => {
  const quiet = members.map((one, index) => (index === 0 ? { ...one, persist: false } : one));
  const { result } = await runBatch(quiet, {}, world, free);
  expect(Object.keys(result)).toEqual(['user-directory/users']);
});

test('dependencies come first, in whatever order they were written; circles and strangers are refused', () => {
  expect(inOrder(members.toReversed()).map(({ resource }) => resource)).toEqual(
    members.map(({ resource }) => resource),
  );
  const one = { resource: 'a', method: 'list' } as const;
  for (const asked of [
    [{ ...one, depends_on: 'b' }],
    [{ ...one, depends_on: 'a' }],
    [
      { ...one, depends_on: 'b' },
      { ...one, resource: 'b', depends_on: 'a' },
    ],
  ]) {
    expect(() => inOrder(asked)).toThrow(/depends on/);
  }
});
