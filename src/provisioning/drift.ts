import { isManagedField, type ManagedField } from '../model/managed-field.ts';
import { accountPerson, stepPerson } from './conflicts.ts';
import { sameValue, textOf } from './fields.ts';
import type { Identified } from './identify.ts';
import { joinPeople } from './people-join.ts';
import type { StepPerson } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import type { ScimObject } from './state.ts';
import type { Target, TargetUser } from './target.ts';
import { indexTarget } from './target-index.ts';
import { beginWork } from './work.ts';

/**
 * Something that is not as we last wrote it. `changed_by_others`: in the console, say; the next sync of KnowBe4 overwrites it. `not_yet_applied`: we wrote
 * it, and KnowBe4 does not show it yet.
 */
export type Drift = {
  readonly person: StepPerson;
  readonly what: ManagedField | 'status';
  /** What the sources and rules want; null also when no rule maps it. */
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
  /** Objects that we wrote and whose account is not at KnowBe4 any more, or not yet. */
  readonly missing: readonly { readonly name: string; readonly scimId: string; readonly verdict: Drift['verdict'] }[];
  /** How many accounts were compared. */
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
  for (const object of input.scimObjects) {
    if (object.kind !== 'user' || (since !== null && object.updatedAt < since)) continue;
    const user = object.targetId === null ? shown.usersByEmail(object.name)[0] : shown.users.get(object.targetId);
    if (user === undefined) {
      const isExpected = object.targetId === null || work.index.users.has(object.targetId);
      if (object.active || !isExpected) {
        report.missing.push({
          name: object.name,
          scimId: object.scimId,
          verdict: isExpected ? 'not_yet_applied' : 'changed_by_others',
        });
      }
      continue;
    }
    report.compared += 1;
    report.drifts.push(...driftsOf(object, user, work.index.users.get(user.id) ?? user, owners.get(user.id)));
  }
  return { connectionId: input.connection.id, asOf: seen.asOf, since, ...report };
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
    drifts.push({ person, what: 'status', wanted: null, written, found: user.status, verdict });
  }
  for (const [what, value] of Object.entries(object.known)) {
    if (!isManagedField(what) || (typeof value !== 'string' && value !== null)) continue;
    const found = user.fields[what];
    if (sameValue(what, value, found)) continue;
    const isInFlight = sameValue(what, value, expected.fields[what]);
    drifts.push({
      person,
      what,
      wanted: textOf(owner?.evaluated.fields[what]),
      written: textOf(value),
      found: textOf(found),
      verdict: isInFlight ? 'not_yet_applied' : 'changed_by_others',
    });
  }
  return drifts;
}
