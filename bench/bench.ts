/**
 * `npm run bench`: ratios measured in one run, printed as JSON. Every part is a process of its own, so that peak memory is
 * that of the part. `--small` uses a tenth of the sizes (a check that the bench itself works, not a figure).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

type Timed = { ms: number; rows: number; requests: number; peakMb: number; status?: string; complete?: boolean };

const scale = process.argv.includes('--small') ? 0.1 : 1;
const folder = mkdtempSync(join(tmpdir(), 'foreknow-bench-'));
const children = new Set<ChildProcess>();
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const say = (text: string) => process.stderr.write(`${text}\n`);
const round = (value: number) => Math.round(value * 100) / 100;
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Starts a part and gives the first line it prints, as JSON. */
function start<T>(
  name: string,
  args: (string | number)[],
): Promise<{ child: ChildProcess; first: T; ended: Promise<void> }> {
  const child = spawn(process.execPath, [path(name), ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve(void children.delete(child))));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', (line) =>
      resolve({ child, first: JSON.parse(line) as T, ended }),
    );
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code} before it printed anything`)));
  });
}

async function measure(name: string, args: (string | number)[]): Promise<Timed> {
  const { first, ended } = await start<Timed>(name, args);
  await ended;
  return first;
}

async function withEmulator<T>(
  people: number,
  enrollments: number,
  latencyMs: number,
  work: (emulator: { url: string; token: string }) => Promise<T>,
): Promise<T> {
  const { child, first, ended } = await start<{ url: string; token: string }>('emulator-process.ts', [
    people,
    enrollments,
    latencyMs,
  ]);
  try {
    return await work(first);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

let serial = 0;
const fresh = (name: string): string => {
  serial += 1;
  return join(folder, `${name}-${serial}`);
};

/** First and unchanged sync against the bare loop over the same addresses, each `rounds` times in turn. */
async function syncAgainstBare(people: number, enrollments: number, latencyMs: number, rounds: number) {
  return withEmulator(people, enrollments, latencyMs, async ({ url, token }) => {
    const firsts: Timed[] = [];
    const agains: Timed[] = [];
    const bares: Timed[] = [];
    const baresAgain: Timed[] = [];
    let data = '';
    for (let index = 0; index < rounds; index += 1) {
      data = fresh('data');
      const urls = fresh('urls');
      firsts.push(await measure('sync-process.ts', [data, url, token, urls]));
      bares.push(await measure('bare-process.ts', [urls, token, 1]));
      agains.push(await measure('sync-process.ts', [data, url, token, urls]));
      baresAgain.push(await measure('bare-process.ts', [urls, token, 1]));
      say(
        `  first ${firsts.at(-1)!.ms | 0} ms, bare ${bares.at(-1)!.ms | 0} ms, again ${agains.at(-1)!.ms | 0} ms, bare ${baresAgain.at(-1)!.ms | 0} ms`,
      );
    }
    const bad = [...firsts, ...agains].find((run) => run.status !== 'done');
    if (bad) throw new Error(`a sync ended as ${bad.status}`);
    const ms = (runs: Timed[]) => median(runs.map((run) => run.ms));
    return {
      data,
      figures: {
        people,
        enrollments,
        latency_ms: latencyMs,
        rounds,
        rows: firsts[0]!.rows,
        requests: firsts[0]!.requests,
        first_ms: ms(firsts) | 0,
        bare_ms: ms(bares) | 0,
        first_ratio: round(ms(firsts) / ms(bares)),
        again_ms: ms(agains) | 0,
        bare_again_ms: ms(baresAgain) | 0,
        again_ratio: round(ms(agains) / ms(baresAgain)),
        first_peak_mb: Math.max(...firsts.map((run) => run.peakMb)) | 0,
        again_peak_mb: Math.max(...agains.map((run) => run.peakMb)) | 0,
      },
    };
  });
}

async function clientAgainstBare(people: number, rounds: number) {
  return withEmulator(people, people, 0, async ({ url, token }) => {
    const urls = fresh('urls');
    const pages = Math.ceil((people * 1.1) / 500);
    writeFileSync(
      urls,
      Array.from({ length: pages }, (_, page) => `${url}/v1/users?per_page=500&page=${page + 1}`).join('\n'),
    );
    const clients: Timed[] = [];
    const bares: Timed[] = [];
    for (let index = 0; index < rounds; index += 1) {
      clients.push(await measure('client-process.ts', [url, token, 1]));
      bares.push(await measure('bare-process.ts', [urls, token, 1]));
    }
    const long = await measure('client-process.ts', [url, token, 3]);
    const ms = (runs: Timed[]) => median(runs.map((run) => run.ms));
    return {
      rows: clients[0]!.rows,
      complete: clients.every((run) => run.complete),
      client_ms: ms(clients) | 0,
      bare_ms: ms(bares) | 0,
      ratio: round(ms(clients) / ms(bares)),
      peak_mb: Math.max(...clients.map((run) => run.peakMb)) | 0,
      bare_peak_mb: Math.max(...bares.map((run) => run.peakMb)) | 0,
      rows_long: long.rows,
      peak_mb_long: long.peakMb | 0,
    };
  });
}

async function apiAgainstConstant(data: string) {
  const { child, first, ended } = await start<{ api: string; token: string; constant: string; bytes: number }>(
    'api-process.ts',
    [data],
  );
  try {
    const load = (url: string, duration: number) =>
      autocannon({ url, connections: 16, duration, headers: { authorization: `Bearer ${first.token}` } });
    await load(first.api, 2);
    await load(first.constant, 2);
    const apis: autocannon.Result[] = [];
    const constants: autocannon.Result[] = [];
    for (let index = 0; index < 3; index += 1) {
      apis.push(await load(first.api, 4 * scale + 1));
      constants.push(await load(first.constant, 4 * scale + 1));
    }
    const bad = [...apis, ...constants].find((run) => run.non2xx + run.errors > 0);
    if (bad) throw new Error(`${bad.non2xx + bad.errors} answers were not 2xx`);
    const rate = (runs: autocannon.Result[]) => median(runs.map((run) => run.requests.average));
    return {
      connections: 16,
      bytes: first.bytes,
      api_per_second: rate(apis) | 0,
      constant_per_second: rate(constants) | 0,
      ratio: round(rate(apis) / rate(constants)),
      api_p99_ms: median(apis.map((run) => run.latency.p99)),
    };
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

try {
  const people = 20_000 * scale;
  say('first and unchanged sync, no delay');
  const direct = await syncAgainstBare(people, people * 10, 0, 3);
  say('first and unchanged sync, 20 ms a page');
  const delayed = await syncAgainstBare(people, people * 10, 20, 3);
  say('client alone');
  const client = await clientAgainstBare(100_000 * scale, 3);
  say('list of users over HTTP');
  const api = await apiAgainstConstant(direct.data);
  say('memory at five times the size');
  const large = await syncAgainstBare(people * 5, people * 50, 0, 1);
  console.log(
    JSON.stringify(
      {
        machine: { node: process.version, cores: cpus().length, scale },
        sync: direct.figures,
        sync_20ms: delayed.figures,
        client,
        list_users: api,
        sync_large: large.figures,
        memory_growth: round(large.figures.first_peak_mb / direct.figures.first_peak_mb - 1),
        goals: {
          first_ratio: 'at most 2.0; 1.1 with 20 ms',
          again_ratio: 'at most 1.2; 1.05 with 20 ms',
          client: 'ratio at most 1.1, at most 150 MB, flat at three times the rows',
          list_users: 'ratio at least 0.4',
          memory: 'under 300 MB, growth under 0.15',
        },
      },
      null,
      2,
    ),
  );
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
