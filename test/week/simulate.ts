import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLimiter, createReportingClient, type Limiter, type ReportingClient } from '../../src/client/index.ts';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { estimateSync } from '../../src/sync/estimate.ts';
import type { RunRecord } from '../../src/sync/ports.ts';
import { runSync } from '../../src/sync/run-sync.ts';
import { nextSync, type ScheduleInput } from '../../src/sync/schedule.ts';
import { documentedLimits, safeLimits } from '../../src/wire/limits.ts';
import { naiveClient } from './naive.ts';
import { type Cast, castOf, randomFrom, scriptOf } from './script.ts';
import { type About, kindOf, LogIndex, type Poll, type Staleness, stalenessOf, toldBy } from './staleness.ts';
import { createWorldClock, type Visible, type WorldClock } from './world-clock.ts';

export type WeekOptions = {
  readonly people: number;
  readonly days: number;
  readonly seed?: number;
  /** Told about every run. */
  readonly onRun?: (run: RunRecord) => void;
};

type Spread = { readonly runs: number; readonly min: number; readonly median: number; readonly max: number };

export type WeekReport = {
  readonly people: number;
  readonly seats: number;
  readonly days: number;
  readonly seed: number;
  readonly budgetADay: { readonly account: number; readonly forSyncs: number };
  /** Requests of each day, the first one with the first sync. */
  readonly requestsADay: readonly number[];
  readonly requestsOf: { readonly directory: Spread; readonly refresh: Spread; readonly full: Spread };
  readonly runsNotDone: number;
  readonly refused429: number;
  readonly openCampaigns: number;
  readonly changes: number;
  readonly missed: number;
  /** Users, groups with memberships, completions and phishing failures: what goals are set for. */
  readonly goals: Readonly<Record<string, Staleness>>;
  /** The same of what the script did at random instants alone: what happens by itself is visible when its hour is over. */
  readonly goalsAtRandomInstants: Readonly<Record<string, Staleness>>;
  /** By kind of change. */
  readonly staleness: Readonly<Record<string, Staleness>>;
  readonly naive: {
    readonly requestsARound: number;
    readonly roundEveryMinutes: number;
    readonly goals: Readonly<Record<string, Staleness>>;
    readonly staleness: Readonly<Record<string, Staleness>>;
  };
};

const CONNECTION = 'con_week';
const DAY_MS = 24 * 60 * 60 * 1000;
const BEGIN = '2026-11-16T09:00:00.000Z';
/** An answer takes about this long (recorded answers: 0.3 to 1.4 s). */
const ANSWER_MS = 600;
const RESERVE_SHARE = 0.2;

type Lab = {
  readonly clock: WorldClock;
  readonly emulator: Emulator;
  readonly store: Store;
  readonly client: ReportingClient;
  readonly limiter: Limiter;
};

/** Lets an account live and mirrors it with the product's own planner and schedule, under its real limits, in simulated time. */
export async function simulateWeek(options: WeekOptions): Promise<WeekReport> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-week-'));
  const seed = options.seed ?? 7;
  const begin = Date.parse(BEGIN);
  const { people, days } = options;
  const clock = createWorldClock(begin);
  const emulator = await startEmulator({ people, clock: { now: clock.now }, startAt: BEGIN, seed });
  const cast = castOf(emulator);
  clock.begin(emulator, scriptOf({ begin, days, seed, cast }));
  const store = await openStore({ folder, now: () => new Date(clock.now()) });
  try {
    const lab = labOf(emulator, store, clock, seed);
    const runs = await live(lab, begin + days * DAY_MS, options.onRun);
    return await reportOf({ ...options, seed }, lab, cast, runs);
  } finally {
    await store.close();
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function labOf(emulator: Emulator, store: Store, clock: WorldClock, seed: number): Lab {
  const random = randomFrom(seed + 1);
  const sleep = async (ms: number) => clock.goTo(clock.now() + ms);
  const { now } = clock;
  const limits = safeLimits(emulator.accounts[0]!.people);
  const limiter = createLimiter({ limits, reserveShare: RESERVE_SHARE, now, sleep, random });
  const client = createReportingClient({
    region: 'us',
    token: emulator.reportingToken,
    baseUrl: emulator.url,
    limiter,
    ...{ now, sleep, random },
    async fetch(url, init) {
      const sentAt = now();
      const response = await emulator.fetch(url, init);
      clock.goTo(sentAt + ANSWER_MS);
      return response;
    },
  });
  return { clock, emulator, store, client, limiter };
}

/** Syncs when the schedule says so until the end. */
async function live(lab: Lab, end: number, onRun: WeekOptions['onRun']): Promise<RunRecord[]> {
  const { clock, store } = lab;
  const runs: RunRecord[] = [];
  let lastFullStartedAt: string | null = null;
  for (;;) {
    const states = await store.streamStates(CONNECTION);
    const budget = runs.length === 0 ? {} : { budget: await costsOf(lab) };
    const next = nextSync({ connectionId: CONNECTION, states, lastFullStartedAt, ...budget }, clock.now());
    if (next === null || Math.max(next.at, clock.now()) >= end) break;
    clock.goTo(next.at);
    const run = await sync(lab, next.level, runs.length);
    if (run.level === 'full') lastFullStartedAt = run.startedAt;
    runs.push(run);
    onRun?.(run);
  }
  clock.goTo(end);
  return runs;
}

async function sync({ clock, store, client, limiter }: Lab, level: RunRecord['level'], serial: number) {
  let ids = 0;
  const run = await runSync(
    {
      ...{ store, client, connectionId: CONNECTION, now: clock.now, signal: undefined },
      ...{ dropRecipientClient: false, timeZone: null },
      newId: (prefix) => {
        ids += 1;
        return `${prefix}_${serial}_${ids}`;
      },
    },
    { level, trigger: 'schedule' },
  );
  const [row] = await store.rows(CONNECTION, 'account', ['account']);
  limiter.setLimits(safeLimits(Number(row?.raw.number_of_seats ?? 0)));
  return run;
}

/** What the scheduler reckons with, the same way as in the gateway. */
async function costsOf({ store, limiter, clock }: Lab): Promise<NonNullable<ScheduleInput['budget']>> {
  const { limits, usedToday, reserveShare } = await limiter.usage();
  const perDay = Math.floor(limits.perDay * (1 - reserveShare));
  const allowance = { ...limits, freeNow: Math.max(0, perDay - usedToday) };
  const estimate = async (level: 'directory' | 'refresh') => {
    const known = { store, connectionId: CONNECTION, now: clock.now };
    return (await estimateSync(known, { level, trigger: 'schedule' }, allowance)).requests;
  };
  return { directory: await estimate('directory'), refresh: await estimate('refresh'), perDay };
}

async function reportOf(
  options: WeekOptions & { readonly seed: number },
  lab: Lab,
  cast: Cast,
  runs: readonly RunRecord[],
): Promise<WeekReport> {
  const { people, days, seed } = options;
  const first = runs[0]!;
  const baselineAt = Date.parse(first.endedAt!);
  const changes = lab.clock.changes().filter((change) => change.visibleAt >= baselineAt);
  const seats = safeSeats(lab.emulator);
  const { perDay, perMinute } = documentedLimits(seats);
  const begin = Date.parse(first.startedAt);
  const toldAt = toldBy(await indexOf(lab.store));
  const about: About = (change) => {
    const isClosed = change.stream === 'enrollments' && cast.settled.has(change.id);
    return isClosed
      ? { name: `${kindOf(change)}, campaign closed`, readBy: WHOLE_ENROLLMENTS }
      : { name: kindOf(change), readBy: change.stream };
  };
  const polls = pollsOf(runs);
  const staleness = stalenessOf(changes, toldAt, polls, about);
  const pace = { perDay, perMinute: Math.min(perMinute, safeLimits(seats).perMinute) };
  const naive = naiveClient({ first, ...pace, begin, end: begin + days * DAY_MS });
  const goals: About = (change) => ({ ...about(change), name: goalOf(change) });
  const byHand: About = (change) => (change.byHand ? goals(change) : { ...about(change), name: null });
  return {
    ...{ people, seats, days, seed },
    budgetADay: { account: perDay, forSyncs: Math.floor(perDay * (1 - RESERVE_SHARE)) },
    requestsADay: perDayOf(runs, begin, days),
    requestsOf: { directory: spread(runs, 'directory'), refresh: spread(runs, 'refresh'), full: spread(runs, 'full') },
    runsNotDone: runs.filter(({ status }) => status !== 'done').length,
    refused429: lab.emulator.requests().refused,
    openCampaigns: cast.openCampaigns,
    changes: changes.length,
    missed: Object.values(staleness).reduce((sum, { missed }) => sum + missed, 0),
    goals: stalenessOf(changes, toldAt, polls, goals),
    goalsAtRandomInstants: stalenessOf(changes, toldAt, polls, byHand),
    staleness,
    naive: {
      requestsARound: naive.requestsARound,
      roundEveryMinutes: naive.roundEveryMinutes,
      goals: stalenessOf(changes, naive.toldAt, [], goals),
      staleness: stalenessOf(changes, naive.toldAt, [], about),
    },
  };
}

/** What a poll reads that reads the enrollments of closed campaigns too. */
const WHOLE_ENROLLMENTS = 'enrollments of closed campaigns';

const safeSeats = (emulator: Emulator): number => emulator.truth().account.number_of_seats ?? 0;

/** The four subjects that goals are set for. Scores and sign-ins move by themselves and are reported by kind alone. */
function goalOf(change: Visible): string | null {
  const kind = kindOf(change);
  if (kind === 'completion' || kind === 'phishing failure') return `${kind}s`;
  if (kind === 'user risk score' || kind === 'user sign-in') return null;
  if (kind.startsWith('user ')) return 'users';
  return kind.startsWith('group ') || kind.startsWith('membership ') ? 'groups' : null;
}

async function indexOf(store: Store): Promise<LogIndex> {
  const index = new LogIndex();
  for (let after = 0; ; ) {
    const page = await store.changes({ connectionIds: [CONNECTION], after, limit: 1000 });
    for (const change of page) index.add(change);
    if (page.length < 1000) return index;
    after = page.at(-1)!.seq;
  }
}

const pollsOf = (runs: readonly RunRecord[]): Poll[] =>
  runs.map(({ level, streams, startedAt, endedAt }) => {
    const done = streams.filter(({ status }) => status === 'done').map(({ stream }) => stream);
    const more = level === 'full' && done.includes('enrollments') ? [WHOLE_ENROLLMENTS] : [];
    return {
      reads: new Set<string>([...done, ...more]),
      startedAt: Date.parse(startedAt),
      endedAt: Date.parse(endedAt!),
    };
  });

function perDayOf(runs: readonly RunRecord[], begin: number, days: number): number[] {
  const counts = new Array<number>(days).fill(0);
  for (const { startedAt, requests } of runs) {
    counts[Math.floor((Date.parse(startedAt) - begin) / DAY_MS)]! += requests;
  }
  return counts;
}

function spread(runs: readonly RunRecord[], level: RunRecord['level']): Spread {
  const counts = runs.flatMap((run) => (run.level === level ? run.requests : [])).toSorted((a, b) => a - b);
  const at = (share: number) => counts[Math.floor((counts.length - 1) * share)] ?? 0;
  return { runs: counts.length, min: at(0), median: at(0.5), max: at(1) };
}
