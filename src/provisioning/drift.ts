import { isManagedField, type ManagedField } from '../model/managed-field.ts';
import { accountPerson, stepPerson } from './conflicts.ts';
import { sameValue, textOf } from './fields.ts';
import { isWritable, stepGroup } from './groups.ts';
import type { Identified } from './identify.ts';
import { joinPeople } from './people-join.ts';
import type { StepGroup, StepPerson } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { joinScim, type ScimJoin } from './scim-join.ts';
import type { ScimObject } from './state.ts';
import type { Target, TargetGroup, TargetUser } from './target.ts';
import { indexTarget, type TargetIndex } from './target-index.ts';
import { beginWork, type Work } from './work.ts';

/**
 * Something that is not as we last wrote it. `changed_by_others`: in the console, say; the next sync of KnowBe4 overwrites it. `not_yet_applied`: we wrote
 * it, and KnowBe4 does not show it yet.
 */
export type Drift = {
  /** Null: it is about a group alone. */
  readonly person: StepPerson | null;
  /** Null: it is about a person alone. */
  readonly group: StepGroup | null;
  /** `member`: of `group`; its values are `member` or null. `name`: of `group`. */
  readonly what: ManagedField | 'status' | 'member' | 'name';
  /** What the sources and rules want; null also when no rule says anything about it. */
  readonly wanted: string | null;
  readonly written: string | null;
  readonly found: string | null;
  readonly verdict: 'changed_by_others' | 'not_yet_applied';
};

export type DriftReport = {
  readonly connectionId: string;
  readonly asOf: string | null;
  readonly since: string | null;
  readonly drifts: readonly Drift[];
  /** Objects that we wrote and whose account or group is not at KnowBe4 any more, or not yet. */
  readonly missing: readonly {
    readonly kind: ScimObject['kind'];
    readonly name: string;
    readonly scimId: string;
    readonly verdict: Drift['verdict'];
  }[];
  /** How many accounts and groups were compared. */
  readonly compared: number;
};

/**
 * Compares three states: what sources and rules want, what we last wrote, what KnowBe4 shows.
 * @param input its `target` has steps in flight laid over it
 * @param seen KnowBe4 as the mirror has it, without them
 * @param since only what we wrote at or after this time (ISO); null: all
 */
export function driftReport(input: PlanInput, seen: Target, since: string | null): DriftReport {
  const work = beginWork(input);
  const owners = new Map(joinPeople(work).flatMap((one) => (one.user ? [[one.user.id, one] as const] : [])));
  const shown = indexTarget(seen);
  const report = { drifts: [] as Drift[], missing: [] as DriftReport['missing'][number][], compared: 0 };
  const miss = ({ kind, name, scimId }: ScimObject, isExpected: boolean): void => {
    report.missing.push({ kind, name, scimId, verdict: isExpected ? 'not_yet_applied' : 'changed_by_others' });
  };
  const drifting: Drifting = { work, owners, shown, accounts: accountsOf(joinScim(input.scimObjects, shown)) };
  for (const object of input.scimObjects) {
    if (since !== null && object.updatedAt < since) continue;
    const isExpected = object.targetId === null || isThere(work, object);
    if (object.kind === 'group') {
      const group = shownGroup(object, shown);
      if (group === undefined) miss(object, isExpected);
      else report.drifts.push(...groupDrifts(drifting, object, group));
      if (group !== undefined) report.compared += 1;
      continue;
    }
    const user = object.targetId === null ? shown.usersByEmail(object.name)[0] : shown.users.get(object.targetId);
    if (user === undefined) {
      if (object.active || !isExpected) miss(object, isExpected);
      continue;
    }
    report.compared += 1;
    report.drifts.push(...driftsOf(object, user, work.index.users.get(user.id) ?? user, owners.get(user.id)));
  }
  return { connectionId: input.connection.id, asOf: seen.asOf, since, ...report };
}

const isThere = ({ index }: Work, { kind, targetId }: ScimObject): boolean =>
  kind === 'user' ? index.users.has(targetId!) : index.groups.get(targetId!)?.status === 'active';

/** An archived group is one that KnowBe4 does not have any more. */
function shownGroup({ targetId, name }: ScimObject, shown: TargetIndex): TargetGroup | undefined {
  const group = targetId === null ? shown.groupsByName.get(name)?.find(isWritable) : shown.groups.get(targetId);
  return group?.status === 'active' ? group : undefined;
}

type Drifting = {
  readonly work: Work;
  readonly owners: ReadonlyMap<string, Identified>;
  readonly shown: TargetIndex;
  /** KnowBe4's ids of accounts by the ids of their users in the store. */
  readonly accounts: ReadonlyMap<string, string>;
};

const accountsOf = ({ users }: ScimJoin): ReadonlyMap<string, string> =>
  new Map([...users].map(([id, { scimId }]) => [scimId, id]));

/** Its name, and active people who are in it and were not written there, or the other way round. */
function groupDrifts(
  { work, owners, shown, accounts }: Drifting,
  object: ScimObject,
  group: TargetGroup,
): readonly Drift[] {
  const drifts: Drift[] = [];
  const expected = work.index.groups.get(group.id) ?? group;
  const about = { group: stepGroup(group) };
  if (group.name.toLowerCase() !== object.name) {
    const verdict = expected.name.toLowerCase() === object.name ? 'not_yet_applied' : 'changed_by_others';
    const names = { wanted: null, written: object.name, found: group.name };
    drifts.push({ ...about, person: null, what: 'name', ...names, verdict });
  }
  const { memberIds } = object.known;
  if (!Array.isArray(memberIds)) return drifts;
  const written = new Set((memberIds as readonly string[]).flatMap((id) => accounts.get(id) ?? []));
  for (const id of new Set([...written, ...group.memberIds])) {
    const user = shown.users.get(id);
    const isIn = group.memberIds.has(id);
    if (user?.status !== 'active' || isIn === written.has(id)) continue;
    const owner = owners.get(id);
    const name = object.name;
    const isWanted = owner?.evaluated.groups.some((one) => one.group.toLowerCase() === name) === true;
    drifts.push({
      ...about,
      ...{ person: owner ? stepPerson(owner.evaluated, user) : accountPerson(user), what: 'member' },
      ...{ wanted: isWanted ? 'member' : null, written: isIn ? null : 'member', found: isIn ? 'member' : null },
      verdict: expected.memberIds.has(id) === isIn ? 'changed_by_others' : 'not_yet_applied',
    });
  }
  return drifts;
}

/** @param expected the account as it will be once what is in flight is visible */
function driftsOf(
  object: ScimObject,
  user: TargetUser,
  expected: TargetUser,
  owner: Identified | undefined,
): readonly Drift[] {
  const person = owner ? stepPerson(owner.evaluated, user) : accountPerson(user);
  const drifts: Drift[] = [];
  const written = object.active ? 'active' : 'archived';
  if (user.status !== written) {
    const verdict = expected.status === written && expected !== user ? 'not_yet_applied' : 'changed_by_others';
    drifts.push({ person, group: null, what: 'status', wanted: null, written, found: user.status, verdict });
  }
  for (const [what, value] of Object.entries(object.known)) {
    if (!isManagedField(what) || (typeof value !== 'string' && value !== null)) continue;
    const found = user.fields[what];
    if (sameValue(what, value, found)) continue;
    const isInFlight = sameValue(what, value, expected.fields[what]);
    drifts.push({
      person,
      group: null,
      what,
      wanted: textOf(owner?.evaluated.fields[what]),
      written: textOf(value),
      found: textOf(found),
      verdict: isInFlight ? 'not_yet_applied' : 'changed_by_others',
    });
  }
  return drifts;
}
