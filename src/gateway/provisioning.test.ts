import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import type { Plan } from '../provisioning/plan.ts';
import { type Gateway, openGateway } from './gateway.ts';

/* From a file of people to KnowBe4 and back: read, adopted, planned, approved, applied, seen, undone. */

const MINUTE = 60_000;
const RULES = `version: 1
match: [employee_number, email]
map:
  email: email
  first_name: first_name
  last_name: last_name
  job_title: job_title
  department: department
groups:
  owned: { prefix: "Auto " }
  rules:
    - name: every department
      for_each: department
      put_in: "Auto {department}"
leavers:
  when: { status: { eq: left } }
  wait: 0d
approval: { one: [create, update, restore, archive, group_create, member_add, member_remove] }
`;
const COLUMNS = ['employee_number', 'email', 'first_name', 'last_name', 'job_title', 'department', 'status'] as const;
type Row = Record<(typeof COLUMNS)[number], string>;
const operator = { id: 'op_1', name: 'Priya' };

let folder: string;
let emulator: Emulator;
let gateway: Gateway;
let shift = 0;
const now = () => new Date(Date.now() + shift);

beforeEach(async () => {
  shift = 0;
  folder = mkdtempSync(join(tmpdir(), 'foreknow-provisioning-'));
  mkdirSync(join(folder, 'drop'));
  writeFileSync(join(folder, 'acme.yaml'), RULES);
  emulator = await startEmulator({
    ...{ people: 40, limits: false, provisioner: 'none', switches: { scimSeats: 'allow' } },
  });
  gateway = await openGateway({
    ...{ folder: join(folder, 'data'), allowBaseUrls: true, now },
    provisioning: { rules: [{ file: join(folder, 'acme.yaml'), connection: 'acme' }] },
    sources: { sources: [hr()], people: { from: ['hr'], join: [], prefer: {} } },
  });
  const { region, reportingToken, url, tokens, addresses } = emulator;
  const settings = { limits: { perSecond: null, perMinute: null, perDay: null, scimPerSecond: null } };
  await gateway.connections.connect({ name: 'acme', region, reportingToken, reportingUrl: url, settings });
  for (const kind of ['scim', 'product'] as const) {
    await gateway.connections.addKey('acme', kind, { token: tokens[kind], url: addresses[kind] });
  }
  await gateway.sync.run('acme', { level: 'full' });
});
afterEach(async () => {
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const none = undefined;
const hr = () => ({
  ...{ name: 'hr', kind: 'csv' as const, from: join(folder, 'drop', 'people_*.csv'), id: 'employee_number' },
  ...{ everyMinutes: null, hostKeys: [], key: none, passphrase: none, password: none, encoding: none },
  ...{ delimiter: none, columns: none, lists: none, groups: none, active: none, settleMs: 0 },
  completeWhen: { trailer: '#END rows={rows}', rowsFile: none, digestFile: none, rowCountColumn: none },
});

/** Everybody who is active, as the company's own file has them. */
const everybody = (): Row[] =>
  emulator
    .truth()
    .users.filter(({ status, employee_number, department }) => status === 'active' && employee_number && department)
    .map((user) => ({
      employee_number: user.employee_number!,
      email: user.email!,
      first_name: user.first_name!,
      last_name: user.last_name!,
      job_title: user.job_title!,
      department: user.department!,
      status: 'here',
    }));

let files = 0;
async function hand(rows: readonly Row[]) {
  files += 1;
  const lines = [COLUMNS, ...rows.map((row) => COLUMNS.map((name) => row[name]))];
  const cells = lines.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','));
  const file = join(folder, 'drop', `people_${String(files).padStart(3, '0')}.csv`);
  writeFileSync(file, `${cells.join('\n')}\n#END rows=${rows.length}\n`);
  const at = now().getTime() / 1000 - 60;
  utimesSync(file, at, at);
  const read = await gateway.sources.read('hr', 'test');
  expect(read, JSON.stringify(read)).toMatchObject({ state: 'kept', proof: { state: 'complete' } });
}

/** KnowBe4 runs its sync, and we read what became of it. */
async function window() {
  shift += 20 * MINUTE;
  emulator.advance(20 * MINUTE);
  await gateway.sync.run('acme', { level: 'directory' });
}

async function approveAndApply({ id, digest }: Pick<Plan, 'id' | 'digest'>) {
  const view = await gateway.provisioning.approve(id, { digest, steps: null, reason: null }, operator);
  if (view.plan.state !== 'approved') {
    const other = { id: 'op_2', name: 'Tomas' };
    await gateway.provisioning.approve(id, { digest, steps: null, reason: null }, other);
  }
  const application = await gateway.provisioning.applyNow(id, operator.name, AbortSignal.timeout(60_000));
  expect(application.stop).toBeNull();
  return application;
}

async function adopted() {
  await hand(everybody());
  await gateway.provisioning.setMode('acme', 'propose');
  await approveAndApply(await gateway.provisioning.build('acme', { kind: 'adoption' }, 'test'));
  expect((await gateway.provisioning.status('acme')).state.adoption.state).toBe('pushed');
  emulator.mutate({ kind: 'scim-test-mode', on: false });
  await gateway.provisioning.confirmAdoption('acme', AbortSignal.timeout(60_000));
  await window();
}

test('people come, change and leave as the file says, once somebody has approved it, and nothing else moves', async () => {
  const before = emulator.truth().users.filter(({ status }) => status === 'active');
  await adopted();
  const same = emulator.truth().users.filter(({ status }) => status === 'active');
  expect(same.map(({ id }) => id)).toEqual(before.map(({ id }) => id));

  // The first three are admins of the console, whom no step touches.
  const [first, second, third, mover, leaver, ...others] = everybody();
  const newcomer: Row = {
    ...{ employee_number: '990001', email: `mira.novak@${first!.email.split('@')[1]}`, first_name: 'Mira' },
    ...{ last_name: 'Novak', job_title: 'Buyer', department: first!.department, status: 'here' },
  };
  const moved = { ...mover!, job_title: 'Team Coach', department: first!.department };
  await hand([first!, second!, third!, moved, { ...leaver!, status: 'left' }, ...others, newcomer]);
  const plan = await gateway.provisioning.build('acme', {}, 'test');
  expect(plan).toMatchObject({ state: 'waiting', counts: { create: 1, update: 1, archive: 1, unmanaged: 1 } });
  await approveAndApply(plan);
  await window();

  const { users } = emulator.truth();
  expect(users.find(({ email }) => email === newcomer.email)).toMatchObject({ status: 'active', first_name: 'Mira' });
  expect(users.find(({ email }) => email === moved.email)).toMatchObject({ job_title: 'Team Coach' });
  expect(users.find(({ email }) => email === leaver!.email)).toMatchObject({ status: 'archived' });
  const steps = await gateway.provisioning.steps(plan.id, { limit: 1000 });
  expect(new Set(steps.map(({ entry }) => entry?.state))).toEqual(new Set(['verified']));
  expect((await gateway.provisioning.build('acme', {}, 'test')).steps).toEqual([]);
});
