import { measure, median, round, start, stop } from './parts.ts';

type Made = {
  readonly ms: number;
  readonly readMs: number;
  readonly requests: number;
  readonly people: number;
  readonly complete: boolean;
  readonly peakMb: number;
};

/** People made over the road against the same by bare `fetch`, each time in an empty store. */
export async function roadAgainstBare(people: number, latencyMs: number, rounds: number) {
  const made: Record<'road' | 'bare', Made[]> = { road: [], bare: [] };
  for (let n = 0; n < rounds; n += 1) {
    for (const how of ['bare', 'road'] as const) {
      const emulator = await start<{ url: string; token: string }>('scim-emulator-process.ts', [latencyMs]);
      const { url, token } = emulator.first;
      const one = await measure<Made>('scim-process.ts', [how, url, token, people]);
      if (one.people !== people || !one.complete) throw new Error(`${how} made ${one.people} of ${people}`);
      made[how].push(one);
      await stop(emulator);
    }
  }
  const of = (how: 'road' | 'bare', key: keyof Omit<Made, 'complete'>) => median(made[how].map((one) => one[key]));
  return {
    people,
    latency_ms: latencyMs,
    seconds: round(of('road', 'ms') / 1000),
    bare_seconds: round(of('bare', 'ms') / 1000),
    ratio: round(of('road', 'ms') / of('bare', 'ms')),
    requests_a_person: round(of('road', 'requests') / people),
    read_back_seconds: round(of('road', 'readMs') / 1000),
    peak_mb: round(of('road', 'peakMb')),
  };
}
