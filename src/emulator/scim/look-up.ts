import { ScimError } from '../../scim/errors.ts';
import type { Filter } from '../../scim/filter.ts';
import { type ListQuery, listResponse, pageOf, readListQuery } from '../../scim/list.ts';
import { compileFilter } from '../../scim/match-filter.ts';
import { profiles } from '../../scim/profile.ts';
import { projection } from '../../scim/project.ts';
import { groupType, userType } from '../../scim/schema.ts';
import type { AccountState } from '../account.ts';
import type { Fault } from '../faults.ts';
import type { Reply } from '../reply.ts';
import { rendered, scim } from './answer.ts';
import type { Kind } from './edit.ts';
import type { Stored } from './shelf.ts';

/** Resources on a page at most. */
export const MOST = 100;
export const profile = profiles.knowbe4;
export const typeOf = (kind: Kind) => (kind === 'users' ? userType : groupType);

/** A page of users or groups that fulfil the filter. @throws ScimError */
export function list(
  account: AccountState,
  kind: Kind,
  endpoint: string,
  query: URLSearchParams,
  fault: Fault | null,
): Reply {
  const asked = readListQuery(textsOf(query), MOST);
  const found = fault?.kind === 'empty-list' ? [] : matching(account, kind, asked.filter, fault);
  const start = fault?.kind === 'repeated-page' ? 1 : asked.startIndex;
  const page = pageOf(found, { ...asked, startIndex: start });
  const total = fault?.kind === 'wrong-total' ? page.length : found.length;
  const shorten = projection(typeOf(kind), asked);
  const resources = page.map((stored) => shorten(rendered(account, kind, stored, fault)));
  return scim(endpoint, 200, listResponse(resources, total, asked.startIndex));
}

/** @throws ScimError 400 for what is said twice */
export function textsOf(query: URLSearchParams): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [name, value] of query) {
    if (Object.hasOwn(texts, name)) throw new ScimError(400, `${name} is said twice`, 'invalidValue');
    texts[name] = value;
  }
  return texts;
}

function matching(
  account: AccountState,
  kind: Kind,
  filter: ListQuery['filter'],
  fault: Fault | null,
): readonly Stored[] {
  const shelf = account.scim[kind];
  if (!filter) return shelf.all();
  const candidates = candidatesFor(account, kind, filter) ?? shelf.all();
  const exact = fault?.kind === 'case-sensitive' ? { ...profile, folded: [] } : profile;
  const fits = compileFilter(typeOf(kind), filter, exact);
  const wanted = fault?.kind === 'case-sensitive' ? textIn(filter) : null;
  return candidates.filter(
    (stored) =>
      fits(rendered(account, kind, stored, null)) &&
      (wanted === null || Object.values(stored.resource).includes(wanted)),
  );
}

/** Whoever a comparison of the whole name, of `externalId` or of `id` can mean; null: everybody has to be looked at. */
function candidatesFor(account: AccountState, kind: Kind, filter: Filter): readonly Stored[] | null {
  if (filter.kind === 'and') {
    for (const one of filter.filters) {
      const found = candidatesFor(account, kind, one);
      if (found) return found;
    }
    return null;
  }
  if (filter.kind !== 'compare' || filter.comparison !== 'eq' || typeof filter.value !== 'string') return null;
  const { path, value } = filter;
  if (path.part !== undefined || path.where !== undefined) return null;
  const shelf = account.scim[kind];
  const one = (stored: Stored | undefined) => (stored ? [stored] : []);
  switch (path.attribute.toLowerCase()) {
    case kind === 'users' ? 'username' : 'displayname':
      return path.schema === undefined || path.schema === typeOf(kind).schema.id ? one(shelf.named(value)) : null;
    case 'externalid':
      return shelf.withExternalId(value);
    case 'id':
      return one(shelf.get(value));
    default:
      return null;
  }
}

const textIn = (filter: Filter): string | null =>
  filter.kind === 'compare' && typeof filter.value === 'string' ? filter.value : null;
