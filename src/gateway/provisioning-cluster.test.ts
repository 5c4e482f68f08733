import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Plan } from '../provisioning/plan.ts';
import { type TestDatabase, testDatabase } from '../store/contract/test-database.ts';
import type { Gateway } from './gateway.ts';
import { openPlace, type ProvisioningLab, provisioningLab, type Row } from './provisioning-lab.contract.ts';
import { afterTurns, lostHistory, sharedAddresses, turnsOfTheFile } from './provisioning-story.contract.ts';

/* Several processes on one database: a plan is applied by one of them. */

let database: TestDatabase;
let lab: ProvisioningLab;
let other: Gateway;
beforeEach(async () => {
  database = await testDatabase();
  lab = await provisioningLab({ databaseUrl: database.url });
  await lab.adopt();
  other = await openPlace(lab.place, lab.now);
});
afterEach(async () => {
  await other.close();
  await lab.close();
  await database.remove();
});

const signal = () => AbortSignal.timeout(60_000);
const apply = (gateway: Gateway, { id }: Plan) => gateway.provisioning.applyNow(id, 'test', signal());
const outcomeOf = (work: Promise<{ readonly state: string }>): Promise<string> =>
  work.then(
    ({ state }) => state,
    (error: { code?: string }) => error.code ?? String(error),
  );

/** Somebody comes, and somebody leaves. */
async function changedPlan(): Promise<Plan> {
  const [first, second, third, leaver, ...others] = lab.everybody();
  const newcomer = { ...first!, id: 'n1', employee_number: '990001', email: 'mira.novak@haldenfoods.example' };
  await lab.hand([first!, second!, third!, { ...leaver!, status: 'left' }, ...others, newcomer]);
  const plan = await lab.gateway.provisioning.build('acme', {}, 'test');
  expect(plan.counts).toMatchObject({ create: 1, archive: 1 });
  return plan;
}

/** What SCIM was sent to make: a search is no POST here. */
const made = () => {
  const { scim_users: users } = lab.emulator.truth();
  return users.filter(({ user_name: name }) => name === 'mira.novak@haldenfoods.example').length;
};
const applications = async ({ id }: Plan) => (await lab.gateway.provisioning.plan(id)).applications;

test('two processes that apply one plan at the same moment: one does, the other is told, and nothing is there twice', async () => {
  const plan = await changedPlan();
  await lab.approve(plan);
  const outcomes = await Promise.all([lab.gateway, other].map((gateway) => outcomeOf(apply(gateway, plan))));
  expect(outcomes).toContain('applied');
  // Who asks when it is over already is told that.
  expect(['conflict', 'approval_needed', 'plan_closed']).toContain(outcomes.find((outcome) => outcome !== 'applied'));
  expect(await applications(plan)).toMatchObject([{ state: 'applied', resumed: 0 }]);
  await lab.window();
  expect(made()).toBe(1);
});

test('two plans of one connection at the same moment: one after the other', async () => {
  const plan = await changedPlan();
  const { id: userId, email } = lab.emulator.truth().users.find(({ email: of }) => of === lab.everybody()[6]!.email)!;
  const change = { kind: 'change_user', userId: String(userId), fields: { job_title: 'Team Coach' } } as const;
  const { plan: second } = await lab.gateway.provisioning.write('acme', change, 'test');
  const plans = [plan, second];
  for (const one of plans) await lab.approve(one);
  const gateways = [lab.gateway, other];
  const applyEach = (at: number) => outcomeOf(apply(gateways[at]!, plans[at]!));
  const outcomes = await Promise.all([0, 1].map(applyEach));
  expect(outcomes).toContain('applied');
  for (const [at, outcome] of outcomes.entries()) {
    if (outcome === 'applied') continue;
    expect(outcome).toBe('conflict');
    expect(await applyEach(at)).toBe('applied');
  }
  await lab.window();
  expect(made()).toBe(1);
  expect(lab.emulator.truth().users.find((user) => user.email === email)?.job_title).toBe('Team Coach');
  for (const one of plans) expect(await applications(one)).toMatchObject([{ state: 'applied', resumed: 0 }]);
});

/** Stories; by hand, for a longer search: FOREKNOW_LAW_RUNS=20. */
const RUNS = Number(process.env.FOREKNOW_LAW_RUNS ?? 2);
const sentBy = () =>
  Object.entries(lab.emulator.requests().byEndpoint).reduce(
    (sum, [name, count]) => sum + (name.startsWith('scim_') ? count : 0),
    0,
  );

/** As `lab.window`, where the processes sync by themselves as well. */
async function windowBesideWork(): Promise<void> {
  lab.pass(20 * 60_000);
  const run = () => lab.gateway.sync.run('acme', { level: 'directory' });
  const isBusy = (error: { code?: string }) => {
    if (error.code !== 'conflict') throw error;
    return true;
  };
  while (await run().then(() => false, isBusy)) await wait(20);
}

test('whichever process has the plan, and whichever is ended in the middle of it, it is done once', {
  timeout: 60_000 + RUNS * 30_000,
}, async () => {
  await lab.gateway.provisioning.attest('acme', 'renames_keep', { id: 'op_1', name: 'Priya' }, null);
  let rows: readonly Row[] = lab.everybody();
  const works = () => {
    for (const gateway of [lab.gateway, other]) if (!working.has(gateway)) gateway.startWork({ scheduled: false });
    for (const gateway of [lab.gateway, other]) working.add(gateway);
  };
  const working = new WeakSet<Gateway>();
  /** After so many requests of SCIM one of them ends, and another begins. */
  const ending = fc.record({ after: fc.integer({ min: 1, max: 25 }), isFirst: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(turnsOfTheFile, fc.array(ending, { maxLength: 3 }), async (chapter, endings) => {
      rows = afterTurns(lab, rows, chapter);
      await lab.hand(rows);
      const plan = await lab.gateway.provisioning.build('acme', {}, 'test');
      if (plan.steps.length === 0) return;
      const before = lab.emulator.truth();
      await lab.approve(plan);
      await lab.gateway.provisioning.apply(plan.id, 'test');
      works();
      const state = async () => (await lab.gateway.provisioning.plan(plan.id)).plan.state;
      const from = sentBy();
      const left = [...endings];
      for (const end = Date.now() + 25_000; (await state()) !== 'applied'; await wait(2)) {
        if (Date.now() > end) throw new Error(`It never ended: ${await state()}`);
        if (left.length === 0 || sentBy() < from + left[0]!.after) continue;
        if (left.shift()!.isFirst) await lab.reopen();
        else {
          await other.close();
          other = await openPlace(lab.place, lab.now);
        }
        works();
      }
      await windowBesideWork();
      const after = lab.emulator.truth();
      expect(after.users.length - before.users.length).toBe(plan.counts.create);
      expect(sharedAddresses(after).filter((email) => !sharedAddresses(before).includes(email))).toEqual([]);
      expect(lostHistory(before, after)).toEqual([]);
      const steps = await lab.gateway.provisioning.steps(plan.id, { limit: 1000 });
      expect(steps.filter(({ entry }) => entry?.state !== 'verified').map(({ entry }) => entry)).toEqual([]);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
