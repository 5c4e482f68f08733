/** The API over a mirrored folder against the same framework answering a constant body. */
import autocannon from 'autocannon';
import { median, round, scale, start, stop } from './parts.ts';

type Served = { api: string; token: string; constant: string; bytes: number };

export async function apiAgainstConstant(data: string) {
  const started = await start<Served>('api-process.ts', [data]);
  try {
    const { api, constant, token, bytes } = started.first;
    const load = (url: string, duration: number) =>
      autocannon({ url, connections: 16, duration, headers: { authorization: `Bearer ${token}` } });
    await load(api, 2);
    await load(constant, 2);
    const apis: autocannon.Result[] = [];
    const constants: autocannon.Result[] = [];
    for (let index = 0; index < 3; index += 1) {
      apis.push(await load(api, 4 * scale + 1));
      constants.push(await load(constant, 4 * scale + 1));
    }
    const bad = [...apis, ...constants].find((run) => run.non2xx + run.errors > 0);
    if (bad) throw new Error(`${bad.non2xx + bad.errors} answers were not 2xx`);
    const rate = (runs: autocannon.Result[]) => median(runs.map((run) => run.requests.average));
    return {
      connections: 16,
      bytes,
      api_per_second: rate(apis) | 0,
      constant_per_second: rate(constants) | 0,
      ratio: round(rate(apis) / rate(constants)),
      api_p99_ms: median(apis.map((run) => run.latency.p99)),
    };
  } finally {
    await stop(started);
  }
}
