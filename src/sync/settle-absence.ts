import type { RecordOf, RecordStream } from '../wire/records.ts';
import { judgeAbsence, MAX_OWN_READS } from './absence.ts';
import { deleted, membershipsOf } from './diff.ts';
import { instantOf, type SyncEnvironment } from './environment.ts';
import { withGroupNames } from './group-names.ts';
import { askOwnAddress } from './own-address.ts';
import type { AbsentRow, Hold, HoldKind, Pass, StoredRow } from './ports.ts';
import { readStored } from './rows.ts';
import { testKey } from './streams.ts';

const BATCH = 500;

export type Settled = { readonly removed: number; readonly requests: number; readonly hold: Hold | null };

type PassOver = Pass & { readonly stream: RecordStream };

/** What is done to one absent row. */
type Decide = (row: AbsentRow) => Promise<'remove' | 'note' | 'leave'> | 'remove' | 'note' | 'leave';

/**
 * Looks at what a complete pass did not see, and removes what may be removed. Called for complete passes alone, after the
 * stream's baseline.
 */
export async function settleAbsence(environment: SyncEnvironment, pass: PassOver): Promise<Settled> {
  const { store, now } = environment;
  const ofStream = (await store.holds(pass.connectionId)).filter((hold) => hold.stream === pass.stream);
  const holds = ofStream.filter((hold) => hold.scope === pass.scope);
  const open = holds.find((hold) => hold.state === 'open') ?? null;
  const confirmed = await removeConfirmed(environment, pass, holds);
  const { live, absent } = await store.absence(pass.id);
  if (absent > 0 && absent === live && (await isOfGoneCampaign(environment, pass))) {
    if (open !== null) await closeHold(environment, open, 'agreed');
    const removed = await walkAbsent(
      environment,
      pass,
      sparingHeld(() => 'remove', pass, ofStream),
    );
    return { removed: removed + confirmed, requests: 0, hold: null };
  }
  const verdict = judgeAbsence({ live, absent }, open, now());
  if (verdict.do === 'hold') {
    await walkAbsent(environment, pass, () => 'note');
    const hold = await openHold(environment, pass, open, { kind: verdict.kind, live, absent });
    return { removed: confirmed, requests: 0, hold };
  }
  if (open !== null) await closeHold(environment, open, verdict.do === 'agree' ? 'agreed' : 'dismissed');
  if (verdict.do === 'nothing') return { removed: confirmed, requests: 0, hold: null };
  const own = { reads: 0 };
  const decide: Decide =
    verdict.do === 'agree'
      ? (row) => (isMissedBy(row, verdict.missedUntil) ? 'remove' : 'note')
      : eachByItself(environment, pass, own);
  const removed = await walkAbsent(environment, pass, sparingHeld(decide, pass, ofStream));
  return { removed: removed + confirmed, requests: own.reads, hold: null };
}

/**
 * Whether a pass read the enrollments of one campaign that was proven gone. That its list is empty is then no surprise but
 * the second witness, and nobody needs to be asked.
 */
async function isOfGoneCampaign({ store }: SyncEnvironment, { connectionId, stream, scope }: PassOver) {
  if (stream !== 'enrollments' || !scope.startsWith('campaign:')) return false;
  const [campaign] = await store.heads(connectionId, 'training_campaigns', [scope.slice('campaign:'.length)]);
  return campaign !== undefined && campaign.deletedAt !== null;
}

const isMissedBy = (row: AbsentRow, instant: string): boolean =>
  row.firstMissedAt !== null && row.firstMissedAt <= instant;

/**
 * Enrollments are read as a whole and campaign by campaign: what looks small in one of these reads may be held by the other,
 * and stays until that hold is decided.
 */
function sparingHeld(decide: Decide, pass: PassOver, holds: readonly Hold[]): Decide {
  const held = new Set(holds.flatMap(({ state, scope }) => (state === 'open' && scope !== pass.scope ? scope : [])));
  if (held.size === 0) return decide;
  return (row) => (held.has('all') || held.has(row.scope) ? 'note' : decide(row));
}

/**
 * The ordinary rule: gone after two complete passes, or one and a 404 on the record's own address. What a held pass missed
 * that was dismissed since is forgotten and does not count.
 */
const eachByItself =
  (environment: SyncEnvironment, pass: PassOver, own: { reads: number }): Decide =>
  async (row) => {
    if (row.firstMissedAt !== null) return 'remove';
    if (own.reads >= MAX_OWN_READS) return 'note';
    const [stored] = await environment.store.rows(pass.connectionId, pass.stream, [row.key]);
    if (stored === undefined) return 'leave';
    own.reads += 1;
    const answer = await askOwnAddress(environment, pass.stream, readStored(pass.stream, row.key, stored.raw));
    // A list that leaves out what is there is wrong about it; the row is asked again if the next pass misses it too.
    return answer === 'gone' ? 'remove' : answer === 'there' ? 'leave' : 'note';
  };

/** What a person confirmed goes with the next complete pass that misses it still. */
async function removeConfirmed(environment: SyncEnvironment, pass: PassOver, holds: readonly Hold[]): Promise<number> {
  const decided = holds.flatMap((hold) => (hold.state === 'confirmed' ? (hold.decidedAt ?? []) : [])).toSorted();
  const until = decided.at(-1);
  if (until === undefined) return 0;
  return walkAbsent(environment, pass, (row) => (isMissedBy(row, until) ? 'remove' : 'leave'));
}

/** Goes through the absent rows in batches and does to each what `decide` says. Returns how many were removed. */
async function walkAbsent(environment: SyncEnvironment, pass: PassOver, decide: Decide): Promise<number> {
  const { store, now } = environment;
  let removed = 0;
  for (let after: string | null = null; ; ) {
    const batch: readonly AbsentRow[] = await store.absentRows(pass.id, after, BATCH);
    if (batch.length === 0) return removed;
    const keys: { remove: string[]; note: string[]; leave: string[] } = { remove: [], note: [], leave: [] };
    for (const row of batch) keys[await decide(row)].push(row.key);
    if (keys.note.length > 0) await store.noteMissed(pass.id, keys.note, instantOf(now()));
    removed += await removeKeys(environment, pass.stream, keys.remove);
    after = batch.at(-1)!.key;
  }
}

async function removeKeys(
  environment: SyncEnvironment,
  stream: RecordStream,
  keys: readonly string[],
): Promise<number> {
  if (keys.length === 0) return 0;
  const { store, connectionId } = environment;
  const stored = await store.rows(connectionId, stream, keys);
  // Nobody lists the recipients of a test that is gone, so they go with it.
  if (stream === 'security_tests') for (const row of stored) await removeRecipientsOf(environment, row);
  await removeRows(environment, stream, stored);
  return stored.length;
}

async function removeRecipientsOf(environment: SyncEnvironment, test: StoredRow): Promise<void> {
  const { id, campaignType } = readStored('security_tests', test.key, test.raw) as RecordOf['security_tests'];
  const prefix = `${testKey(campaignType, id)}/`;
  for (;;) {
    const rows = await environment.store.liveRows(environment.connectionId, 'recipients', prefix, BATCH);
    const own = rows.filter((row) => row.key.startsWith(prefix));
    if (own.length === 0) return;
    await removeRows(environment, 'recipients', own);
  }
}

async function removeRows(
  environment: SyncEnvironment,
  stream: RecordStream,
  rows: readonly StoredRow[],
): Promise<void> {
  const { store, connectionId, runId, now } = environment;
  const at = instantOf(now());
  const found = rows.flatMap(({ key, raw }) => deleted({ stream, key, at }, readStored(stream, key, raw)));
  const changes = await withGroupNames(store, connectionId, found);
  await store.removeRows({
    connectionId,
    runId,
    stream,
    at,
    keys: rows.map((row) => row.key),
    changes,
    membershipsRemoved: membershipsOf(changes, 'removed'),
  });
}

async function openHold(
  { store, newId, now }: SyncEnvironment,
  pass: PassOver,
  open: Hold | null,
  found: { readonly kind: HoldKind; readonly live: number; readonly absent: number },
): Promise<Hold> {
  const at = instantOf(now());
  const hold: Hold = {
    id: open?.id ?? newId('hold'),
    connectionId: pass.connectionId,
    stream: pass.stream,
    scope: pass.scope,
    state: 'open',
    firstPassAt: open?.firstPassAt ?? at,
    createdAt: open?.createdAt ?? at,
    decidedAt: null,
    decidedBy: null,
    ...found,
  };
  await store.saveHold(hold);
  return hold;
}

const closeHold = ({ store, now }: SyncEnvironment, hold: Hold, state: 'agreed' | 'dismissed'): Promise<void> =>
  store.saveHold({ ...hold, state, decidedAt: instantOf(now()) });
