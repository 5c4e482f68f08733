import { own, type ScimResource } from '../scim/json.ts';
import { schemaUrns } from '../scim/urns.ts';

/** Who was erased from a source that providers push to: what is kept of them are keyed hashes of their id and of these names. */
export type Erasures = {
  /** Whether it is the id or a name of somebody who was erased. */
  has(name: string): boolean;
  markOf(name: string): Promise<string>;
};

/**
 * The names by which an erased user is known again when they are pushed anew. Where the provider gives ids of its own, the id tells people apart and an
 * address alone does not: addresses are given to others.
 */
export function namesOfErased(user: ScimResource): readonly string[] {
  const [externalId, userName] = [folded(user, 'externalId'), folded(user, 'userName')];
  if (externalId === null) return [`userName=${userName}`];
  return [`externalId=${externalId}`, `userName with an externalId=${userName}`];
}

/** The names of which one says that a user who is pushed was erased. */
export function namesOfPushed(user: ScimResource): readonly string[] {
  const [externalId, userName] = [folded(user, 'externalId'), folded(user, 'userName')];
  return externalId === null
    ? [`userName=${userName}`, `userName with an externalId=${userName}`]
    : [`externalId=${externalId}`, `userName=${userName}`];
}

/** What a person may mean who lets somebody in again: our id, the provider's, or the address. */
export const namesMeant = (said: string): readonly string[] => {
  const text = said.toLowerCase();
  return [said, `externalId=${text}`, `userName=${text}`, `userName with an externalId=${text}`];
};

/** What is kept of an erased user whom a provider pushes again: what it finds them by, and nothing else. */
export function leastOf(user: ScimResource): ScimResource {
  const stays = ['externalId', 'userName', 'active'].filter((name) => own(user, name) !== undefined);
  return { schemas: [schemaUrns.user], ...Object.fromEntries(stays.map((name) => [name, own(user, name)])) };
}

/** In small letters; null where there is none. */
export const folded = (resource: ScimResource, name: string): string | null => {
  const value = own(resource, name);
  return typeof value === 'string' && value !== '' ? value.toLowerCase() : null;
};
