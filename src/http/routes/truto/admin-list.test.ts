import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adminList } from './admin-list.ts';

type Row = { readonly id: string; readonly created_at: string; readonly tenant: string | null };

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const rows = fc
  .uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      minute: fc.nat(5),
      tenant: fc.option(fc.constantFrom('a', 'b')),
    }),
    {
      selector: ({ id }) => id,
      maxLength: 30,
    },
  )
  .map((list): readonly Row[] => list.map(({ id, minute, tenant }) => ({ id, created_at: at(minute), tenant })));
const filters = { tenant: { kind: 'text' as const, of: (row: Row) => row.tenant } };

/** What a client sees that follows the cursor to its end. */
function followed(
  pages: (query: Readonly<Record<string, unknown>>) => ReturnType<typeof adminList<Row>>,
): readonly Row[] {
  const seen: Row[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = pages({ next_cursor: cursor });
    seen.push(...page.result);
    cursor = page.next_cursor;
  }
  return seen;
}

test('whoever follows the cursor sees every row that matches once, the oldest first, however long the pages are', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 7 }), fc.option(fc.constantFrom('a', 'b')), (all, limit, tenant) => {
      const asked = { limit: String(limit), ...(tenant === null ? {} : { tenant }) };
      const seen = followed((place) => adminList(all, { ...asked, ...place }, filters));
      const wanted = all.filter((row) => tenant === null || row.tenant === tenant);
      expect(seen.map(({ id }) => id).toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
      const times = seen.map((row) => row.created_at);
      expect(times).toEqual(times.toSorted());
    }),
  );
});

test('rows that come and go meanwhile take none of the others away, and show none twice', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 4 }), fc.nat(30), (all, limit, gone) => {
      let now = all;
      let isFirst = true;
      const seen = followed((place) => {
        const page = adminList(now, { limit: String(limit), ...place }, filters);
        if (isFirst)
          now = [...all.filter((_, index) => index !== gone), { id: 'newest', created_at: at(9), tenant: null }];
        isFirst = false;
        return page;
      });
      const ids = seen.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const [index, { id }] of all.entries()) if (index !== gone) expect(ids).toContain(id);
    }),
  );
});

test('operators compare as they are named, and a time may have another zone or lack its end', () => {
  const all = [0, 1, 2, 3].map((minute) => ({ id: `r${minute}`, created_at: at(minute), tenant: null }));
  const of = (row: Row) => row.created_at;
  const ids = (created_at: unknown) =>
    adminList(all, { created_at }, { created_at: { kind: 'instant', of } }).result.map(({ id }) => id);
  expect(ids(at(1))).toEqual(['r1']);
  expect(ids({ eq: '2026-01-01T01:01:00+01:00' })).toEqual(['r1']);
  expect(ids({ gt: at(1) })).toEqual(['r2', 'r3']);
  expect(ids({ gte: at(1) })).toEqual(['r1', 'r2', 'r3']);
  expect(ids({ lt: at(1) })).toEqual(['r0']);
  expect(ids({ lte: at(1), gt: '2026-01-01' })).toEqual(['r1']);
  expect(ids({ in: `${at(0)},${at(3)}` })).toEqual(['r0', 'r3']);
  expect(ids([at(0), at(3)])).toEqual(['r0', 'r3']);
});

test('a row without a value matches no word, and what is looked for may be part of one', () => {
  const all = ['Acme', null, 'beta'].map((tenant, index) => ({ id: `r${index}`, created_at: at(0), tenant }));
  const ids = (tenant: unknown) => adminList(all, { tenant }, filters).result.map(({ id }) => id);
  expect(ids({ like: 'ACM' })).toEqual(['r0']);
  expect(ids('null')).toEqual([]);
  expect(ids({ in: ['beta', 'Acme'] })).toEqual(['r0', 'r2']);
  expect(ids('')).toEqual(['r0', 'r1', 'r2']);
});
