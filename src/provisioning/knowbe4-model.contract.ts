/** For laws: what KnowBe4 is after steps were applied and its sync has run, written without any code of planning. */
import type { Plan, Step } from './plan.ts';
import type { IdentityLink, ScimObject } from './state.ts';
import type { Target, TargetGroup, TargetUser } from './target.ts';

type Model = {
  readonly users: Map<string, TargetUser>;
  readonly groups: Map<string, TargetGroup>;
  readonly links: IdentityLink[];
  next: number;
};

export type Applied = {
  readonly target: Target;
  readonly links: readonly IdentityLink[];
  readonly scimObjects: readonly ScimObject[];
};

export function applyPlan(target: Target, links: readonly IdentityLink[], { steps }: Plan): Applied {
  const model: Model = {
    users: new Map(target.users.map((user) => [user.id, user])),
    groups: new Map(target.groups.map((group) => [group.id, group])),
    links: [...links],
    next: 500_000,
  };
  for (const step of steps) applyStep(model, step);
  const users = [...model.users.values()];
  const groups = [...model.groups.values()].map((group) => ({
    ...group,
    memberIds: new Set(users.filter(({ groupIds }) => groupIds.includes(group.id)).map(({ id }) => id)),
  }));
  return { target: { ...target, users, groups }, links: model.links, scimObjects: store(users, groups) };
}

function applyStep(model: Model, step: Step): void {
  const fields = Object.fromEntries(step.fields.map(({ name, to }) => [name, to]));
  const change = (changes: (user: TargetUser) => Partial<TargetUser>): void => {
    const user = userOf(model, step);
    model.users.set(user.id, { ...user, ...changes(user) });
  };
  switch (step.action) {
    case 'create': {
      const id = String(model.next++);
      if (step.person!.userId !== null) throw new Error('an account that is there is not created');
      for (const { fields: others } of model.users.values()) {
        if (others.email?.toLowerCase() === fields.email?.toLowerCase())
          throw new Error(`a second account of ${fields.email}`);
      }
      model.users.set(id, { ...blank, id, fields });
      const source = step.person!.source!;
      model.links.push({
        connectionId: 'acme-eu',
        ...source,
        userId: id,
        matchedOn: 'created',
        linkedAt: '2026-11-21T10:00:00Z',
      });
      return;
    }
    case 'claim':
      change(() => ({ provisioningManaged: true }));
      return;
    case 'restore':
      change(() => ({ status: 'active', archivedAt: null }));
      return;
    case 'archive':
      change(() => ({ status: 'archived', archivedAt: '2026-11-21T10:00:00Z' }));
      return;
    case 'update':
    case 'manager': {
      const id = userOf(model, step).id;
      for (const other of model.users.values()) {
        if (fields.email && other.id !== id && other.fields.email?.toLowerCase() === fields.email.toLowerCase()) {
          throw new Error(`two accounts of ${fields.email}`);
        }
      }
      change((user) => ({ fields: { ...user.fields, ...fields } }));
      return;
    }
    case 'group_create': {
      if (step.group!.groupId !== null) return;
      const id = `g${model.next++}`;
      model.groups.set(id, {
        id,
        name: step.group!.name,
        type: 'provisioning_managed_group',
        status: 'active',
        provisioningGuid: null,
        memberIds: new Set(),
      });
      return;
    }
    case 'group_rename': {
      const group = groupOf(model, step);
      model.groups.set(group.id, { ...group, name: step.group!.name });
      return;
    }
    case 'member_add': {
      const { id } = groupOf(model, step);
      change(({ groupIds }) => ({ groupIds: [...new Set([...groupIds, id])] }));
      return;
    }
    case 'member_remove': {
      const { id } = groupOf(model, step);
      change(({ groupIds }) => ({ groupIds: groupIds.filter((other) => other !== id) }));
      return;
    }
  }
}

const blank: TargetUser = {
  id: '',
  status: 'active',
  fields: {},
  aliases: [],
  provisioningManaged: true,
  provisioningGuid: null,
  groupIds: [],
  archivedAt: null,
  lastSignIn: null,
};

function userOf({ users, links }: Model, { person }: Step): TargetUser {
  const id = person!.userId ?? links.findLast(({ sourceId }) => sourceId === person!.source?.sourceId)?.userId;
  const user = users.get(id ?? '');
  if (user === undefined) throw new Error(`no account for ${person!.name}: a step came before the one that it needs`);
  return user;
}

function groupOf({ groups }: Model, { group }: Step): TargetGroup {
  const found = [...groups.values()].find(({ id, name }) =>
    group!.groupId === null ? name === group!.name : id === group!.groupId,
  );
  if (found === undefined) throw new Error(`no group ${group!.name}: a step came before the one that it needs`);
  return found;
}

const store = (users: readonly TargetUser[], groups: readonly TargetGroup[]): readonly ScimObject[] => [
  ...users.map((user) => object('user', user.id, user.fields.email?.toLowerCase() ?? '', user.status === 'active')),
  ...groups
    .filter(({ type }) => type === 'provisioning_managed_group')
    .map(({ id, name }) => object('group', id, name.toLowerCase(), true)),
];

const object = (kind: ScimObject['kind'], id: string, name: string, active: boolean): ScimObject => ({
  connectionId: 'acme-eu',
  kind,
  scimId: `scim-${id}`,
  targetId: id,
  externalId: null,
  name,
  origin: 'adopted',
  known: {},
  active,
  updatedAt: '2026-11-21T10:00:00Z',
});
