import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ProvisioningLab, provisioningLab, type Row } from './provisioning-lab.contract.ts';

/* From a file of people to KnowBe4 and back: read, adopted, planned, approved, applied, seen, undone. */

let lab: ProvisioningLab;
beforeEach(async () => {
  lab = await provisioningLab();
});
afterEach(() => lab.close());

const activeIds = () =>
  lab.emulator
    .truth()
    .users.filter(({ status }) => status === 'active')
    .map(({ id }) => id);
const userOf = (email: string) => lab.emulator.truth().users.find((user) => user.email === email);

const newcomerLike = ({ email, department }: Row): Row => ({
  ...{ employee_number: '990001', email: `mira.novak@${email.split('@')[1]}`, first_name: 'Mira' },
  ...{ last_name: 'Novak', job_title: 'Buyer', department, status: 'here' },
});

test('people come, change and leave as the file says, once somebody has approved it, and nothing else moves', {
  timeout: 60_000,
}, async () => {
  const { provisioning } = lab.gateway;
  const before = activeIds();
  await lab.adopt();
  expect(activeIds()).toEqual(before);

  // The first three are admins of the console, whom no step touches.
  const [first, second, third, mover, leaver, ...others] = lab.everybody();
  const newcomer = newcomerLike(first!);
  const moved = { ...mover!, job_title: 'Team Coach', department: first!.department };
  await lab.hand([first!, second!, third!, moved, { ...leaver!, status: 'left' }, ...others, newcomer]);
  const plan = await provisioning.build('acme', {}, 'test');
  expect(plan).toMatchObject({ state: 'waiting', counts: { create: 1, update: 1, archive: 1, unmanaged: 1 } });
  const applicationId = await lab.approveAndApply(plan);
  await lab.window();

  expect(userOf(newcomer.email)).toMatchObject({ status: 'active', first_name: 'Mira' });
  expect(userOf(moved.email)).toMatchObject({ job_title: 'Team Coach' });
  expect(userOf(leaver!.email)).toMatchObject({ status: 'archived' });
  const steps = await provisioning.steps(plan.id, { limit: 1000 });
  expect(new Set(steps.map(({ entry }) => entry?.state))).toEqual(new Set(['verified']));
  expect((await provisioning.build('acme', {}, 'test')).steps).toEqual([]);
  const { events } = await lab.gateway.events.page({
    ...{ connectionIds: null, families: ['provisioning'], types: [], after: null, order: 'asc', limit: 100 },
  });
  const ofPlan = events.filter(({ data }) => (data.plan as { id: string }).id === plan.id);
  expect(ofPlan.map(({ type }) => type)).toEqual(['plan.waiting', 'plan.approved', 'plan.applied', 'plan.visible']);

  await lab.approveAndApply(await provisioning.undo(applicationId, 'test'));
  await lab.window();
  expect(userOf(newcomer.email)).toMatchObject({ status: 'archived' });
  expect(userOf(moved.email)).toMatchObject({ job_title: mover!.job_title });
  expect(userOf(leaver!.email)).toMatchObject({ status: 'active' });
});
