import { homedir, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type CliReport, fuzzCli } from './cli-fuzz.ts';
import { createFindings, type Finding } from './findings.ts';
import { fuzzHttp, type HttpReport, send } from './http-fuzz.ts';
import { openLane } from './lane.ts';
import { type LeftBehind, leftBehind, MAY_STAY, type Memory, memory } from './memory.ts';
import { createWorld, type World } from './world.ts';

export type FuzzReport = {
  readonly seed: number;
  readonly seconds: number;
  readonly inputs: number;
  readonly http: HttpReport;
  readonly cli: CliReport;
  readonly memory: {
    /** MB after a collection: once the server was warm, and at the end. */
    readonly warm: Memory;
    readonly end: Memory;
    /** What a read leaves behind, of as many that were never asked before. */
    readonly leftBehind: LeftBehind;
  };
  readonly found: number;
  readonly findings: readonly Replayable[];
};
/** `replay`: the command that makes the input again. */
type Replayable = Finding & { readonly replay: string };

export type FuzzOptions = {
  readonly inputs: number;
  readonly seed: number;
  readonly minutes: number;
  /** Of an empty Postgres database; without one the store is SQLite. */
  readonly databaseUrl?: string;
  readonly onProgress?: (inputs: number) => void;
};

/** More heap than this at the end than when the server was warm is a leak, MB. */
const HEAP_MAY_GROW = 48;
/** Share of the inputs, and of the time, that goes to the command line: its commands open a store each. */
const CLI_SHARE = 0.03;
const CLI_TIME = 0.25;
/** Share of the inputs after which the server counts as warm. */
const WARM_AFTER = 0.2;

/** Starts a server of its own, sends what the seed says, and tells what was found. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const findings = createFindings();
  const world = await createWorld(options.databaseUrl);
  const began = performance.now();
  const end = began + options.minutes * 60_000;
  const until = end - (end - began) * CLI_TIME;
  let warm: Memory | null = null;
  try {
    const count = Math.ceil(options.inputs * (1 - CLI_SHARE));
    const http = await fuzzHttp(world, { ...options, count, until, paths: pathsOf(world) }, findings, (inputs) => {
      const spent = Math.max(inputs / options.inputs, (performance.now() - began) / (until - began));
      if (warm === null && spent >= WARM_AFTER) warm = memory();
      options.onProgress?.(inputs);
    });
    const last = memory();
    const grown = inMb(last.heap + last.external - (warm ?? last).heap - (warm ?? last).external);
    const left = await leftBehind(world);
    const ofAll = { door: 'http', index: null, input: '' } as const;
    if (grown > HEAP_MAY_GROW) findings.add({ ...ofAll, problem: `memory grew by ${grown} MB` });
    if (left.bytesEach === null) findings.add({ ...ofAll, problem: 'a read was not answered' });
    else if (left.bytesEach > MAY_STAY) {
      findings.add({ ...ofAll, problem: `every read that was not asked before leaves ${left.bytesEach} bytes behind` });
    }
    const { told: _, ...cli } = await fuzzCli(
      { seed: options.seed, count: options.inputs - count, until: end },
      findings,
    );
    return {
      seed: options.seed,
      seconds: Math.round((performance.now() - began) / 1000),
      inputs: http.inputs + cli.inputs,
      http,
      cli,
      memory: { warm: shown(warm ?? last), end: shown(last), leftBehind: left },
      found: findings.total(),
      findings: findings.list().map((finding) => ({ ...finding, replay: replayOf(finding, options) })),
    };
  } finally {
    await world.close();
  }
}

/** Makes one input again, on a server that no other has come to, and tells all of it. */
export async function replay(
  door: Finding['door'],
  index: number,
  { seed, databaseUrl }: Pick<FuzzOptions, 'seed' | 'databaseUrl'>,
): Promise<Record<string, unknown> & { readonly found: number }> {
  if (door === 'cli') {
    const findings = createFindings();
    const { told } = await fuzzCli({ seed, count: 1, from: index, until: Number.POSITIVE_INFINITY }, findings);
    return { door, index, seed, ...told, found: findings.total(), findings: findings.list() };
  }
  const world = await createWorld(databaseUrl);
  try {
    const lane = openLane(world.port);
    const { input, exchange, problems } = await send(world, lane, index, { seed, paths: pathsOf(world) });
    lane.hangUp();
    const { kind, role, bytes } = input;
    return { door, index, seed, kind, role: role.name, input: bytes, ...exchange, found: problems.length, problems };
  } finally {
    await world.close();
  }
}

/** What names a place of this machine. */
const pathsOf = ({ folder }: World): readonly string[] => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  return [folder, root, `${tmpdir()}/`, homedir(), 'node_modules', 'file://', '\n    at '];
};

const replayOf = ({ door, index }: Finding, { seed, databaseUrl }: FuzzOptions): string => {
  const what = index === null ? '' : ` --only ${door}:${index}`;
  return `npm run fuzz -- --seed ${seed}${what}${databaseUrl === undefined ? '' : ' --database-url …'}`;
};

const inMb = (bytes: number): number => Math.round(bytes / 2 ** 20);

const shown = ({ heap, external, resident }: Memory): Memory => ({
  heap: inMb(heap),
  external: inMb(external),
  resident: inMb(resident),
});
