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
