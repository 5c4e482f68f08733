import type { Identified } from './identify.ts';
import type { Action } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { aimOf, isDue, waitingWords } from './refusals.ts';
import { isCarrying } from './subset.ts';
import { type Draft, item, type Work } from './work.ts';

const removals: ReadonlySet<Action> = new Set(['archive', 'member_remove']);

/** Why nobody may be removed now; null: they may. A broken read outranks everything. */
function whyNoRemoval({ sources, kind }: PlanInput): string | null {
  if (kind !== 'sync') return null;
  const broken = sources.filter(({ state }) => state === 'incomplete' || state === 'quarantined');
  if (sources.length === 0) return 'No source was read';
  return broken.length === 0 ? null : `The read of ${broken.map(({ name }) => name).join(', ')} was not complete`;
}

/** Drops what may not be done now and what then lacks what it needs. What is dropped is listed, but for what the caller left out by a filter. */
export function restrict(work: Work, people: readonly Identified[]): readonly Draft[] {
  const { input } = work;
  const why = whyNoRemoval(input);
  const refusals = new Map(input.refusals.map((refusal) => [refusal.aim, refusal]));
  const isLate = input.late > 0 && input.kind !== 'urgent';
  const allowed = work.drafts.filter((draft) => {
    const about = { person: draft.person, group: draft.group };
    if (why !== null && removals.has(draft.action)) {
      work.items.push(item('held', 'source_complete', `${why}: ${words(draft)} waits`, about));
      return false;
    }
    if (isLate && draft.action === 'archive') {
      work.items.push(
        item('held', 'late', 'Earlier steps are not visible in time: nobody is archived before they are', about),
      );
      return false;
    }
    const refusal = refusals.size === 0 ? undefined : refusals.get(aimOf(draft));
    if (refusal === undefined) return true;
    work.refusedAims.add(refusal.aim);
    if (isAsked(input) || isDue(refusal, input.now)) return true;
    const others = work.drafts.filter(({ needs }) => needs.includes(draft)).length;
    const also = others === 0 ? '' : `; what needs it waits too (${others})`;
    work.items.push(item('held', 'refused', `${waitingWords(refusal, howNow(draft))}${also}`, about));
    return false;
  });
  return filtered(input, people, closed(allowed, work.drafts));
}

/** Who asks for a part, or for this one thing, wants it tried now. */
const isAsked = ({ kind, who, only }: PlanInput): boolean => kind !== 'sync' || who !== null || only !== null;

const howNow = ({ action, person }: Draft): string =>
  person === null
    ? `--only ${removals.has(action) ? 'remove' : 'add'}`
    : `--person ${person.email ?? person.userId ?? person.key}`;

const words = ({ action, group }: Draft): string =>
  action === 'archive' ? 'the archive step' : `leaving ${group?.name ?? 'a group'}`;

/** With the steps that others need (a group that is to be made), and without those whose need is not allowed. */
function closed(allowed: readonly Draft[], all: readonly Draft[]): readonly Draft[] {
  const dropped = new Set(all);
  for (const draft of allowed) dropped.delete(draft);
  const whole = new Set<Draft>();
  const isWhole = (draft: Draft): boolean => {
    if (whole.has(draft)) return true;
    if (dropped.has(draft) || !draft.needs.every(isWhole)) return false;
    whole.add(draft);
    return true;
  };
  for (const draft of allowed) isWhole(draft);
  return [...whole];
}

function filtered(
  { only, who, target }: PlanInput,
  people: readonly Identified[],
  drafts: readonly Draft[],
): readonly Draft[] {
  if (only === null && who === null) return drafts;
  const ids = who === null ? null : idsOf(who, people, target.users);
  const asked = drafts.filter(
    ({ action, person }) =>
      (only === null || removals.has(action) === (only === 'remove')) && (ids === null || isAbout(ids, person)),
  );
  const isAsked = new Set(asked);
  // KnowBe4 archives whoever is not in its SCIM store, whatever part of a plan is sent.
  const left = asked.length === 0 ? [] : drafts.filter((draft) => isAsked.has(draft) || isCarrying(draft));
  return closed(withNeeds(left), []);
}

const withNeeds = (drafts: readonly Draft[]): readonly Draft[] => {
  const all = new Set<Draft>();
  const add = (draft: Draft): void => {
    if (all.has(draft)) return;
    draft.needs.forEach(add);
    all.add(draft);
  };
  drafts.forEach(add);
  return [...all];
};

export const isAbout = (ids: ReadonlySet<string>, person: Draft['person']): boolean =>
  person !== null && (ids.has(`user:${person.userId}`) || ids.has(`key:${person.key}`));

/** Keys and accounts that a word means: a key, an address, an employee number, an id of a source or of KnowBe4. */
export function idsOf(
  who: string,
  people: readonly Identified[],
  users: PlanInput['target']['users'],
): ReadonlySet<string> {
  const word = who.trim().toLowerCase();
  const ids = new Set<string>();
  for (const { evaluated, user } of people) {
    const { keys, person, fields } = evaluated;
    const names = [
      person.key,
      keys.email,
      keys.employeeNumber,
      fields.email,
      ...keys.aliases,
      user?.id,
      user?.fields.email,
    ];
    if (![...names, ...person.refs.map(({ sourceId }) => sourceId)].some((name) => name?.toLowerCase() === word))
      continue;
    ids.add(`key:${person.key}`);
    if (user) ids.add(`user:${user.id}`);
  }
  for (const { id, fields, aliases } of users) {
    if (id === who || fields.email?.toLowerCase() === word || aliases.includes(word)) ids.add(`user:${id}`);
  }
  return ids;
}
