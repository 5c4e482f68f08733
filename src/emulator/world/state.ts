import type {
  Account,
  Change,
  Group,
  PhishingCampaign,
  Policy,
  RiskPoint,
  SecurityTest,
  StorePurchase,
  TrainingCampaign,
  User,
} from './records.ts';
import type { ViewCache } from './views.ts';

/** One person of an account, with what the wire does not show. Times are milliseconds. */
export type Person = {
  readonly index: number;
  readonly user: User;
  /** Not in any list: deleted, or not yet born (a spare place near the front of the list). */
  hidden: boolean;
  readonly joined: number;
  /** Spans in which the person did nothing because archived or deleted: from, to, from, to … */
  away: number[];
  /** Groups that somebody put the person into, whatever its attributes. */
  manual: number[];
  /** Chance to fall for a test of middling difficulty. */
  readonly prone: number;
  /** Chance to finish a training in time. */
  readonly diligent: number;
  /** Chance never to finish one that is late. */
  readonly stubborn: number;
  delivered: number;
  /** When the person failed, in order. One message can fail in several ways. */
  failed: number[];
};

export type SmartRule = (person: Person, now: number) => boolean;

export type GroupState = {
  readonly group: Omit<Group, 'current_risk_score'>;
  rule: SmartRule | null;
  readonly history: RiskPoint[];
  isDeleted: boolean;
};

export type PhishingState = {
  readonly campaign: Omit<PhishingCampaign, 'last_phish_prone_percentage' | 'psts' | 'psts_count' | 'last_run'>;
  readonly callback: boolean;
  readonly tests: TestState[];
  /** For a campaign that repeats: when the next test goes out. */
  next: number | null;
  readonly everyMs: number;
  isDeleted: boolean;
};

export type TestState = {
  readonly id: number;
  readonly parent: PhishingState;
  /** Counts are brought up as the world lives. */
  readonly test: Omit<SecurityTest, 'phish_prone_percentage'>;
  /** null: it never started (an Error test). */
  readonly start: number | null;
  readonly close: number;
  readonly sendMs: number;
  /** Index in the list of templates, null for a random one each. */
  readonly template: number | null;
  /** People it went to, by index, ascending. */
  readonly members: Uint32Array;
  /** How many people failed at least once. */
  failedPeople: number;
  isDeleted: boolean;
  /** What was changed by hand, by position in `members` and event. */
  readonly overlay: Map<number, Map<number, number>>;
};

export type TrainingState = {
  readonly campaign: Omit<TrainingCampaign, 'completion_percentage' | 'content'>;
  readonly content: readonly (StorePurchase | Policy)[];
  readonly start: number;
  /** When it is due for everybody, or, of one that nobody need finish, when it ends. */
  readonly end: number | null;
  /** Until then a late person can still finish; null: it stays open. */
  readonly closes: number | null;
  /** How long after the enrollment it is due, when that is relative. */
  readonly relativeMs: number | null;
  /** null: everybody. */
  readonly audience: readonly number[] | null;
  readonly showsScore: boolean;
  /** Too large to compute: the percentage is −1. */
  readonly uncounted: boolean;
  open: boolean;
  isDeleted: boolean;
  /** Who is enrolled, kept while it enrolls newcomers by itself. */
  readonly enrolled: Set<number>;
  /** The percentage as last computed, and what it was computed from. */
  counted: { stamp: string; percentage: number } | null;
};

/** Enrollments in columns: 17 bytes a row; everything else about a row is derived when it is asked for. */
export type EnrollmentColumns = {
  count: number;
  person: Uint32Array;
  /** Index of the campaign × 16 + index of the content. */
  part: Uint32Array;
  at: Float64Array;
  removed: Uint8Array;
  readonly overlay: Map<number, { start: number; completion: number }>;
  /** Rises when a row is finished by hand or removed. */
  touched: number;
};

export type World = {
  readonly seed: number;
  /** When the first people joined, two years before the world began to live. ms */
  readonly founded: number;
  /** When the world began to live. */
  readonly begin: number;
  /** Whether people join, leave, come back and change by themselves. */
  moves: boolean;
  /** Until when people have lived. */
  live: number;
  /** Changes made by hand since `live`; each takes 10 ms. */
  byHand: number;
  readonly account: Omit<Account, 'current_risk_score'>;
  readonly accountHistory: RiskPoint[];
  readonly domain: string;
  /** By id, ascending. */
  readonly people: Person[];
  readonly addresses: Map<string, number>;
  readonly groups: GroupState[];
  readonly phishing: PhishingState[];
  readonly tests: TestState[];
  readonly purchases: StorePurchase[];
  readonly policies: Policy[];
  readonly training: TrainingState[];
  readonly enrollments: EnrollmentColumns;
  /** How many people there were when the day began: the day's plan depends on it. */
  planned: number;
  readonly changes: Change[];
  /** Changes of the span that is being lived, sorted into `changes` at its end. */
  pending: Omit<Change, 'seq'>[];
  /** Rises with every change, so that what was computed from the world can be kept until then. */
  version: number;
  readonly views: ViewCache;
};

/** Notes a change; it gets its number when the span is closed. */
export function note(world: World, change: Omit<Change, 'seq'>): void {
  world.version += 1;
  world.pending.push(change);
}

/** Closes a span: its changes in order of time go to the log. */
export function settle(world: World): void {
  const order = (a: Omit<Change, 'seq'>, b: Omit<Change, 'seq'>) =>
    a.at < b.at ? -1 : a.at > b.at ? 1 : a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0;
  for (const change of world.pending.sort(order)) world.changes.push({ seq: world.changes.length + 1, ...change });
  world.pending = [];
}

/** The time of a change made by hand: a moment after the one before, so that the same steps give the same world. */
export function nextByHand(world: World): number {
  world.byHand += 1;
  return world.live + world.byHand * 10;
}

export const isAway = (person: Person, at: number): boolean => {
  for (let i = 0; i < person.away.length; i += 2) {
    if (at >= person.away[i]! && at < person.away[i + 1]!) return true;
  }
  return false;
};

export const isActive = (person: Person): boolean => !person.hidden && person.user.status === 'active';
