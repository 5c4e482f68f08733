import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Emulator } from '../../emulator/index.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { RunRecord } from '../../sync/ports.ts';
import { scopes } from '../../tokens/token.ts';
import { documentedLimits, type Limits, safeLimits } from '../../wire/limits.ts';
import type { CliContext } from '../context.ts';
import { createFeed } from '../demo/feed.ts';
import { enrolmentWords, planWords } from '../demo/plan-words.ts';
import { demoOptions, type ProvisionedDemo, provisionSample } from '../demo/provisioning.ts';
import { createProvisioningFeed } from '../demo/provisioning-feed.ts';
import { managerless } from '../demo/sample-export.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { examples, type JsonFlag, numberOption, withJson } from '../flags.ts';
import type { Kit } from '../kit.ts';
import { operator } from '../operator.ts';
import { runText } from '../output/run-text.ts';
import { showProgress } from '../output/sync-progress.ts';
import { count, counted, duration } from '../output/words.ts';
import { onFreePort } from '../ports.ts';
import { issueCommandToken } from '../server-token.ts';
import { endWithin } from '../stop.ts';
import { exitCodeOfRun } from './sync.ts';

type Flags = JsonFlag & {
  readonly people: number;
  readonly seed: number;
  readonly port?: number;
  readonly emulatorPort?: number;
  readonly realLimits?: boolean;
  readonly keep?: boolean;
};

const API_PORT = 4080;
const EMULATOR_PORT = 4081;
const NAME = 'halden-foods';
/** How many times KnowBe4's own request limits the stand-in allows. */
const FAST = 20;
/** How far the world goes on between two refreshes. */
const WORLD_STEP_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** KnowBe4 applies what SCIM was sent at most this often; on a real account every 15 minutes. */
const SCIM_WINDOW_MS = 3000;
/** Of a larger company taking the accounts over would take minutes. */
const MOST_PROVISIONED = 2000;
const STOP_MS = 9000;

export function addDemo(program: Command, { context, action }: Kit): void {
  const command = program
    .command('demo')
    .description('A sample company, connected, mirrored and served: no KnowBe4 account needed')
    .addOption(numberOption('--people <number>', 'people of the sample company', { min: 1, max: 100_000, by: 1200 }))
    .addOption(
      numberOption('--seed <number>', 'the same seed makes the same company', { min: 0, max: 4_294_967_295, by: 7 }),
    )
    .addOption(
      numberOption('--port <port>', `of the API; 0 picks free ones (default: ${API_PORT}, or the next free one)`, {
        min: 0,
        max: 65_535,
      }),
    )
    .addOption(
      numberOption(
        '--emulator-port <port>',
        `of the stand-in for KnowBe4 (default: ${EMULATOR_PORT}, or the next free one)`,
        {
          min: 0,
          max: 65_535,
        },
      ),
    )
    .option('--real-limits', `KnowBe4’s own request limits instead of ${FAST} times as many`)
    .option('--keep', 'keep the data folder at the end');
  withJson(command)
    .addHelpText(
      'after',
      `
With --json it prints one line when everything is mirrored and planned: api,
token, connection_id, emulator, emulator_control, reporting_token, pid, data,
plan_id, operator, operator_secret. More than ${count(MOST_PROVISIONED)} people are mirrored alone:
the last three are null then.
It ends with ^C and removes what it made.
${examples('demo', 'demo --json --port 0')}`,
    )
    .action(action(async (flags: Flags) => runDemo(context, flags)));
}

const timesFast = ({ perSecond, perMinute, perDay }: Limits): Limits => ({
  perSecond: perSecond * FAST,
  perMinute: perMinute * FAST,
  perDay: perDay * FAST,
});

/** What is open, and is closed in the opposite order. */
type Undo = () => unknown;

async function runDemo(context: CliContext, flags: Flags): Promise<ExitCode> {
  const stop = context.stopped();
  const undo: Undo[] = [];
  stop.addEventListener('abort', () => endWithin(STOP_MS, exitCodes.done));
  try {
    return await play(context, flags, stop, undo);
  } catch (error) {
    if (stop.aborted) return exitCodes.done;
    throw error;
  } finally {
    for (const close of undo.toReversed()) await close();
  }
}

async function play(context: CliContext, flags: Flags, stop: AbortSignal, undo: Undo[]): Promise<ExitCode> {
  const { output } = context;
  const step = stepPrinter(context);
  output.write(`foreknow ${context.version}   demo: sample company "Halden Foods", nothing leaves this machine\n\n`);

  const folder = mkdtempSync(join(tmpdir(), 'foreknow-demo-'));
  undo.push(() => (flags.keep ? output.note(`kept: ${folder}`) : rmSync(folder, { recursive: true, force: true })));
  const gateway = await context.openGateway({
    ...{ folder, allowBaseUrls: true, ...demoOptions(folder, NAME) },
    // A receiver that is being written runs on the same machine.
    webhooks: { allowHosts: ['localhost', '127.0.0.1'] },
  });
  undo.push(() => gateway.close());
  step('store', flags.keep ? folder : `${folder}, removed at the end`);

  const emulator = await startSandbox(context, flags);
  undo.push(() => emulator.close());
  const people = emulator.accounts[0]!.people;
  giveManagers(emulator);
  step('sandbox', `KnowBe4 stand-in on ${emulator.url}   (Reporting API, SCIM; ${count(people)} people)`);

  const served = await onFreePort(flags.port, API_PORT, output.note, (port) => context.serve(gateway, { port }));
  undo.push(() => served.close());
  const { token } = await issueCommandToken(gateway);
  gateway.announce({ pid: process.pid, startedAt: new Date(context.now()).toISOString(), address: served.url, token });
  step('api', `${served.url}`);

  const connectionId = await connect(gateway, emulator, flags);
  step('connected', `${NAME} (${emulator.region})`);

  const run = await firstSync(context, gateway, connectionId, stop);
  if (stop.aborted) return exitCodes.done;
  if (run.status !== 'done') {
    output.note(runText(run, output.width));
    return exitCodeOfRun(run);
  }
  const { secret } = await gateway.as(operator()).tokens.create({ name: 'demo', scopes });
  await sayFound(context, gateway, connectionId, run);
  const provisioned = people > MOST_PROVISIONED ? null : await takeOver(gateway, emulator, { folder, context, stop });
  if (stop.aborted) return exitCodes.done;
  // The world is synced below, step by step; what callers ask for is done here, and webhooks are sent.
  gateway.startWork({ scheduled: false });
  const ready = {
    api: served.url,
    token: secret,
    connection_id: connectionId,
    emulator: emulator.url,
    emulator_control: emulator.controlUrl,
    reporting_token: emulator.reportingToken,
    pid: process.pid,
    data: folder,
    plan_id: provisioned?.plan.id ?? null,
    operator: provisioned?.operator.name ?? null,
    operator_secret: provisioned?.operator.secret ?? null,
  };
  if (output.json) output.answer(ready, () => '');
  else sayWhatNow(context, ready, provisioned);
  await live({ context, gateway, emulator, connectionId, stop, realLimits: flags.realLimits ?? false });
  return exitCodes.done;
}

/** Prints a step with the time since the start: `  0.5s  sandbox    …` */
function stepPrinter({ output, now }: CliContext): (name: string, words: string) => void {
  const startedAt = now();
  return (name, words) => {
    const seconds = `${((now() - startedAt) / 1000).toFixed(1)}s`;
    output.write(`  ${seconds.padStart(5)}  ${name.padEnd(10)} ${words}\n`);
  };
}

async function startSandbox(
  { output }: CliContext,
  { people, seed, port, emulatorPort, realLimits }: Flags,
): Promise<Emulator> {
  const { startEmulator } = await import('../../emulator/index.ts');
  const wanted = emulatorPort ?? (port === 0 ? 0 : undefined);
  return onFreePort(wanted, EMULATOR_PORT, output.note, (free) =>
    startEmulator({
      ...{ port: free, people, seed, provisioner: 'none' },
      limits: realLimits ? true : timesFast(documentedLimits(people)),
      ...(realLimits ? {} : { switches: { scimSyncDelayMs: SCIM_WINDOW_MS, scimMinIntervalMs: SCIM_WINDOW_MS } }),
    }),
  );
}

/** Whoever reports to somebody who is not there reports to one of the admins: a manager who has no account cannot be carried. */
function giveManagers(emulator: Emulator): void {
  const company = emulator.truth();
  const head = company.account.admins[0];
  if (head === undefined) return;
  const fields = { manager_email: head.email, manager_name: `${head.first_name} ${head.last_name}` };
  for (const user of managerless(company)) emulator.mutate({ kind: 'change-user', user, fields });
}

/** Says what it is busy with: it takes some seconds in which nothing else is told. */
async function takeOver(...args: Parameters<typeof provision>): Promise<ProvisionedDemo> {
  const { isLive, write } = args[2].context.output.progress;
  if (isLive) write('plan  taking the accounts over through SCIM, then planning …');
  return provision(...args).finally(() => {
    if (isLive) write('\r\x1b[2K');
  });
}

async function provision(
  gateway: Gateway,
  emulator: Emulator,
  { folder, context, stop }: { folder: string; context: CliContext; stop: AbortSignal },
): Promise<ProvisionedDemo> {
  const { tokens, addresses } = emulator;
  const account = {
    ...{ tokens, addresses, company: () => emulator.truth(), advance: emulator.advance },
    turnTestModeOff: () => emulator.mutate({ kind: 'scim-test-mode', on: false }),
  };
  return provisionSample(gateway, account, {
    ...{ connection: NAME, folder, now: new Date(context.now()), signal: stop },
  });
}

async function connect(gateway: Gateway, emulator: Emulator, { realLimits }: Flags): Promise<string> {
  const { connection } = await gateway.as(operator()).connections.connect({
    name: NAME,
    region: emulator.region,
    reportingToken: emulator.reportingToken,
    reportingUrl: emulator.url,
    tenant: 'Halden Foods',
    // The world's day passes in minutes here, and its quota with it.
    settings: { limits: { scimPerSecond: null, ...(realLimits ? {} : { ...timesFast(safeLimits(0)), perDay: null }) } },
  });
  return connection.id;
}

async function firstSync(
  context: CliContext,
  gateway: Gateway,
  connectionId: string,
  stop: AbortSignal,
): Promise<RunRecord> {
  const view = showProgress(context.output, context.now);
  return gateway.sync
    .run(connectionId, { level: 'full', trigger: 'connect', signal: stop, onProgress: view.update })
    .finally(view.end);
}

async function sayFound({ output }: CliContext, gateway: Gateway, connectionId: string, run: RunRecord): Promise<void> {
  const rows = run.streams
    .filter((stream) => stream.rows > 0)
    .map(({ stream, rows: number }) => `${stream} ${count(number)}`);
  const ms = Date.parse(run.endedAt ?? run.startedAt) - Date.parse(run.startedAt);
  const perMinute = safeLimits(0).perMinute;
  const [overdue, risky] = await Promise.all([
    countPeople(gateway, connectionId, { overdue: true }),
    countPeople(gateway, connectionId, { failed_since: daysAgo(run.startedAt, 90) }),
  ]);
  output.write(
    [
      '',
      ...inLines('  sync  ', rows),
      `        ${counted(run.requests, 'request')}, ${duration(ms)}`,
      `        (on a real account about ${duration((run.requests / perMinute) * 60_000)}: ${perMinute} requests a minute)`,
      '',
      `  found ${counted(overdue, 'person', 'people')} with overdue training`,
      `        ${counted(risky, 'person', 'people')} who failed a phishing test in the last 90 days`,
      '',
      '',
    ].join('\n'),
  );
}

function sayWhatNow(
  { output }: CliContext,
  { api, token, data }: { api: string; token: string; data: string },
  provisioned: ProvisionedDemo | null,
): void {
  const told = provisioned === null ? [] : planLines(provisioned, api);
  const tries = [
    ...(provisioned === null ? [] : planTries(provisioned, data)),
    `curl -H "Authorization: Bearer ${token}" "${api}/unified/user-directory/users?limit=2"`,
    `curl -H "Authorization: Bearer ${token}" "${api}/api/v1/people?overdue=true"`,
    `curl -H "Authorization: Bearer ${token}" "${api}/v1/users?per_page=2"   # as KnowBe4 answers`,
    ...['people --overdue', 'status', 'webhooks create http://localhost:9000/'].map(
      (words) => `npx foreknow ${words} --data ${data}`,
    ),
    `npx foreknow connect --invite priya@example.com --data ${data}   # a page to connect on`,
    `npx foreknow mcp --data ${data}   # tools for agents`,
  ];
  output.write(
    [
      ...told,
      ...tries.map((words, at) => `${at === 0 ? '  try   ' : '        '}${words}`),
      '',
      '        ^C stops and removes everything (--keep keeps the data)',
      '',
      '',
    ].join('\n'),
  );
}

/** The plan that waits, and who decides about it. */
function planLines({ plan, people, ms, operator: who }: ProvisionedDemo, api: string): readonly string[] {
  const sources = plan.basis.sources.map(({ name }) => name).join(', ');
  const enrolments = enrolmentWords(plan);
  const state = plan.state === 'waiting' ? 'waiting for you' : plan.state;
  return [
    `  took over ${counted(people, 'account')} through SCIM, ${duration(ms)}`,
    '        (on a real account its windows of 15 minutes come on top)',
    '',
    `  plan  ${plan.id} from ${sources}: ${planWords(plan)}   ${state}`,
    ...(enrolments === null ? [] : [`        ${enrolments}`]),
    `        ${api}/plans/${plan.id}`,
    `        operator  ${who.name}   secret  ${who.secret}   (shown this once)`,
    '',
  ];
}

function planTries({ plan, operator: who }: ProvisionedDemo, folder: string): readonly string[] {
  const newcomer = plan.steps.find(({ action }) => action === 'create')?.person?.email;
  return [
    `npx foreknow plans show ${plan.id} --data ${folder}`,
    ...(newcomer == null ? [] : [`npx foreknow explain ${newcomer} --data ${folder}   # why one person changes`]),
    `npx foreknow approve ${plan.id} --as ${who.name} --data ${folder}   # asks for the secret above`,
    `npx foreknow apply ${plan.id} --wait --data ${folder}`,
    `npx foreknow undo ${plan.id} --data ${folder}   # a plan that puts it back`,
  ];
}

const LINE = 80;

/** Pieces with spaces between them, wrapped, with a heading in front of the first line. */
function inLines(heading: string, pieces: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + piece.length + 3 <= LINE) lines[lines.length - 1] = `${last}   ${piece}`;
    else lines.push(`${lines.length === 0 ? heading : ' '.repeat(heading.length)}${piece}`);
  }
  return lines;
}

async function countPeople(gateway: Gateway, connectionId: string, filter: Readonly<Record<string, unknown>>) {
  const parts = new Set(['training', 'phishing'] as const);
  let total = 0;
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = { ...filter, limit: 500, next_cursor: cursor };
    const page = await gateway.directory.listPeople({ connectionIds: [connectionId], query }, parts);
    total += page.result_count;
    cursor = page.next_cursor;
  }
  return total;
}

const daysAgo = (instant: string, days: number): string => new Date(Date.parse(instant) - days * DAY_MS).toISOString();

/** Lets the world go on and the mirror follow, until the signal. */
async function live(scene: {
  context: CliContext;
  gateway: Gateway;
  emulator: Emulator;
  connectionId: string;
  stop: AbortSignal;
  realLimits: boolean;
}): Promise<void> {
  const { context, gateway, emulator, connectionId, stop, realLimits } = scene;
  const feed = createFeed(gateway, connectionId, context.output);
  const provisioning = createProvisioningFeed(gateway, connectionId, context.output);
  await Promise.all([feed.begin(), provisioning.begin()]);
  while (!stop.aborted) {
    await sleep(realLimits ? 60_000 : 4000, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return;
    emulator.advance(WORLD_STEP_MS);
    const level = realLimits ? 'directory' : 'refresh';
    await gateway.sync.run(connectionId, { level, trigger: 'manual', signal: stop }).catch((error: Error) => {
      if (!stop.aborted) context.output.warn(error.message);
    });
    if (stop.aborted) return;
    const at = new Date(emulator.now()).toISOString().slice(11, 16);
    await feed.print(at);
    await provisioning.print(at);
  }
}
