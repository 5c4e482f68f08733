import { managedFields } from '../model/managed-field.ts';
import { textOf } from './fields.ts';
import { isWritable } from './groups.ts';
import type { Action, Effect, EffectKind } from './plan.ts';
import { isProvisional } from './provisional-id.ts';
import { isArchivedThere, isInStore } from './put-back.ts';
import type { TargetCampaign, TargetGroup, TargetUser } from './target.ts';
import { activeUsers, type Draft, type Work } from './work.ts';

/** What KnowBe4 does by itself: because of each step, and because of the plan as a whole. */
export type Predicted = { readonly bySteps: ReadonlyMap<Draft, readonly Effect[]>; readonly ofPlan: readonly Effect[] };

/**
 * Works out what KnowBe4 will do when the steps are at work. Certain: it follows from how KnowBe4 says it works and from what was read. Possible: it depends on what
 * cannot be read, such as the criteria of smart groups or who was enrolled before.
 */
export function predictEffects(work: Work, drafts: readonly Draft[]): Predicted {
  const seen: Seen = { campaigns: campaignsOf(work), enrolled: new Set(), sent: sentBy(drafts) };
  const smart = throughSmartGroups(work, seen);
  const bySteps = new Map<Draft, readonly Effect[]>();
  for (const draft of drafts) {
    const effects = [...effectsOf(work, seen, draft), ...(touchesSmart.has(draft.action) ? smart : [])];
    if (isInStore(work, draft)) effects.push(putBack);
    if (effects.some(({ kind }) => enrolling.has(kind))) effects.push(mails);
    if (effects.length > 0) bySteps.set(draft, effects);
  }
  return {
    bySteps,
    ofPlan: [
      ...erasedHere(work),
      ...archivedByScim(work, drafts),
      ...groupsArchivedByScim(work, drafts),
      ...emptied(work, drafts),
    ],
  };
}

const enrolling: ReadonlySet<EffectKind> = new Set(['auto_enrol', 're_enrol', 'group_enrol']);

type Campaigns = {
  readonly forAll: readonly TargetCampaign[];
  readonly byGroup: ReadonlyMap<string, readonly TargetCampaign[]>;
  readonly phishingForAll: readonly TargetCampaign[];
  readonly phishingByGroup: ReadonlyMap<string, readonly TargetCampaign[]>;
};

/** Each person is enrolled in a campaign once, whichever of its groups they come into. */
type Seen = { readonly campaigns: Campaigns; readonly enrolled: Set<string>; readonly sent: SentBy };

/** What the plan sends of references: members by the id of their group, and who is sent with a manager. Ids of KnowBe4. */
type SentBy = { readonly members: ReadonlyMap<string, ReadonlySet<string>>; readonly managed: ReadonlySet<string> };

function sentBy(drafts: readonly Draft[]): SentBy {
  const members = new Map<string, Set<string>>();
  const managed = new Set<string>();
  for (const { action, person, group } of drafts) {
    const userId = person?.userId ?? null;
    if (userId === null) continue;
    if (action === 'manager') managed.add(userId);
    if (action !== 'member_add' || group?.groupId == null) continue;
    const known = members.get(group.groupId);
    if (known === undefined) members.set(group.groupId, new Set([userId]));
    else known.add(userId);
  }
  return { members, managed };
}

const isForAll = ({ groupIds }: TargetCampaign): boolean => groupIds.length === 0 || groupIds.includes('0');

function campaignsOf({ input }: Work): Campaigns {
  const now = input.now.getTime();
  const open = input.target.campaigns.filter(
    (campaign) => campaign.open && (campaign.endsAt == null || Date.parse(campaign.endsAt) > now),
  );
  const training = open.filter(({ kind, autoEnroll }) => kind === 'training' && autoEnroll);
  const phishing = open.filter(({ kind }) => kind === 'phishing');
  return {
    forAll: training.filter(isForAll),
    byGroup: byGroup(training),
    phishingForAll: phishing.filter(isForAll),
    phishingByGroup: byGroup(phishing),
  };
}

function byGroup(campaigns: readonly TargetCampaign[]): ReadonlyMap<string, readonly TargetCampaign[]> {
  const found = new Map<string, TargetCampaign[]>();
  for (const campaign of campaigns) {
    if (isForAll(campaign)) continue;
    for (const id of campaign.groupIds) found.set(id, [...(found.get(id) ?? []), campaign]);
  }
  return found;
}

function effectsOf(work: Work, seen: Seen, draft: Draft): readonly Effect[] {
  const user = work.index.users.get(draft.person?.userId ?? '') ?? null;
  switch (draft.action) {
    case 'create':
      return [effect('seat_taken', 'certain', 'takes a seat'), ...whoComesIn(work, seen, draft, user, [])];
    case 'restore':
      return [
        effect('seat_taken', 'certain', 'takes a seat'),
        ...whoComesIn(work, seen, draft, user, user?.groupIds ?? []),
        ...(user && !work.scim.users.has(user.id) ? claimed(work, seen.sent, user, uncarried(work, user)) : []),
      ];
    case 'member_add':
      return intoGroup(work, seen, draft, user);
    case 'archive':
      return isArchivedThere(draft) ? [] : [effect('seat_freed', 'certain', 'frees a seat; history stays')];
    case 'claim':
      return claimed(work, seen.sent, user, draft.cannot);
    case 'group_create':
      return membersLost(work, seen.sent, draft);
    case 'update':
      return draft.fields.some(({ name }) => name === 'email') && user !== null ? aliasesLost(user) : [];
    case 'manager':
    case 'group_rename':
    case 'member_remove':
      return [];
  }
}

/** Somebody new or back: every campaign for all, and those of groups that they are still in. */
function whoComesIn(
  work: Work,
  seen: Seen,
  draft: Draft,
  user: TargetUser | null,
  groupIds: readonly string[],
): readonly Effect[] {
  const { campaigns } = seen;
  const training = new Set([...campaigns.forAll, ...groupIds.flatMap((id) => campaigns.byGroup.get(id) ?? [])]);
  const phishing = new Set([
    ...campaigns.phishingForAll,
    ...groupIds.flatMap((id) => campaigns.phishingByGroup.get(id) ?? []),
  ]);
  return [
    ...[...training].flatMap((campaign) => enrolment(work, seen, draft, user, campaign) ?? []),
    ...[...phishing].map((campaign) =>
      effect('phishing_target', 'possible', `may send phishing tests of "${campaign.name}"`, {
        campaign: named(campaign),
      }),
    ),
  ];
}

function intoGroup(work: Work, seen: Seen, draft: Draft, user: TargetUser | null): readonly Effect[] {
  const groupId = draft.group?.groupId ?? null;
  // Sent so that the store is whole: they are in it already.
  if (groupId === null || user?.groupIds.includes(groupId)) return [];
  const { byGroup: training, phishingByGroup } = seen.campaigns;
  const group = { group: draft.group! };
  return [
    ...(training.get(groupId) ?? []).flatMap((campaign) => {
      if (user?.status === 'active' && campaign.groupIds.some((id) => user.groupIds.includes(id))) return [];
      const found = enrolment(work, seen, draft, user, campaign);
      return found === null
        ? []
        : [{ ...found, ...group, kind: found.kind === 're_enrol' ? found.kind : 'group_enrol' } as Effect];
    }),
    ...(phishingByGroup.get(groupId) ?? []).map((campaign) =>
      effect('phishing_target', 'possible', `may send phishing tests of "${campaign.name}"`, {
        campaign: named(campaign),
        ...group,
      }),
    ),
  ];
}

/** What a campaign that enrols by itself does with somebody who comes into its reach; null: nothing. */
function enrolment(
  work: Work,
  { enrolled }: Seen,
  { person }: Draft,
  user: TargetUser | null,
  campaign: TargetCampaign,
): Effect | null {
  const once = `${person?.userId ?? person?.key}\n${campaign.id}`;
  if (enrolled.has(once)) return null;
  enrolled.add(once);
  const before = wasEnrolled(user, campaign);
  if (before === true && !campaign.allowMultipleEnrollments) return null;
  const isAgain = before !== false && campaign.allowMultipleEnrollments;
  // Only who was away begins anew for certain; of who is there, nobody can say how far they are.
  const isKnown = before === false || (isAgain && user?.status === 'archived');
  const isRunning = hasBegun(campaign) && !mayEndBefore(campaign, work.input.now);
  const certainty = isKnown && isRunning && work.input.state.testMode.state !== 'on' ? 'certain' : 'possible';
  const text = isAgain
    ? `enrols them again in "${campaign.name}" (allows repeats)`
    : `enrols them in "${campaign.name}" (auto-enrol)`;
  return effect(isAgain ? 're_enrol' : 'auto_enrol', certainty, text, { campaign: named(campaign) });
}

/** Null: nobody can say. */
function wasEnrolled(user: TargetUser | null, { everEnrolled }: TargetCampaign): boolean | null {
  if (user === null) return false;
  return everEnrolled === undefined ? null : everEnrolled.has(user.id);
}

/** `Created`: it enrols when it begins, which somebody may put off. */
const hasBegun = ({ status }: TargetCampaign): boolean => status !== 'Created';

/** Steps are at work within hours, or on the next day when somebody takes their time to approve. */
const DAY_MS = 24 * 3_600_000;
const mayEndBefore = ({ endsAt }: TargetCampaign, now: Date): boolean =>
  endsAt != null && Date.parse(endsAt) <= now.getTime() + DAY_MS;

const named = ({ id, name }: TargetCampaign) => ({ id, name });

const effect = (
  kind: EffectKind,
  certainty: Effect['certainty'],
  text: string,
  rest: Partial<Pick<Effect, 'campaign' | 'group' | 'userIds'>> = {},
): Effect => ({ by: 'knowbe4', kind, certainty, text, ...rest });

/** Whether and what a campaign writes to whom is set there, and cannot be read. */
const mails = effect('mail_sent', 'possible', 'may send its mails about the enrolment');

const putBack = effect(
  'put_back',
  'possible',
  'has this in its SCIM store already, and puts it back with its next sync: Force Sync Now in the console brings it at once',
);

const takenOver = effect(
  'account_claimed',
  'certain',
  'takes the account over into SCIM; later changes in the console are overwritten',
);

/** @param cannot what cannot be carried, in words */
function claimed(work: Work, sent: SentBy, user: TargetUser | null, cannot: readonly string[]): readonly Effect[] {
  const lost =
    cannot.length > 0
      ? [effect('fields_lost', 'possible', `may empty what SCIM does not carry: ${cannot.join('; ')}`)]
      : [];
  return [takenOver, ...(user ? [...aliasesLost(user), ...managerLost(work, sent, user)] : []), ...lost];
}

/** Fields of an account that its user in the store cannot have. */
const uncarried = ({ input }: Work, { fields }: TargetUser): readonly string[] =>
  managedFields.filter((name) => textOf(fields[name]) !== null && !input.carries.has(name));

/** SCIM names a manager by their user of the store: one who has none there cannot be sent. */
function managerLost({ input }: Work, { managed }: SentBy, { id, fields }: TargetUser): readonly Effect[] {
  const manager = textOf(fields.manager_email);
  if (manager === null || managed.has(id) || !input.carries.has('manager_email')) return [];
  const why = 'who has no account that SCIM could name';
  return [effect('fields_lost', 'possible', `may empty their manager ${manager}, ${why}`)];
}

/** A group that is taken over has the members that are sent, and no others. */
function membersLost(work: Work, { members }: SentBy, { group }: Draft): readonly Effect[] {
  const there = work.index.groups.get(group?.groupId ?? '');
  if (there === undefined) return [];
  const sent = members.get(there.id);
  const lost = [...there.memberIds].filter((id) => !sent?.has(id));
  const about = { group: { name: there.name, groupId: there.id } };
  return (['active', 'archived'] as const).flatMap((status) => {
    const userIds = lost.filter((id) => work.index.users.get(id)?.status === status);
    if (userIds.length === 0) return [];
    const who = status === 'archived' ? 'archived people, whom no SCIM group has' : 'people whom its SCIM store lacks';
    return [
      effect('members_lost', 'possible', `may take ${userIds.length} ${who}, out of "${there.name}"`, {
        ...about,
        userIds,
      }),
    ];
  });
}

const aliasesLost = ({ aliases }: TargetUser): readonly Effect[] =>
  aliases.length === 0
    ? []
    : [effect('aliases_lost', 'possible', `may drop the aliases ${aliases.join(', ')}: SCIM does not carry aliases`)];

/** A sync is sure to follow what is sent, and to act, unless Test Mode is on. Without anything sent nobody knows when the next one is. */
const syncs = ({ input }: Work, drafts: readonly Draft[]): Effect['certainty'] =>
  drafts.length > 0 && input.state.testMode.state === 'off' ? 'certain' : 'possible';

/** Whom KnowBe4 archives because its SCIM store lacks them, or has them as not active. */
function archivedByScim(work: Work, drafts: readonly Draft[]): readonly Effect[] {
  const { state, kind, target } = work.input;
  if (state.adoption.state === 'none' && kind !== 'adoption') return [];
  const handled = new Set(
    drafts.flatMap(({ action, person }) =>
      action === 'claim' || action === 'archive' || action === 'restore' ? (person?.userId ?? []) : [],
    ),
  );
  // Whom a step makes may be shown already, where its answer was lost.
  const made = new Set(
    drafts.flatMap(({ action, person }) => (action === 'create' ? (person?.email?.toLowerCase() ?? []) : [])),
  );
  const isSent = ({ id, fields }: TargetUser) => handled.has(id) || made.has(fields.email?.toLowerCase() ?? '');
  const lost = activeUsers(target.users).filter(
    (user) =>
      !work.exempt.has(user.id) &&
      !isSent(user) &&
      !isProvisional(user.id) &&
      work.scim.users.get(user.id)?.active !== true,
  );
  if (lost.length === 0) return [];
  const certainty = syncs(work, drafts);
  const text = `archives ${lost.length} people whom its SCIM store does not have as active`;
  return [effect('archived_by_scim', certainty, text, { userIds: lost.map(({ id }) => id) })];
}

/** Who was erased here is not sent, and KnowBe4 archives whom its store lacks. */
function erasedHere({ input: { kind, erased = 0 } }: Work): readonly Effect[] {
  if (kind !== 'adoption' || erased === 0) return [];
  const people = erased === 1 ? '1 person who was' : `${erased} people who were`;
  return [effect('archived_by_scim', 'possible', `archives ${people} erased here, where it still has them`)];
}

/** Provisioning-managed groups that the store lacks go the way of people that it lacks. */
function groupsArchivedByScim(work: Work, drafts: readonly Draft[]): readonly Effect[] {
  const { state, kind, target } = work.input;
  if (state.adoption.state === 'none' && kind !== 'adoption') return [];
  const sent = new Set(
    drafts.flatMap(({ action, group }) =>
      action === 'group_create' ? [group?.groupId ?? group?.name.toLowerCase()] : [],
    ),
  );
  const certainty = syncs(work, drafts);
  return target.groups
    .filter(
      (group) =>
        isWritable(group) &&
        !work.scim.groups.has(group.id) &&
        !sent.has(group.id) &&
        !sent.has(group.name.toLowerCase()) &&
        !isProvisional(group.id),
    )
    .map(({ id, name }) =>
      effect('archived_by_scim', certainty, `archives the group "${name}", which its SCIM store does not have`, {
        group: { name, groupId: id },
      }),
    );
}

/** Groups that lose their last active member while a campaign goes to them. */
function emptied(work: Work, drafts: readonly Draft[]): readonly Effect[] {
  const gone = new Set(drafts.flatMap(({ action, person }) => (action === 'archive' ? (person?.userId ?? []) : [])));
  const moves = Map.groupBy(
    drafts.filter(
      ({ action, group }) => (action === 'member_add' || action === 'member_remove') && group?.groupId != null,
    ),
    ({ group }) => group!.groupId!,
  );
  const restored = new Set(
    drafts.flatMap(({ action, person }) => (action === 'restore' ? (person?.userId ?? []) : [])),
  );
  return work.input.target.campaigns
    .filter((campaign) => campaign.open && !isForAll(campaign))
    .flatMap((campaign) =>
      campaign.groupIds.flatMap((id) => {
        const group = work.index.groups.get(id);
        if (!group || !isEmptied(work, group, moves.get(id) ?? [], gone, restored)) return [];
        const text = `"${campaign.name}" goes to "${group.name}", which nobody is in any more`;
        const about = { campaign: named(campaign), group: { name: group.name, groupId: group.id } };
        return [effect('group_emptied', 'certain', text, about)];
      }),
    );
}

function isEmptied(
  { index }: Work,
  group: TargetGroup,
  moves: readonly Draft[],
  gone: ReadonlySet<string>,
  restored: ReadonlySet<string>,
): boolean {
  if (group.type === 'smart_group' || moves.some(({ action }) => action === 'member_add')) return false;
  const members = [...group.memberIds].filter((id) => index.users.get(id)?.status === 'active' || restored.has(id));
  const removed = new Set(moves.map(({ person }) => person?.userId));
  return members.length > 0 && members.every((id) => gone.has(id) || removed.has(id));
}

const touchesSmart: ReadonlySet<Action> = new Set(['create', 'restore', 'update', 'member_add', 'member_remove']);

/** Criteria of smart groups cannot be read: any change of a person may move them in or out. */
function throughSmartGroups({ input }: Work, { campaigns }: Seen): readonly Effect[] {
  const smart = input.target.groups.filter(({ type, status }) => type === 'smart_group' && status === 'active');
  if (smart.length === 0) return [];
  const enrols = smart.flatMap((group) =>
    (campaigns.byGroup.get(group.id) ?? []).map((campaign) =>
      effect('auto_enrol', 'possible', `may enrol them in "${campaign.name}" through the smart group "${group.name}"`, {
        campaign: named(campaign),
        group: { name: group.name, groupId: group.id },
      }),
    ),
  );
  return [effect('leaves_smart_groups', 'possible', 'may take them into smart groups, or out of them'), ...enrols];
}
