import { randomOf } from '../support/random.ts';
import { type Findings, type Report, seedOf } from './findings.ts';
import { LONGEST_MS, problemsOf } from './http-checks.ts';
import { httpInput, httpKinds } from './http-inputs.ts';
import { openLane } from './lane.ts';
import type { World } from './world.ts';

/** Requests under way at the same time. */
const LANES = 8;
/** After so many inputs what they took away is put back, and the server shows that it still answers. */
const HEAL_EVERY = 500;
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

  const one = async (lane: (typeof lanes)[number], index: number): Promise<void> => {
    const input = httpInput(randomOf(seedOf(options.seed, index)), world);
    const exchange = await lane.exchange(input.bytes, {
      methods: input.methods,
      timeoutMs: input.whole ? LONGEST_MS : IMPATIENT_MS,
      end: !input.whole,
    });
    kinds[input.kind]! += 1;
    for (const { status } of exchange.answers) statuses[status] = (statuses[status] ?? 0) + 1;
    if (input.whole) slowestMs = Math.max(slowestMs, exchange.ms);
    // What does not end in a request that is read to its end may leave bytes behind that would be read as the next one.
    if (input.kind === 'odd protocol' || input.kind === 'odd headers') lane.hangUp();
    for (const problem of problemsOf(input, exchange, world, options.paths)) {
      findings.add({ index, problem, input: `${input.role.name}: ${input.bytes}` });
    }
  };

  while (inputs < options.count && performance.now() < options.until) {
    const end = Math.min(inputs + HEAL_EVERY, options.count);
    await Promise.all(
      lanes.map(async (lane, at) => {
        for (let index = inputs + at; index < end; index += LANES) await one(lane, index);
      }),
    );
    inputs = end;
    mended += await world.heal();
    await stillAnswers(world, findings, inputs);
    onBatch(inputs);
  }
  for (const lane of lanes) lane.hangUp();
  for (const line of world.leaks()) findings.add({ index: inputs, problem: 'a secret in the log', input: line });
  return { inputs, kinds, statuses, slowestMs: Math.round(slowestMs), mended };
}

async function stillAnswers(world: World, findings: Findings, index: number): Promise<void> {
  const { secret } = world.roles().find(({ name }) => name === 'bound reader')!;
  const url = `http://127.0.0.1:${world.port}`;
  const health = await fetch(`${url}/healthz`);
  const users = await fetch(`${url}/unified/user-directory/users?limit=5`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  const list = (await users.json()) as { result?: { id: string }[] };
  if (health.status === 200 && users.status === 200 && list.result?.length === 5) return;
  findings.add({ index, problem: 'the server no longer answers as it did', input: JSON.stringify(list).slice(0, 500) });
}
