import { beforeEach, describe, expect, test } from 'vitest';
import type { ReadRecord, StagedPerson } from '../../sources/ports.ts';
import type { Proof } from '../../sources/source.ts';
import type { Store } from '../store.ts';
import { at } from './builders.ts';
import type { OpenStore } from './contract.ts';

const complete = (delivery?: string): Proof => ({
  state: 'complete',
  words: 'the trailer says 3 rows',
  ...(delivery === undefined ? {} : { delivery }),
});

const aRead = (id: string, minute: number, changes: Partial<ReadRecord> = {}): ReadRecord => ({
  ...{ id, source: 'hr-drop', kind: 'csv', state: 'reading', startedAt: at(minute), endedAt: null, by: 'schedule' },
  ...{ proof: null, people: 0, added: 0, changed: 0, gone: 0, doubled: 0, coverage: [], findings: [] },
  ...{ digest: null, counts: false, approvals: [], error: null },
  ...changes,
});

const aPerson = (sourceId: string, title: string | null = 'Clerk'): StagedPerson => ({
  ...{ sourceId, attributes: { job_title: title, mails: ['a@example.com', 'b@example.com'] }, groups: ['Sales'] },
  ...{ active: true, digest: `digest of ${sourceId} ${title}` },
});

const HOUR = 3_600_000;

/** What the room of sources relies on. */
export function sourceContract(open: OpenStore): void {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
  });

  /** A read of these people that ends so; the last two digits of its id are its minute. */
  const read = async (
    id: string,
    people: readonly StagedPerson[],
    end: Partial<ReadRecord> = {},
  ): Promise<ReadRecord> => {
    const minute = Number(id.slice(-2));
    const record = aRead(id, minute);
    expect(await store.startSourceRead(record, minute, minute + HOUR)).toBe(true);
    expect(await store.stageSourcePeople(id, people, minute + HOUR)).toBe(true);
    const ended = await store.endSourceRead({
      ...record,
      ...{ state: 'kept', endedAt: at(minute), proof: complete(id), digest: 'sha256:1', counts: true },
      ...end,
    });
    return ended!;
  };
  const absent = async () =>
    Object.fromEntries(
      (await store.listKeptPeople('hr-drop', null, 100)).map((one) => [one.sourceId, one.absent?.completeReads ?? 0]),
    );
  const logged = async () =>
    store.logEntries({
      ...{ connectionIds: null, first: 1, last: (await store.logBounds()).head, order: 'asc', limit: 99 },
    });
  const incomplete = { state: 'incomplete', proof: { state: 'incomplete', words: 'cut' } } as const;

  describe('sources', () => {
    test('what a read shows is known once it is kept, as it was shown, in the order of ids', async () => {
      await store.startSourceRead(aRead('rd_01', 1), 1, HOUR);
      await store.stageSourcePeople('rd_01', [aPerson('b'), aPerson('a', null)], HOUR);
      expect(await store.listKeptPeople('hr-drop', null, 9)).toEqual([]);
      expect(await store.countStaged('rd_01', 'hr-drop')).toEqual({
        people: 2,
        doubled: 0,
        added: 2,
        changed: 0,
        gone: 0,
      });
      await store.endSourceRead(aRead('rd_01', 1, { state: 'kept', endedAt: at(1), proof: complete() }));
      const known = [aPerson('a', null), aPerson('b')].map((one) => ({ ...one, absent: null }));
      expect(await store.listKeptPeople('hr-drop', null, 9)).toEqual(known);
      expect(await store.listKeptPeople('hr-drop', 'a', 9)).toEqual([known[1]]);
      expect(await store.listKeptPeople('other', null, 9)).toEqual([]);
      expect(await store.keptPeople('hr-drop', ['b', 'none'])).toEqual([known[1]]);
      expect(await store.imageCounts('hr-drop')).toEqual({ people: 2, absent: 0 });
      expect(await store.sourceHead('hr-drop')).toMatchObject({
        ...{ readingId: null, lastKeptId: 'rd_01', lastKeptAt: at(1), lastCompleteAt: at(1) },
      });
    });

    test('a complete read makes those it does not show one read more absent, and keeps their values', async () => {
      await read('rd_01', [aPerson('a'), aPerson('b')]);
      expect(await read('rd_02', [aPerson('a', 'Boss')])).toMatchObject({ counts: true });
      expect(await absent()).toEqual({ a: 0, b: 1 });
      await read('rd_03', [aPerson('a', 'Boss')]);
      const [a, b] = await store.listKeptPeople('hr-drop', null, 9);
      expect(a).toMatchObject({ attributes: { job_title: 'Boss' }, absent: null });
      expect(b).toEqual({ ...aPerson('b'), absent: { completeReads: 2, since: at(2) } });
      await read('rd_04', [aPerson('a'), aPerson('b')]);
      expect(await absent()).toEqual({ a: 0, b: 0 });
    });

    test('one delivery counts once, also when it comes again after another', async () => {
      await read('rd_01', [aPerson('a'), aPerson('b')]);
      await read('rd_02', [aPerson('a')], { proof: complete('file 2') });
      expect(await read('rd_03', [aPerson('a')], { proof: complete('file 2') })).toMatchObject({ counts: false });
      await read('rd_04', [aPerson('a')], { proof: complete('file 3') });
      await read('rd_05', [aPerson('a')], { proof: complete('file 2') });
      expect(await absent()).toEqual({ a: 0, b: 2 });
    });

    test('a read without proof teaches values and who is there, never who is not', async () => {
      await read('rd_01', [aPerson('a'), aPerson('b')]);
      await read('rd_02', [aPerson('a')]);
      const unproven = { proof: { state: 'unproven', words: 'no trailer' } as const };
      expect(await read('rd_03', [aPerson('a', 'Boss')], unproven)).toMatchObject({ counts: false });
      expect(await absent()).toEqual({ a: 0, b: 1 });
      await read('rd_04', [aPerson('b')], unproven);
      expect(await absent()).toEqual({ a: 0, b: 0 });
      expect((await store.keptPeople('hr-drop', ['a']))[0]).toMatchObject({ attributes: { job_title: 'Boss' } });
    });

    test('a read that broke off teaches nothing but that those shown are there', async () => {
      await read('rd_01', [aPerson('a'), aPerson('b')]);
      await read('rd_02', [aPerson('a')]);
      await read('rd_03', [aPerson('b', 'Half'), aPerson('c')], incomplete);
      expect(await absent()).toEqual({ a: 0, b: 0 });
      expect((await store.keptPeople('hr-drop', ['b']))[0]).toMatchObject({ attributes: { job_title: 'Clerk' } });
      expect((await store.countStaged('rd_03', 'hr-drop')).people).toBe(0);
    });

    test('of somebody shown twice with other values neither counts; they are there', async () => {
      await read('rd_01', [aPerson('a'), aPerson('b')]);
      await store.startSourceRead(aRead('rd_02', 2), 2, HOUR);
      await store.stageSourcePeople('rd_02', [aPerson('a', 'One'), aPerson('a', 'Two'), aPerson('b', 'Same')], HOUR);
      await store.stageSourcePeople('rd_02', [aPerson('b', 'Same'), aPerson('c', 'One')], HOUR);
      await store.stageSourcePeople('rd_02', [aPerson('c', 'Two')], HOUR);
      expect(await store.countStaged('rd_02', 'hr-drop')).toEqual({
        people: 3,
        doubled: 2,
        added: 1,
        changed: 1,
        gone: 0,
      });
      await store.endSourceRead(aRead('rd_02', 2, { state: 'kept', endedAt: at(2), proof: complete() }));
      const people = await store.listKeptPeople('hr-drop', null, 9);
      expect(people.map(({ sourceId, attributes, absent: away }) => [sourceId, attributes.job_title, away])).toEqual([
        ['a', 'Clerk', null],
        ['b', 'Same', null],
      ]);
    });

    test('one read of a source at a time; one that a dead process left is ended', async () => {
      expect(await store.startSourceRead(aRead('rd_01', 1), 0, HOUR)).toBe(true);
      expect(await store.startSourceRead(aRead('rd_02', 2), HOUR - 1, 2 * HOUR)).toBe(false);
      expect(await store.startSourceRead(aRead('rd_03', 3, { source: 'ad' }), 0, HOUR)).toBe(true);
      await store.stageSourcePeople('rd_01', [aPerson('a')], HOUR);
      expect(await store.startSourceRead(aRead('rd_04', 4), HOUR, 2 * HOUR)).toBe(true);
      expect(await store.getSourceRead('rd_01')).toMatchObject({ state: 'incomplete', error: { code: 'aborted' } });
      expect(await store.stageSourcePeople('rd_01', [aPerson('b')], HOUR)).toBe(false);
      expect(await store.endSourceRead(aRead('rd_01', 1, { state: 'kept' }))).toBeNull();
      expect(await store.listKeptPeople('hr-drop', null, 9)).toEqual([]);
    });

    test('a quarantined read is let in by two different people who saw this very read', async () => {
      await read('rd_01', [aPerson('a'), aPerson('b')]);
      await read('rd_02', [aPerson('a', 'Boss')], { state: 'quarantined', digest: 'sha256:q' });
      expect(await absent()).toEqual({ a: 0, b: 0 });
      const accept = (by: string, digest = 'sha256:q') =>
        store.acceptSourceRead({ readId: 'rd_02', digest, approval: { by, name: by, at: at(3) }, needed: 2 });
      expect(await accept('op_1', 'sha256:other')).toEqual({ outcome: 'changed' });
      expect(await accept('op_1')).toMatchObject({ outcome: 'waiting', read: { approvals: [{ by: 'op_1' }] } });
      expect(await accept('op_1')).toEqual({ outcome: 'same_person' });
      expect(await accept('op_2')).toMatchObject({ outcome: 'accepted', read: { state: 'accepted', counts: true } });
      expect(await absent()).toEqual({ a: 0, b: 1 });
      expect((await store.keptPeople('hr-drop', ['a']))[0]).toMatchObject({ attributes: { job_title: 'Boss' } });
      expect(await accept('op_3')).toEqual({ outcome: 'not_waiting' });
    });

    test('where the very same read waits already, that one goes on waiting', async () => {
      const waiting = { state: 'quarantined', digest: 'sha256:q' } as const;
      await read('rd_01', [aPerson('a')], waiting);
      expect(await read('rd_02', [aPerson('a')], waiting)).toMatchObject({ state: 'superseded' });
      expect(await store.getSourceRead('rd_01')).toMatchObject({ state: 'quarantined' });
      expect((await store.countStaged('rd_02', 'hr-drop')).people).toBe(0);
      expect((await store.countStaged('rd_01', 'hr-drop')).people).toBe(1);
    });

    test('a later read takes the place of one that waits; one that broke off does not', async () => {
      const waiting = { state: 'quarantined', digest: 'sha256:q' } as const;
      await read('rd_01', [aPerson('a')], { ...waiting, digest: 'sha256:p' });
      await read('rd_02', [aPerson('a')], incomplete);
      expect(await store.getSourceRead('rd_01')).toMatchObject({ state: 'quarantined' });
      await read('rd_03', [aPerson('a')], waiting);
      expect(await store.getSourceRead('rd_01')).toMatchObject({ state: 'superseded' });
      await read('rd_04', [aPerson('a')]);
      expect(await store.getSourceRead('rd_03')).toMatchObject({ state: 'superseded' });
      expect((await store.countStaged('rd_03', 'hr-drop')).people).toBe(0);
    });

    test('how a read ends stands in the log, of no connection and without a word about anybody', async () => {
      const findings = [{ guard: 'empty', attribute: null, value: 0, limit: 0, words: 'It shows nobody.' }] as const;
      const waiting = { state: 'quarantined', digest: 'sha256:q', findings } as const;
      await read('rd_01', [aPerson('a'), aPerson('b')], { added: 2, people: 2 });
      await read('rd_02', [aPerson('a')], waiting);
      await read('rd_03', [aPerson('a')], waiting);
      for (const [minute, by] of ['Priya', 'Tom'].entries()) {
        const approval = { by, name: by, at: at(4 + minute) };
        await store.acceptSourceRead({ readId: 'rd_02', digest: 'sha256:q', approval, needed: 2 });
      }
      const error = { code: 'incomplete_read', detail: 'cut', hint: null };
      await read('rd_06', [], { ...incomplete, error });
      const entries = await logged();
      expect(entries.map(({ kind, key, at: when }) => [kind, key, when])).toEqual([
        ['source.read_completed', 'rd_01', at(1)],
        ['source.read_quarantined', 'rd_02', at(2)],
        ['source.read_accepted', 'rd_02', at(5)],
        ['source.read_incomplete', 'rd_06', at(6)],
      ]);
      for (const entry of entries) {
        expect(entry).toMatchObject({ connectionId: '', stream: 'source', previous: null });
        expect(entry.about).toEqual({ source: { name: 'hr-drop', kind: 'csv' } });
        expect(JSON.stringify(entry)).not.toMatch(/example\.com|Clerk|Sales/);
      }
      const told = entries.map(({ current }) => current);
      expect(told[0]).toMatchObject({ read: { state: 'kept', people: 2, added: 2, counts: true, digest: 'sha256:1' } });
      expect(told[0]).not.toHaveProperty('findings');
      expect(told[1]).toMatchObject({ read: { counts: false, proof: { state: 'complete' } }, findings });
      const approvals = [
        { name: 'Priya', at: at(4) },
        { name: 'Tom', at: at(5) },
      ];
      expect(told[2]).toMatchObject({ read: { state: 'accepted', counts: true }, findings, approvals });
      expect(told[3]).toMatchObject({ read: { proof: { words: 'cut' } }, error });
    });

    test('what ends as it did before and shows nothing new is not told again', async () => {
      const because = (code: string) => ({ ...incomplete, error: { code, detail: code, hint: null } });
      const unproven = { proof: { state: 'unproven', words: 'no trailer' } as const };
      const people = [aPerson('a')];
      await read('rd_01', people);
      await read('rd_02', people);
      await read('rd_03', people, { changed: 1 });
      await read('rd_04', people, because('source_unreachable'));
      await read('rd_05', people, because('source_unreachable'));
      await read('rd_06', people, because('source_rejected'));
      await read('rd_07', people);
      await read('rd_08', people, { ...unproven, gone: 1 });
      await read('rd_09', people, { ...unproven, gone: 1 });
      await read('rd_10', people, { gone: 1 });
      await store.startSourceRead(aRead('rd_11', 11), 11, 11);
      await read('rd_12', people);
      expect((await logged()).map(({ kind, key }) => [kind.slice('source.read_'.length), key.slice(-2)])).toEqual([
        ...[
          ['completed', '01'],
          ['completed', '03'],
          ['incomplete', '04'],
          ['incomplete', '06'],
          ['completed', '07'],
        ],
        ...[
          ['completed', '08'],
          ['completed', '10'],
          ['incomplete', '11'],
          ['completed', '12'],
        ],
      ]);
    });

    test('an erased person is gone and marked', async () => {
      await read('rd_01', [aPerson('a'), aPerson('b')]);
      const erase = { source: 'hr-drop', sourceId: 'a', marks: ['m-a', 'n-a'], at: at(2) };
      expect(await store.eraseSourcePerson(erase)).toBe(true);
      expect(await store.eraseSourcePerson(erase)).toBe(false);
      expect(await absent()).toEqual({ b: 0 });
      expect((await store.erasedFromSource('hr-drop')).toSorted()).toEqual(['m-a', 'n-a']);
      expect(await store.erasedFromSource('ad')).toEqual([]);
      await store.eraseSourcePerson({ source: 'hr-drop', sourceId: 'b', marks: ['m-b', 'n-b'], at: at(2) });
      const readmit = (source: string) => store.readmitSourcePerson({ source, pushedId: null, marks: ['n-a', 'x'] });
      expect([await readmit('ad'), await readmit('hr-drop'), await readmit('hr-drop')]).toEqual([false, true, false]);
      expect((await store.erasedFromSource('hr-drop')).toSorted()).toEqual(['m-b', 'n-b']);
    });

    test('what is old is forgotten, not what a source stands on nor that a delivery has counted', async () => {
      await read('rd_01', [aPerson('a'), aPerson('b')]);
      await read('rd_02', [aPerson('a')], { proof: complete('file 2') });
      await read('rd_03', [aPerson('a')], { proof: complete('file 2') });
      const after = { readsBefore: at(60), waitingBefore: at(60), absentBefore: at(0) };
      expect(await store.dropOldSources(after)).toEqual({ reads: 1, people: 0 });
      expect((await store.listSourceReads('hr-drop', 9)).map(({ id }) => id)).toEqual(['rd_03', 'rd_02']);
      expect(await read('rd_04', [aPerson('a')], { proof: complete('file 2') })).toMatchObject({ counts: false });
      await read('rd_05', [aPerson('c')], { state: 'quarantined' });
      expect(await store.dropOldSources({ ...after, readsBefore: at(5), absentBefore: at(60) })).toMatchObject({
        people: 1,
      });
      expect(await absent()).toEqual({ a: 0 });
      expect(await store.getSourceRead('rd_05')).toMatchObject({ state: 'superseded' });
      expect((await store.countStaged('rd_05', 'hr-drop')).people).toBe(0);
    });

    test('good reads since a time are those that were kept or let in', async () => {
      await read('rd_01', [aPerson('a')]);
      await read('rd_02', [aPerson('a')]);
      await read('rd_03', [aPerson('b')], incomplete);
      await read('rd_04', [aPerson('c')], { state: 'quarantined' });
      expect((await store.goodSourceReads('hr-drop', at(0))).map(({ id }) => id)).toEqual(['rd_02', 'rd_01']);
      expect((await store.goodSourceReads('hr-drop', at(2))).map(({ id }) => id)).toEqual(['rd_02']);
      expect(await store.goodSourceReads('ad', at(0))).toEqual([]);
    });

    test('reads are listed newest first, and a source is forgotten whole', async () => {
      await read('rd_01', [aPerson('a')]);
      await read('rd_02', [aPerson('a')]);
      await store.startSourceRead(aRead('rd_03', 3, { source: 'ad' }), 0, HOUR);
      expect((await store.listSourceReads(null, 2)).map(({ id }) => id)).toEqual(['rd_03', 'rd_02']);
      expect(await store.dropSource('hr-drop')).toBe(1);
      expect(await store.listSourceReads('hr-drop', 9)).toEqual([]);
      expect(await store.sourceHead('hr-drop')).toBeNull();
      expect((await store.listSourceReads(null, 9)).map(({ id }) => id)).toEqual(['rd_03']);
    });
  });
}
