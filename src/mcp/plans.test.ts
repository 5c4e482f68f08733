import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ProvisioningLab, provisioningLab } from '../gateway/provisioning-lab.contract.ts';
import { operatorCaller } from './caller.ts';
import { tools } from './registry.ts';
import { runTool, usualLimits } from './run-tool.ts';

/* The tools that an agent plans with, over a gateway that is asked as every other. */

let lab: ProvisioningLab;
beforeAll(async () => {
  lab = await provisioningLab();
  await lab.adopt();
  // The groups of the rules are filled before anything is looked at.
  await lab.approveAndApply(await lab.gateway.provisioning.build('acme', {}, 'test'));
  await lab.window();
}, 60_000);
afterAll(() => lab.close());

type Answer = Readonly<
  Record<'plan_id' | 'state' | 'more' | 'next_cursor' | 'not_open' | 'command' | 'url', string>
> & {
  readonly total: number;
  readonly steps: readonly { readonly id: string; readonly changes: readonly string[] }[];
};

async function ask(name: string, args: object = {}, limits = usualLimits) {
  const tool = tools.find((one) => one.name === name)!;
  const run = { gateway: lab.gateway, caller: operatorCaller, limits, now: lab.now() };
  const { connections } = await runTool(tool, args, run);
  expect(tool.output.safeParse({ connections }).success).toBe(true);
  return connections[0]! as Answer;
}
const change = (title: string) =>
  lab.hand(lab.everybody().map((row, at) => (at > 2 && at < 8 ? { ...row, job_title: title } : row)));

test('an agent builds a plan, sees it, asks for approval and hears how far it is; a person decides', async () => {
  await change('Team Coach');
  const built = await ask('plan_build');
  expect(built).toMatchObject({ state: 'waiting', counts: { update: 4 }, approvals_needed: 1, total: 4 });
  expect(built.steps[0]!.changes[0]).toMatch(/^job_title: .+ → Team Coach$/);
  const id = built.plan_id;
  const shown = await ask('plan_show', { plan_id: id, limit: 2 });
  expect([shown.total, shown.steps.length]).toEqual([4, 2]);
  const rest = await ask('plan_show', { plan_id: id, limit: 5, cursor: shown.next_cursor });
  expect(rest.steps.map((step) => step.id)).toEqual(['st_003', 'st_004']);
  expect(rest.next_cursor).toBeUndefined();

  const { provisioning } = lab.gateway;
  const before = await provisioning.plan(id);
  expect(await ask('plan_request_approval', { plan_id: id })).toMatchObject({
    ...{ state: 'waiting', command: `foreknow approve ${id}` },
  });
  expect(await provisioning.plan(id)).toEqual(before);
  expect(await ask('plan_status')).toMatchObject({ plan_id: id, mode: 'propose', steps_by_state: { planned: 4 } });

  await lab.approveAndApply(before.plan);
  await lab.window();
  expect(await ask('plan_status', { plan_id: id })).toMatchObject({
    ...{ state: 'applied', approved_by: ['Priya'], steps_by_state: { verified: 4 } },
  });
  const closed = await ask('plan_request_approval', { plan_id: id });
  expect([closed.not_open, closed.command, closed.url]).toEqual(['It is applied.', undefined, undefined]);
});

test('a plan that is too long to be told is cut with its id, and plan_show has the rest', async () => {
  await change('Regional Coordinator');
  const built = await ask('plan_build', {}, { rows: 100, bytes: 2200 });
  expect(built.plan_id).toMatch(/^pl_/);
  expect(built.more).toMatch(/^Cut: [1-4] of [45] rows; plan_show with its plan_id has the others\.$/);
});

test('a draft says why nobody can approve it', async () => {
  await lab.gateway.provisioning.setMode('acme', 'observe');
  await change('Night Porter');
  const { plan_id: id, state } = await ask('plan_build');
  expect(state).toBe('draft');
  expect((await ask('plan_request_approval', { plan_id: id })).not_open).toContain('mode observe');
});

test('no tool approves, applies or writes', () => {
  const names = tools.map(({ name }) => name);
  expect(names.filter((name) => /plan/.test(name)).toSorted()).toEqual([
    ...['plan_build', 'plan_request_approval', 'plan_show', 'plan_status'],
  ]);
  expect(names.filter((name) => /approve|apply|reject|undo|decide/.test(name))).toEqual([]);
});
