/** Webhook deliveries against a bare loop of posts, and events pulled against the same bytes from a constant body. */
import { createServer } from 'node:http';
import { fresh, measure, round, say, start, stop, withEmulator } from './parts.ts';

type Seen = { count: number; bytes: number; ms: number };
type Pulled = { readonly events: number; readonly ms: number; readonly bodies: readonly Buffer[] };

const LOOK_MS = 100;
/** A sink that has heard nothing for this long has heard everything. */
const QUIET_MS = 3000;

export async function eventsAgainstBare(people: number, accounts: number) {
  return withEmulator({ people, enrollments: people * 10, latencyMs: 0, accounts }, async ({ url, tokens }) => {
    const sink = await start<{ url: string }>('sink-process.ts', []);
    const sinkUrl = sink.first.url;
    const gateway = await start<{ url: string; token: string }>('events-process.ts', [
      fresh('data'),
      url,
      sinkUrl,
      ...tokens,
    ]);
    const pulled = await pullAll(gateway.first);
    const constantMs = await pullConstant(pulled.bodies);
    say(`  ${pulled.events} events pulled in ${pulled.ms | 0} ms, the same bytes in ${constantMs | 0} ms`);
    gateway.child.stdin!.write('go\n');
    const sent = await allSeen(sinkUrl);
    await stop(gateway);
    await fetch(sinkUrl, { method: 'DELETE' });
    const bare = await measure<{ ms: number }>('post-process.ts', [sinkUrl, sent.count, sent.bytes, accounts]);
    await stop(sink);
    const perSecond = (count: number, ms: number) => (count / ms) * 1000;
    const rates = { sent: perSecond(sent.count, sent.ms), bare: perSecond(sent.count, bare.ms) };
    say(`  ${sent.count} deliveries in ${sent.ms | 0} ms, bare posts in ${bare.ms | 0} ms`);
    return {
      deliveries: {
        lanes: accounts,
        events: sent.count,
        bytes: sent.bytes,
        per_second: rates.sent | 0,
        bare_per_second: rates.bare | 0,
        ratio: round(rates.sent / rates.bare),
      },
      events_pulled: {
        page: 1000,
        events: pulled.events,
        per_second: perSecond(pulled.events, pulled.ms) | 0,
        constant_per_second: perSecond(pulled.events, constantMs) | 0,
        ratio: round(constantMs / pulled.ms),
      },
    };
  });
}

async function pullAll({ url, token }: { url: string; token: string }): Promise<Pulled> {
  const bodies: Buffer[] = [];
  let events = 0;
  let after = '';
  const started = performance.now();
  for (;;) {
    const answer = await fetch(`${url}/api/v1/events?limit=1000&after=${encodeURIComponent(after)}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!answer.ok) throw new Error(`the feed answered ${answer.status}: ${await answer.text()}`);
    const body = Buffer.from(await answer.arrayBuffer());
    const page = JSON.parse(body.toString()) as { result: unknown[]; next_cursor: string; has_more: boolean };
    bodies.push(body);
    events += page.result.length;
    after = page.next_cursor;
    if (!page.has_more) return { events, ms: performance.now() - started, bodies };
  }
}

/** A server that has the pages ready, read and parsed in the same way. */
async function pullConstant(bodies: readonly Buffer[]): Promise<number> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(bodies[Number(request.url!.slice(1))]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const started = performance.now();
  for (const index of bodies.keys()) JSON.parse(await (await fetch(`http://127.0.0.1:${port}/${index}`)).text());
  const ms = performance.now() - started;
  server.closeAllConnections();
  server.close();
  return ms;
}

/** What the sink has seen when nothing comes any more. */
async function allSeen(sinkUrl: string): Promise<Seen> {
  let seen: Seen = { count: 0, bytes: 0, ms: 0 };
  let changedAt = performance.now();
  for (;;) {
    const now = (await (await fetch(sinkUrl)).json()) as Seen;
    if (now.count !== seen.count) changedAt = performance.now();
    seen = now;
    if (seen.count > 0 && performance.now() - changedAt > QUIET_MS) return seen;
    if (performance.now() - changedAt > 60_000) throw new Error('no delivery came within a minute');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
