import type { RecordStream } from '../wire/records.ts';
import { CONTROL_READS, MAX_OWN_READS } from './absence.ts';
import type { SyncEnvironment } from './environment.ts';
import { askOwnAddress, type OwnAddress } from './own-address.ts';
import type { AbsentRow, Pass } from './ports.ts';
import { type AnyRecord, readStored, scopeOf } from './rows.ts';

type PassOver = Pass & { readonly stream: RecordStream };

/** What the own addresses of rows say about a list that does not have them. */
export type Evidence = {
  /** Some of the missing rows, and what their own address answered. */
  readonly answers: ReadonlyMap<string, OwnAddress>;
  /**
   * False when rows that the list has are not at their own address either, and when an address answered 404 and then did
   * not: then a 404 says nothing.
   */
  readonly isTrusted: boolean;
  readonly requests: number;
};

/**
 * Asks some of the rows that a complete pass missed at their own addresses, and, when one is gone, a row that the pass has
 * seen: an account that is empty for a while answers 404 for everybody.
 * @param missing every row that the pass missed
 * @param asked those of them whose removal is in question
 */
export async function gatherEvidence(
  environment: SyncEnvironment,
  pass: PassOver,
  missing: readonly AbsentRow[],
  asked: readonly AbsentRow[],
): Promise<Evidence> {
  const { stream, connectionId } = pass;
  const answers = new Map<string, OwnAddress>();
  let requests = 0;
  const ask = async (record: AnyRecord): Promise<Answered> => {
    const answered = await askTwice(() => askOwnAddress(environment, stream, record));
    requests += answered.requests;
    return answered;
  };
  for (const { key } of witnesses(asked)) {
    const [stored] = await environment.store.rows(connectionId, stream, [key]);
    if (stored === undefined) continue;
    const { says, isSteady } = await ask(readStored(stream, key, stored.raw));
    answers.set(key, says);
    if (!isSteady) return { answers, isTrusted: false, requests };
  }
  if (![...answers.values()].includes('gone')) return { answers, isTrusted: true, requests };
  for (const record of await controlRows(environment, pass, new Set(missing.map(({ key }) => key)))) {
    const { says, isSteady } = await ask(record);
    if (says === 'there') return { answers, isTrusted: isSteady, requests };
  }
  return { answers, isTrusted: false, requests };
}

type Answered = { readonly says: OwnAddress; readonly isSteady: boolean; readonly requests: number };

/**
 * A 404 counts when the next answer is one too: an account that is empty now and then is caught by it, because between its
 * empty answers there are others.
 */
async function askTwice(ask: () => Promise<OwnAddress>): Promise<Answered> {
  const first = await ask();
  if (first !== 'gone') return { says: first, isSteady: true, requests: 1 };
  const second = await ask();
  return { says: second, isSteady: second !== 'there', requests: 2 };
}

/** Rows that were missed before come first, because they are about to go; of many, some from all over the list. */
function witnesses(rows: readonly AbsentRow[]): readonly AbsentRow[] {
  const before = rows.filter((row) => row.firstMissedAt !== null);
  const fresh = rows.filter((row) => row.firstMissedAt === null);
  const first = spread(before, MAX_OWN_READS);
  return [...first, ...spread(fresh, MAX_OWN_READS - first.length)];
}

const spread = <T>(items: readonly T[], most: number): readonly T[] =>
  items.length <= most ? items : Array.from({ length: most }, (_, n) => items[Math.floor((n * items.length) / most)]!);

/** Rows that the pass has seen, from its own scope if there are any. */
async function controlRows({ store }: SyncEnvironment, pass: PassOver, missing: ReadonlySet<string>) {
  const { connectionId, stream, scope } = pass;
  const own = [];
  const others = [];
  const prefix = stream === 'recipients' ? `${scope.slice('test:'.length)}/` : null;
  for (let after = prefix; own.length < CONTROL_READS; ) {
    const rows = await store.liveRows(connectionId, stream, after, 100);
    for (const { key, raw } of rows) {
      if (missing.has(key)) continue;
      const record = readStored(stream, key, raw);
      if (scope === 'all' || scopeOf(stream, record, scope) === scope) own.push(record);
      else if (others.length < CONTROL_READS) others.push(record);
    }
    if (rows.length < 100) break;
    after = rows.at(-1)!.key;
  }
  return [...own, ...others].slice(0, CONTROL_READS);
}
