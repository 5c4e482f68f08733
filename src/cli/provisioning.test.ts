import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type CliConfig, runCli } from './cli.ts';
import { exitCodeOfPlan } from './commands/plans.ts';

/* From a folder, a file of rules and a file of people to KnowBe4, all of it at the terminal. */

const SECRET = 'seven green bicycles';
const CONFIG = `version: 1
sources:
  - { name: hr, kind: csv, from: drop/people_*.csv, id: employee_number, complete_when: { trailer: "#END rows={rows}" } }
people: { from: [hr] }
rules: [ { file: rules.yaml, connection: acme } ]
`;
const RULES = `version: 1
match: [employee_number, email]
map: { email: email, first_name: first_name, last_name: last_name, job_title: job_title }
leavers: { when: { status: { eq: left } }, wait: 0d }
approval: { one: [create, update, restore, archive] }
`;
const COLUMNS = ['employee_number', 'email', 'first_name', 'last_name', 'job_title', 'status'] as const;
type Row = Record<(typeof COLUMNS)[number], string>;
type Answers = readonly (readonly [question: string, answer: string])[];

let folder: string;
let emulator: Emulator;

const file = (name: string): string => join(folder, name);

/** Runs a command; with answers it sits at a terminal at which somebody types them as they are asked for. */
async function ran(
  args: readonly string[],
  answers: Answers | null = null,
  env: Readonly<Record<string, string>> = {},
) {
  const isTTY = answers !== null;
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: () => stdin, columns: 120 });
  const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY, columns: 120, rows: 30 })];
  const left = [...(answers ?? [])];
  let [shown, text] = ['', ''];
  stderr.on('data', (part: Buffer) => {
    text += String(part);
    shown += String(part);
    const next = left[0];
    if (next === undefined || !shown.includes(next[0])) return;
    left.shift();
    shown = '';
    setImmediate(() => stdin.write(next[1]));
  });
  if (!isTTY) stdin.end(`priya\r${SECRET}\r`);
  const nothing = () => Promise.reject(new Error('does nothing'));
  const untold = { vaultKeys: null, databaseUrl: null, noColor: true, proxy: null, noProxy: null };
  const config = { ...untold, dataFolder: file('data'), configFile: file('foreknow.yaml') };
  const code = await runCli(args, {
    config: { ...config, readEnv: (name: string) => env[name] ?? null } as CliConfig,
    version: '1.2.3',
    ...{ serve: nothing, serveOperation: nothing, createLog: nothing, createMetrics: nothing, startTracing: nothing },
    ...{ stdin: stdin as never, stdout: stdout as never, stderr: stderr as never },
  });
  return { code, stdout: String(stdout.read() ?? ''), stderr: text, unasked: left.length };
}

const priya: Answers = [['Secret of priya', `${SECRET}\r`]];
const agreed: Answers = [['Approve', 'y'], ...priya];

const everybody = (): Row[] =>
  emulator
    .truth()
    .users.filter(({ status, employee_number }) => status === 'active' && employee_number)
    .map((user) => ({
      ...{ employee_number: user.employee_number!, email: user.email!, first_name: user.first_name! },
      ...{ last_name: user.last_name!, job_title: user.job_title ?? '', status: 'here' },
    }));

let files = 0;
async function hand(rows: readonly Row[]): Promise<void> {
  files += 1;
  const lines = [COLUMNS, ...rows.map((row) => COLUMNS.map((name) => `"${row[name].replaceAll('"', '""')}"`))];
  const path = file(`drop/people_${String(files).padStart(3, '0')}.csv`);
  writeFileSync(path, `${lines.map((line) => line.join(',')).join('\n')}\n#END rows=${rows.length}\n`);
  utimesSync(path, new Date(), new Date(Date.now() - 60_000));
  expect(await ran(['sources', 'read', 'hr'])).toMatchObject({ code: 0 });
}

/** Of a plan that was built as JSON. */
async function planned(args: readonly string[] = ['plan']) {
  const { code, stdout, stderr } = await ran([...args, '--json']);
  expect(stderr).toBe('');
  return {
    code,
    ...(JSON.parse(stdout) as { id: string; state: string; counts: Record<string, number>; steps: { id: string }[] }),
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-cli-provisioning-'));
  mkdirSync(file('drop'));
  writeFileSync(file('foreknow.yaml'), CONFIG);
  writeFileSync(file('rules.yaml'), RULES);
  emulator = await startEmulator({ people: 8, limits: false, provisioner: 'none', switches: { scimSeats: 'allow' } });
  for (const kind of ['scim', 'product'] as const) writeFileSync(file(kind), emulator.tokens[kind]);
  writeFileSync(file('reporting'), emulator.reportingToken);
  const free = ['--per-second', 'none', '--per-minute', 'none', '--per-day', 'none'];
  const made = ['--name', 'acme', '--region', emulator.region, '--reporting-token-file', file('reporting')];
  for (const args of [
    ['connect', ...made, '--reporting-url', emulator.url, ...free],
    [
      'connections',
      'keys',
      'add',
      'acme',
      'scim',
      '--token-file',
      file('scim'),
      '--tenant-url',
      emulator.addresses.scim,
    ],
    [
      'connections',
      'keys',
      'add',
      'acme',
      'product',
      '--token-file',
      file('product'),
      '--url',
      emulator.addresses.product,
    ],
    ['sync', 'acme', '--full'],
  ]) {
    expect(await ran(args), args.join(' ')).toMatchObject({ code: 0 });
  }
  const twice = [
    ['New secret of priya', `${SECRET}\r`],
    ['The same again', `${SECRET}\r`],
  ] as const;
  expect(await ran(['operators', 'add', 'priya'], twice)).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true });
});

test('a plan over a source that was never read does not say that there is nothing to do', async () => {
  const { code, stderr } = await ran(['plan']);
  expect(code).toBe(4);
  expect(stderr).toContain('foreknow sources read hr');
});

test('the whole way: adopted, planned, approved by a person at the terminal, applied, seen, taken back', async () => {
  await hand(everybody());
  expect((await ran(['adopt'])).stdout).toMatch(/^Adoption of acme[\s\S]* found now/);
  expect(await ran(['provisioning', 'mode', 'propose', '--as', 'priya'], priya)).toMatchObject({ code: 0, unasked: 0 });

  const adoption = await planned(['adopt', '--plan']);
  expect(adoption).toMatchObject({ code: 3, state: 'waiting' });
  expect((await ran(['apply', adoption.id])).code).toBe(77);
  const approved = await ran(['approve', adoption.id, '--as', 'priya'], agreed);
  expect(approved).toMatchObject({ code: 0, unasked: 0 });
  expect(approved.stderr).toContain(`Plan ${adoption.id}`);
  expect(approved.stdout).toContain(`foreknow apply ${adoption.id}`);
  expect(await ran(['apply', adoption.id, '--wait'])).toMatchObject({
    ...{ code: 0, stdout: expect.stringMatching(/was sent: \d+ accepted\n.*adopt --confirm/) },
  });
  emulator.mutate({ kind: 'scim-test-mode', on: false });
  expect(await ran(['adopt', '--confirm', '--as', 'priya'], priya)).toMatchObject({
    ...{ code: 0, stdout: expect.stringContaining('plans can be applied now') },
  });
  emulator.advance(20 * 60_000);
  await ran(['sync', 'acme', '--level', 'directory']);
  expect(await planned()).toMatchObject({ code: 0 });

  // The first three are admins of the console, whom no step touches.
  const mover = everybody()[3]!;
  await hand(everybody().map((row) => (row.email === mover.email ? { ...row, job_title: 'Team Coach' } : row)));
  expect((await ran(['explain', mover.email])).stdout).toMatch(/4 differs {2}job title: .* → Team Coach/);
  const plan = await planned();
  expect(plan).toMatchObject({ code: 3, state: 'waiting', counts: { update: 1, group_create: 0 } });
  expect((await ran(['plans', 'steps', plan.id])).stdout).toContain('Team Coach');
  expect(await ran(['approve', plan.id, '--steps', 'st_99'], [])).toMatchObject({ code: 64 });
  expect(await ran(['approve', plan.id, '--steps', plan.steps[0]!.id, '--as', 'priya'], agreed)).toMatchObject({
    code: 0,
  });
  expect(await ran(['apply', plan.id])).toMatchObject({ code: 0 });
  emulator.advance(20 * 60_000);
  await ran(['sync', 'acme', '--level', 'directory']);
  expect((await ran(['plans', 'show', plan.id])).stdout).toMatch(/approved by priya[\s\S]*steps: 1 verified/);
  expect((await ran(['drift'])).stdout).toMatch(/all as it was written/);
  expect(await planned(['undo', plan.id])).toMatchObject({ code: 3, counts: { update: 1 } });
}, 120_000);

test('a person decides at a terminal: a pipe, a flag or the environment is refused, and nothing is decided', async () => {
  await hand(everybody().map((row, at) => (at === 4 ? { ...row, job_title: 'Buyer' } : row)));
  const { id } = await planned();
  const env = { FOREKNOW_SECRET: SECRET, SECRET };
  for (const args of [
    ['approve', id, '--as', 'priya'],
    ['reject', id, '--reason', 'no', '--as', 'priya'],
    ['adopt', '--confirm', '--as', 'priya'],
    ['provisioning', 'mode', 'auto', '--as', 'priya'],
    ['provisioning', 'attest', 'renames-keep', '--as', 'priya'],
    ['provisioning', 'exempt', '--none', '--as', 'priya'],
    ['provisioning', 'resume', '--as', 'priya'],
    ['conflicts', 'decide', 'wi_1', '--choice', 'ignore', '--as', 'priya'],
  ]) {
    const { code, stderr } = await ran(args, null, env);
    expect([args, code, stderr]).toEqual([args, 77, expect.stringContaining('type their secret on a terminal')]);
  }
  for (const flag of ['--secret', '--password', '--yes', '--code']) {
    expect((await ran(['approve', id, '--as', 'priya', flag, SECRET], agreed)).code).toBe(64);
  }
  const wrong = [
    ['Approve', 'y'],
    ['Secret of priya', 'six green bicycles\r'],
  ] as const;
  expect((await ran(['approve', id, '--as', 'priya'], wrong)).code).toBe(77);
  expect((await ran(['approve', id, '--as', 'priya'], [['Approve', 'n']])).stderr).toContain('Nothing was approved');
  expect((await ran(['plans', 'list', '--json', '--limit', '1'])).stdout).toContain('"state":"waiting"');

  expect(await ran(['reject', id, '--reason', 'not now', '--as', 'priya'], priya)).toMatchObject({ code: 0 });
  expect((await ran(['plans', 'show', id])).stdout).toMatch(/rejected by priya.*: not now/);
}, 30_000);

test('a plan of other rules is a look that is not kept; CSV and files say the same', async () => {
  writeFileSync(file('draft.yaml'), `${RULES}scope: { include: { status: { eq: nobody } } }\n`);
  const { stdout } = await ran(['plan', '--rules', file('draft.yaml'), '--out', file('plan.json')]);
  expect(stdout).toContain('this plan is not kept');
  const listed = (await ran(['plans', 'list', '--json'])).stdout;
  const against = ['plan', '--rules', file('draft.yaml'), '--against', 'current'];
  const compared = await ran(against);
  expect(compared.code).toBe(2);
  expect(compared.stdout).toMatch(/^\S+draft\.yaml against \S+rules\.yaml, for acme\n/);
  expect(compared.stdout).toMatch(/unscoped +0 +\d+ +\+\d+\n/);
  expect(JSON.parse((await ran([...against, '--json'])).stdout)).toMatchObject({
    current: { counts: { unscoped: 0 } },
    draft: { connection_id: expect.stringMatching(/^con_/) },
    unseen: [],
  });
  const same = ['plan', '--rules', file('rules.yaml'), '--against', 'current'];
  expect(await ran(same)).toMatchObject({ code: 0, stdout: expect.stringContaining('The draft does the same.') });
  expect((await ran(['plan', '--against', 'current'])).stderr).toContain('--against needs --rules');
  expect((await ran([...against, '--csv'])).code).toBe(64);
  expect((await ran(['plans', 'list', '--json'])).stdout).toBe(listed);
  expect((await ran(['plan', '--csv'])).stdout).toMatch(/^step,action,situation,email/);
  expect((await ran(['plan', '--urgent'])).stderr).toContain('say who');
  expect((await ran(['drift', '--since', 'soon'])).code).toBe(64);
});

test.each([
  ['nothing to do', {}, 0],
  ['nothing to do, as far as a broken source tells', { sources: ['incomplete'] }, 4],
  ['an unproven source is none that is broken', { sources: ['unproven'] }, 0],
  ['steps that apply by themselves', { steps: 1 }, 2],
  ['steps that wait for people', { steps: 1, needed: 1 }, 3],
  ['blocked', { steps: 1, needed: 2, state: 'blocked' }, 4],
])('exit code of a plan: %s', (_, { sources = [], steps = 0, needed = 0, state = 'waiting' }: Shape, code) => {
  const basis = { sources: sources.map((one) => ({ state: one })) };
  const plan = { state, basis, steps: Array.from({ length: steps }), approval: { needed, reasons: [] } };
  expect(exitCodeOfPlan(plan as never)).toBe(code);
});
type Shape = { sources?: readonly string[]; steps?: number; needed?: number; state?: string };
