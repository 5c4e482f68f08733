import { ForeknowError } from '../../errors/errors.ts';
import type { SourceUseCases, SourceView } from '../../gateway/sources.ts';
import type { ReadRecord } from '../../sources/ports.ts';

const at = '2026-11-20T09:00:00.000Z';

const aRead: ReadRecord = {
  ...{ id: 'rd_1', source: 'hr-drop', kind: 'csv', state: 'quarantined', startedAt: at, endedAt: at, by: 'schedule' },
  proof: { state: 'complete', words: 'the trailer says 94 rows, and so many are there', delivery: 'sha256:00' },
  ...{ people: 94, added: 0, changed: 1, gone: 6, doubled: 0 },
  coverage: [{ attribute: 'email', filled: 94, share: 1, before: 1, newlyBlank: 0, changed: 1 }],
  findings: [
    {
      ...{ guard: 'source_shrink', attribute: null, value: 0.06, limit: 0.05 },
      words: 'It shows 94 people, 6 fewer than before.',
    },
  ],
  ...{ digest: 'sha256:11', counts: false },
  approvals: [{ by: 'op_1', name: 'priya', at }],
  error: null,
};

const aSource: SourceView = {
  ...{ name: 'hr-drop', kind: 'csv', everyMinutes: 60, known: { people: 100, absent: 1 }, isReading: false },
  ...{ lastKeptAt: at, lastCompleteAt: at, lastRead: aRead, waiting: aRead },
};

const named = <T>(name: string, answer: T): T => {
  if (name === aSource.name) return answer;
  throw new ForeknowError('not_found', { detail: 'No source has this name.' });
};

/** One source with one read that waits. */
export const fakeSources = (): SourceUseCases => ({
  list: async () => [aSource],
  get: async (name) => named(name, aSource),
  test: async (name) => named(name, { ok: true, words: ['94 rows'], sample: [] }),
  read: async (name) => named(name, aRead),
  upload: async (name, { content }) => {
    for await (const _ of content);
    return named(name, aRead);
  },
  reads: async (name) => (name === null ? [aRead] : named(name, [aRead])),
  getRead: async (id) => {
    if (id === aRead.id) return aRead;
    throw new ForeknowError('not_found', { detail: 'No read has this id.' });
  },
  accept: async () => aRead,
  person: async () => null,
  joined: async () => ({ people: [], conflicts: [], basis: [] }),
  erasePerson: async () => true,
  readmitPerson: async () => true,
  forget: async () => 0,
});
