import { hash } from 'node:crypto';
import type { FieldValues } from '../model/managed-field.ts';
import type { Plan, Step } from './plan.ts';
import type { TargetGroup, TargetUser } from './target.ts';
import type { TargetIndex } from './target-index.ts';

/** JSON with the keys of objects in order, so that equal values have equal texts. Sets and maps are not taken. */
function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const parts: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(item)}`);
  }
  return `{${parts.join(',')}}`;
}

/** `sha256:` and 64 digits. */
export const digestOf = (value: unknown): string => `sha256:${hash('sha256', canonicalJson(value), 'hex')}`;

/**
 * What an approval of a step binds to: everything that it says, but its number, the numbers of those it needs, and by which key the account was
 * found, for a pair that was found once is linked in the next plan. The same step in a later plan has the same digest.
 */
export const stepDigest = (step: Omit<Step, 'id' | 'digest' | 'needs' | 'matchedOn'>): string => {
  const { action, person, group, fields, because, road, reversible, cannot, assumes, effects, approval } = step;
  const situation = step.situation === 'found' ? 'linked' : step.situation;
  return digestOf([
    [action, situation, person, group, fields, because, road, reversible, cannot, assumes],
    [effects, approval],
  ]);
};

/** What an approval of a plan binds to: connection, account, road, every step with its place and needs, and what KnowBe4 does by itself. */
export const planDigest = (
  plan: Pick<Plan, 'connectionId' | 'kind' | 'steps' | 'effects' | 'guards'>,
  accountKey: string | null,
): string =>
  digestOf([
    [plan.connectionId, accountKey, 'scim', plan.kind],
    plan.steps.map(({ id, digest, needs }) => [id, digest, needs]),
    plan.effects,
    plan.guards.flatMap(({ name, state, stepIds }) => (state === 'tripped' ? [[name, stepIds]] : [])),
  ]);

type Assuming = Pick<Step, 'action' | 'person' | 'group' | 'fields'>;

/**
 * Digest of what a step was planned upon: the record that it touches, as `target` has it. Before a step is sent this is computed again; a step that finds
 * another record is stale.
 */
export function assumedBy(step: Assuming, { users, groups, groupsByName, usersByEmail }: TargetIndex): string {
  const user = users.get(step.person?.userId ?? '') ?? null;
  const group = groups.get(step.group?.groupId ?? '') ?? null;
  switch (step.action) {
    case 'create':
      return digestOf({ holders: usersByEmail(step.person?.email ?? '').map(({ id, status }) => [id, status]) });
    case 'member_add':
    case 'member_remove':
      return digestOf({
        user: user && [user.id, user.status],
        group: group && [group.id, group.type, group.status],
        isMember: user !== null && group !== null && user.groupIds.includes(group.id),
      });
    case 'group_create':
      return digestOf({ there: (groupsByName.get(step.group?.name.toLowerCase() ?? '') ?? []).map(({ id }) => id) });
    case 'group_rename':
      return digestOf(group && groupRecord(group));
    case 'claim':
    case 'restore':
    case 'update':
    case 'manager':
    case 'archive':
      return digestOf(user && userRecord(user));
  }
}

const userRecord = ({ id, status, fields, provisioningManaged }: TargetUser) => ({
  id,
  status,
  fields: filled(fields),
  provisioningManaged,
});

const groupRecord = ({ id, name, type, status }: TargetGroup) => ({ id, name, type, status });

/** Without what is empty: nothing and an empty text are the same. */
const filled = (fields: FieldValues): FieldValues =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ''));
