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
  const ask = (record: AnyRecord): Promise<OwnAddress> => {
    requests += 1;
    return askOwnAddress(environment, stream, record);
  };
  let gone: AnyRecord | null = null;
  for (const { key } of witnesses(asked)) {
    const [stored] = await environment.store.rows(connectionId, stream, [key]);
    if (stored === undefined) continue;
    const record = readStored(stream, key, stored.raw);
    const first = await ask(record);
    const says = first === 'gone' ? await ask(record) : first;
    answers.set(key, says);
    if (first === 'gone' && says === 'there') return { answers, isTrusted: false, requests };
    if (says === 'gone') gone = record;
  }
  if (gone === null) return { answers, isTrusted: true, requests };
  const controls = await controlRows(environment, pass, new Set(missing.map(({ key }) => key)));
  const isTrusted = await staysSo(ask, gone, controls);
  return { answers, isTrusted, requests };
}

/**
 * A 404 counts when the next answer is one too, and when what is gone stays gone and what is there stays there although they are
 * asked in turn: an account that is empty at most of its answers, or at every second, does not stand this.
 */
async function staysSo(
  ask: (record: AnyRecord) => Promise<OwnAddress>,
  gone: AnyRecord,
  controls: readonly AnyRecord[],
): Promise<boolean> {
  for (const control of controls) {
    const says = await ask(control);
    if (says === 'unknown') continue;
    return says === 'there' && (await ask(gone)) === 'gone' && (await ask(control)) === 'there';
  }
  return false;
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

/**
 * Rows that the pass has seen, from its own scope if there are any. They are other ones from pass to pass, so that one without an
 * address of its own does not stand in the way for ever.
 */
async function controlRows({ store, now }: SyncEnvironment, pass: PassOver, missing: ReadonlySet<string>) {
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
  const first = own.length === 0 ? 0 : Math.floor(now() / 1000) % own.length;
  return [...own.slice(first), ...own.slice(0, first), ...others].slice(0, CONTROL_READS);
}
