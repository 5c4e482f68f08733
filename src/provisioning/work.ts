import type { ManagedField } from '../model/managed-field.ts';
import { dayIn } from '../rules/days.ts';
import type { Action, FieldChange, PlanItem, Step, StepGroup, StepPerson } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { joinScim, type ScimJoin } from './scim-join.ts';
import type { TargetUser } from './target.ts';
import { indexTarget, type TargetIndex } from './target-index.ts';

/** A step before the plan around it is known. */
export type Draft = Pick<
  Step,
  'action' | 'situation' | 'person' | 'group' | 'matchedOn' | 'fields' | 'because' | 'reversible' | 'cannot'
> & {
  /** Drafts that must come first. A draft whose need is dropped is dropped with it. */
  readonly needs: readonly Draft[];
  /** Among steps of one action, lower ones come first: addresses that are freed before they are taken. */
  readonly depth: number;
};

/** Accounts that were compared with what the rules want, and of them those that have a field newly blank, or otherwise. Ids of KnowBe4. */
export type FieldStats = {
  readonly compared: Set<string>;
  readonly blank: Map<ManagedField, Set<string>>;
  readonly changed: Map<ManagedField, Set<string>>;
};

/** Counts a change of a field, each account once a field. */
export function countChange(
  { blank, changed }: Pick<FieldStats, 'blank' | 'changed'>,
  userId: string,
  { name, from, to }: FieldChange,
): void {
  const count = (ids: Map<ManagedField, Set<string>>): void => {
    const known = ids.get(name);
    if (known === undefined) ids.set(name, new Set([userId]));
    else known.add(userId);
  };
  if (from === to) return;
  count(changed);
  if (to === null) count(blank);
}

/** A plan while it is being computed. */
export type Work = {
  readonly input: PlanInput;
  readonly index: TargetIndex;
  readonly scim: ScimJoin;
  /** The day it is at the account, `YYYY-MM-DD`. */
  readonly today: string;
  readonly protectedNames: ReadonlySet<string>;
  /** Users whom the console exempts from SCIM, by KnowBe4's id: they are not in the store, and whoever is sent loses the exemption. */
  readonly exempt: ReadonlySet<string>;
  readonly drafts: Draft[];
  readonly items: PlanItem[];
  readonly noticed: Set<string>;
  /** Steps that KnowBe4 refused before and that are wanted still, by their aim. */
  readonly refusedAims: Set<string>;
  /** Protected people whom a step would have touched, so that each is listed once: ids of accounts or keys. */
  readonly refused: Set<string>;
  readonly stats: FieldStats;
};

export function beginWork(input: PlanInput): Work {
  const { guards } = input.rules.settings;
  const index = indexTarget(input.target);
  return {
    input,
    index,
    scim: joinScim(input.scimObjects, index),
    today: dayIn(input.timeZone)(input.now),
    protectedNames: new Set(
      [...guards.protected, ...input.target.account.admins].map((name) => name.trim().toLowerCase()),
    ),
    exempt: new Set(input.state.exempt),
    drafts: [],
    items: [],
    noticed: new Set(),
    refusedAims: new Set(),
    refused: new Set(),
    stats: { compared: new Set(), blank: new Map(), changed: new Map() },
  };
}

/** Whether an address or the name of a group is one that no step touches. */
export const isProtected = (work: Work, ...names: readonly (string | null | undefined)[]): boolean =>
  names.some((name) => name != null && work.protectedNames.has(name.trim().toLowerCase()));

const nothing: readonly never[] = [];

export const draft = (
  action: Action,
  rest: { readonly person?: StepPerson; readonly group?: StepGroup } & Partial<
    Omit<Draft, 'action' | 'person' | 'group'>
  >,
): Draft => ({
  action,
  situation: rest.situation ?? null,
  person: rest.person ?? null,
  group: rest.group ?? null,
  matchedOn: rest.matchedOn ?? null,
  fields: rest.fields ?? nothing,
  because: rest.because ?? nothing,
  reversible: rest.reversible ?? true,
  cannot: rest.cannot ?? nothing,
  needs: rest.needs ?? nothing,
  depth: rest.depth ?? 0,
});

export const item = (
  kind: PlanItem['kind'],
  reason: string,
  text: string,
  about: {
    readonly person?: StepPerson | null;
    readonly group?: StepGroup | null;
    readonly others?: readonly StepPerson[];
  },
): PlanItem => ({
  kind,
  reason,
  text,
  person: about.person ?? null,
  group: about.group ?? null,
  others: about.others ?? nothing,
});

/** Somebody whom the console exempts: no step touches them. */
export const exemptItem = (person: StepPerson): PlanItem =>
  item('exempt', 'exempt', 'Exempt in the console: not sent, and not archived by KnowBe4', { person });

/** Lists somebody whom no step may touch. */
export function refuse(work: Work, person: StepPerson): void {
  const id = person.userId ?? person.key ?? person.name;
  if (work.refused.has(id)) return;
  work.refused.add(id);
  work.items.push(item('held', 'protected', 'This person is protected: no step touches them', { person }));
}

export const activeUsers = (users: readonly TargetUser[]): readonly TargetUser[] =>
  users.filter(({ status }) => status === 'active');

/**
 * When something that lasts was first noticed; now, when it was not before.
 * @param key such as `leaver:acme-ad:17`
 */
export function noticedSince(work: Work, key: string): Date {
  work.noticed.add(key);
  const before = work.input.noticed.get(key);
  return before === undefined ? work.input.now : new Date(before);
}
