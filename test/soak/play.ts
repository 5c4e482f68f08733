import { sql } from 'kysely';
import type { Store } from '../../src/store/store.ts';
import { decideHold } from '../../src/sync/decide-hold.ts';
import { estimateSync } from '../../src/sync/estimate.ts';
import type { SyncLevel } from '../../src/sync/plan.ts';
import type { Change, Hold, RunRecord, RunTrigger } from '../../src/sync/ports.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { nextSync, type ScheduleInput } from '../../src/sync/schedule.ts';
import { truthOf } from '../../src/sync/truth.contract.ts';
import type { RecordStream } from '../../src/wire/records.ts';
import {
  changesSince,
  derivedFindings,
  type Finding,
  type Gone,
  goneIn,
  isLoss,
  mirrorFindings,
  recordsOf,
  replayFindings,
  type Snapshots,
  statusFindings,
} from './checks.ts';
import { happen } from './happen.ts';
import { createRig, type Rig } from './rig.ts';
import { type Act, DAY, HOUR, MINUTE, type Step, type Story } from './story.ts';

export type Figures = {
  requests: number;
  syncs: number;
  changes: number;
  /** Changes that take something away, each compared with the truth. */
  lossesChecked: number;
  holds: number;
  faults: Record<string, number>;
};

export type Played = {
  readonly findings: readonly Finding[];
  readonly figures: Figures;
  readonly log: readonly string[];
};

type Stage = {
  readonly story: Story;
  readonly store: Store;
  readonly connectionId: string;
  readonly rig: Rig;
  readonly gone: Gone;
  readonly pending: Step[];
  readonly findings: Finding[];
  readonly figures: Figures;
  readonly snapshots: Snapshots;
  readonly log: string[];
  ids: number;
  seq: number;
  /** A refused token stops the schedule until somebody proves it again; true time. */
  refusedUntil: number;
  tokenBackAt: number | null;
  interruptAfter: number | null;
  cancel: AbortController | null;
  lastFullStartedAt: string | null;
  spentElsewhere: boolean;
  budget: ScheduleInput['budget'] | undefined;
};

/** More findings of one story say nothing more. */
const MAX_FINDINGS = 5;
const MAX_SYNCS = 80;
/** Nothing holds a sync up for so long when there are no faults: some 700 requests at 48 a minute take a quarter of an hour. */
const LONGEST_SYNC_MS = 50 * MINUTE;

/** Plays the story's steps, all or those that are named, then lets the faults end and compares. */
export async function playStory(
  story: Story,
  only: readonly number[] | null,
  store: Store,
  connectionId: string,
): Promise<Played> {
  const rig = await createRig(story, store, `account-${connectionId}`);
  const steps = only === null ? story.steps : only.flatMap((place) => story.steps[place] ?? []);
  const stage: Stage = {
    ...{ story, store, connectionId, rig, gone: goneIn(rig.emulator), pending: [...steps] },
    ...{ findings: [], snapshots: new Map(), log: [] },
    figures: { requests: 0, syncs: 0, changes: 0, lossesChecked: 0, holds: 0, faults: {} },
    ...{ ids: 0, seq: await store.lastChangeSeq(), refusedUntil: 0, tokenBackAt: null, interruptAfter: null },
    ...{ cancel: null, lastFullStartedAt: null, spentElsewhere: false, budget: undefined },
  };
  rig.onRequest = () => passing(stage);
  try {
    await throughFaults(stage);
    await afterwards(stage);
  } catch (error) {
    stage.findings.push(`the story broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } finally {
    await rig.close();
  }
  stage.figures.requests = rig.sent();
  return { findings: stage.findings, figures: stage.figures, log: stage.log };
}

/** Does what is due, also in the middle of a sync. What needs the store waits for the end of the sync. */
function passing(stage: Stage): void {
  const { rig, pending } = stage;
  const elapsed = rig.clock.elapsed();
  if (stage.tokenBackAt !== null && elapsed >= stage.tokenBackAt) {
    stage.tokenBackAt = null;
    rig.emulator.mutate({ kind: 'enable-token' });
  }
  for (let place = 0; place < pending.length; ) {
    const { at, act } = pending[place]!;
    if (at > elapsed) break;
    if (act.do === 'decide' || act.do === 'sync') {
      place += 1;
      continue;
    }
    pending.splice(place, 1);
    perform(stage, act);
  }
  if (stage.interruptAfter !== null && stage.cancel !== null) {
    stage.interruptAfter -= 1;
    if (stage.interruptAfter <= 0) {
      stage.interruptAfter = null;
      stage.cancel.abort(new Error('cancelled by the story'));
    }
  }
}

function perform(stage: Stage, act: Exclude<Act, { do: 'decide' | 'sync' }>): void {
  const { emulator, clock } = stage.rig;
  switch (act.do) {
    case 'fault':
      emulator.addFault(act.fault);
      stage.figures.faults[act.fault.kind] = (stage.figures.faults[act.fault.kind] ?? 0) + 1;
      break;
    case 'happen':
      happen(emulator, act.what, act.times, act.pick);
      break;
    case 'jump':
      clock.jump(act.ms);
      break;
    case 'spend':
      stage.spentElsewhere = true;
      emulator.mutate({ kind: 'spend-elsewhere', requests: act.requests });
      break;
    case 'switch':
      emulator.mutate({ kind: 'switch', switches: act.switches });
      break;
    case 'disable-token':
      emulator.mutate({ kind: 'disable-token' });
      stage.tokenBackAt = clock.elapsed() + act.forMs;
      break;
    case 'interrupt':
      stage.interruptAfter = act.requests;
      break;
  }
  if (act.do !== 'fault') stage.figures.faults[act.do] = (stage.figures.faults[act.do] ?? 0) + 1;
}

/** The schedule runs while the story's steps come about. */
async function throughFaults(stage: Stage): Promise<void> {
  const { clock } = stage.rig;
  while (clock.elapsed() < stage.story.lasts && stage.figures.syncs < MAX_SYNCS && !isOver(stage)) {
    passing(stage);
    const waiting = stage.pending[0];
    if (waiting !== undefined && waiting.at <= clock.elapsed()) {
      stage.pending.shift();
      if (waiting.act.do === 'decide') await decideAll(stage, waiting.act.wrong);
      if (waiting.act.do === 'sync') await sync(stage, waiting.act.level, 'manual');
      continue;
    }
    const next = await nextRun(stage);
    if (next.waitMs <= 0) {
      await sync(stage, next.level, 'schedule');
      continue;
    }
    const untilStep = waiting === undefined ? Infinity : waiting.at - clock.elapsed();
    clock.pass(Math.max(1, Math.min(next.waitMs, untilStep, stage.story.lasts - clock.elapsed())));
  }
}

const isOver = (stage: Stage): boolean => stage.findings.length >= MAX_FINDINGS;

async function nextRun(stage: Stage): Promise<{ level: SyncLevel; waitMs: number }> {
  const { store, connectionId, story, rig } = stage;
  const now = rig.clock.now();
  const next = nextSync(
    {
      connectionId,
      states: await store.streamStates(connectionId),
      directoryEveryMinutes: story.directoryEveryMinutes,
      activityEveryMinutes: story.activityEveryMinutes,
      lastFullStartedAt: stage.lastFullStartedAt,
      ...(stage.budget !== undefined && { budget: stage.budget }),
    },
    now,
  );
  if (next === null) throw new Error('nothing is ever due');
  const refusedMs = stage.refusedUntil - rig.clock.elapsed();
  return { level: next.level, waitMs: Math.max(next.at - now, refusedMs) };
}

/** One run, and what must hold after each. */
async function sync(stage: Stage, level: SyncLevel, trigger: RunTrigger): Promise<RunRecord | null> {
  const { store, connectionId, rig } = stage;
  const { clock } = rig;
  if (level === 'full') stage.lastFullStartedAt = new Date(clock.now()).toISOString();
  stage.figures.syncs += 1;
  stage.cancel = new AbortController();
  const begun = clock.elapsed();
  const environment = {
    ...{ store, client: rig.newClient(), connectionId, now: clock.now, signal: stage.cancel.signal },
    ...{ dropRecipientClient: false, timeZone: null },
    newId: (prefix: string) => {
      stage.ids += 1;
      return `${prefix}_${connectionId}_${stage.ids}`;
    },
  };
  const run = await runSync(environment, { level, trigger });
  stage.cancel = null;
  const streams = run.streams
    .filter(({ status }) => status !== 'done')
    .map(
      ({ stream, status, error }) => `${stream} ${status}${error === null ? '' : ` (${error.code}: ${error.detail})`}`,
    );
  stage.log.push(
    `+${Math.round(begun / 1000)} s ${level} (${trigger}): ${run.status}, ${run.requests} requests, ${run.changes} changes${streams.map((line) => `\n      ${line}`).join('')}`,
  );
  await look(stage, run);
  if (run.error?.code === 'connection_unauthorized') stage.refusedUntil = clock.elapsed() + 30 * MINUTE;
  stage.budget = await costs(stage);
  return run;
}

async function costs({ store, connectionId, rig }: Stage): Promise<ScheduleInput['budget']> {
  const { limits, usedToday, reserveShare } = await rig.limiter.usage();
  const perDay = Math.floor(limits.perDay * (1 - reserveShare));
  const allowance = { ...limits, freeNow: Math.max(0, perDay - usedToday) };
  const cost = async (level: SyncLevel) => {
    const input = { level, trigger: 'schedule' as const };
    return (await estimateSync({ store, connectionId, now: rig.clock.now }, input, allowance)).requests;
  };
  return { directory: await cost('directory'), refresh: await cost('refresh'), perDay };
}

/** What must hold whenever a run has ended. */
async function look(stage: Stage, run: RunRecord): Promise<void> {
  const { store, connectionId, rig, gone, findings, figures } = stage;
  gone.learn();
  for (const change of await changesSince(store, connectionId, stage.seq)) {
    stage.seq = change.seq;
    figures.changes += 1;
    if (!isLoss(change)) continue;
    figures.lossesChecked += 1;
    if (isUnproven(change, run))
      findings.push(`${change.kind} ${change.key} was reported on a read that was not complete`);
    if (!gone.allows(change) && !isOver(stage)) {
      findings.push(
        `${change.kind} ${change.key} was reported after ${Math.round(rig.clock.elapsed() / 1000)} s, and the truth does not contain it`,
      );
    }
  }
  findings.push(...rig.witness.findings(run));
  findings.push(...(await statusFindings(store, connectionId)));
  const { overLimit } = rig.emulator.requests();
  if (overLimit > 0 && !stage.spentElsewhere) findings.push(`${overLimit} requests were over the account's limits`);
  rig.emulator.resetRequests();
  for (const { stream, baselineAt } of await store.streamStates(connectionId)) {
    if (baselineAt === null || stream === 'risk_history' || stage.snapshots.has(stream)) continue;
    const rows = await recordsOf(store, connectionId, stream);
    stage.snapshots.set(stream, { seq: await store.lastChangeSeq(), rows });
  }
}

/** Streams that are read as one list, or two. */
const readWhole: ReadonlySet<string> = new Set([
  'users',
  'groups',
  'training_campaigns',
  'store_purchases',
  'policies',
]);

const isUnproven = ({ kind, stream }: Change, { streams }: RunRecord): boolean =>
  kind.endsWith('.deleted') &&
  readWhole.has(stream) &&
  streams.some((run) => run.stream === stream && run.proof?.complete !== true);

/** A person who knows the account looks at what is held. */
async function decideAll(stage: Stage, wrong: 'dismiss' | 'leave'): Promise<void> {
  const { store, connectionId, rig } = stage;
  const holds = (await store.holds(connectionId)).filter((hold) => hold.state === 'open');
  for (const hold of holds) {
    stage.figures.holds += 1;
    const isRight = await isRightlyHeld(stage, hold);
    if (!isRight && wrong === 'leave') continue;
    const decision = isRight ? 'confirm' : 'dismiss';
    stage.log.push(`    ${decision} ${hold.absent} of ${hold.live} ${hold.stream} (${hold.scope}, ${hold.kind})`);
    await decideHold({ store, connectionId, now: rig.clock.now }, hold.id, decision, 'a person');
  }
}

/** Whether the truth has none of the rows that are noted as missed in a hold's scope. */
async function isRightlyHeld({ store, connectionId, rig }: Stage, { stream, scope }: Hold): Promise<boolean> {
  const truth = truthOf(rig.emulator.truth(), stream as RecordStream);
  const missed = await sql<{ key: string }>`
    select key from missed_rows where connection_id = ${connectionId} and stream = ${stream}`.execute(store.reads);
  return missed.rows.every(({ key }) => !truth.has(key) || !isIn(scope, key, stream));
}

/** Whether a key can be in a scope; enrollments do not say, so all of them can. */
const isIn = (scope: string, key: string, stream: string): boolean => {
  if (scope === 'type:callback') return key.startsWith('callback:');
  if (scope === 'type:email') return !key.startsWith('callback:');
  return stream !== 'recipients' || key.startsWith(`${scope.slice('test:'.length)}/`);
};

/** The faults end: two full syncs and the confirmation of what is rightly held must do. */
async function afterwards(stage: Stage): Promise<void> {
  if (isOver(stage)) return;
  const { rig, store, connectionId, findings } = stage;
  const { clock, emulator } = rig;
  stage.pending.length = 0;
  stage.interruptAfter = null;
  stage.tokenBackAt = null;
  emulator.clearFaults();
  emulator.mutate({ kind: 'enable-token' });
  // Until a whole day's budget is free, and then to the beginning of an hour: within one the world holds still.
  clock.pass(DAY + 10 * MINUTE);
  for (let round = 0; round < 2; round += 1) {
    clock.pass(HOUR - (emulator.now() % HOUR) + MINUTE);
    if (round === 0) clock.jump(stage.story.lastJump);
    let begun = clock.elapsed();
    let run = await sync(stage, 'full', 'manual');
    if (run?.status === 'parked' && stage.story.lastJump < 0) {
      // What was sent before the clock went back counts as sent then: another day frees it.
      clock.pass(DAY + HOUR - ((emulator.now() + DAY) % HOUR) + MINUTE);
      begun = clock.elapsed();
      run = await sync(stage, 'full', 'manual');
    }
    const tookMs = clock.elapsed() - begun;
    if (tookMs > LONGEST_SYNC_MS) findings.push(`full sync ${round + 1} took ${Math.round(tookMs / MINUTE)} min`);
    if (run !== null && run.status === 'parked')
      findings.push(`full sync ${round + 1} was parked: ${run.error?.detail}`);
    await decideAll(stage, 'dismiss');
  }
  findings.push(...(await mirrorFindings(store, connectionId, emulator)));
  findings.push(...(await replayFindings(store, connectionId, stage.snapshots)));
  findings.push(...(await derivedFindings(store, connectionId)));
  const unwell = (await store.streamStates(connectionId)).filter(({ status }) => status !== 'fresh');
  if (unwell.length > 0)
    findings.push(`not fresh: ${unwell.map(({ stream, status }) => `${stream} ${status}`).join(', ')}`);
}
