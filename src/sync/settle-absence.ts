import type { RecordStream } from '../wire/records.ts';
import { isSettled, judgeAbsence } from './absence.ts';
import { instantOf, type SyncEnvironment } from './environment.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { afterHolds } from './hold-times.ts';
import type { AbsentRow, Hold, HoldKind, Pass, Scope } from './ports.ts';
import { removeKeys } from './removals.ts';

const BATCH = 500;

export type Settled = { readonly removed: number; readonly requests: number };

type PassOver = Pass & { readonly stream: RecordStream };

/** A complete pass that is looked at. */
type Look = {
  readonly environment: SyncEnvironment;
  readonly pass: PassOver;
  /** The stream's, whatever their scope and state. */
  readonly holds: readonly Hold[];
  /** The open one over the pass's own scope. */
  readonly open: Hold | null;
  /** When the pass missed what it missed. */
  readonly missedAt: string;
};

type Counts = { readonly live: number; readonly absent: number };
type Decision = 'remove' | 'note' | 'leave';

/**
 * Looks at what a complete pass did not see, and removes what may be removed. Called for complete passes alone, after the
 * stream's baseline.
 */
export async function settleAbsence(environment: SyncEnvironment, pass: PassOver): Promise<Settled> {
  const { store, now } = environment;
  const holds = (await store.holds(pass.connectionId)).filter((hold) => hold.stream === pass.stream);
  const open = holds.find((hold) => hold.state === 'open' && hold.scope === pass.scope) ?? null;
  const look: Look = { environment, pass, holds, open, missedAt: instantOf(afterHolds(holds, now())) };
  const confirmed = await removeConfirmed(look);
  const counts = await store.absence(pass.id);
  const isExplained = counts.absent > 0 && counts.absent === counts.live && (await isOfGoneCampaign(look));
  const isHeld = await settleInside(look);
  const verdict = isExplained ? ({ do: 'settle_each' } as const) : judgeAbsence(counts, open, now());
  if (verdict.do === 'hold') {
    await walkAbsent(look, () => 'note');
    await keepHeld(look, verdict.kind, counts);
    return { removed: confirmed, requests: 0 };
  }
  if (verdict.do === 'agree') {
    const settled = await settleHeld(look, isHeld, verdict.missedUntil, counts);
    return { ...settled, removed: settled.removed + confirmed };
  }
  // What a held pass missed that is dismissed now is forgotten and does not count as a first miss.
  if (open !== null) await closeHold(look, open, 'dismissed');
  if (verdict.do === 'nothing') return { removed: confirmed, requests: 0 };
  const settled = await settleEach(look, isHeld, isExplained);
  return { ...settled, removed: settled.removed + confirmed };
}

/** That the list of a campaign that was proven gone is empty is no surprise, and nobody needs to be asked. */
async function isOfGoneCampaign({ environment, pass }: Look): Promise<boolean> {
  const { connectionId, stream, scope } = pass;
  if (stream !== 'enrollments' || !scope.startsWith('campaign:')) return false;
  const id = scope.slice('campaign:'.length);
  const [campaign] = await environment.store.heads(connectionId, 'training_campaigns', [id]);
  return campaign !== undefined && campaign.deletedAt !== null;
}

/** What a person confirmed goes with the next complete pass that misses it still. */
async function removeConfirmed(look: Look): Promise<number> {
  const until = new Map<Scope, string>();
  for (const { state, scope, decidedAt } of look.holds) {
    if (state === 'confirmed' && decidedAt !== null && decidedAt > (until.get(scope) ?? ''))
      until.set(scope, decidedAt);
  }
  if (until.size === 0) return 0;
  return walkAbsent(look, (row) => {
    const decided = [look.pass.scope, row.scope, 'all' as const].flatMap((scope) => until.get(scope) ?? []);
    return decided.some((instant) => isMissedBy(row, instant)) ? 'remove' : 'leave';
  });
}

const isMissedBy = (row: AbsentRow, instant: string): boolean =>
  row.firstMissedAt !== null && row.firstMissedAt <= instant;

/** Few rows are missing: each goes by what is known of it. */
async function settleEach(look: Look, isHeld: IsHeld, isExplained: boolean): Promise<Settled> {
  const missing = await allAbsent(look);
  const inQuestion = missing.filter((row) => !isHeld(row));
  const evidence = await gatherEvidence(look.environment, look.pass, missing, inQuestion);
  const now = look.environment.now();
  const removed = await walkAbsent(look, (row) => (isHeld(row) ? 'note' : decisionOn(row, evidence, isExplained, now)));
  return { removed, requests: evidence.requests };
}

/**
 * A row is gone when its own address says so; where another missing row is at its address, only when this is so again in a
 * later pass. Where more are missing than are asked, a second complete pass settles the others, unless one that was asked is
 * there: a list that is wrong about one row is not believed about the rest. What hangs on a campaign that is gone need not
 * be missed twice. A row whose address does not answer goes after two complete passes that lie far enough apart.
 */
function decisionOn(row: AbsentRow, { answers, isTrusted }: Evidence, isExplained: boolean, now: number): Decision {
  const answer = answers.get(row.key);
  if (answer === 'there' || !isTrusted) return 'leave';
  const said = new Set(answers.values());
  if (answer === 'gone') return said.has('there') && row.firstMissedAt === null ? 'note' : 'remove';
  if (said.has('there')) return 'note';
  if (answer === undefined && (isExplained || row.firstMissedAt !== null)) return said.has('gone') ? 'remove' : 'note';
  return row.firstMissedAt !== null && isSettled(row.firstMissedAt, now) ? 'remove' : 'note';
}

/**
 * A second complete pass misses a large part as well: what both missed goes, if the rows that are asked are gone. What only
 * the second one missed is judged by itself.
 */
async function settleHeld(look: Look, isHeld: IsHeld, missedUntil: string, counts: Counts): Promise<Settled> {
  const missing = await allAbsent(look);
  const mayGo = (row: AbsentRow) => !isHeld(row) && isMissedBy(row, missedUntil);
  const evidence = await gatherEvidence(look.environment, look.pass, missing, missing.filter(mayGo));
  const { answers, isTrusted, requests } = evidence;
  const isBorneOut = isTrusted && [...answers.values()].every((answer) => answer === 'gone');
  const removed = await walkAbsent(look, (row) => (isBorneOut && mayGo(row) ? 'remove' : 'note'));
  if (!isBorneOut) {
    await keepHeld(look, 'suspicious', counts);
    return { removed, requests };
  }
  await closeHold(look, look.open!, 'agreed');
  const left = { live: counts.live - removed, absent: counts.absent - removed };
  const verdict = judgeAbsence(left, null, look.environment.now());
  if (verdict.do === 'hold') await keepHeld({ ...look, open: null }, verdict.kind, left);
  return { removed, requests };
}

/** Whether a row is held by another scope than the pass's. */
type IsHeld = (row: AbsentRow) => boolean;

/**
 * Enrollments are read as a whole and campaign by campaign: what looks small in one of these reads may be held by the other,
 * and stays until that hold is decided. A whole read judges the holds of single campaigns anew.
 */
async function settleInside(look: Look): Promise<IsHeld> {
  const others = look.holds.filter(({ state, scope }) => state === 'open' && scope !== look.pass.scope);
  const missing = others.length > 0 && look.pass.scope === 'all' ? await allAbsent(look) : null;
  const held = new Set<Scope>();
  for (const hold of others) {
    const isOpen = missing === null || (await isStillHeld(look, hold, missing));
    if (isOpen) held.add(hold.scope);
  }
  return (row) => held.has('all') || held.has(row.scope);
}

async function isStillHeld(look: Look, hold: Hold, missing: readonly AbsentRow[]): Promise<boolean> {
  const { store, now } = look.environment;
  const absent = missing.filter((row) => row.scope === hold.scope).length;
  const verdict = judgeAbsence({ live: hold.live, absent }, hold, now());
  if (verdict.do !== 'hold') {
    await closeHold(look, hold, verdict.do === 'agree' ? 'agreed' : 'dismissed');
    return false;
  }
  if (absent !== hold.absent) await store.saveHold({ ...hold, absent });
  return true;
}

async function allAbsent(look: Look): Promise<readonly AbsentRow[]> {
  const rows: AbsentRow[] = [];
  for await (const batch of batchesOf(look)) rows.push(...batch);
  return rows;
}

/** Does to each absent row what `decide` says. Returns how many were removed. */
async function walkAbsent(look: Look, decide: (row: AbsentRow) => Decision): Promise<number> {
  const { environment, pass, missedAt } = look;
  let removed = 0;
  for await (const batch of batchesOf(look)) {
    const keysTo = (decision: Decision) => batch.filter((row) => decide(row) === decision).map((row) => row.key);
    const noted = keysTo('note');
    if (noted.length > 0) await environment.store.noteMissed(pass.id, noted, missedAt);
    removed += await removeKeys(environment, pass.stream, keysTo('remove'));
  }
  return removed;
}

async function* batchesOf({ environment, pass }: Look): AsyncGenerator<readonly AbsentRow[]> {
  for (let after: string | null = null; ; ) {
    const batch: readonly AbsentRow[] = await environment.store.absentRows(pass.id, after, BATCH);
    if (batch.length === 0) return;
    yield batch;
    after = batch.at(-1)!.key;
  }
}

async function keepHeld({ environment, pass, open, missedAt }: Look, kind: HoldKind, counts: Counts): Promise<void> {
  const hold: Hold = {
    id: open?.id ?? environment.newId('hold'),
    connectionId: pass.connectionId,
    stream: pass.stream,
    scope: pass.scope,
    state: 'open',
    firstPassAt: open?.firstPassAt ?? missedAt,
    createdAt: open?.createdAt ?? missedAt,
    decidedAt: null,
    decidedBy: null,
    ...{ kind, live: counts.live, absent: counts.absent },
  };
  await environment.store.saveHold(hold);
}

const closeHold = ({ environment, missedAt }: Look, hold: Hold, state: 'agreed' | 'dismissed'): Promise<void> =>
  environment.store.saveHold({ ...hold, state, decidedAt: missedAt });
