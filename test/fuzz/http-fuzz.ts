import { randomOf } from '../support/random.ts';
import { type Findings, type Report, seedOf } from './findings.ts';
import { LONGEST_MS, problemsOf } from './http-checks.ts';
import { type HttpInput, httpInput, httpKinds } from './http-inputs.ts';
import { type Exchange, type Lane, openLane } from './lane.ts';
import type { World } from './world.ts';

/** Requests under way at the same time. */
const LANES = 8;
/** After so many inputs what they took away is put back, and the server shows that it still answers. */
const HEAL_EVERY = 500;
/** So long a batch may go on when the time is over, ms. */
const GRACE_MS = 15_000;
/** How long to wait for an answer to something that is not whole, ms. */
const IMPATIENT_MS = 30;

export type HttpReport = Report & {
  readonly kinds: Record<string, number>;
  readonly statuses: Record<string, number>;
  readonly slowestMs: number;
  readonly mended: number;
};

/**
 * Sends inputs until there were `count` of them or the time is over.
 * @param until ms of `performance.now()`
 */
export async function fuzzHttp(
  world: World,
  options: { readonly seed: number; readonly count: number; readonly until: number; readonly paths: readonly string[] },
  findings: Findings,
  onBatch: (inputs: number) => void,
): Promise<HttpReport> {
  const kinds: Record<string, number> = Object.fromEntries(httpKinds.map((kind) => [kind, 0]));
  const statuses: Record<string, number> = {};
  let [inputs, slowestMs, mended] = [0, 0, 0];
  const lanes = Array.from({ length: LANES }, () => openLane(world.port));

  const one = async (lane: Lane, index: number): Promise<void> => {
    const first = await send(world, lane, index, options);
    // A machine that is busy with other things is not what is looked for: who does not answer does not answer again.
    const isLate = first.exchange.timedOut && first.input.whole;
    const { input, exchange, problems } = isLate ? await send(world, lane, index, options) : first;
    kinds[input.kind]! += 1;
    for (const { status } of exchange.answers) statuses[status] = (statuses[status] ?? 0) + 1;
    if (input.whole) slowestMs = Math.max(slowestMs, exchange.ms);
    // What does not end in a request that is read to its end may leave bytes behind that would be read as the next one.
    if (input.kind === 'odd protocol' || input.kind === 'odd headers') lane.hangUp();
    for (const problem of problems) {
      findings.add({ door: 'http', index, problem, input: `${input.role.name}: ${input.bytes}` });
    }
  };

  while (inputs < options.count && performance.now() < options.until) {
    const end = Math.min(inputs + HEAL_EVERY, options.count);
    await Promise.all(
      lanes.map(async (lane, at) => {
        for (let index = inputs + at; index < end; index += LANES) {
          // A server that lets everybody wait must not make the run endless.
          if (performance.now() > options.until + GRACE_MS) return;
          await one(lane, index);
        }
      }),
    );
    inputs = end;
    try {
      mended += await world.heal();
    } catch (error) {
      findings.add({
        door: 'http',
        index: inputs,
        problem: 'what was taken away cannot be put back',
        input: String(error),
      });
      break;
    }
    await stillAnswers(world, findings, inputs);
    onBatch(inputs);
  }
  for (const lane of lanes) lane.hangUp();
  for (const line of world.leaks()) addOfAll(findings, 'a secret in the log', line);
  for (const call of world.strayCalls())
    addOfAll(findings, 'KnowBe4 was asked for an address that leads elsewhere', call);
  return { inputs, kinds, statuses, slowestMs: Math.round(slowestMs), mended };
}

/** Makes an input from its number, sends it, and holds the answers against what must be. */
export async function send(
  world: World,
  lane: Lane,
  index: number,
  { seed, paths }: { readonly seed: number; readonly paths: readonly string[] },
): Promise<{ readonly input: HttpInput; readonly exchange: Exchange; readonly problems: readonly string[] }> {
  const input = httpInput(randomOf(seedOf(seed, index)), world);
  const exchange = await lane.exchange(input.bytes, {
    methods: input.methods,
    timeoutMs: input.whole ? LONGEST_MS : IMPATIENT_MS,
    end: !input.whole,
    ...(input.cuts === undefined ? {} : { cuts: input.cuts }),
  });
  return { input, exchange, problems: problemsOf(input, exchange, world, paths) };
}

const addOfAll = (findings: Findings, problem: string, input: string): void =>
  findings.add({ door: 'http', index: null, problem, input });

async function stillAnswers(world: World, findings: Findings, index: number): Promise<void> {
  // The server runs in this process: what an input has put into every object is seen here.
  const odd = Object.getOwnPropertyNames(Object.prototype).filter((name) => !ownNames.has(name));
  if (odd.length > 0)
    findings.add({ door: 'http', index, problem: 'every object has a new property', input: odd.join() });
  const { secret } = world.roles().find(({ name }) => name === 'bound reader')!;
  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${world.port}${path}`, {
      headers: { authorization: `Bearer ${secret}` },
      signal: AbortSignal.timeout(LONGEST_MS),
    });
  try {
    const health = await ask('/healthz');
    const users = await ask('/unified/user-directory/users?limit=5');
    const list = (await users.json()) as { result?: { id: string }[] };
    if (health.status === 200 && users.status === 200 && list.result?.length === 5) return;
    const input = JSON.stringify(list).slice(0, 500);
    findings.add({ door: 'http', index, problem: 'the server no longer answers as it did', input });
  } catch (error) {
    findings.add({ door: 'http', index, problem: 'the server no longer answers', input: String(error) });
  }
}

const ownNames = new Set(Object.getOwnPropertyNames(Object.prototype));
