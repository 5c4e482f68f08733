import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Argument, Command, Option } from 'commander';
import { buildProgram, type CliOptions, runCli } from '../../src/cli/cli.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { startEmulator } from '../../src/emulator/index.ts';
import { ForeknowError } from '../../src/errors/errors.ts';
import { openGateway } from '../../src/gateway/gateway.ts';
import { type Random, randomOf } from '../support/random.ts';
import { type Findings, type Report, seedOf } from './findings.ts';
import { LONGEST_MS } from './http-checks.ts';
import { oddText } from './words.ts';
import { noLimits, onlyTo } from './world.ts';

/** A command with what can stand behind it. */
type Known = {
  readonly words: readonly string[];
  readonly parameters: readonly Argument[];
  readonly options: readonly Option[];
};

export type CliReport = Report & { readonly exitCodes: Record<string, number>; readonly slowestMs: number };
/** A command and what became of it. */
type Told = Ended & { readonly argv: readonly string[]; readonly stdin: readonly string[] };

/** They run until they are stopped: only their refusals are asked for here. */
const untilStopped = new Set(['up', 'demo', 'emulate']);
const optionsUntilStopped = new Set(['--follow', '--watch']);
const HEAL_EVERY = 100;
/** What has not ended by then never will, ms. */
const ENDLESS_MS = 60_000;
const codes = new Set<number>(Object.values(exitCodes));

/**
 * Runs every command of the command line within this process, on a store of its own.
 * @param options.from number of the first input
 * @returns `told`: the last command
 */
export async function fuzzCli(
  options: { readonly seed: number; readonly count: number; readonly until: number; readonly from?: number },
  findings: Findings,
): Promise<CliReport & { readonly told: Told | null }> {
  const world = await createCliWorld();
  const commands = commandsOf(
    buildProgram({ context: { version: '1.2.3' } as never, action: () => async () => {} }, process.stdout),
  );
  const exits: Record<string, number> = {};
  let [inputs, slowestMs] = [0, 0];
  let told: Told | null = null;
  const before = process.cwd();
  // So deep that nothing named from here leaves the scratch folder.
  process.chdir(world.cwd);
  try {
    for (; inputs < options.count && performance.now() < options.until; inputs += 1) {
      const index = (options.from ?? 0) + inputs;
      const random = randomOf(seedOf(options.seed, index));
      const command = random.pick(commands);
      const argv = argvOf(random, command, world);
      const stdin = random.chance(0.5) ? [] : [oddText(random)];
      const first = await run(world, argv, stdin);
      // A machine that is busy with other things is not what is looked for: who is slow is slow again.
      const ended = first.ms <= LONGEST_MS || first.code === null ? first : await run(world, argv, stdin);
      exits[ended.code ?? 'none'] = (exits[ended.code ?? 'none'] ?? 0) + 1;
      slowestMs = Math.max(slowestMs, ended.ms);
      told = { argv, stdin, ...ended };
      for (const problem of problemsOf(ended, argv, command, world)) {
        findings.add({ door: 'cli', index, problem, input: `${JSON.stringify(argv)}\n${ended.stdout}${ended.stderr}` });
      }
      if (inputs % HEAL_EVERY === HEAL_EVERY - 1) await world.heal();
    }
  } finally {
    process.chdir(before);
    await world.close();
  }
  return { inputs, exitCodes: exits, slowestMs: Math.round(slowestMs), told };
}

type CliWorld = Awaited<ReturnType<typeof createCliWorld>>;

async function createCliWorld() {
  const scratch = mkdtempSync(join(tmpdir(), 'foreknow-fuzz-cli-'));
  const cwd = join(scratch, 'a/b/c/d/e');
  mkdirSync(cwd, { recursive: true });
  const emulator = await startEmulator({ people: 20, limits: false });
  const data = join(scratch, 'data');
  const open: CliOptions['openGateway'] = (options) => openGateway({ ...options, fetch: onlyTo(emulator) });
  const heal = async () => {
    const gateway = await openGateway({ folder: data, fetch: onlyTo(emulator) });
    try {
      const found = (await gateway.connections.list()).find(({ name }) => name === 'acme');
      if (found === undefined) {
        const { region, reportingToken } = emulator;
        for (const { id } of await gateway.connections.list()) await gateway.connections.remove(id, { purge: true });
        await gateway.connections.connect({ name: 'acme', region, reportingToken, settings: noLimits });
        await gateway.sync.run('acme', { level: 'full' });
      }
    } finally {
      await gateway.close();
    }
  };
  await heal();
  const tokenFile = join(scratch, 'token.txt');
  writeFileSync(tokenFile, emulator.reportingToken);
  writeFileSync(join(scratch, 'no-folder'), '');
  return {
    cwd,
    data,
    open,
    heal,
    files: [tokenFile, join(scratch, 'missing'), scratch, '/dev/null', '/dev/zero', join(data, 'foreknow.db')],
    folders: [data, data, data, data, join(scratch, 'empty'), join(scratch, 'no-folder'), join(scratch, 'no-folder/x')],
    secrets: [emulator.reportingToken, readFileSync(join(data, 'vault.key'), 'utf8').trim()],
    async close() {
      await emulator.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

function commandsOf(command: Command, words: readonly string[] = []): readonly Known[] {
  return command.commands.flatMap((child) => {
    const path = [...words, child.name()];
    const known = { words: path, parameters: child.registeredArguments, options: child.options };
    return [known, ...commandsOf(child, path)];
  });
}

function argvOf(random: Random, { words, parameters, options }: Known, world: CliWorld): readonly string[] {
  const positional = parameters
    .filter(({ required }) => required || random.chance(0.5))
    .map((one) => (one.name() === 'file' ? random.pick([...world.files, 'made.db']) : parameterOf(random)));
  const flags = options
    .filter(({ long }) => long !== '--data' && !optionsUntilStopped.has(long ?? '') && random.chance(0.25))
    .flatMap((option) => flagOf(random, option, world));
  const extra = random.chance(0.1) ? [random.pick([oddText(random), '--nonsense', '-x', '--', '--=', '--json=1'])] : [];
  const refused = untilStopped.has(words[0]!) ? ['--nonsense'] : [];
  const data = options.some(({ long }) => long === '--data') ? ['--data', random.pick(world.folders)] : [];
  const cut = random.chance(0.05) ? words.slice(0, -1) : words;
  return [...cut, ...positional, ...flags, ...extra, ...refused, ...data]
    .map((word) => word.replaceAll('\0', ''))
    .filter((word) => word !== '--help' || random.chance(0.2));
}

const parameterOf = (random: Random): string =>
  random.chance(0.5) ? random.pick(['acme', 'beta', '41000001', 'tok_x', 'hold_1', 'con_1']) : oddText(random);

function flagOf(random: Random, option: Option, world: CliWorld): readonly string[] {
  const name = option.long ?? option.short!;
  if (option.isBoolean()) return [name];
  if (/file|cert|key|ca$|config/.test(name)) return [name, random.pick(world.files)];
  if (name === '--reporting-url') return [name, random.pick(['https://192.0.2.1', 'http://x', oddText(random)])];
  const likely = [
    '1',
    '5',
    'acme',
    'us',
    'full',
    'directory',
    'users',
    'none',
    '7d',
    'active',
    'name',
    ...(option.argChoices ?? []),
  ];
  return [name, random.chance(0.5) ? random.pick(likely) : oddText(random)];
}

type Ended = {
  readonly code: number | null;
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly thrown: string | null;
};

async function run(world: CliWorld, argv: readonly string[], stdin: readonly string[]): Promise<Ended> {
  const stdout = collector();
  const stderr = collector();
  const began = performance.now();
  const nothing = () => Promise.reject(new ForeknowError('conflict', { detail: 'Nothing is served here.' }));
  const listeners = signals.map((signal) => [signal, process.listeners(signal)] as const);
  const ended = runCli(argv, {
    config: { ...emptyConfig, dataFolder: world.data } as CliOptions['config'],
    version: '1.2.3',
    serve: nothing,
    serveOperation: nothing,
    createLog: nothing,
    createMetrics: nothing,
    startTracing: nothing,
    openGateway: world.open!,
    stdin: Readable.from(stdin),
    stdout: stdout.stream as never,
    stderr: stderr.stream as never,
  }).then(
    (code) => ({ code, thrown: null }),
    (error: unknown) => ({ code: null, thrown: String(error) }),
  );
  const late = new AbortController();
  const result = await Promise.race([ended, after(ENDLESS_MS, late.signal)]);
  late.abort();
  for (const [signal, known] of listeners) {
    for (const one of process.listeners(signal)) if (!known.includes(one)) process.removeListener(signal, one);
  }
  return { ...result, ms: performance.now() - began, stdout: stdout.text(), stderr: stderr.text() };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const emptyConfig = {
  vaultKeys: null,
  databaseUrl: null,
  proxy: null,
  noProxy: null,
  noColor: true,
  log: null,
  configFile: null,
  telemetryEndpoint: null,
  readEnv: () => null,
};

function collector() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (part) => {
    text += String(part);
  });
  return { stream, text: () => text };
}

const after = (ms: number, signal: AbortSignal): Promise<{ code: null; thrown: string }> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ code: null, thrown: `still running after ${ms} ms` }), ms);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });

function problemsOf(
  { code, ms, stdout, stderr, thrown }: Ended,
  argv: readonly string[],
  { parameters }: Known,
  world: CliWorld,
): string[] {
  const problems: string[] = [];
  const all = stdout + stderr;
  if (ms > LONGEST_MS) problems.push(`it took ${Math.round(ms)} ms, twice`);
  if (thrown !== null) problems.push(thrown);
  else if (!codes.has(code!)) problems.push(`exit code ${code}`);
  if (/\n {4}at |node:internal|TypeError|RangeError|is not a function|Cannot read prop/.test(all))
    problems.push('a stack trace, or words of one');
  for (const secret of world.secrets) if (all.includes(secret)) problems.push('a secret was printed');
  if (code !== null && code !== 0 && all === '') problems.push('it failed without a word');
  // Words about what stands behind a command by its place name that.
  const names = parameters.length > 0 || /--?\w|argument|command|Usage|option|line \d/.test(stderr);
  if (code === 64 && !names) problems.push('a usage error that does not name what is wrong');
  if (stderr !== '' && code !== null && code !== 0 && argv.includes('--json') && !stderr.startsWith('Usage')) {
    const last = stderr.trimEnd().split('\n').at(-1)!;
    if (!last.startsWith('{"code":')) problems.push('an error that is no JSON, with --json');
  }
  return problems;
}
