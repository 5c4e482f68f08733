import { createHash, randomUUID } from 'node:crypto';
import { readBody, replaceBody } from '../scim/body.ts';
import { ScimError } from '../scim/errors.ts';
import { isObject, type Json, own, type ScimResource } from '../scim/json.ts';
import { type ListResponse, listResponse, readListQuery, readProjectionQuery } from '../scim/list.ts';
import { applyPatch } from '../scim/patch.ts';
import { projection } from '../scim/project.ts';
import type { ResourceName } from '../scim/schema.ts';
import { type Erasures, folded, leastOf, namesOfPushed } from './scim-in-erased.ts';
import { etagOf, findObjects, resourcesOf, typeOf, type Where, wantsReferences } from './scim-in-find.ts';
import type { ScimInObject, ScimInStore, ScimInWrite } from './scim-in-ports.ts';

export type ScimInQuery = Readonly<Record<string, unknown>>;

/** What a caller asks one object for. */
export type ScimInCall = Where & {
  readonly query: ScimInQuery;
  /** `If-Match`, as it was sent. */
  readonly ifMatch?: string;
};

/** What is answered: null is 204. */
export type ScimInAnswer = {
  readonly status: 200 | 201 | 204;
  readonly resource: ScimResource | null;
  readonly etag: string | null;
  readonly location: string | null;
};

type Deps = {
  readonly store: ScimInStore;
  readonly now: () => Date;
  /** Null: nobody was erased from the source. */
  readonly erased: (source: string) => Promise<Erasures | null>;
};

/** Two callers who change one object at once take turns so often. */
const TRIES = 20;

/**
 * What identity providers push, in a shadow of our own: everything that is valid is taken at once and read back as it was written; what becomes of it
 * is decided later, and never answered here. Nothing that is absent is removed. Of whom was erased only what the provider finds them by is kept.
 */
export function scimIn({ store, now, erased }: Deps) {
  const find = async ({ source, kind }: Where, id: string): Promise<ScimInObject> => {
    const object = await store.getScimInObject(source, kind, id);
    if (object === null || object.deletedAt !== null) throw new ScimError(404, `There is no ${kind} with this id`);
    return object;
  };
  const resourceOf = async (where: Where, object: ScimInObject, withReferences: boolean): Promise<ScimResource> =>
    (await resourcesOf(store, where, [object], withReferences))[0]!;

  const answer = async (call: ScimInCall, object: ScimInObject, status: 200 | 201): Promise<ScimInAnswer> => {
    const asked = readProjectionQuery(call.query);
    const resource = await resourceOf(call, object, wantsReferences(asked));
    const { location } = resource.meta as { readonly location: string };
    return {
      ...{ status, etag: etagOf(object.version), location },
      resource: projection(typeOf(call.kind), asked)(resource),
    };
  };

  /** Reads, changes and writes, again where somebody else wrote in between. */
  const change = async (
    call: ScimInCall,
    id: string,
    make: (current: ScimResource) => { readonly resource: ScimResource; readonly changed: boolean },
  ): Promise<ScimInObject> => {
    const isErased = call.kind === 'User' && (await erased(call.source))?.has(id) === true;
    for (let round = 0; round < TRIES; round += 1) {
      const object = await find(call, id);
      requireMatch(call.ifMatch, object.version);
      const current = await resourceOf(call, object, call.kind === 'Group');
      const { resource, changed } = make(current);
      if (!changed) return object;
      const write = writeOf(object, current, isErased ? leastOf(resource) : resource, now());
      if ((await save(store, write)) === 'saved') return write.object;
    }
    throw new ScimError(503, 'Too many change this at once');
  };

  return {
    async list(where: Where, query: ScimInQuery): Promise<ListResponse> {
      const asked = readListQuery(query);
      const show = projection(typeOf(where.kind), asked);
      const { total, resources } = await findObjects(store, where, asked);
      return listResponse(resources.map(show), total, asked.startIndex);
    },

    async get(call: ScimInCall, id: string): Promise<ScimInAnswer> {
      return answer(call, await find(call, id), 200);
    },

    /** @throws ScimError 409 `uniqueness` where another user has the name */
    async create(call: ScimInCall, body: unknown): Promise<ScimInAnswer> {
      const given = readBody(typeOf(call.kind), body, call.profile);
      const resource = call.kind === 'User' && own(given, 'active') === undefined ? { ...given, active: true } : given;
      const erasures = call.kind === 'User' ? await erased(call.source) : null;
      for (let round = 0; round < TRIES; round += 1) {
        const before = await formerSelf(store, call, resource);
        const names = [...namesOfPushed(resource), ...(before.id === null ? [] : [before.id])];
        const known = erasures === null ? undefined : names.find(erasures.has);
        const made = newObject(call, known === undefined ? resource : leastOf(resource), before, now());
        const write = writeOf(made, {}, resource, now(), null);
        const keepOut = known === undefined ? null : await keptOut(erasures!, known, made);
        if ((await save(store, { ...write, keepOut })) === 'saved') return answer(call, made, 201);
      }
      throw new ScimError(503, 'Too many change this at once');
    },

    async replace(call: ScimInCall, id: string, body: unknown): Promise<ScimInAnswer> {
      const object = await change(call, id, (current) => replaceBody(typeOf(call.kind), current, body, call.profile));
      return answer(call, object, 200);
    },

    async patch(call: ScimInCall, id: string, body: unknown): Promise<ScimInAnswer> {
      const object = await change(call, id, (current) => applyPatch(typeOf(call.kind), current, body, call.profile));
      const isAsked = own(call.query as ScimResource, 'attributes') !== undefined;
      if (call.profile.patchStatus[call.kind] === 200 || isAsked) return answer(call, object, 200);
      return { status: 204, resource: null, etag: etagOf(object.version), location: null };
    },

    /** A user who is deleted has left; nothing else follows from it here. */
    async remove(call: ScimInCall, id: string): Promise<ScimInAnswer> {
      const { source, kind, ifMatch } = call;
      const { version } = await find(call, id);
      requireMatch(ifMatch, version);
      const at = now().toISOString();
      const deletion = { source, kind, id, at, version: ifMatch === undefined ? null : version };
      if (!(await store.deleteScimInObject(deletion))) throw new ScimError(404, `There is no ${kind} with this id`);
      return { status: 204, resource: null, etag: null, location: null };
    },
  };
}

const keptOut = async ({ markOf }: Erasures, known: string, { id, changedAt }: ScimInObject) => ({
  ...{ mark: await markOf(id), known: await markOf(known), at: changedAt },
});

/** @throws ScimError 412 */
function requireMatch(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const wanted = ifMatch.split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (!wanted.includes(`"${version}"`)) throw new ScimError(412, 'It was changed since this version');
}

/** @throws ScimError 409 where another user has the name */
async function save(store: ScimInStore, write: ScimInWrite): Promise<'saved' | 'moved'> {
  const outcome = await store.saveScimInObject(write);
  if (outcome === 'taken') throw new ScimError(409, 'Another user has this userName', 'uniqueness');
  return outcome;
}

/**
 * Somebody who was deleted and is made again with the same external id and the same name is the same; one of both alone is no proof, for addresses are
 * given to others. Who is new has an id that is made of both, so that it is the same one where this server was restored from an older copy.
 */
async function formerSelf(store: ScimInStore, { source, kind }: Where, resource: ScimResource): Promise<Former> {
  const [externalId, userName] = [folded(resource, 'externalId'), folded(resource, 'userName')];
  if (kind === 'User' && externalId !== null && userName !== null) {
    const there = await store.formerScimInUser(source, externalId, userName);
    if (there !== null) return { id: there.id, there };
  }
  const id = idOf(source, kind, resource);
  const isFree = id !== null && (await store.getScimInObject(source, kind, id)) === null;
  return { id: isFree ? id : null, there: null };
}

/** @property id null: any */
type Former = { readonly id: string | null; readonly there: ScimInObject | null };

/** Made of what the provider calls it; null where it says nothing. */
function idOf(source: string, kind: ResourceName, resource: ScimResource): string | null {
  const externalId = own(resource, 'externalId');
  if (typeof externalId !== 'string' || externalId === '') return null;
  const name = own(resource, kind === 'User' ? 'userName' : 'displayName');
  const digest = createHash('sha256').update(JSON.stringify([source, kind, externalId, String(name).toLowerCase()]));
  const hex = digest.digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

function newObject({ source, kind }: Where, resource: ScimResource, { id, there }: Former, now: Date): ScimInObject {
  const at = now.toISOString();
  return {
    ...{ source, kind, id: id ?? randomUUID(), version: (there?.version ?? 0) + 1 },
    ...keysIn(kind, resource),
    body: bodyOf(resource),
    ...{ createdAt: there?.createdAt ?? at, changedAt: at, deletedAt: null },
  };
}

const keysIn = (kind: ResourceName, resource: ScimResource) => ({
  userName: kind === 'User' ? folded(resource, 'userName') : null,
  externalId: folded(resource, 'externalId'),
  displayName: kind === 'Group' ? folded(resource, 'displayName') : null,
});

const bodyOf = ({ id: _id, meta: _meta, members: _members, groups: _groups, ...body }: ScimResource): ScimResource =>
  body;

/** The write that makes of an object what a resource says. @param expected default: the version that it has */
function writeOf(
  object: ScimInObject,
  before: ScimResource,
  after: ScimResource,
  now: Date,
  expected: number | null = object.version,
): ScimInWrite {
  const [had, has] = [membersIn(before), membersIn(after)];
  return {
    object:
      expected === null
        ? object
        : {
            ...object,
            ...{ version: object.version + 1, ...keysIn(object.kind, after), body: bodyOf(after) },
            changedAt: now.toISOString(),
          },
    expected,
    add: [...has].flatMap(([memberId, type]) => (had.has(memberId) ? [] : [{ memberId, type }])),
    remove: [...had.keys()].filter((memberId) => !has.has(memberId)),
    keepOut: null,
  };
}

function membersIn(resource: ScimResource): ReadonlyMap<string, string | null> {
  const members = own(resource, 'members');
  const list = Array.isArray(members) ? (members as readonly Json[]).filter(isObject) : [];
  return new Map(list.map(({ value, type }) => [String(value), typeof type === 'string' ? type : null]));
}
