/** First and unchanged syncs, and the client alone, against a loop that fetches the same addresses and parses them. */
import { writeFileSync } from 'node:fs';
import { fresh, measure, median, round, say, withEmulator } from './parts.ts';

export type Timed = {
  ms: number;
  rows: number;
  requests: number;
  peakMb: number;
  status?: string;
  complete?: boolean;
};

const msOf = (runs: readonly Timed[]): number => median(runs.map(({ ms }) => ms));
const peakOf = (runs: readonly Timed[]): number => Math.max(...runs.map(({ peakMb }) => peakMb)) | 0;

/** @throws when a sync did not end as done: its figures would mean nothing */
export function refuseUnfinished(runs: readonly Timed[]): void {
  const bad = runs.find(({ status }) => status !== 'done');
  if (bad) throw new Error(`a sync ended as ${bad.status}`);
}

/** Each `rounds` times in turn. */
export async function syncAgainstBare(people: number, enrollments: number, latencyMs: number, rounds: number) {
  return withEmulator({ people, enrollments, latencyMs }, async ({ url, tokens: [token] }) => {
    const firsts: Timed[] = [];
    const agains: Timed[] = [];
    const bares: Timed[] = [];
    const baresAgain: Timed[] = [];
    let data = '';
    for (let index = 0; index < rounds; index += 1) {
      data = fresh('data');
      const urls = fresh('urls');
      firsts.push(await measure<Timed>('sync-process.ts', [data, url, token!, urls]));
      bares.push(await measure<Timed>('bare-process.ts', [urls, token!, 1]));
      agains.push(await measure<Timed>('sync-process.ts', [data, url, token!, urls]));
      baresAgain.push(await measure<Timed>('bare-process.ts', [urls, token!, 1]));
      say(
        `  first ${firsts.at(-1)!.ms | 0} ms, bare ${bares.at(-1)!.ms | 0} ms, again ${agains.at(-1)!.ms | 0} ms, bare ${baresAgain.at(-1)!.ms | 0} ms`,
      );
    }
    refuseUnfinished([...firsts, ...agains]);
    return {
      data,
      figures: {
        people,
        enrollments,
        latency_ms: latencyMs,
        rounds,
        rows: firsts[0]!.rows,
        requests: firsts[0]!.requests,
        first_ms: msOf(firsts) | 0,
        bare_ms: msOf(bares) | 0,
        first_ratio: round(msOf(firsts) / msOf(bares)),
        again_ms: msOf(agains) | 0,
        bare_again_ms: msOf(baresAgain) | 0,
        again_ratio: round(msOf(agains) / msOf(baresAgain)),
        first_peak_mb: peakOf(firsts),
        again_peak_mb: peakOf(agains),
      },
    };
  });
}

export async function clientAgainstBare(people: number, rounds: number) {
  return withEmulator({ people, enrollments: people, latencyMs: 0 }, async ({ url, tokens: [token] }) => {
    const urls = fresh('urls');
    const pages = Math.ceil((people * 1.1) / 500);
    writeFileSync(
      urls,
      Array.from({ length: pages }, (_, page) => `${url}/v1/users?per_page=500&page=${page + 1}`).join('\n'),
    );
    const clients: Timed[] = [];
    const bares: Timed[] = [];
    for (let index = 0; index < rounds; index += 1) {
      clients.push(await measure<Timed>('client-process.ts', [url, token!, 1]));
      bares.push(await measure<Timed>('bare-process.ts', [urls, token!, 1]));
    }
    const long = await measure<Timed>('client-process.ts', [url, token!, 3]);
    return {
      rows: clients[0]!.rows,
      complete: clients.every((run) => run.complete),
      client_ms: msOf(clients) | 0,
      bare_ms: msOf(bares) | 0,
      ratio: round(msOf(clients) / msOf(bares)),
      peak_mb: peakOf(clients),
      bare_peak_mb: peakOf(bares),
      rows_long: long.rows,
      peak_mb_long: long.peakMb | 0,
    };
  });
}
