import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openLane } from './lane.ts';
import { encoded } from './words.ts';
import type { Operation, World } from './world.ts';

export type Memory = { readonly heap: number; readonly external: number; readonly resident: number };

/** What is held after a collection, bytes. */
export function memory(): Memory {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed, external, resident: rss };
}

export type LeftBehind = {
  readonly requests: number;
  /** How many of them were answered with what they asked for. */
  readonly answered: number;
  readonly bytesEach: number | null;
};

/** Requests of a round: together as many as make what each one leaves behind larger than what a heap grows and shrinks by itself. */
const ROUND = 1500;
const ROUNDS = 2;
/** What a request may leave behind for good, bytes: a page of the directory has tens of thousands. */
export const MAY_STAY = 800;
const PATIENCE_MS = 5000;
/** For what ends a moment after the answer. */
const SETTLE_MS = 200;

/**
 * Asks for what was never asked for before, again and again: other queries, other limits, other tokens. Whatever keeps a page, a
 * query or a caller for each of them shows in the heap.
 * @returns bytes that stay behind, a request; null when a request was not answered, and the others not sent
 */
export async function leftBehind(world: World): Promise<LeftBehind> {
  const lane = openLane(world.port);
  const operations = world.operations.filter(isCheapRead);
  const admin = world.roles().find(({ name }) => name === 'admin')!.secret!;
  let [sent, answered] = [0, 0];
  let isAnswered = true;
  const round = async () => {
    for (let count = 0; count < ROUND && isAnswered; count += 1) {
      sent += 1;
      const operation = operations[sent % operations.length]!;
      const token = sent % 3 === 0 ? `fk_${String(sent).padStart(43, 'x')}` : admin;
      const bytes = requestFor(operation, sent, token, world);
      const { answers } = await lane.exchange(bytes, { methods: ['GET'], timeoutMs: PATIENCE_MS });
      isAnswered = answers.length === 1;
      if (answers[0]?.status === 200) answered += 1;
    }
    await setTimeout(SETTLE_MS);
  };
  await round();
  const before = memory();
  for (let count = 0; count < ROUNDS; count += 1) await round();
  const after = memory();
  lane.hangUp();
  const bytes = after.heap + after.external - before.heap - before.external;
  return { requests: sent, answered, bytesEach: isAnswered ? Math.round(bytes / (ROUND * ROUNDS)) : null };
}

/** Reads of the mirror: what asks KnowBe4 or waits would only make it long. */
const isCheapRead = ({ method, path }: Operation): boolean =>
  method === 'GET' && !path.endsWith('/risk-history') && !/^\/(v1|proxy|custom)\//.test(path);

/** A parameter that is taken and changes nothing: most lists of the directory, and those with Truto's names, refuse what they do not know. */
function probe(path: string, number: number): readonly string[] {
  if (/^\/(unified|api\/v1\/people)/.test(path)) return [`truto_super_query=${number}`];
  return /^\/(api\/v1|workos|healthz|readyz|metrics)/.test(path) ? [`probe=${number}`] : [];
}

function requestFor({ path, query }: Operation, number: number, token: string, { known }: World): string {
  const ids = known();
  const filled = path.replace(/\{\w+\}/g, () => encoded(ids[number % ids.length]!));
  const parts = [
    ...probe(path, number),
    ...(query.includes('limit') ? [`limit=${1 + (number % 50)}`] : []),
    ...['connection_id', 'integrated_account_id'].filter((name) => query.includes(name)).map((name) => `${name}=acme`),
  ];
  const lines = [
    `GET ${filled}?${parts.join('&')} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${token}`,
    `x-request-id: probe-${number}`,
    `x-forwarded-for: 198.51.${(number >> 8) % 256}.${number % 256}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
