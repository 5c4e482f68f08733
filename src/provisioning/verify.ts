import type { DesiredGroup } from '../rules/rule-set.ts';
import { sameValue } from './fields.ts';
import type { FieldChange } from './plan.ts';
import type { JournalEntry, JournalWrite, PlanEntry, ProvisionalId, ProvisioningStore } from './ports.ts';
import { externalIdOf, provisionalIdOf } from './provisional-id.ts';
import { waitsForSync } from './put-back.ts';
import type { ProvisioningState, ScimObject } from './state.ts';
import type { Target, TargetUser } from './target.ts';
import { indexTarget, type TargetIndex } from './target-index.ts';
import type { Telling } from './telling.ts';

/** KnowBe4 applies what its SCIM store was told in windows of about 15 minutes; after two of them a step is late. */
const LATE_MS = 30 * 60_000;
/** After this it is planned again. */
const GIVEN_UP_MS = 24 * 3_600_000;

export type VerifyDeps = {
  readonly store: Pick<
    ProvisioningStore,
    'journaled' | 'noteSeen' | 'scimObjects' | 'provisionalIds' | 'getProvisioning' | 'getPlan'
  >;
  readonly telling: Telling;
  /** When KnowBe4's SCIM sync ran last, asked for when something is late; null, and not there: nobody can say. */
  readonly lastSyncAt?: () => Promise<string | null>;
  readonly now: () => Date;
};

/** What a look at the mirror has shown; steps are told once, when their state changes. */
export type Verified = {
  readonly verified: readonly JournalEntry[];
  /** There, and otherwise than it was wanted. */
  readonly otherwise: readonly JournalEntry[];
  readonly late: readonly JournalEntry[];
  /** Not seen, or otherwise than wanted, for a day: they are planned again. */
  readonly givenUp: readonly JournalEntry[];
  /** Accepted, late or otherwise than wanted, after this look. */
  readonly waiting: number;
};

type Look = {
  readonly state: 'verified' | 'visible';
  readonly found: string | null;
  readonly userId?: string;
  readonly groupId?: string;
};

/**
 * Compares what was sent with what our own reads show. A step is seen when the mirror has it; it is late when a read that began two windows after it was
 * taken does not show it. Nothing is late for want of a read.
 * @param target the mirror, with nothing laid over it
 */
export async function verifySeen(deps: VerifyDeps, target: Target): Promise<Verified> {
  const { store, now } = deps;
  const { connectionId } = target;
  const entries = await store.journaled({ connectionId, states: ['accepted', 'visible', 'late'] });
  if (entries.length === 0) return { verified: [], otherwise: [], late: [], givenUp: [], waiting: 0 };
  const state = await store.getProvisioning(connectionId);
  const index = indexTarget(target);
  const known = await store.provisionalIds(connectionId);
  const looking = { index, known: realIds(known), latest: latestOf(entries), renamed: renamedBy(entries), state };
  const changed: { from: JournalEntry['state']; entry: JournalEntry }[] = [];
  for (const entry of entries) {
    const after = stateAfter(looking, entry, target.asOf, now());
    if (after !== null) changed.push({ from: entry.state, entry: after });
  }
  const news = changed.map(({ entry }) => entry);
  if (changed.length > 0) {
    const told = await toldOf(deps, { entries, news, state });
    await store.noteSeen(changed, await whatFollows(store, connectionId, news, known), told);
  }
  const those = (...states: readonly JournalEntry['state'][]) => news.filter((entry) => states.includes(entry.state));
  return {
    ...{ verified: those('verified'), otherwise: those('visible'), late: those('late'), givenUp: those('failed') },
    waiting: entries.length - those('verified', 'failed').length,
  };
}

type News = {
  /** All that was in flight before this look. */
  readonly entries: readonly JournalEntry[];
  readonly news: readonly JournalEntry[];
  readonly state: ProvisioningState | null;
};

/** A plan is told to be visible once nothing of it is in flight any more, and to be late when something of it is. */
async function toldOf(
  { store, telling, lastSyncAt }: VerifyDeps,
  { entries, news, state }: News,
): Promise<readonly PlanEntry[]> {
  const after = new Map(news.map((entry) => [`${entry.applicationId} ${entry.position}`, entry]));
  const now = entries.map((entry) => after.get(`${entry.applicationId} ${entry.position}`) ?? entry);
  const flying = new Set(now.flatMap((entry) => (isFlying(entry) ? [entry.planId] : [])));
  const told: PlanEntry[] = [];
  for (const [planId, own] of Map.groupBy(news, (entry) => entry.planId)) {
    const plan = await store.getPlan(planId);
    if (plan === null) continue;
    const seen = own.filter((entry) => entry.state === 'verified');
    if (seen.length > 0 && !flying.has(planId)) {
      told.push(telling.entryOf('plan.visible', plan, { steps: seen.length, detail: null }));
    }
    const late = own.filter(isLate);
    if (late.length === 0) continue;
    const detail = state === null ? null : (lateHints(state, late, (await lastSyncAt?.()) ?? null)[0] ?? null);
    told.push(telling.entryOf('plan.late', plan, { steps: late.length, detail }));
  }
  return told;
}

const isFlying = ({ state }: JournalEntry): boolean => state === 'accepted' || state === 'late';
const isLate = ({ state }: JournalEntry): boolean => state === 'late' || state === 'failed';

type Looking = {
  readonly index: TargetIndex;
  readonly known: ReadonlyMap<string, string>;
  /** The newest step about each thing that steps set. */
  readonly latest: ReadonlyMap<string, JournalEntry>;
  /** New addresses by the ones before, of changes that are not seen yet. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly state: ProvisioningState | null;
};

const realIds = (ids: readonly ProvisionalId[]): ReadonlyMap<string, string> =>
  new Map(ids.flatMap(({ provisionalId, userId }) => (userId === null ? [] : [[provisionalId, userId]])));

/** @returns null when nothing is new */
function stateAfter(looking: Looking, entry: JournalEntry, asOf: string | null, now: Date): JournalEntry | null {
  const at = now.toISOString();
  const look = lookFor(looking, entry);
  if (look !== null) {
    if (look.state === 'visible' && isOld(entry.visibleAt, now)) return givenUp(entry, 'KnowBe4 shows it otherwise');
    if (look.state === entry.state && look.found === entry.found) return null;
    const seen = { ...entry, ...look, visibleAt: entry.visibleAt ?? at };
    return look.state === 'verified' ? { ...seen, verifiedAt: at } : seen;
  }
  const acceptedAt = Date.parse(entry.acceptedAt ?? at);
  const mayBeGivenUp = entry.state === 'late' || (waitsForSync(entry.step) && asOf !== null);
  if (isOld(entry.acceptedAt, now) && mayBeGivenUp) return givenUp(entry, 'KnowBe4 has not shown it');
  const isLookedFor = asOf !== null && Date.parse(asOf) >= acceptedAt + LATE_MS;
  return entry.state === 'accepted' && isLookedFor && !isHeldBack(looking, entry) ? { ...entry, state: 'late' } : null;
}

const isOld = (time: string | null, now: Date): boolean =>
  time !== null && now.getTime() >= Date.parse(time) + GIVEN_UP_MS;

/** What is in flight hides what the account has: for a day, then plans look at the account itself again. */
const givenUp = (entry: JournalEntry, what: string): JournalEntry => ({
  ...entry,
  state: 'failed',
  error: { code: 'remote_rejected', detail: `${what} for a day: it is planned again.` },
});

/** While Test Mode is on nobody expects that accounts are taken over, and what the store had before comes whenever a sync does. */
const isHeldBack = ({ state }: Looking, { action, step }: JournalEntry): boolean =>
  action === 'claim' || waitsForSync(step) || (state?.testMode.state === 'on' && state.adoption.state !== 'adopted');

const SUPERSEDED = 'A later step took its place.';

/** What the mirror shows of a step; null: nothing yet. */
function lookFor(looking: Looking, entry: JournalEntry): Look | null {
  const { index, latest, state } = looking;
  if (aboutOf(entry).every((about) => latest.get(about) !== entry)) return verified(SUPERSEDED);
  const { step } = entry;
  const user = userOf(looking, entry);
  switch (step.action) {
    case 'claim':
      return user?.provisioningManaged === true || state?.adoption.state === 'adopted' ? verified() : null;
    case 'create':
      return user === null ? null : { ...comparedFields(looking, entry, user), userId: user.id };
    case 'restore':
      return user?.status === 'active' ? verified() : null;
    case 'archive':
      return user === null || user.status === 'archived' ? verified() : null;
    case 'update':
    case 'manager':
      return changedFields(looking, entry, user);
    case 'group_create':
    case 'group_rename': {
      const named = index.groupsByName.get(step.group!.name.toLowerCase()) ?? [];
      const group = named.find(({ type }) => type === 'provisioning_managed_group');
      return group === undefined ? null : { ...verified(), groupId: group.id };
    }
    case 'member_add':
    case 'member_remove': {
      const isMember = user?.groupIds.some((id) => isGroup(index, id, entry)) ?? false;
      if (user === null && step.action === 'member_add') return null;
      return isMember === (step.action === 'member_add') ? verified() : null;
    }
  }
}

const verified = (found: string | null = null): Look => ({ state: 'verified', found });

/** The account of a step's person: by its id, by the id that it became, or by what the store was told. */
function userOf(
  { index, known }: Looking,
  { connectionId, userId, step: { person } }: JournalEntry,
): TargetUser | null {
  if (person === null) return null;
  const id = userId ?? provisionalIdOf(connectionId, person);
  const real = index.users.get(known.get(id) ?? id);
  if (real !== undefined) return real;
  const externalId = externalIdOf(person);
  const byKey = externalId === null ? [] : index.usersByGuid(externalId);
  if (byKey.length === 1) return byKey[0]!;
  if (userId !== null && !userId.startsWith('new_')) return null;
  const byEmail = index.usersByEmail(person.email ?? '').filter(({ status }) => status === 'active');
  return byEmail.length === 1 ? byEmail[0]! : null;
}

function isGroup(index: TargetIndex, id: string, { step: { group } }: JournalEntry): boolean {
  return group!.groupId === null || group!.groupId.startsWith('new_')
    ? index.groups.get(id)?.name.toLowerCase() === group!.name.toLowerCase()
    : id === group!.groupId;
}

/** Fields of a person who is there: as wanted, or in words what is otherwise. */
function comparedFields(looking: Looking, entry: JournalEntry, user: TargetUser): Look {
  const wrong = ownFields(looking, entry).filter((field) => !isAsWanted(looking, field, user));
  if (wrong.length === 0) return verified();
  const words = wrong.map(({ name, to }) => `${name} is ${shown(user.fields[name])} instead of ${shown(to)}`);
  return { state: 'visible', found: `${words.join(', ')}.` };
}

/** A change is seen once one of its fields is as wanted. */
function changedFields(looking: Looking, entry: JournalEntry, user: TargetUser | null): Look | null {
  if (user === null) return null;
  const own = ownFields(looking, entry);
  const isSeen = own.some((field) => isAsWanted(looking, field, user));
  return isSeen ? comparedFields(looking, entry, user) : null;
}

/** A manager who has another address meanwhile is the same one. */
function isAsWanted({ renamed }: Looking, { name, to }: FieldChange, { fields }: TargetUser): boolean {
  if (sameValue(name, to, fields[name])) return true;
  const now = name === 'manager_email' ? renamed.get(to?.toLowerCase() ?? '') : undefined;
  return now !== undefined && sameValue(name, now, fields[name]);
}

const renamedBy = (entries: readonly JournalEntry[]): ReadonlyMap<string, string> =>
  new Map(
    entries.flatMap(({ step }) =>
      step.fields.flatMap(({ name, from, to }): [string, string][] =>
        name === 'email' && step.action === 'update' && from && to ? [[from.toLowerCase(), to]] : [],
      ),
    ),
  );

const shown = (value: string | null | undefined): string => JSON.stringify(value ?? null);

/** Fields that no later step has set. */
const ownFields = ({ latest }: Looking, entry: JournalEntry) =>
  entry.step.fields.filter(({ name }) => latest.get(`${whoOf(entry)} ${name}`) === entry);

const whoOf = ({ userId, step: { person } }: JournalEntry): string => person?.key ?? userId ?? person?.email ?? '';

/** What a step sets, so that a later one can take its place. */
function aboutOf(entry: JournalEntry): readonly string[] {
  const { action, fields, group } = entry.step;
  switch (action) {
    case 'update':
    case 'manager':
      return fields.map(({ name }) => `${whoOf(entry)} ${name}`);
    case 'create':
      return [`${whoOf(entry)} status`, ...fields.map(({ name }) => `${whoOf(entry)} ${name}`)];
    case 'restore':
    case 'archive':
      return [`${whoOf(entry)} status`];
    case 'member_add':
    case 'member_remove':
      return [`${whoOf(entry)} in ${group!.groupId ?? group!.name.toLowerCase()}`];
    case 'claim':
      return [`${whoOf(entry)} claim`];
    case 'group_create':
    case 'group_rename':
      return [`group ${group!.groupId ?? group!.name.toLowerCase()} name`];
  }
}

function latestOf(entries: readonly JournalEntry[]): ReadonlyMap<string, JournalEntry> {
  const latest = new Map<string, JournalEntry>();
  for (const entry of entries) for (const about of aboutOf(entry)) latest.set(about, entry);
  return latest;
}

/** Somebody who was created is linked for good, and what they were called before leads to them. */
async function whatFollows(
  store: VerifyDeps['store'],
  connectionId: string,
  seen: readonly JournalEntry[],
  known: readonly ProvisionalId[],
): Promise<Omit<JournalWrite, 'entries'>> {
  const created = seen.filter(({ action, userId }) => action === 'create' && userId !== null);
  const madeGroups = seen.filter(({ action, groupId }) => action === 'group_create' && groupId !== null);
  const doubted = doubtedFields(seen);
  if (created.length === 0 && madeGroups.length === 0 && doubted.size === 0) return {};
  const targets = new Map<string, string>([
    ...created.map(({ scimId, userId }) => [`user ${scimId}`, userId!] as const),
    ...madeGroups.map(({ scimId, groupId }) => [`group ${scimId}`, groupId!] as const),
  ]);
  const objects = (await store.scimObjects(connectionId)).flatMap((object): ScimObject[] => {
    const name = `${object.kind} ${object.scimId}`;
    const targetId = targets.get(name) ?? object.targetId;
    const doubts = doubted.get(name);
    if (targetId === object.targetId && doubts === undefined) return [];
    const known = Object.entries(object.known).filter(([field]) => doubts?.has(field) !== true);
    return [{ ...object, targetId, known: Object.fromEntries(known) }];
  });
  const made = new Map(known.map((id) => [id.provisionalId, id]));
  return {
    scimObjects: objects,
    links: created.flatMap(({ userId, visibleAt, step: { person } }) =>
      person?.source
        ? [{ connectionId, ...person.source, userId: userId!, matchedOn: 'created' as const, linkedAt: visibleAt! }]
        : [],
    ),
    provisionalIds: created.flatMap(({ provisionalId, userId }) => {
      const kept = made.get(provisionalId ?? '');
      return kept === undefined ? [] : [{ ...kept, userId }];
    }),
  };
}

/** What was given up is not relied on as written: KnowBe4 may never have been told. */
function doubtedFields(seen: readonly JournalEntry[]): ReadonlyMap<string, ReadonlySet<string>> {
  const doubted = new Map<string, Set<string>>();
  for (const { state, action, scimId, step } of seen) {
    if (state !== 'failed' || (action !== 'update' && action !== 'manager')) continue;
    const fields = action === 'manager' ? ['managerId'] : step.fields.map(({ name }) => name);
    const name = `user ${scimId}`;
    doubted.set(name, new Set([...(doubted.get(name) ?? []), ...fields]));
  }
  return doubted;
}

/** Why steps may be late, in words for people, the likeliest first. */
export function lateHints(
  state: Pick<ProvisioningState, 'testMode' | 'owner'>,
  late: readonly Pick<JournalEntry, 'acceptedAt' | 'step'>[],
  lastSyncAt: string | null,
): readonly string[] {
  const oldest = late.map(({ acceptedAt }) => acceptedAt ?? '').toSorted()[0] ?? '';
  const hints: string[] = [];
  if (state.testMode.state === 'on') {
    hints.push('Test Mode is on: KnowBe4 reports what it would do and changes nothing. Turn it off in the console.');
  }
  if (late.length > 0 && late.every(({ step }) => waitsForSync(step))) {
    hints.push('The SCIM store had it before, so nothing asked KnowBe4 for a sync. Use Force Sync Now in the console.');
  } else if (lastSyncAt !== null && lastSyncAt < oldest) {
    hints.push('KnowBe4 has not run its SCIM sync since: it skips requests that come too soon. Use Force Sync Now.');
  }
  if (state.owner !== 'ours')
    hints.push('The users may belong to another provisioner (Active Directory Integration, say).');
  if (state.testMode.state === 'unknown') hints.push('Nobody has said whether Test Mode is off; look in the console.');
  return hints.length > 0 ? hints : ['Look at the sync report in KnowBe4’s console: it says what was skipped and why.'];
}

const LOOKED_BACK_MS = 7 * 24 * 3_600_000;

export type NoReaction = {
  readonly userId: string;
  readonly group: string;
  readonly campaign: string;
  /** When they were seen in the group. */
  readonly since: string;
};

/**
 * Members of groups whom a campaign should have enrolled by now and has not (`expect.enrolled_in` of the rules). What was not read since their time was over says
 * nothing about them.
 * @param deps.isEnrolled whether the mirror has an enrolment of theirs in a campaign of this name
 * @param deps.enrolledAsOf when the enrolments of the mirror were read
 */
export async function campaignsWithoutReaction(
  deps: {
    readonly store: Pick<ProvisioningStore, 'journaled' | 'provisionalIds'>;
    readonly isEnrolled: (userId: string, campaign: string) => Promise<boolean>;
    readonly enrolledAsOf: string;
    readonly now: () => Date;
  },
  connectionId: string,
  groups: readonly Pick<DesiredGroup, 'name' | 'expect'>[],
): Promise<readonly NoReaction[]> {
  const expected = new Map(
    groups.flatMap(({ name, expect }) => (expect === null ? [] : [[name.toLowerCase(), expect]])),
  );
  if (expected.size === 0) return [];
  const now = deps.now().getTime();
  const longest = Math.max(...[...expected.values()].map(({ withinMs }) => withinMs));
  const acceptedSince = new Date(now - longest - LOOKED_BACK_MS).toISOString();
  const entries = await deps.store.journaled({ connectionId, states: ['verified'], acceptedSince });
  const known = realIds(await deps.store.provisionalIds(connectionId));
  const silent: NoReaction[] = [];
  for (const { action, step, userId, verifiedAt, found } of entries) {
    const expect = expected.get(step.group?.name.toLowerCase() ?? '');
    if (action !== 'member_add' || expect === undefined || verifiedAt === null || found === SUPERSEDED) continue;
    if (Date.parse(verifiedAt) + expect.withinMs > Math.min(now, Date.parse(deps.enrolledAsOf))) continue;
    const id = userId ?? provisionalIdOf(connectionId, step.person!);
    const user = known.get(id) ?? id;
    if (await deps.isEnrolled(user, expect.enrolledIn)) continue;
    silent.push({ userId: user, group: step.group!.name, campaign: expect.enrolledIn, since: verifiedAt });
  }
  return silent;
}
