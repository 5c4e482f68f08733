import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plan } from '../provisioning/plan.ts';
import { type ProvisioningLab, priya, provisioningLab, type Row } from './provisioning-lab.contract.ts';
import { afterTurns, turnsOfTheFile } from './provisioning-story.contract.ts';

/* What a person approved is what is applied, and nothing else, whatever is planned meanwhile. */

/** Pairs of plans; by hand, for a longer search: FOREKNOW_LAW_RUNS=50. */
const RUNS = Number(process.env.FOREKNOW_LAW_RUNS ?? 8);

let lab: ProvisioningLab;
let rows: readonly Row[];
beforeAll(async () => {
  lab = await provisioningLab({ emulated: { people: 25, startAt: '2026-11-21T06:00:00.000Z' } });
  rows = lab.everybody();
  await lab.adopt();
}, 60_000);
afterAll(() => lab.close());

const planned = async (file: readonly Row[]): Promise<Plan> => {
  await lab.hand(file);
  return lab.gateway.provisioning.build('acme', {}, 'test');
};
const refused = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'let through',
    (error: { code?: string }) => error.code ?? 'broke',
  );
/** Steps that were sent to the store, of whatever plan. */
const sent = async (...plans: readonly Plan[]) =>
  (
    await Promise.all(
      plans.map(async ({ id }) =>
        (await lab.gateway.provisioning.steps(id, { limit: 1000 })).filter(({ entry }) => entry !== null),
      ),
    )
  ).flat();

test('an approval of one plan lets nothing of another one through', { timeout: 60_000 + RUNS * 3000 }, async () => {
  const { provisioning } = lab.gateway;
  let met = 0;
  await fc.assert(
    fc.asyncProperty(turnsOfTheFile, turnsOfTheFile, fc.boolean(), async (first, second, isApprovedBefore) => {
      // Of the pair before, also of one that was passed over.
      for (const { id } of await provisioning.plans({
        connectionIds: null,
        states: ['waiting', 'approved'],
        limit: 10,
      }))
        await provisioning.reject(id, 'The next one.', priya);
      const one = await planned(afterTurns(lab, rows, first));
      const approveOne = () => lab.approve(one);
      if (isApprovedBefore && one.steps.length > 0) await approveOne();
      const other = await planned(afterTurns(lab, rows, second));
      fc.pre(one.digest !== other.digest && one.steps.length > 0 && other.steps.length > 0);
      met += 1;
      const requests = lab.emulator.truth().scim_users;

      expect(
        await refused(provisioning.approve(other.id, { digest: one.digest, steps: null, reason: null }, priya)),
      ).toBe('plan_stale');
      expect(await refused(provisioning.applyNow(other.id, 'test', AbortSignal.timeout(30_000)))).toBe(
        'approval_needed',
      );
      if (!isApprovedBefore) {
        expect(['plan_closed', 'plan_stale']).toContain(await refused(approveOne()));
        expect(await refused(provisioning.applyNow(one.id, 'test', AbortSignal.timeout(30_000)))).not.toBe(
          'let through',
        );
      }
      expect(await sent(one, other)).toEqual([]);
      expect(lab.emulator.truth().scim_users).toEqual(requests);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(met).toBeGreaterThan(0);
});
