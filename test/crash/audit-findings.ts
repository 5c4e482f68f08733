import type { StoredAuditEntry } from '../../src/audit/ports.ts';
import type { Store } from '../../src/store/store.ts';
import type { Account } from './lab.ts';
import type { Ledger } from './ledger.ts';

/** Runs of an account that are looked at. */
const RUNS = 10_000;

/** Laws of the audit log, in words: numbers without gaps, no act without an entry, no entry without an act. */
export async function auditFindings(
  store: Store,
  accounts: readonly Account[],
  ledger: Pick<Ledger, 'tokens'>,
): Promise<string[]> {
  const log = await wholeLog(store);
  const found = log.flatMap(({ seq }, index) =>
    seq === index + 1 ? [] : [`entry ${seq} stands at place ${index + 1}`],
  );
  const done = Map.groupBy(
    log.filter(({ outcome }) => outcome === 'done'),
    ({ action }) => action,
  );
  const targets = (action: string) => (done.get(action) ?? []).map(({ target }) => target!);
  const asked = new Set(ledger.tokens());
  const tokens = (await store.listTokens()).filter(({ name }) => asked.has(name));
  const revoked = tokens.filter(({ revokedAt }) => revokedAt !== null);
  found.push(...differences('token.created', ids(tokens), targets('token.created')));
  found.push(...differences('token.revoked', ids(revoked), targets('token.revoked')));
  for (const { name, connectionId } of accounts) {
    const of = (action: string) => (done.get(action) ?? []).filter((entry) => entry.connectionId === connectionId);
    // A run that was cut off goes on as another one, which nobody asked for anew.
    const runs = new Set(ids(await store.listRuns(connectionId, RUNS)));
    for (const { target } of of('sync.started')) {
      if (!runs.has(target!)) found.push(`the audit log has sync.started of ${target}, which never was`);
    }
    const last = of('connection.updated').at(-1)?.details.tags ?? [];
    const tags = (await store.getConnection(connectionId))?.tags ?? [];
    if (JSON.stringify(tags) !== JSON.stringify(last))
      found.push(`${name} has the label ${tags}, its last entry says ${last}`);
  }
  return found;
}

const ids = (list: readonly { readonly id: string }[]): readonly string[] => list.map(({ id }) => id);

function differences(action: string, acts: readonly string[], entries: readonly string[]): string[] {
  const written = new Map<string, number>();
  for (const target of entries) written.set(target, (written.get(target) ?? 0) + 1);
  const known = new Set(acts);
  return [
    ...acts.filter((id) => !written.has(id)).map((id) => `${action} of ${id} has no entry in the audit log`),
    ...[...written.keys()]
      .filter((id) => !known.has(id))
      .map((id) => `the audit log has ${action} of ${id}, which never was`),
    ...[...written].filter(([, times]) => times > 1).map(([id, times]) => `${action} of ${id} has ${times} entries`),
  ];
}

async function wholeLog(store: Store): Promise<StoredAuditEntry[]> {
  const log: StoredAuditEntry[] = [];
  for (;;) {
    const page = await store.auditEntries({ after: log.at(-1)?.seq ?? 0, limit: 1000, connectionIds: null });
    log.push(...page);
    if (page.length < 1000) return log;
  }
}
