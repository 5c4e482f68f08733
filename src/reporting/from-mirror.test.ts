import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCursor, writeCursor } from './cursor.ts';
import { answerFromMirror, type MirrorAnswer, type MirrorCall } from './from-mirror.ts';
import type { KeptRow, ReportingStore, RowsWanted } from './ports.ts';

const at = '2026-03-02T08:00:00.000Z';
const users: readonly KeptRow[] = Array.from({ length: 2000 }, (_, index) => ({
  ...{ key: String(100_000 + index), raw: `{"id":${100_000 + index}}`, firstSeenAt: at, deletedAt: null },
}));

/** A store of 2,000 people that says what it was asked. @param completeAt what it says of each look */
function storeOf(completeAt: () => string | null) {
  const asked: RowsWanted[] = [];
  const store: ReportingStore = {
    completeAt: async () => completeAt(),
    keptRows: async (wanted) => {
      asked.push(wanted);
      const from = users.findIndex(({ key }) => wanted.after === null || key > wanted.after);
      return users.slice(from + wanted.offset, from + wanted.offset + wanted.limit);
    },
    keptRow: async (_connection, _stream, key) => users.find((row) => row.key === key) ?? null,
    everEnrolled: async () => null,
    keptPeople: async () => [],
  };
  return { answer: answerFromMirror(store), asked };
}

const callOf = (query: string): MirrorCall => ({
  ...{ connectionId: 'con_1', endpoint: '/users', id: '', query: new URLSearchParams(query) },
});

test('no more rows are read than a page has, and one to see whether there are more', async () => {
  const { answer, asked } = storeOf(() => at);
  await answer(callOf('per_page=100000&page=2'));
  await answer(callOf('per_page=40&cursor=true'));
  await answer(callOf(''));
  expect(asked.map(({ limit, offset }) => [limit, offset])).toEqual([
    [501, 500],
    [41, 0],
    [101, 0],
  ]);
});

test('what was purged or read anew while the rows came is not shown as whole', async () => {
  const looks: (string | null)[] = [at, null];
  expect(await storeOf(() => looks.shift() ?? null).answer(callOf(''))).toBeNull();
  const first: (string | null)[] = [null, at];
  expect(await storeOf(() => first.shift() ?? null).answer(callOf(''))).toBeNull();
});

test('whatever the size of a page, each row comes once and the last page names no next one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 3, max: 700 }), async (size) => {
      const { answer } = storeOf(() => at);
      const ids: number[] = [];
      for (let cursor: string | null = 'true'; cursor !== null; ) {
        const page: MirrorAnswer = (await answer(callOf(`per_page=${size}&cursor=${cursor}`)))!;
        const rows = JSON.parse(Buffer.from(page.body).toString()) as { id: number }[];
        expect(rows.length).toBeGreaterThan(0);
        ids.push(...rows.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(ids).toEqual(users.map(({ key }) => Number(key)));
    }),
    { numRuns: 25 },
  );
});

test('a cursor is read back for its own list alone; any other text is somebody else’s or refused, never a place', () => {
  const key = fc.stringMatching(/^(callback:)?\d{1,12}(\/\d{1,9})?$/);
  fc.assert(
    fc.property(fc.string(), fc.string(), key, (list, other, after) => {
      const cursor = writeCursor(list, after);
      expect(cursor).toMatch(/^[\w.-]+$/);
      expect(readCursor(list, cursor)).toBe(after);
      fc.pre(other !== list);
      expect(() => readCursor(other, cursor)).toThrow('cursor is not valid');
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.startsWith('fkm1.'));
      expect(readCursor('list', text)).toBeNull();
    }),
  );
});
