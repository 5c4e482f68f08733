import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type LabPlace,
  LEASE_MS,
  type ProvisioningLab,
  provisioningLab,
  type Row,
  RULES,
} from '../../src/gateway/provisioning-lab.contract.ts';
import type { Plan } from '../../src/provisioning/plan.ts';
import { type TestDatabase, testDatabase } from '../../src/store/contract/test-database.ts';
import { type Kill, type KillGate, startKillGate } from '../support/kill-gate.ts';
import { type Random, randomOf } from '../support/random.ts';

/* A gateway process that is killed again and again while it applies a plan: in the end it is as if nobody had been killed. */

/** Of each plan; by hand, for a longer search: FOREKNOW_KILLS=50. */
const KILLS = Number(process.env.FOREKNOW_KILLS ?? 4);
/** With no kill, each of the plans takes at least so many requests. */
const REQUESTS = 70;
const LIMIT_MS = 60_000 + KILLS * 15_000;
const SEED = Number(process.env.FOREKNOW_SEED ?? 20_261_121);
const script = fileURLToPath(new URL('../support/apply-process.ts', import.meta.url));
const rules = RULES.replace('  department: department\n', '  department: department\n  manager_email: manager\n');

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end();
});

async function newLab(newDatabase: () => Promise<TestDatabase | null>): Promise<ProvisioningLab> {
  const database = await newDatabase();
  if (database !== null) ended.push(database.remove);
  const lab = await provisioningLab({ rules, databaseUrl: database?.url ?? null });
  ended.push(lab.close);
  return lab;
}

/** Its gateway reaches SCIM through a gate from now on. */
async function gateOf({ emulator, gateway }: ProvisioningLab): Promise<KillGate> {
  const gate = await startKillGate(emulator);
  ended.push(gate.close);
  await gateway.connections.addKey('acme', 'scim', {
    token: emulator.tokens.scim,
    url: gate.address(emulator.addresses.scim),
  });
  return gate;
}

/** Starts a process that applies the plan; `kill`: when it is killed. @returns whether it came to its end before */
async function applyInProcess(place: LabPlace, planId: string, gate: KillGate, kill: Kill | null): Promise<boolean> {
  const child = spawn(process.execPath, [script, JSON.stringify(place), planId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ended.push(async () => void child.kill('SIGKILL'));
  if (kill !== null) gate.arm(kill, () => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once('close', (...end) => resolve(end));
  });
  await gate.disarm();
  if (signal === 'SIGKILL') return false;
  expect([code, said]).toEqual([0, 'applied\n']);
  return true;
}

const killAt = (random: Random): Kill => ({
  request: random.int(1, Math.max(1, Math.floor((2 * REQUESTS) / (KILLS + 1)))),
  when: random.pick(['before', 'unanswered', { afterMs: random.int(0, 6) }]),
});

/** Applies a plan that is approved in processes that are killed, until it is applied. @returns how many were killed */
async function applyUnderFire(lab: ProvisioningLab, gate: KillGate, plan: Plan, random: Random): Promise<number> {
  await lab.approve(plan);
  await lab.gateway.provisioning.apply(plan.id, 'test');
  let kills = 0;
  await lab.handOver(async (placeOfNext) => {
    while (!(await applyInProcess(placeOfNext(), plan.id, gate, kills < KILLS ? killAt(random) : null))) kills += 1;
  });
  return kills;
}

const newcomers = ([first, ...rest]: readonly Row[]): Row[] =>
  [...'abcdefgh'].map((letter, at) => ({
    ...{ employee_number: `99000${letter}`, email: `new.${letter}@${first!.email.split('@')[1]}`, first_name: 'Mira' },
    ...{ last_name: `Novak-${letter.toUpperCase()}`, job_title: 'Buyer', status: 'here' },
    ...{ department: at < 4 ? 'Night shift' : first!.department, manager: rest[at]!.email },
  }));

/** Eight come, six move, three leave. */
async function handMuch(lab: ProvisioningLab): Promise<void> {
  const rows = lab.everybody();
  const changed = rows.map((row, at): Row => {
    // The first are admins of the console, whom no step touches.
    if (at >= 4 && at < 10) return { ...row, job_title: 'Team Coach', department: 'Night shift' };
    return at >= 10 && at < 13 ? { ...row, status: 'left' } : row;
  });
  await lab.hand([...changed, ...newcomers(rows)]);
}

/** What is there in the end, with nothing that depends on when it was made. */
function described({ emulator }: ProvisioningLab) {
  const { users, groups, scim_users: stored, scim_groups: storedGroups } = emulator.truth();
  const nameOf = new Map(stored.map(({ id, user_name: name }) => [id, name.toLowerCase()]));
  const emailOf = new Map(users.map(({ id, email }) => [id, email]));
  const groupOf = new Map(groups.map(({ id, name }) => [id, name]));
  return {
    users: users
      .map((user) => ({
        ...{ email: user.email, status: user.status, names: [user.first_name, user.last_name, user.job_title] },
        ...{ number: user.employee_number, manager: user.manager_email, department: user.department },
        groups: user.groups.map((id) => groupOf.get(id) ?? '').toSorted(),
      }))
      .toSorted(by(({ email }) => email)),
    stored: stored
      .map(({ user_name: name, active, user_id: id }) => ({
        name,
        active,
        email: id === null ? null : emailOf.get(id),
      }))
      .toSorted(by(({ name }) => name)),
    groups: storedGroups
      .map(({ name, member_ids: ids }) => ({ name, members: ids.map((id) => nameOf.get(id) ?? id).toSorted() }))
      .toSorted(by(({ name }) => name)),
  };
}
const by =
  <T>(key: (of: T) => string) =>
  (one: T, other: T) =>
    key(one) < key(other) ? -1 : 1;

/** Who was made, and everything by which somebody is known, is there once. */
function expectNobodyTwice(lab: ProvisioningLab, gate: KillGate): void {
  const { users, scim_users: stored, scim_groups: groups } = lab.emulator.truth();
  for (const values of [
    gate.made,
    users.map(({ email }) => email),
    users.filter(({ status }) => status === 'active').map(({ employee_number: number }) => number),
    stored.map(({ user_name: name }) => name),
    stored.map(({ external_id: id }) => id),
    groups.map(({ name }) => name),
  ]) {
    const present = values.filter((value) => value !== null && value !== '');
    expect(present.filter((value, at) => present.indexOf(value) !== at)).toEqual([]);
  }
}

const stepStates = async (lab: ProvisioningLab, { id }: Plan) =>
  new Set((await lab.gateway.provisioning.steps(id, { limit: 1000 })).map(({ entry }) => entry?.state));

const activeIds = ({ emulator }: ProvisioningLab) =>
  emulator
    .truth()
    .users.filter(({ status }) => status === 'active')
    .map(({ id }) => id);

describe.each([
  ['SQLite', async () => null],
  ['Postgres', testDatabase],
])('on %s', (_, newDatabase) => {
  test('killed while a plan is applied: the same end as without, nobody twice, every step seen', {
    timeout: LIMIT_MS,
  }, async () => {
    const calm = await newLab(newDatabase);
    await calm.adopt();
    await handMuch(calm);
    await calm.approveAndApply(await calm.gateway.provisioning.build('acme', {}, 'test'));
    await calm.window();

    const lab = await newLab(newDatabase);
    await lab.adopt();
    const gate = await gateOf(lab);
    await handMuch(lab);
    const plan = await lab.gateway.provisioning.build('acme', {}, 'test');
    expect(plan.steps.length).toBeGreaterThan(36);
    expect(await applyUnderFire(lab, gate, plan, randomOf(SEED))).toBeGreaterThanOrEqual(Math.min(KILLS, 3));
    await lab.window();

    expect(described(lab)).toEqual(described(calm));
    expectNobodyTwice(lab, gate);
    expect(await stepStates(lab, plan)).toEqual(new Set(['verified']));
    expect((await lab.gateway.provisioning.build('acme', {}, 'test')).steps).toEqual([]);
  });

  test('killed while accounts are taken over: everybody is, nobody is archived and nobody is there twice', {
    timeout: LIMIT_MS,
  }, async () => {
    const lab = await newLab(newDatabase);
    const before = activeIds(lab);
    const gate = await gateOf(lab);
    await lab.hand(lab.everybody());
    await lab.gateway.provisioning.setMode('acme', 'propose');
    const plan = await lab.gateway.provisioning.build('acme', { kind: 'adoption' }, 'test');
    expect(await applyUnderFire(lab, gate, plan, randomOf(SEED + 1))).toBeGreaterThanOrEqual(Math.min(KILLS, 3));
    lab.emulator.mutate({ kind: 'scim-test-mode', on: false });
    await lab.gateway.provisioning.confirmAdoption('acme', AbortSignal.timeout(60_000));
    await lab.window();

    expect(activeIds(lab)).toEqual(before);
    expectNobodyTwice(lab, gate);
    expect(await stepStates(lab, plan)).toEqual(new Set(['verified']));
  });
});

test('killed between the last step of taking accounts over and its proof: the next process proves it', {
  timeout: LIMIT_MS,
}, async () => {
  const lab = await newLab(async () => null);
  const gate = await gateOf(lab);
  await lab.hand(lab.everybody());
  const { provisioning } = lab.gateway;
  await provisioning.setMode('acme', 'propose');
  const { id, digest } = await provisioning.build('acme', { kind: 'adoption' }, 'test');
  await lab.approve({ id, digest });
  await provisioning.apply(id, 'test');
  /** The proof alone reads everybody. */
  const isList = (line: string) => /^GET .*\/Users(\?|$)/.test(line) && !line.includes('filter=');
  const applyOnce = (kill: Kill | null) =>
    lab.handOver(async (placeOfNext) => {
      expect(await applyInProcess(placeOfNext(), id, gate, kill)).toBe(kill === null);
    });
  const standing = async () => {
    const [{ plan }, { state }] = await Promise.all([
      lab.gateway.provisioning.plan(id),
      lab.gateway.provisioning.status('acme'),
    ]);
    return [plan.state, state.adoption.state];
  };
  await applyOnce({ request: isList, when: 'before' });
  expect(await standing()).toEqual(['applied', 'pushing']);
  await applyOnce(null);
  expect(await standing()).toEqual(['applied', 'pushed']);
});

test('on Postgres another process, which goes on all the time, takes over what a killed one had begun', {
  timeout: LIMIT_MS,
}, async () => {
  const lab = await newLab(testDatabase);
  await lab.adopt();
  const gate = await gateOf(lab);
  await handMuch(lab);
  const { provisioning } = lab.gateway;
  const plan = await provisioning.build('acme', {}, 'test');
  await lab.approve(plan);
  await provisioning.apply(plan.id, 'test');
  const isOver = await applyInProcess(lab.place, plan.id, gate, { request: 20, when: 'unanswered' });
  expect(isOver).toBe(false);
  const conflict = provisioning.applyNow(plan.id, 'test', AbortSignal.timeout(30_000));
  await expect(conflict).rejects.toMatchObject({ code: 'conflict' });

  lab.pass(LEASE_MS);
  lab.gateway.startWork({ scheduled: false });
  const applications = async () => (await provisioning.plan(plan.id)).applications;
  await vi.waitFor(async () => expect(await applications()).toMatchObject([{ state: 'applied', resumed: 1 }]), {
    ...{ timeout: 20_000, interval: 50 },
  });
  await lab.window();
  expectNobodyTwice(lab, gate);
  expect(await stepStates(lab, plan)).toEqual(new Set(['verified']));
});
