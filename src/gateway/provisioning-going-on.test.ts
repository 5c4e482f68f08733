import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Plan } from '../provisioning/plan.ts';
import { type ProvisioningLab, provisioningLab, type Row, RULES } from './provisioning-lab.contract.ts';

/* A plan ends before its last step: because its process does, its connection is paused, KnowBe4 does not answer, or leads elsewhere by now. */

let lab: ProvisioningLab;
afterEach(() => lab.close());

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 30_000; !(await holds()); await wait(2)) {
    if (Date.now() > end) throw new Error('It never came about.');
  }
};
const newcomer = (of: Row, at: number): Row => ({
  ...{ ...of, id: `n${at}`, employee_number: String(990_000 + at), email: `new.${at}@${of.email.split('@')[1]}` },
  ...{ first_name: 'Mira', last_name: `Novak ${String.fromCharCode(65 + at)}`, manager: '' },
});
const made = () => lab.emulator.truth().scim_users.filter(({ user_name: name }) => name.startsWith('new.')).length;
const stateOf = async ({ id }: Plan) => (await lab.gateway.provisioning.plan(id)).plan.state;
const apply = ({ id }: Plan) => lab.gateway.provisioning.applyNow(id, 'test', AbortSignal.timeout(30_000));

const COMING = 8;
/** An approved plan that takes a while. */
async function approvedPlan(): Promise<Plan> {
  await lab.adopt();
  const rows = lab.everybody();
  await lab.hand([...rows, ...Array.from({ length: COMING }, (_, at) => newcomer(rows[0]!, at))]);
  const plan = await lab.gateway.provisioning.build('acme', {}, 'test');
  expect(plan.counts.create).toBe(COMING);
  await lab.approve(plan);
  lab.emulator.addFault({ kind: 'slow', delayMs: 40, path: '/scim/v2', count: 'always' });
  return plan;
}

test('a server that is told to end leaves the rest of a plan to the next one', { timeout: 60_000 }, async () => {
  lab = await provisioningLab();
  const plan = await approvedPlan();
  await lab.gateway.provisioning.apply(plan.id, 'test');
  lab.gateway.startWork({ scheduled: false });
  await until(() => made() >= 3);
  await lab.reopen();
  expect(made()).toBeLessThan(COMING);
  expect(await stateOf(plan)).toBe('approved');
  lab.gateway.startWork({ scheduled: false });
  await until(async () => (await stateOf(plan)) === 'applied');
  expect(made()).toBe(COMING);
});

test('nothing is sent for a connection that is paused, from the next write on', { timeout: 60_000 }, async () => {
  lab = await provisioningLab();
  const plan = await approvedPlan();
  const applying = apply(plan);
  await until(() => made() >= 3);
  await lab.gateway.connections.pause('acme');
  expect(await applying).toMatchObject({ state: 'stopped', stop: { code: 'connection_paused' } });
  const before = made();
  expect(before).toBeLessThan(COMING);
  await expect(apply(plan)).rejects.toMatchObject({ code: 'connection_paused' });
  expect(made()).toBe(before);
  await lab.gateway.connections.resume('acme');
  expect(await apply(plan)).toMatchObject({ state: 'applied' });
});

describe('what a process that died has left', () => {
  test('is not gone on with at another tenant than it was approved for', { timeout: 60_000 }, async () => {
    lab = await provisioningLab({ emulated: { accounts: [{ name: 'Other Foods', people: 10 }] } });
    const plan = await approvedPlan();
    const applying = apply(plan).catch(() => null);
    await until(() => made() >= 3);
    await lab.reopen();
    await applying;
    expect(await stateOf(plan)).toBe('applying');
    const other = lab.emulator.accounts[1]!;
    await lab.gateway.connections.addKey('acme', 'scim', { token: other.tokens.scim, url: other.addresses.scim });
    // Nor by the next plan, which is for the new one and would end it first.
    const { plan: next } = await lab.gateway.provisioning.write(
      'acme',
      { kind: 'create_user', fields: { email: 'mira@haldenfoods.example', first_name: 'Mira', last_name: 'Novak' } },
      'test',
    );
    await lab.approve(next);
    expect(await apply(next)).toMatchObject({ planId: next.id, state: 'applied' });
    await expect(apply(plan)).rejects.toMatchObject({ code: 'approval_needed', detail: /another SCIM key/ });
    const sent = lab.emulator.truth(other.name).scim_users.map(({ user_name: name }) => name);
    expect(sent).toContain('mira@haldenfoods.example');
    expect(sent.filter((name) => name.startsWith('new.'))).toEqual([]);
    expect(await stateOf(plan)).toBe('waiting');
  });
});

test('a write that KnowBe4 does not answer is done when it does', { timeout: 60_000 }, async () => {
  lab = await provisioningLab({ rules: RULES.replace(/approval: .*\n/, 'approval: { auto: [update] }\n') });
  await lab.adopt();
  await lab.gateway.provisioning.setMode('acme', 'auto');
  const email = lab.everybody()[6]!.email;
  const userOf = () => lab.emulator.truth().users.find((user) => user.email === email)!;
  const change = { kind: 'change_user', userId: String(userOf().id), fields: { job_title: 'Team Coach' } } as const;
  lab.emulator.addFault({ kind: 'cut-connection', path: '/scim/v2', count: 'always' });
  const { outcome, plan } = await lab.gateway.provisioning.write('acme', change, 'test');
  expect(outcome).toBe('waiting');
  lab.emulator.clearFaults();
  lab.gateway.startWork({ scheduled: false });
  await until(async () => (await stateOf(plan)) === 'applied');
  await lab.window();
  expect(userOf().job_title).toBe('Team Coach');
});
