/** The proxy against a direct call, one call at a time, and against a bare streaming proxy, sixteen at a time. */
import autocannon from 'autocannon';
import { fresh, median, round, type Started, scale, start, stop } from './parts.ts';

type Upstream = {
  url: string;
  token: string;
  region: string;
  record: string;
  list: string;
  bytes: { record: number; list: number };
};
type Served = { url: string; token: string };
type Target = { readonly url: string; readonly token: string };

export async function proxyAgainstDirect() {
  const upstream = await start<Upstream>('upstream-process.ts', []);
  const { url, token, region, record, list, bytes } = upstream.first;
  const started: Started<unknown>[] = [upstream];
  try {
    const gateway = await start<Served>('proxy-process.ts', [fresh('proxy'), url, token, region]);
    const pipe = await start<{ url: string }>('pipe-process.ts', [url, token]);
    started.push(gateway, pipe);
    const to = (path: string, limit: string) => ({
      direct: { url: `${url}/v1${path}`, token },
      bare: { url: `${pipe.first.url}/proxy${path}`, token },
      proxy: { url: `${gateway.first.url}/proxy${path.replace(/\?.*/, limit)}`, token: gateway.first.token },
    });
    return {
      bytes,
      verbatim: await compare(to(record, '')),
      wrapped: await compare(to(list, '?limit=100')),
    };
  } finally {
    for (const one of started.toReversed()) await stop(one);
  }
}

/** Three rounds of each, by turns, so that what else the machine does meets all of them. */
async function compare({ direct, bare, proxy }: { direct: Target; bare: Target; proxy: Target }) {
  const calls = Math.round(2000 * scale) + 100;
  for (const target of [direct, bare, proxy]) await latency(target, 300);
  const alone = { direct: [] as number[], bare: [] as number[], proxy: [] as number[] };
  const many = { bare: [] as number[], proxy: [] as number[] };
  for (let index = 0; index < 3; index += 1) {
    alone.direct.push(await latency(direct, calls));
    alone.bare.push(await latency(bare, calls));
    alone.proxy.push(await latency(proxy, calls));
    many.bare.push(await rate(bare));
    many.proxy.push(await rate(proxy));
  }
  return {
    direct_median_ms: round(median(alone.direct)),
    added_median_ms: round(median(alone.proxy) - median(alone.direct)),
    added_by_bare_ms: round(median(alone.bare) - median(alone.direct)),
    proxy_per_second: median(many.proxy) | 0,
    bare_per_second: median(many.bare) | 0,
    ratio: round(median(many.proxy) / median(many.bare)),
  };
}

const headersOf = ({ token }: Target) => ({ authorization: `Bearer ${token}` });

/** Median of calls that are made one after another, ms. */
async function latency(target: Target, calls: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < calls; index += 1) {
    const begun = performance.now();
    const answer = await fetch(target.url, { headers: headersOf(target) });
    await answer.arrayBuffer();
    times.push(performance.now() - begun);
    if (answer.status !== 200) throw new Error(`${target.url} answered ${answer.status}`);
  }
  return median(times);
}

async function rate(target: Target): Promise<number> {
  const run = await autocannon({
    ...{ url: target.url, connections: 16, duration: Math.round(4 * scale) + 1, headers: headersOf(target) },
  });
  if (run.non2xx + run.errors > 0) throw new Error(`${run.non2xx + run.errors} answers were not 2xx`);
  return run.requests.average;
}
