import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Plan } from '../provisioning/plan.ts';
import { type ProvisioningLab, priya, provisioningLab, type Row } from './provisioning-lab.contract.ts';
import { afterTurns, announcedBy, company, observedBetween, type Turn, turns } from './provisioning-story.contract.ts';

/* Companies with random stories, from the file to KnowBe4 and back: what a plan says comes about, and then nothing is left to do. */

/** Companies; by hand, for a longer search: FOREKNOW_LAW_RUNS=50. */
const RUNS = Number(process.env.FOREKNOW_LAW_RUNS ?? 3);
const LIMIT_MS = 60_000 + RUNS * 20_000;

type Told = { readonly plan: Plan; readonly lab: ProvisioningLab };
type Company = { readonly seed: number; readonly people: number; readonly rules: string };

/** A file is read, what it asks for is planned, approved, applied and seen. */
async function round(lab: ProvisioningLab, rows: readonly Row[]): Promise<Plan> {
  const { provisioning } = lab.gateway;
  await lab.hand(rows);
  await lab.gateway.sync.run('acme', { level: 'full' });
  const before = lab.emulator.truth();
  const plan = await provisioning.build('acme', {}, 'test');
  if (plan.steps.length === 0) return plan;
  expect(plan.guards.filter(({ state }) => state === 'blocked')).toEqual([]);
  const applicationId = await lab.approveAndApply(plan);
  expect(await provisioning.application(applicationId)).toMatchObject({ state: 'applied' });
  // What the console changed and the store has as it should be asks for no sync by itself: a person presses the button.
  lab.emulator.mutate({ kind: 'scim-force-sync' });
  await lab.window();

  const observed = observedBetween(before, lab.emulator.truth(), plan.steps);
  const { certain, possible } = announcedBy(plan);
  expect(
    [...certain].filter((one) => !observed.has(one)),
    'certain, and not seen',
  ).toEqual([]);
  expect(
    [...observed].filter((one) => !certain.has(one) && !possible.has(one)),
    'seen, and not announced',
  ).toEqual([]);
  return plan;
}

async function story(
  { seed, people, rules }: Company,
  chapters: readonly Turn[][],
  after: (told: Told) => Promise<void>,
) {
  const lab = await provisioningLab({ rules, emulated: { seed, people, startAt: SATURDAY } });
  try {
    let rows: readonly Row[] = lab.everybody();
    await lab.adopt();
    await lab.gateway.provisioning.attest('acme', 'renames_keep', priya, null);
    for (const chapter of chapters) {
      rows = afterTurns(lab, rows, chapter);
      await after({ lab, plan: await round(lab, rows) });
    }
  } finally {
    await lab.close();
  }
}

/** Nobody comes or goes by themselves at the weekend. */
const SATURDAY = '2026-11-21T06:00:00.000Z';

test('what is certain comes about, nothing that was not announced does, and then nothing is left to do', {
  timeout: LIMIT_MS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(company, fc.array(turns, { minLength: 1, maxLength: 3 }), (one, chapters) =>
      story(one, chapters, async ({ lab, plan }) => {
        const { steps } = await lab.gateway.provisioning.build('acme', {}, 'test');
        expect(steps.map(({ action, person, group, fields }) => ({ action, person, group, fields }))).toEqual([]);
        if (plan.steps.length === 0) return;
        const done = await lab.gateway.provisioning.steps(plan.id, { limit: 1000 });
        const others = done.filter(({ entry }) => entry?.state !== 'verified');
        expect(
          others.map(({ step: { action, person, fields }, entry }) => ({ action, person, fields, entry })),
        ).toEqual([]);
      }),
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
});
