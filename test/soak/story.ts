import type { Fault, FaultKind, Profile, Switches } from '../../src/emulator/index.ts';
import type { SyncLevel } from '../../src/sync/plan.ts';
import { type Random, randomOf } from '../support/random.ts';

const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What happens to the emulated company. Who it happens to is drawn when it happens: `pick` is a share of the list. */
export type Happening =
  | 'add-user'
  | 'delete-user'
  | 'archive-user'
  | 'restore-user'
  | 'rename-user'
  | 'add-member'
  | 'remove-member'
  | 'add-group'
  | 'rename-group'
  | 'archive-group'
  | 'delete-group'
  | 'add-test'
  | 'delete-test'
  | 'delete-campaign'
  | 'add-training'
  | 'delete-training'
  | 'complete-enrollment'
  | 'delete-enrollment'
  | 'click';

export type Act =
  | { readonly do: 'fault'; readonly fault: Fault }
  | { readonly do: 'happen'; readonly what: Happening; readonly times: number; readonly pick: number }
  /** Our clock is set forward or back. */
  | { readonly do: 'jump'; readonly ms: number }
  /** Another program uses the account. */
  | { readonly do: 'spend'; readonly requests: number }
  | { readonly do: 'switch'; readonly switches: Partial<Switches> }
  /** Somebody disables the token; it is enabled again later. */
  | { readonly do: 'disable-token'; readonly forMs: number }
  /** The run that is under way is cancelled after so many requests. */
  | { readonly do: 'interrupt'; readonly requests: number }
  /** Somebody looks at what is held: confirms what is right, dismisses what is wrong or leaves it. */
  | { readonly do: 'decide'; readonly wrong: 'dismiss' | 'leave' }
  | { readonly do: 'sync'; readonly level: SyncLevel };

/** `at`: ms of true time since the story began. */
export type Step = { readonly at: number; readonly act: Act };

export type Story = {
  readonly seed: number;
  readonly people: number;
  readonly enrollments: number;
  readonly worldSeed: number;
  readonly profile: Profile;
  readonly switches: Partial<Switches>;
  readonly startAt: string;
  /** ms of every answer. */
  readonly latencyMs: number;
  readonly directoryEveryMinutes: number;
  readonly activityEveryMinutes: number;
  /** How long the faults go on, ms. */
  readonly lasts: number;
  /** Our clock jumps by so much when the faults are over, ms. */
  readonly lastJump: number;
  readonly steps: readonly Step[];
};

const profiles: readonly Profile[] = ['documented', 'recorded', 'next', 'hostile'];

/** Makes up the whole story of a seed; `profile` overrides the one that the seed draws. */
export function storyOf(seed: number, profile?: Profile): Story {
  const random = randomOf(seed);
  const drawn = random.pick(profiles);
  const pace = random.pick(paces);
  const lasts = Math.round(pace.lasts * (0.5 + random.next() * 0.5));
  const steps = [...drawnFaults(random, lasts), ...drawnLife(random, lasts), ...drawnTrouble(random, lasts)];
  return {
    seed,
    people: random.int(30, random.chance(0.15) ? 200 : 60),
    enrollments: random.pick([30, 80, 150, 300, 600]),
    worldSeed: random.int(1, 1_000_000),
    profile: profile ?? drawn,
    switches: drawnSwitches(random),
    startAt: `2026-11-${random.int(10, 28)}T${String(random.int(0, 23)).padStart(2, '0')}:00:00.000Z`,
    latencyMs: random.pick([60, 150, 400, 1200]),
    directoryEveryMinutes: pace.directory,
    activityEveryMinutes: pace.activity,
    lasts,
    lastJump: random.chance(0.2) ? random.pick(jumps) : 0,
    steps: steps.toSorted((a, b) => a.at - b.at),
  };
}

/** Short and dense, a day or two, or long enough for the weekly full read. */
const paces = [
  { lasts: 3 * HOUR, directory: 15, activity: 25 },
  { lasts: 6 * HOUR, directory: 30, activity: 50 },
  { lasts: 16 * HOUR, directory: 60, activity: 120 },
  { lasts: 2 * DAY, directory: 180, activity: 360 },
  { lasts: 9 * DAY, directory: 540, activity: 720 },
] as const;

/** Mostly small, so that faults between pages bite; half of them sizes that nobody would guess. */
const drawnPageLimit = (random: Random): number =>
  random.chance(0.5) ? 20 : random.pick([7, 10, 13, 17, 23, 25, 37, 50]);

function drawnSwitches(random: Random): Partial<Switches> {
  return {
    maxPerPage: drawnPageLimit(random),
    ...(random.chance(0.3) && { pagination: random.pick(['page', 'page+cursor', 'page-ignored'] as const) }),
    ...(random.chance(0.3) && { cursorOn: random.pick(['all', 'enrollments'] as const) }),
    ...(random.chance(0.15) && { pagination: 'cursor-required' as const, cursorOn: 'all' as const }),
    ...(random.chance(0.3) && { cursorCarrier: random.pick(['X-Next-Cursor', 'Link', 'both'] as const) }),
    ...(random.chance(0.3) && { cursorEnd: random.pick(['absent', 'empty'] as const) }),
    ...(random.chance(0.2) && { archivedWithoutStatus: random.chance(0.5) }),
    ...(random.chance(0.3) && { limitHeaders: random.pick(['none', 'Retry-After', 'X-RateLimit', 'both'] as const) }),
    ...(random.chance(0.1) && { userIds: 'mixed' as const }),
  };
}

const listEndpoints = [
  'users',
  'groups',
  'phishing_campaigns',
  'security_tests',
  'recipients',
  'training_campaigns',
  'enrollments',
  'store_purchases',
  'policies',
] as const;

/** Asked only about rows that are missing. */
const ownAddresses = ['user', 'group', 'security_test', 'recipient', 'training_campaign', 'enrollment'] as const;

/** How each fault is met: for some calls, or for a time. Weights are how often a kind stands in the list. */
const faultKinds: readonly FaultKind[] = [
  'rate-limited',
  'rate-limited',
  'server-error',
  'server-error',
  'maintenance',
  'cut-connection',
  'truncated-json',
  'html-error',
  'html-body',
  'slow',
  'error-body-200',
  'empty-body',
  'row-deleted',
  'row-inserted',
  'row-duplicated',
  'row-skipped',
  'rows-missing',
  'rows-missing',
  'rows-missing',
  'rows-reordered',
  'half-page',
  'bad-row',
  'cursor-loop',
  'repeated-page',
  'page-retired',
  'page-ignored',
  'empty-list',
  'empty-list',
  'empty-account',
  'token-disabled',
];

/** Faults that change the world itself must not go on for long: a row a page. */
const brief: ReadonlySet<FaultKind> = new Set(['row-deleted', 'row-inserted']);
/** What an account gives when it is whole and yet lists too little: for an hour, not for ever. */
const emptiness: ReadonlySet<FaultKind> = new Set(['empty-list', 'empty-account']);

function drawnFaults(random: Random, lasts: number): Step[] {
  return Array.from({ length: random.int(2, 9) }, () => ({
    at: Math.floor(random.next() ** 1.3 * lasts),
    act: { do: 'fault' as const, fault: drawnFault(random) },
  }));
}

function drawnFault(random: Random): Fault {
  const kind = random.pick(faultKinds);
  const isBrief = brief.has(kind);
  const isLong = !isBrief && random.chance(0.45);
  const forMs = emptiness.has(kind)
    ? random.pick([20 * MINUTE, HOUR, 90 * MINUTE])
    : random.pick([2 * MINUTE, 5 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 8 * HOUR]);
  const rows = random.chance(0.5) ? random.int(2, 25) : undefined;
  return {
    kind,
    ...(kind !== 'empty-account' && drawnEndpoint(random)),
    nth: random.chance(0.4) ? 1 : random.int(2, 40),
    // An account is empty for a time, or again and again.
    ...(random.chance(kind === 'empty-account' ? 0.4 : 0.25) && { every: random.int(2, 7) }),
    ...(isLong || emptiness.has(kind) ? { forMs } : { count: random.pick(isBrief ? [1, 2, 4] : [1, 1, 2, 3, 6, 20]) }),
    ...(kind === 'rate-limited' && random.chance(0.5) && { retryAfterS: random.pick([1, 30, 300, 3600]) }),
    ...(kind === 'slow' && { delayMs: random.pick([5 * SECOND, 30 * SECOND, 90 * SECOND]) }),
    ...(rows !== undefined && { rows: kind === 'empty-list' ? rows * 3 : rows }),
  };
}

function drawnEndpoint(random: Random): Pick<Fault, 'endpoint'> {
  const share = random.next();
  if (share < 0.4) return {};
  return { endpoint: random.pick<string>(share < 0.9 ? listEndpoints : ownAddresses) };
}

const happenings: readonly Happening[] = [
  'add-user',
  'add-user',
  'delete-user',
  'delete-user',
  'archive-user',
  'restore-user',
  'rename-user',
  'add-member',
  'remove-member',
  'add-group',
  'rename-group',
  'archive-group',
  'delete-group',
  'add-test',
  'delete-test',
  'delete-campaign',
  'add-training',
  'delete-training',
  'complete-enrollment',
  'complete-enrollment',
  'delete-enrollment',
  'click',
];

/** Each of these brings rows for everybody. */
const heavy: ReadonlySet<Happening> = new Set(['add-test', 'add-training']);

function drawnLife(random: Random, lasts: number): Step[] {
  return Array.from({ length: random.int(2, 10) }, () => {
    const many = random.chance(0.12);
    const what = random.pick(happenings);
    const times = many && !heavy.has(what) ? random.int(8, 60) : random.int(1, 3);
    return { at: Math.floor(random.next() * lasts), act: { do: 'happen' as const, what, times, pick: random.next() } };
  });
}

const jumps = [-3 * DAY, -HOUR * 7, -HOUR, -2 * MINUTE, -SECOND, SECOND, 2 * MINUTE, HOUR, 7 * HOUR, 3 * DAY];

function drawnTrouble(random: Random, lasts: number): Step[] {
  const steps: Step[] = [];
  const sometimes = (share: number, act: () => Act) => {
    if (random.chance(share)) steps.push({ at: Math.floor(random.next() * lasts), act: act() });
  };
  sometimes(0.3, () => ({ do: 'jump', ms: random.pick(jumps) }));
  sometimes(0.15, () => ({ do: 'jump', ms: random.pick(jumps) }));
  sometimes(0.15, () => ({ do: 'spend', requests: random.pick([30, 60, 1500]) }));
  sometimes(0.25, () => ({ do: 'switch', switches: drawnSwitch(random) }));
  sometimes(0.2, () => ({ do: 'disable-token', forMs: random.pick([5 * MINUTE, HOUR, 5 * HOUR]) }));
  sometimes(0.3, () => ({ do: 'interrupt', requests: random.int(1, 60) }));
  for (let n = 0; n < 2; n += 1) {
    sometimes(0.4, () => ({ do: 'decide', wrong: random.pick(['dismiss', 'leave'] as const) }));
    sometimes(0.35, () => ({ do: 'sync', level: random.pick(['full', 'full', 'refresh', 'directory'] as const) }));
  }
  return steps;
}

const drawnSwitch = (random: Random): Partial<Switches> =>
  random.pick<Partial<Switches>>([
    { maxPerPage: random.pick([7, 10, 13, 17, 23, 37]) },
    { pagination: 'page' },
    { pagination: 'page+cursor', cursorOn: 'all' },
    { pagination: 'page-ignored', cursorOn: 'all' },
    { pagination: 'cursor-required', cursorOn: 'all' },
    { pagination: 'cursor-required', cursorOn: 'enrollments' },
    { cursorStart: 'true' },
    { cursorCarrier: 'Link' },
    { provisioning: 'adi', landingPage: 'hyphen', content: 'nested' },
    { newerKeys: false },
    { userIds: 'mixed' },
    { archivedWithoutStatus: false },
  ]);
