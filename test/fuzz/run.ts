import { homedir, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type CliReport, fuzzCli } from './cli-fuzz.ts';
import { createFindings, type Finding } from './findings.ts';
import { fuzzHttp, type HttpReport } from './http-fuzz.ts';
import { createWorld } from './world.ts';

export type FuzzReport = {
  readonly seed: number;
  readonly seconds: number;
  readonly inputs: number;
  readonly http: HttpReport;
  readonly cli: CliReport;
  /** MB after a collection: once the server was warm, and at the end. */
  readonly memory: { readonly warm: Memory; readonly end: Memory };
  readonly found: number;
  readonly findings: readonly Finding[];
};
type Memory = { readonly heap: number; readonly external: number; readonly resident: number };

/** More heap than this at the end than when the server was warm is a leak, MB. */
const HEAP_MAY_GROW = 48;
/** Share of the inputs, and of the time, that goes to the command line: its commands open a store each. */
const CLI_SHARE = 0.03;
const CLI_TIME = 0.25;
/** Share of the inputs after which the server counts as warm. */
const WARM_AFTER = 0.2;

/** Starts a server of its own, sends what the seed says, and tells what was found. */
export async function runFuzz(options: {
  readonly inputs: number;
  readonly seed: number;
  readonly minutes: number;
  /** Of an empty Postgres database; without one the store is SQLite. */
  readonly databaseUrl?: string;
  readonly onProgress?: (inputs: number) => void;
}): Promise<FuzzReport> {
  const began = performance.now();
  const findings = createFindings();
  const world = await createWorld(options.databaseUrl);
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const paths = [world.folder, root, `${tmpdir()}/`, homedir(), 'node_modules', 'file://', '\n    at '];
  const end = began + options.minutes * 60_000;
  const until = end - (end - began) * CLI_TIME;
  let warm: Memory | null = null;
  try {
    const count = Math.ceil(options.inputs * (1 - CLI_SHARE));
    const http = await fuzzHttp(world, { ...options, count, until, paths }, findings, (inputs) => {
      const spent = Math.max(inputs / options.inputs, (performance.now() - began) / (until - began));
      if (warm === null && spent >= WARM_AFTER) warm = memory();
      options.onProgress?.(inputs);
    });
    const last = memory();
    const grown = last.heap + last.external - (warm ?? last).heap - (warm ?? last).external;
    if (grown > HEAP_MAY_GROW) {
      findings.add({ index: http.inputs, problem: `memory grew by ${grown} MB`, input: '' });
    }
    const cli = await fuzzCli({ seed: options.seed, count: options.inputs - count, until: end }, findings);
    return {
      seed: options.seed,
      seconds: Math.round((performance.now() - began) / 1000),
      inputs: http.inputs + cli.inputs,
      http,
      cli,
      memory: { warm: warm ?? last, end: last },
      found: findings.total(),
      findings: findings.list(),
    };
  } finally {
    await world.close();
  }
}

function memory(): Memory {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external, rss } = process.memoryUsage();
  const mb = (bytes: number) => Math.round(bytes / 2 ** 20);
  return { heap: mb(heapUsed), external: mb(external), resident: mb(rss) };
}
