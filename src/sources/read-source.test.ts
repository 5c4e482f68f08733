import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import type { SourcePerson } from '../model/source-person.ts';
import { openTempStore, type TempStore } from '../store/contract/temp-store.ts';
import { csvSource } from './csv/csv-source.ts';
import { inFolder } from './csv/folder.ts';
import type { ReadRecord } from './ports.ts';
import { type ReadDeps, readSource } from './read-source.ts';
import type { Proof, Source } from './source.ts';

let temp: TempStore;
beforeAll(async () => {
  temp = await openTempStore();
});
afterAll(() => temp.remove());

let lastId = 0;
const next = (): number => {
  lastId += 1;
  return lastId;
};
const signal = new AbortController().signal;
const keep = new Set(['title', 'mail']);
const deps = (changes: Partial<ReadDeps> = {}): ReadDeps => ({
  store: temp.store,
  now: () => new Date(1_780_000_000_000 + lastId * 60_000),
  newId: () => `rd_${String(next()).padStart(6, '0')}`,
  erased: async () => null,
  ...changes,
});

const aPerson = (sourceId: string, changes: Partial<SourcePerson> = {}): SourcePerson => ({
  ...{ sourceId, attributes: { title: 'Clerk', mail: `${sourceId}@example.com` }, groups: ['Staff'], active: true },
  ...changes,
});
const company = (size: number): SourcePerson[] => Array.from({ length: size }, (_, at) => aPerson(`p${at}`));

const complete: Proof = { state: 'complete', words: 'all of them' };

/** Shows these people and ends so, or breaks off after them. */
const showing = (name: string, people: readonly SourcePerson[], end: Proof | Error = complete): Source => ({
  name,
  kind: 'csv',
  read: async () => ({
    people: (async function* () {
      yield* people;
      if (end instanceof Error) throw end;
    })(),
    done: async () => (end instanceof Error ? { state: 'incomplete', words: 'broke off' } : end),
  }),
  test: async () => ({ ok: true, words: [], sample: [] }),
});

const read = (source: Source, changes: Partial<ReadDeps> = {}): Promise<ReadRecord> =>
  readSource(deps(changes), source, { keep, by: 'a test', signal });

const image = async (source: string) => temp.store.listKeptPeople(source, null, 10_000);
const absences = async (source: string) =>
  Object.fromEntries((await image(source)).map((one) => [one.sourceId, one.absent?.completeReads ?? 0]));

test('a first read becomes what is known, with how far each attribute is filled', async () => {
  const people = [aPerson('a'), aPerson('b', { attributes: { title: null, mail: 'b@example.com' } })];
  const record = await read(showing('first', people));
  expect(record).toMatchObject({
    ...{ state: 'kept', people: 2, added: 2, changed: 0, gone: 0, counts: true, error: null, findings: [] },
    coverage: [
      { attribute: 'groups', filled: 2, share: 1, before: null },
      { attribute: 'mail', filled: 2, share: 1, before: null, newlyBlank: 0, changed: 0 },
      { attribute: 'title', filled: 1, share: 0.5, before: null },
    ],
  });
  expect(record.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect((await image('first')).map(({ sourceId, attributes }) => [sourceId, attributes.title])).toEqual([
    ['a', 'Clerk'],
    ['b', null],
  ]);
  const second = await read(showing('first', [aPerson('a', { attributes: { title: 'Boss', mail: 'a@example.com' } })]));
  expect(second).toMatchObject({
    changed: 1,
    gone: 1,
    coverage: [{}, {}, { attribute: 'title', share: 1, before: 0.5, changed: 1 }],
  });
});

test('what goes in small reads adds up over a day, until two people have let it in', async () => {
  const sizes = async (name: string, hours: number, ...steps: readonly number[]): Promise<readonly ReadRecord[]> => {
    const records: ReadRecord[] = [];
    for (const [step, size] of steps.entries()) {
      const now = () => new Date(1_790_000_000_000 + step * hours * 3_600_000 + lastId);
      records.push(await read(showing(name, company(size)), { now }));
    }
    return records;
  };
  const shrunk = (records: readonly ReadRecord[]) => records.map(({ findings }) => findings[0]?.guard ?? null);
  const fast = await sizes('leak', 6, 200, 192, 191, 189);
  expect(shrunk(fast)).toEqual([null, null, null, 'source_shrink']);
  expect(fast[3]!.findings[0]).toMatchObject({ value: 11 / 200, words: 'It shows 189 people, 11 fewer than before.' });
  expect(shrunk(await sizes('slow leak', 25, 200, 192, 184, 176))).toEqual([null, null, null, null]);

  const { id: readId, digest } = fast[3]!;
  for (const by of ['op_1', 'op_2']) {
    const approval = { by, name: by, at: '2026-11-21T10:00:00.000Z' };
    await temp.store.acceptSourceRead({ readId, digest: digest!, approval, needed: 2 });
  }
  const now = () => new Date(1_790_000_000_000 + 19 * 3_600_000 + lastId);
  expect(await read(showing('leak', company(182)), { now })).toMatchObject({ state: 'kept' });
});

test('the order of groups and attributes is no change', async () => {
  await read(showing('order', [aPerson('a', { groups: ['A', 'B'], attributes: { title: 'x', mail: 'y' } })]));
  const again = await read(
    showing('order', [aPerson('a', { groups: ['B', 'A', 'B'], attributes: { mail: 'y', title: 'x' } })]),
  );
  expect(again).toMatchObject({ changed: 0, coverage: [{ changed: 0 }, { changed: 0 }, { changed: 0 }] });
});

test.each<[string, (people: readonly SourcePerson[]) => SourcePerson[], string[]]>([
  ['nobody', () => [], ['empty']],
  ['6 of 100 fewer', (people) => people.slice(6), ['source_shrink']],
  ['5 of 100 fewer', (people) => people.slice(5), []],
  [
    'an attribute that is empty for 6',
    (people) => people.map((one, at) => (at < 6 ? { ...one, attributes: { ...one.attributes, mail: null } } : one)),
    ['newly_blank mail'],
  ],
  [
    'an attribute that is not there any more',
    (people) => people.map((one) => ({ ...one, attributes: { mail: one.attributes.mail! } })),
    ['newly_blank title'],
  ],
  [
    'groups that are not there any more',
    (people) => people.map((one) => ({ ...one, groups: [] })),
    ['newly_blank groups'],
  ],
  [
    'another title for 21',
    (people) => people.map((one, at) => (at < 21 ? { ...one, attributes: { ...one.attributes, title: 'Boss' } } : one)),
    ['changed title'],
  ],
  [
    'another title for 20',
    (people) => people.map((one, at) => (at < 20 ? { ...one, attributes: { ...one.attributes, title: 'Boss' } } : one)),
    [],
  ],
  [
    '6 who are not active any more',
    (people) => people.map((one, at) => (at < 6 ? { ...one, active: false } : one)),
    ['newly_inactive'],
  ],
  [
    'other ids for 6',
    (people) => people.map((one, at) => (at < 6 ? { ...one, sourceId: `0${one.sourceId}` } : one)),
    ['keys_changed'],
  ],
])('a read that shows %s is judged', async (what, change, findings) => {
  const name = `judged ${what}`;
  await read(showing(name, company(100)));
  const before = await image(name);
  const record = await read(showing(name, change(company(100))));
  expect(record.findings.map(({ guard, attribute }) => [guard, attribute].filter(Boolean).join(' '))).toEqual(findings);
  expect(record.state).toBe(findings.length === 0 ? 'kept' : 'quarantined');
  if (findings.length > 0) expect(await image(name)).toEqual(before);
});

test('an attribute that nobody needs any more is not missed', async () => {
  await read(showing('needed', company(20)));
  const without = company(20).map((one) => ({ ...one, attributes: { mail: one.attributes.mail! } }));
  const options = { keep: new Set(['mail']), by: 'a test', signal };
  expect(await readSource(deps(), showing('needed', without), options)).toMatchObject({ state: 'kept', findings: [] });
});

test('two people let a quarantined read in, once they saw this one', async () => {
  await read(showing('waits', company(40)));
  const record = await read(showing('waits', company(30)));
  expect(record).toMatchObject({ state: 'quarantined', gone: 10 });
  const accept = (by: string) =>
    temp.store.acceptSourceRead({
      ...{ readId: record.id, digest: record.digest!, needed: 2 },
      approval: { by, name: by, at: '2026-11-21T10:00:00.000Z' },
    });
  expect(await accept('op_1')).toMatchObject({ outcome: 'waiting' });
  expect(Object.values(await absences('waits')).filter((reads) => reads > 0)).toEqual([]);
  expect((await read(showing('waits', company(30)))).state).toBe('superseded');
  expect(await accept('op_2')).toMatchObject({ outcome: 'accepted' });
  expect(Object.values(await absences('waits')).filter((reads) => reads > 0)).toHaveLength(10);
});

test('a source that cannot be reached, or breaks off, leaves an incomplete read that says why', async () => {
  await read(showing('broken', company(3)));
  const before = await image('broken');
  const why = new ForeknowError('source_unreachable', { detail: 'It is away.', hint: 'Wait.' });
  const unreachable: Source = { ...showing('broken', []), read: () => Promise.reject(why) };
  expect(await read(unreachable)).toMatchObject({
    ...{ state: 'incomplete', proof: { state: 'incomplete', words: 'It is away.' } },
    error: { code: 'source_unreachable', detail: 'It is away.', hint: 'Wait.' },
  });
  expect(await read(showing('broken', company(1), why))).toMatchObject({ state: 'incomplete', counts: false });
  expect(await image('broken')).toEqual(before);
});

test('a proof is not believed of a read that threw', async () => {
  const lying: Source = {
    ...showing('lying', []),
    read: async () => ({
      people: (async function* () {
        yield aPerson('a');
        throw new ForeknowError('source_unreachable', { detail: 'gone' });
      })(),
      done: async () => complete,
    }),
  };
  expect((await read(lying)).state).toBe('incomplete');
});

test('our own faults are not taken for the source’s', async () => {
  await expect(read(showing('ours', company(1), new TypeError('a bug')))).rejects.toThrow('a bug');
  expect((await temp.store.listSourceReads('ours', 1))[0]).toMatchObject({
    state: 'incomplete',
    error: { code: 'internal' },
  });
});

test('a read that is told to end leaves an incomplete one and nothing aside', async () => {
  const cancel = new AbortController();
  const source: Source = {
    ...showing('told', []),
    read: async () => ({
      people: (async function* () {
        yield* company(600);
        cancel.abort(new Error('stopping'));
        cancel.signal.throwIfAborted();
      })(),
      done: async () => ({ state: 'incomplete', words: 'told to end' }),
    }),
  };
  const reading = readSource(deps(), source, { keep, by: 'a test', signal: cancel.signal });
  await expect(reading).rejects.toThrow('stopping');
  const [record] = await temp.store.listSourceReads('told', 1);
  expect(record?.state).toBe('incomplete');
  expect((await temp.store.countStaged(record!.id, 'told')).people).toBe(0);
});

test('one read of a source at a time', async () => {
  const source = showing('busy', company(1));
  const refusals: unknown[] = [];
  const slow: Source = {
    ...source,
    async read(options) {
      await read(source).catch((error: unknown) => refusals.push(error));
      return source.read(options);
    },
  };
  expect((await read(slow)).state).toBe('kept');
  expect(refusals).toMatchObject([{ code: 'conflict' }]);
});

test('somebody who was erased stays out', async () => {
  const erased = async () => (id: string) => id === 'p1';
  const record = await read(showing('erased', company(3)), { erased });
  expect(record.people).toBe(2);
  expect(Object.keys(await absences('erased'))).toEqual(['p0', 'p2']);
});

/** Any way in which a read may come out wrong. */
const cuts = fc.record({
  first: fc.nat(30),
  last: fc.nat(30),
  blank: fc.subarray(['title', 'mail']),
  end: fc.constantFrom('breaks', 'incomplete', 'unproven'),
});

test('no cut of any read makes anybody more absent, nor changes what is known of somebody it does not show', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.array(cuts, { minLength: 1, maxLength: 4 }),
      async (size, broken) => {
        const name = `law ${next()}`;
        await read(showing(name, company(size)));
        await read(showing(name, company(size - Math.min(size - 1, 1))));
        for (const { first, last, blank, end } of broken) {
          const before = await image(name);
          const shown = company(size)
            .slice(first, size - last)
            .map((one) => ({
              ...one,
              attributes: { ...one.attributes, ...Object.fromEntries(blank.map((at) => [at, null])) },
            }));
          const how: Record<typeof end, Proof | Error> = {
            breaks: new ForeknowError('source_unreachable', { detail: 'cut' }),
            incomplete: { state: 'incomplete', words: 'cut' },
            unproven: { state: 'unproven', words: 'no proof' },
          };
          await read(showing(name, shown, how[end]));
          const ids = new Set(shown.map(({ sourceId }) => sourceId));
          for (const [at, now] of (await image(name)).entries()) {
            const was = before[at]!;
            expect(now.sourceId).toBe(was.sourceId);
            expect(now.absent?.completeReads ?? 0).toBeLessThanOrEqual(was.absent?.completeReads ?? 0);
            if (!ids.has(now.sourceId)) expect(now).toEqual(was);
            if (ids.has(now.sourceId)) expect(now.absent).toBeNull();
          }
        }
      },
    ),
    { numRuns: 40 },
  );
});

/** Rows as a file: with a proof or without, cut at a byte, without some rows, or without a column. */
const fileOf = (rows: readonly number[], columns: readonly string[], isProven: boolean): string =>
  [
    columns.join(','),
    ...rows.map((row) => columns.map((column) => (column === 'id' ? `p${row}` : `${column} of ${row}`)).join(',')),
    ...(isProven ? [`#END rows=${rows.length}`] : []),
    '',
  ].join('\n');

test('no cut of any file does either: at a byte, rows, columns', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-cut-'));
  const path = join(folder, 'people.csv');
  const clock = { now: () => new Date(), sleep: async () => undefined };
  const all = ['id', 'title', 'mail'];
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          size: fc.integer({ min: 2, max: 12 }),
          byte: fc.nat(400),
          rows: fc.nat(12),
          columns: fc.subarray(all, { minLength: 1 }),
          how: fc.constantFrom('byte', 'rows', 'columns', 'both'),
          isProven: fc.boolean(),
        }),
        async ({ size, byte, rows, columns, how, isProven }) => {
          const name = `file law ${next()}`;
          const completeWhen = { trailer: '#END rows={rows}' };
          const source = csvSource(
            { name, id: 'id', completeWhen: isProven ? completeWhen : undefined },
            inFolder({ path, beside: [], settleMs: 0 }, clock),
          );
          const ids = Array.from({ length: size }, (_, at) => at);
          writeFileSync(path, fileOf(ids, all, isProven));
          expect((await read(source)).state).toBe('kept');
          const before = await image(name);
          const left = how === 'rows' ? ids.slice(0, Math.min(rows, size - 1)) : ids;
          const whole = fileOf(left, how === 'columns' || how === 'both' ? columns : all, isProven);
          // A cut takes rows from the file without telling its trailer.
          const text = how === 'rows' ? whole.replace(/rows=\d+/, `rows=${size}`) : whole;
          const cut = how === 'byte' || how === 'both' ? text.slice(0, Math.min(byte, text.length - 2)) : text;
          writeFileSync(path, cut);
          const record = await read(source);
          expect(record.counts && how !== 'columns').toBe(false);
          const shown = new Set(cut.split('\n').map((line) => line.split(',')[0]));
          for (const was of before) {
            const now = (await temp.store.keptPeople(name, [was.sourceId]))[0]!;
            expect(now.absent).toBeNull();
            if (!shown.has(was.sourceId)) expect(now).toEqual(was);
          }
        },
      ),
      { numRuns: 120 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
