import { ForeknowError } from '../../errors/errors.ts';
import { type FieldValues, type ManagedField, managedFields } from '../../model/managed-field.ts';
import type { Road, RoadGroup, RoadUser } from '../road.ts';

/** Told of each call before and after it takes effect; what it throws is what the caller hears. */
export type OnCall = (call: {
  readonly name: string;
  readonly about: string;
  readonly when: 'before' | 'after';
}) => void;

export type MemoryRoad = Road & {
  readonly users: Map<string, RoadUser>;
  readonly groups: Map<
    string,
    { readonly name: string; readonly externalId: string | null; readonly members: Set<string> }
  >;
  /** Writes that took effect, in their order: `createUser aiko@example.com`. */
  readonly writes: string[];
  /** The store as people would describe it, whatever its ids are. */
  describe(): unknown;
};

const notCarried: ReadonlySet<ManagedField> = new Set(['employee_start_date', 'extension', 'comment']);

/** A SCIM store in memory. Asks before it creates, as the real road does. */
export function memoryRoad(onCall: OnCall = () => undefined): MemoryRoad {
  const users = new Map<string, RoadUser>();
  const groups: MemoryRoad['groups'] = new Map();
  const writes: string[] = [];
  let lastId = 0;

  const calling = async <T>(name: string, about: string, work: () => T): Promise<T> => {
    onCall({ name, about, when: 'before' });
    const result = work();
    onCall({ name, about, when: 'after' });
    return result;
  };
  const requireUser = (id: string): RoadUser => {
    const user = users.get(id);
    if (user === undefined) throw new ForeknowError('remote_not_found', { detail: `no user ${id}` });
    return user;
  };
  const requireGroup = (id: string) => {
    const group = groups.get(id);
    if (group === undefined) throw new ForeknowError('remote_not_found', { detail: `no group ${id}` });
    return group;
  };
  const byEmail = (email: string) =>
    [...users.values()].filter(({ fields }) => fields.email?.toLowerCase() === email.toLowerCase());
  const put = (user: RoadUser, write: string): RoadUser => {
    users.set(user.id, user);
    writes.push(write);
    return user;
  };
  const emailOf = (id: string) => users.get(id)?.fields.email ?? id;
  const toGroup = (id: string): RoadGroup => {
    const { name, externalId, members } = requireGroup(id);
    return { id, externalId, name, memberIds: [...members] };
  };

  const road: MemoryRoad = {
    name: 'scim',
    carries: new Set(managedFields.filter((name) => !notCarried.has(name))),
    getUser: (id) => calling('getUser', id, () => users.get(id) ?? null),
    findUsers: (by) =>
      calling('findUsers', JSON.stringify(by), () =>
        'externalId' in by
          ? [...users.values()].filter(({ externalId }) => externalId === by.externalId)
          : byEmail(by.userName),
      ),
    createUser: ({ externalId, active, fields, managerId }) =>
      calling('createUser', fields.email ?? '', () => {
        const found =
          [...users.values()].find((user) => externalId !== null && user.externalId === externalId) ??
          byEmail(fields.email ?? '')[0];
        if (found !== undefined) {
          const changed = { ...found, active, fields: { ...found.fields, ...fields } };
          users.set(found.id, changed);
          return { resource: changed, requests: 2 };
        }
        lastId += 1;
        const user = { id: `u${lastId}`, externalId, active, fields, managerId, version: null };
        return { resource: put(user, `createUser ${fields.email}`), requests: 2 };
      }),
    updateUser: (id, { fields, managerId }) =>
      calling('updateUser', emailOf(id), () => {
        const user = requireUser(id);
        const changed = {
          ...user,
          fields: { ...user.fields, ...fields } as FieldValues,
          managerId: managerId === undefined ? user.managerId : managerId,
        };
        return { resource: put(changed, `updateUser ${user.fields.email}`), requests: 2 };
      }),
    setActive: (id, active) =>
      calling('setActive', emailOf(id), () => {
        const user = requireUser(id);
        return { resource: put({ ...user, active }, `setActive ${user.fields.email} ${active}`), requests: 1 };
      }),
    findGroups: (name) =>
      calling('findGroups', name, () =>
        [...groups].filter(([, group]) => group.name.toLowerCase() === name.toLowerCase()).map(([id]) => toGroup(id)),
      ),
    createGroup: ({ name, externalId }) =>
      calling('createGroup', name, () => {
        const found = [...groups].find(([, group]) => group.name.toLowerCase() === name.toLowerCase());
        if (found !== undefined) return { resource: toGroup(found[0]), requests: 1 };
        lastId += 1;
        groups.set(`g${lastId}`, { name, externalId, members: new Set() });
        writes.push(`createGroup ${name}`);
        return { resource: toGroup(`g${lastId}`), requests: 2 };
      }),
    renameGroup: (id, name) =>
      calling('renameGroup', name, () => {
        groups.set(id, { ...requireGroup(id), name });
        writes.push(`renameGroup ${name}`);
        return { resource: toGroup(id), requests: 1 };
      }),
    changeMembers: (id, { add, remove }) =>
      calling('changeMembers', [...add, ...remove].map(emailOf).join(','), () => {
        const { name, members } = requireGroup(id);
        for (const member of add) members.add(member);
        for (const member of remove) members.delete(member);
        writes.push(`changeMembers ${name} +${add.length} -${remove.length}`);
        return { requests: 1 };
      }),
    isMember: (id, userId) => calling('isMember', id, () => requireGroup(id).members.has(userId)),
    readAll: (async (kind: 'users' | 'groups') =>
      calling('readAll', kind, () => ({
        resources: kind === 'users' ? [...users.values()] : [...groups.keys()].map(toGroup),
        complete: true,
        words: 'all of it',
      }))) as Road['readAll'],
    users,
    groups,
    writes,
    describe: () => ({
      users: [...users.values()]
        .map(({ fields, active, externalId, managerId }) => ({
          ...{ fields: Object.fromEntries(Object.entries(fields).toSorted()), active, externalId },
          manager: managerId === null ? null : emailOf(managerId),
        }))
        .toSorted((one, other) => ((one.fields.email ?? '') < (other.fields.email ?? '') ? -1 : 1)),
      groups: [...groups.values()]
        .map(({ name, members }) => ({ name, members: [...members].map(emailOf).toSorted() }))
        .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    }),
  };
  return road;
}
