import { type ScimType, scimErrorBody } from '../../scim/errors.ts';
import { isObject, type Json, type JsonObject, type ScimResource } from '../../scim/json.ts';
import { printJson } from '../../wire/reporting/print-json.ts';
import type { AccountState } from '../account.ts';
import type { Fault } from '../faults.ts';
import type { Reply } from '../reply.ts';
import { instant } from '../time.ts';
import type { Kind } from './edit.ts';
import { memberIdsOf } from './fields.ts';
import type { Stored } from './shelf.ts';
import type { ScimState } from './state.ts';

const scimHeaders = { 'Content-Type': 'application/scim+json; charset=utf-8' };

export const scim = (
  endpoint: string,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  endpoint,
  status,
  headers: { ...scimHeaders, ...headers },
  body: value === null ? '' : printJson(value),
});

export const scimError = (
  endpoint: string,
  status: number,
  detail: string,
  scimType?: ScimType,
  headers?: Readonly<Record<string, string>>,
): Reply => scim(endpoint, status, scimErrorBody(status, detail, scimType), headers);

export const etagOf = ({ version }: Stored): string => `W/"${version}"`;

export const locationOf = (account: AccountState, kind: Kind, { id }: Stored): string =>
  `${account.addresses.scim}/${kind === 'users' ? 'Users' : 'Groups'}/${id}`;

/** A user or a group as it is answered, whole. */
export function rendered(account: AccountState, kind: Kind, stored: Stored, fault: Fault | null): ScimResource {
  const { id, resource, created, modified } = stored;
  const { schemas, externalId, ...rest } = resource;
  const more = kind === 'users' ? groupsIn(account, id) : membersIn(account, rest, fault);
  return {
    ...(schemas !== undefined && { schemas }),
    id,
    ...(externalId !== undefined && { externalId }),
    ...rest,
    ...more,
    meta: {
      resourceType: kind === 'users' ? 'User' : 'Group',
      created: instant(created),
      lastModified: instant(modified),
      location: locationOf(account, kind, stored),
      version: etagOf(stored),
    },
  };
}

function membersIn(account: AccountState, { members }: ScimResource, fault: Fault | null): JsonObject {
  if (!Array.isArray(members) || members.length === 0) return {};
  const all = fault?.kind === 'members-truncated' ? members.slice(0, fault.rows ?? 1) : members;
  return {
    members: (all as readonly Json[]).map((member) => {
      const user = isObject(member) ? account.scim.users.get(String(member.value)) : undefined;
      return user ? { value: user.id, $ref: locationOf(account, 'users', user), type: 'User' } : member;
    }),
  };
}

type Memberships = { readonly version: number; readonly groups: ReadonlyMap<string, JsonObject[]> };
const kept = new WeakMap<ScimState, Memberships>();

function groupsIn({ scim: state }: AccountState, id: string): JsonObject {
  const found = memberships(state).groups.get(id);
  return found ? { groups: found } : {};
}

/** Who is in which group, until a group is written. */
function memberships(state: ScimState): Memberships {
  const last = kept.get(state);
  if (last?.version === state.groups.version) return last;
  const groups = new Map<string, JsonObject[]>();
  for (const group of state.groups.all()) {
    for (const user of memberIdsOf(group.resource)) {
      const all = groups.get(user) ?? [];
      all.push({ value: group.id, display: state.groups.nameOf(group), type: 'direct' });
      groups.set(user, all);
    }
  }
  const fresh = { version: state.groups.version, groups };
  kept.set(state, fresh);
  return fresh;
}
