import type { Store } from '../../src/store/store.ts';
import { isNotice } from '../../src/sync/about.ts';
import type { Change } from '../../src/sync/ports.ts';

/** The whole log: numbers without gaps or doubles, nothing told twice. */
export async function logFindings(store: Store): Promise<string[]> {
  const found: string[] = [];
  const live = new Map<string, boolean>();
  const last = new Map<string, string>();
  let previous: number | null = null;
  for (const change of await wholeLog(store)) {
    if (previous !== null && change.seq !== previous + 1) found.push(`number ${change.seq} follows ${previous}`);
    previous = change.seq;
    if (change.stream === 'connection' || isNotice(change.kind)) continue;
    const row = `${change.connectionId} ${change.stream} ${change.key}`;
    const verb = change.kind.split('.')[1] ?? change.kind;
    if (verb === 'baseline' && live.has(row)) found.push(`a second baseline of ${row}`);
    if (verb === 'created' && live.get(row) === true) found.push(`${row} is created twice (${change.seq})`);
    if (verb === 'deleted' && live.get(row) === false) found.push(`${row} is deleted twice (${change.seq})`);
    if (verb === 'created' || verb === 'baseline') live.set(row, true);
    if (verb === 'deleted') live.set(row, false);
    const text = JSON.stringify([change.kind, change.current, change.previous]);
    if (last.get(row) === text) found.push(`${change.kind} of ${row} is told twice in a row (${change.seq})`);
    last.set(row, text);
  }
  return found;
}

async function wholeLog(store: Store): Promise<Change[]> {
  const log: Change[] = [];
  for (;;) {
    const page = await store.changes({ connectionIds: null, after: log.at(-1)?.seq ?? 0, limit: 1000 });
    log.push(...page);
    if (page.length < 1000) return log;
  }
}
