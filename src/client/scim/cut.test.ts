import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isForeknowError } from '../../errors/errors.ts';
import { lab, person } from './lab.contract.ts';
import { type Habits, json, type Misfortune } from './service.contract.ts';

/* Whatever is lost on the way, and however often the process is killed: one call, one user. */

/** What becomes of the requests of a run, one after another; those behind the end go well. */
const fates = ['well', 'lost', 'dropped', 'refused', 'broken', 'killed_before', 'killed_behind'] as const;
type Fate = (typeof fates)[number];

const misfortunes: Readonly<Record<Exclude<Fate, 'killed_before' | 'killed_behind'>, () => Misfortune>> = {
  well: () => undefined,
  lost: () => 'lost',
  dropped: () => 'dropped',
  refused: () => json(429, {}, { 'retry-after': '1' }),
  broken: () => json(500, {}),
};

const habits = fc.record({
  or: fc.constantFrom('works', 'refused', 'nothing', 'everybody'),
  unique: fc.boolean(),
  keepsExternalId: fc.boolean(),
  statusIsNumber: fc.boolean(),
}) satisfies fc.Arbitrary<Partial<Habits>>;

test('a user is made once, and in the end is there, through lost answers, refusals and kills', async () => {
  await fc.assert(
    fc.asyncProperty(
      habits,
      fc.array(fc.array(fc.constantFrom(...fates), { maxLength: 14 }), { maxLength: 6 }),
      async (has, runs) => {
        const { service, clientOf } = lab(has);
        for (const run of [...runs, []]) {
          const control = new AbortController();
          let step = 0;
          service.when(() => {
            const fate = run[step++] ?? 'well';
            if (fate !== 'killed_before' && fate !== 'killed_behind') return misfortunes[fate]();
            control.abort();
            return fate === 'killed_before' ? 'dropped' : 'lost';
          });
          const made = await clientOf()
            .users.create(person(1), { signal: control.signal })
            .catch((error: unknown) => error);
          expect(service.users.size).toBeLessThanOrEqual(1);
          // It may fail, and says so; a user who is not there is never said to be made.
          if (!isForeknowError(made))
            expect([...service.users.keys()]).toEqual([(made as { record: { id: string } }).record.id]);
          else expect(made.code).not.toBe('conflict');
        }
        expect(service.users.size).toBe(1);
      },
    ),
    { numRuns: 400 },
  );
});
