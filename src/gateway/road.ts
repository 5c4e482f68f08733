import {
  type CallKind,
  createScimClient,
  type Fetch,
  type RequestEvent,
  type ScimCallOptions,
  type ScimClient,
  type ScimListProof,
  type ScimListRead,
  type ScimRecord,
} from '../client/index.ts';
import { isActive, memberIdsOf, textOf } from '../client/scim/resource.ts';
import type { Connection } from '../connections/connection.ts';
import type { ConnectionRoom } from '../connections/connections.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { Accepted, Road, RoadGroup, RoadUser } from '../provisioning/road.ts';
import { isObject, own } from '../scim/json.ts';
import { schemaUrns } from '../scim/urns.ts';
import { userAgent } from './clients.ts';
import type { KeyLimiters } from './key-clients.ts';
import {
  carriedFields,
  fieldsOf,
  managerIdOf,
  needsPresent,
  notTaken,
  operationsFor,
  type RoadChange,
  userBody,
} from './road-fields.ts';

export type RoadOptions = {
  /** Ends whatever is under way. */
  readonly signal?: AbortSignal;
  /** Default `scheduled`. */
  readonly kind?: CallKind;
  /** Calls at a time; default 4. */
  readonly concurrency?: number;
};

/**
 * The road of a connection, over its SCIM key. One for each run: after a 401 or 403 it takes no more calls.
 * @throws ForeknowError `not_found` where the connection has no SCIM key, `key_missing`
 */
export type RoadOf = (connection: Connection, options?: RoadOptions) => Promise<Road>;

export const createRoads =
  (deps: {
    readonly room: Pick<ConnectionRoom, 'openKey'>;
    readonly keyLimiters: KeyLimiters;
    readonly fetch: Fetch;
    readonly onRequest: (connection: Connection, event: RequestEvent) => void;
    readonly now: () => number;
  }): RoadOf =>
  async (connection, { signal, kind = 'scheduled', concurrency } = {}) => {
    const token = await deps.room.openKey(connection, 'scim');
    const client = createScimClient({
      token,
      tenantUrl: tenantUrlOf(connection),
      limiter: deps.keyLimiters('scim', connection),
      fetch: deps.fetch,
      userAgent,
      now: deps.now,
      onRequest: (event) => deps.onRequest(connection, event),
      ...(concurrency !== undefined && { concurrency }),
      ...(signal && { signal }),
    });
    return roadOver(client, kind);
  };

function tenantUrlOf({ name, baseUrls }: Connection): string {
  if (baseUrls.scim !== undefined) return baseUrls.scim;
  throw new ForeknowError('not_found', {
    detail: `Connection ${name} has a SCIM key and no tenant URL.`,
    hint: `Add the key again with its address: foreknow connections keys add ${name} scim.`,
  });
}

/** @param kind of all its calls */
export function roadOver({ users, groups }: Pick<ScimClient, 'users' | 'groups'>, kind: CallKind = 'scheduled'): Road {
  const change = async (id: string, changes: RoadChange, options: ScimCallOptions): Promise<ScimRecord> => {
    const present = needsPresent(changes) ? await users.get(id, options) : null;
    if (present === null && needsPresent(changes)) throw staleId(id);
    const operations = operationsFor(present, changes);
    if (operations.length > 0) return users.change(id, operations, options);
    const found = present ?? (await users.get(id, options));
    if (found === null) throw staleId(id);
    return found;
  };

  async function readAll(what: 'users', signal: AbortSignal): ReturnType<typeof readUsers>;
  async function readAll(what: 'groups', signal: AbortSignal): ReturnType<typeof readGroups>;
  async function readAll(what: 'users' | 'groups', signal: AbortSignal) {
    return what === 'users' ? readUsers(signal) : readGroups(signal);
  }
  const readUsers = async (signal: AbortSignal) => {
    const { records, proof } = await collected(users.list({ kind, signal }));
    return { resources: records.map(userOf), ...told(proof, 'people') };
  };
  const readGroups = async (signal: AbortSignal) => {
    const { records, proof } = await collected(groups.list({ kind, signal }));
    // Some leave members out of lists altogether; where one group shows some, another one without has none.
    const showsMembers = records.some((group) => (memberIdsOf(group) ?? []).length > 0);
    return { resources: records.map((group) => groupOf(group, showsMembers)), ...told(proof, 'groups') };
  };

  return {
    name: 'scim',
    carries: carriedFields,
    async getUser(id) {
      const found = await users.get(id, { kind });
      return found === null ? null : userOf(found);
    },
    findUsers: async (by) => (await users.find(by, { kind })).map(userOf),
    createUser: (user) =>
      accepted(kind, async (options) => {
        const { record, outcome } = await users.create(userBody(user), options);
        // Managers may come later: who is there with one keeps it.
        const wanted = { fields: user.fields, ...(user.managerId !== null && { managerId: user.managerId }) };
        let made = record;
        if (outcome === 'found') {
          if (notTaken(made, wanted).length > 0) made = await change(made.id, wanted, options);
          if (isActive(made) !== user.active) made = await users.setActive(made.id, user.active, options);
        }
        return { resource: userOf(made), notTaken: notTaken(made, wanted) };
      }),
    updateUser: (id, changes) =>
      accepted(kind, async (options) => {
        const changed = await change(id, changes, options);
        return { resource: userOf(changed), notTaken: notTaken(changed, changes) };
      }),
    setActive: (id, active) =>
      accepted(kind, async (options) => ({
        resource: userOf(await users.setActive(id, active, options)),
        notTaken: [],
      })),
    findGroups: async (name) =>
      (await groups.find({ displayName: name }, { kind })).map((group) => groupOf(group, false)),
    createGroup: ({ name, externalId }) =>
      accepted(kind, async (options) => {
        const body = { schemas: [schemaUrns.group], displayName: name, ...(externalId !== null && { externalId }) };
        const { record, outcome } = await groups.create(body, options);
        return { resource: groupOf(record, outcome === 'created'), notTaken: [] };
      }),
    renameGroup: (id, name) =>
      accepted(kind, async (options) => {
        const renamed = await groups.change(id, [{ op: 'replace', path: 'displayName', value: name }], options);
        return { resource: groupOf(renamed, false), notTaken: [] };
      }),
    async changeMembers(id, members) {
      let requests = 0;
      const onSent = () => {
        requests += 1;
      };
      const { refused } = await inWordsOfRoad(groups.changeMembers(id, members, { kind, onSent }));
      return { requests, refused: refused.map(({ id: member, error }) => ({ id: member, reason: error.detail })) };
    },
    isMember: (id, userId) => groups.hasMember(id, userId, { kind }),
    readAll,
  };
}

/** Counts what a write takes, and tells its failures as the road has them. */
async function accepted<T>(
  kind: CallKind,
  work: (options: ScimCallOptions) => Promise<Required<Omit<Accepted<T>, 'requests'>>>,
): Promise<Accepted<T>> {
  let requests = 0;
  const onSent = () => {
    requests += 1;
  };
  const { resource, notTaken: others } = await inWordsOfRoad(work({ kind, onSent }));
  return { resource, requests, ...(others.length > 0 && { notTaken: others }) };
}

/** A service in maintenance may have taken a write as well as one that does not answer. */
const inWordsOfRoad = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    if (!isForeknowError(error) || error.code !== 'remote_maintenance') throw error;
    const { detail, hint, retryAfterMs, remote } = error;
    throw new ForeknowError('remote_unavailable', {
      detail,
      ...(hint !== undefined && { hint }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(remote && { remote }),
      cause: error,
    });
  });

const userOf = (user: ScimRecord): RoadUser => ({
  id: user.id,
  externalId: textOf(user, 'externalId'),
  active: isActive(user),
  fields: fieldsOf(user),
  managerId: managerIdOf(user),
  version: versionOf(user),
});

function versionOf(user: ScimRecord): string | null {
  const meta = own(user, 'meta');
  return isObject(meta) ? textOf(meta, 'version') : null;
}

/** @param isEmptyIfAbsent whether a group that shows no members has none */
const groupOf = (group: ScimRecord, isEmptyIfAbsent: boolean): RoadGroup => {
  const memberIds = memberIdsOf(group) ?? (isEmptyIfAbsent ? [] : null);
  return {
    id: group.id,
    externalId: textOf(group, 'externalId'),
    name: textOf(group, 'displayName') ?? '',
    memberIds: memberIds === null || mayBeCut(memberIds.length) ? null : memberIds,
  };
};

/** Services are known to show the first hundred members alone, and not to say so: a round number may be such a limit. */
const mayBeCut = (members: number): boolean => members > 0 && members % 50 === 0;

async function collected(list: ScimListRead): Promise<{ records: readonly ScimRecord[]; proof: ScimListProof }> {
  const records: ScimRecord[] = [];
  for await (const record of list.records()) records.push(record);
  return { records, proof: list.proof() };
}

const whys: Readonly<Record<NonNullable<ScimListProof['why']>, string>> = {
  start_ignored: 'the service gives its first page again and again',
  order_changed: 'a page did not begin where the one before ended',
  came_twice: 'a row came twice',
  no_id: 'a row has no id',
  fewer_than_stated: 'the service counts more than it shows',
  pages_of_one: 'the service gives one row a page',
  not_ended: 'the read did not come to its end',
};

function told({ complete, why, rows, pages, stated }: ScimListProof, what: string) {
  const counted = `${rows} ${what} on ${pages} pages${stated === null ? '' : `, ${stated} counted by the service`}`;
  const words = why === null ? `${counted}; each page began where the one before ended` : `${counted}; ${whys[why]}`;
  return { complete, words };
}

const staleId = (id: string): ForeknowError =>
  new ForeknowError('remote_not_found', {
    detail: `The SCIM service has no user with the id ${id.slice(0, 100)} any more.`,
    hint: 'Look the user up by externalId or address, then plan again.',
  });
