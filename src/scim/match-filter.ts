import type { Attribute } from './attributes.ts';
import { refused } from './errors.ts';
import type { Comparison, Filter, Literal } from './filter.ts';
import { isObject, type Json, type JsonObject, own, type ScimResource } from './json.ts';
import type { Path } from './path.ts';
import { type Profile, profiles } from './profile.ts';
import { attributeOf, isExtension, partOf, type ResourceType } from './schema.ts';
import { schemaUrns } from './urns.ts';

export type Matches = (resource: ScimResource) => boolean;

/** Gives the values that a path means; a missing branch gives none. */
type Values = (object: JsonObject) => readonly Json[];
type Found = { readonly attribute: Attribute | undefined; readonly values: Values };

/**
 * Makes a filter into a question to resources as `readBody` makes them. The question never throws.
 * @throws ScimError 400 `invalidFilter` for an attribute that is not in the schemas, or a comparison that its type does not know
 */
export function compileFilter(type: ResourceType, filter: Filter, profile: Profile = profiles.strict): Matches {
  return compile(filter, (path) => findIn(type, path, profile), profile);
}

/** The same for one element of an attribute: what stands in `attr[…]`. */
export function compileElementFilter(attribute: Attribute, filter: Filter, profile: Profile): Matches {
  return compile(filter, (path) => findPart(attribute, path), profile);
}

function compile(filter: Filter, find: (path: Path) => Found, profile: Profile): Matches {
  switch (filter.kind) {
    case 'and': {
      const all = filter.filters.map((one) => compile(one, find, profile));
      return (resource) => all.every((matches) => matches(resource));
    }
    case 'or': {
      const any = filter.filters.map((one) => compile(one, find, profile));
      return (resource) => any.some((matches) => matches(resource));
    }
    case 'not': {
      const matches = compile(filter.filter, find, profile);
      return (resource) => !matches(resource);
    }
    case 'present':
    case 'where': {
      const { values } = find(filter.path);
      return (resource) => values(resource).some(isThere);
    }
    case 'compare': {
      const { attribute, values } = find(filter.path);
      return compileComparison(filter.comparison, filter.value, attribute, values, profile);
    }
  }
}

function findIn(type: ResourceType, path: Path, profile: Profile): Found {
  if (path.schema !== undefined && path.schema !== type.schema.id && !isExtension(type, path.schema)) {
    return { attribute: undefined, values: inUnknownExtension(path, path.schema) };
  }
  const attribute = attributeOf(type, path.attribute, path.schema);
  if (!attribute) {
    const home = profile.lenient && path.schema === undefined ? extensionWith(type, path.attribute) : undefined;
    if (home !== undefined) return findIn(type, { ...path, schema: home }, profile);
    throw refused('invalidFilter', `There is no attribute ${path.attribute}`);
  }
  const inCore = path.schema === undefined || path.schema === type.schema.id;
  const home = inCore ? undefined : path.schema;
  const elements = elementsOf(attribute, path, profile);
  const values: Values = (resource) => {
    const holder = home === undefined ? resource : own(resource, home);
    return isObject(holder) ? elements(holder) : [];
  };
  if (path.part !== undefined) return throughPart(attribute, path.part, values);
  return { attribute, values };
}

/** Entra asks `id eq "…" and manager eq "…"`, without the schema that the manager is of. */
const extensionWith = (type: ResourceType, name: string): string | undefined =>
  type.extensions.find(({ id }) => attributeOf(type, name, id) !== undefined)?.id;

/** The elements of an attribute that fulfil its value path. */
function elementsOf(attribute: Attribute, { where }: Path, profile: Profile): Values {
  const { name } = attribute;
  const all: Values = (holder) => asList(own(holder, name));
  if (!where) return all;
  const matches = compileElementFilter(attribute, where, profile);
  return (holder) => all(holder).filter((element) => isObject(element) && matches(element));
}

function throughPart(attribute: Attribute, name: string, elements: Values): Found {
  const part = partOf(attribute, name);
  if (!part) throw refused('invalidFilter', `There is no attribute ${attribute.name}.${name}`);
  return {
    attribute: part,
    values: (resource) =>
      elements(resource).flatMap((element) => (isObject(element) ? asList(own(element, part.name)) : [])),
  };
}

function findPart(attribute: Attribute, path: Path): Found {
  const part = path.schema === undefined && path.part === undefined ? partOf(attribute, path.attribute) : undefined;
  if (!part) throw refused('invalidFilter', `There is no attribute ${attribute.name}.${path.attribute}`);
  return { attribute: part, values: (element) => asList(own(element, part.name)) };
}

/** What a client keeps under a schema of its own: compared as it is. */
const inUnknownExtension =
  ({ attribute, part, where }: Path, schema: string): Values =>
  (resource) => {
    const holder = own(resource, schema);
    if (!isObject(holder) || part !== undefined || where !== undefined) return [];
    return asList(own(holder, attribute));
  };

const asList = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : value === undefined || value === null ? [] : [value as Json];

const isThere = (value: Json): boolean =>
  value !== null && value !== '' && !(isObject(value) && Object.keys(value).length === 0);

type Test = (value: Json) => boolean;

function compileComparison(
  comparison: Comparison,
  literal: Literal,
  attribute: Attribute | undefined,
  values: Values,
  profile: Profile,
): Matches {
  if (literal === null) return compileNull(comparison, values);
  const simple = attribute?.type === 'complex' ? partOf(attribute, 'value') : attribute;
  if (attribute?.type === 'complex' && !simple) {
    throw refused('invalidFilter', `${attribute.name} has parts: one of them has to be named`);
  }
  const test = compileTest(comparison === 'ne' ? 'eq' : comparison, literal, simple, profile);
  const single: Test = simple === attribute ? test : (value) => isObject(value) && test(own(value, 'value') ?? null);
  // Not equal is what equal is not, so that a value that is missing is not equal to any.
  if (comparison === 'ne') return (resource) => !values(resource).some(single);
  return (resource) => values(resource).some(single);
}

/** `null` is to have no value. */
function compileNull(comparison: Comparison, values: Values): Matches {
  if (comparison === 'eq') return (resource) => !values(resource).some(isThere);
  if (comparison === 'ne') return (resource) => values(resource).some(isThere);
  throw refused('invalidFilter', 'null is compared with eq and ne only');
}

function compileTest(
  comparison: Comparison,
  literal: string | number | boolean,
  attribute: Attribute | undefined,
  profile: Profile,
): Test {
  const type =
    attribute?.type ?? (typeof literal === 'string' ? 'string' : typeof literal === 'number' ? 'decimal' : 'boolean');
  if (type === 'boolean') return booleanTest(comparison, literal);
  if (type === 'decimal' || type === 'integer') return numberTest(comparison, literal);
  if (type === 'dateTime' && !isTextOnly(comparison)) return instantTest(comparison, literal);
  const exact = attribute?.caseExact === true && !profile.folded.includes(attribute.name);
  return textTest(comparison, String(literal), exact);
}

const isTextOnly = (comparison: Comparison): boolean =>
  comparison === 'co' || comparison === 'sw' || comparison === 'ew';

function booleanTest(comparison: Comparison, literal: string | number | boolean): Test {
  const word = String(literal).toLowerCase();
  if (comparison !== 'eq') throw refused('invalidFilter', `A flag cannot be compared with ${comparison}`);
  if (word !== 'true' && word !== 'false') throw refused('invalidFilter', 'A flag is true or false');
  const wanted = word === 'true';
  return (value) => value === wanted;
}

function numberTest(comparison: Comparison, literal: string | number | boolean): Test {
  const wanted = typeof literal === 'boolean' ? Number.NaN : Number(literal);
  if (isTextOnly(comparison) || Number.isNaN(wanted)) {
    throw refused('invalidFilter', 'A number is compared with a number, by eq, ne, gt, ge, lt or le');
  }
  return (value) => typeof value === 'number' && ordered(comparison, value - wanted);
}

function instantTest(comparison: Comparison, literal: string | number | boolean): Test {
  const wanted = typeof literal === 'string' ? Date.parse(literal) : Number.NaN;
  if (Number.isNaN(wanted)) throw refused('invalidFilter', 'A date is written as 2026-04-04T04:23:30Z');
  return (value) => typeof value === 'string' && ordered(comparison, Date.parse(value) - wanted);
}

function textTest(comparison: Comparison, literal: string, exact: boolean): Test {
  const fold = (text: string): string => (exact ? text : text.toLowerCase());
  const wanted = fold(literal);
  const textOf = (value: Json): string | undefined => (typeof value === 'object' ? undefined : fold(String(value)));
  const test = textTests[comparison];
  return (value) => {
    const found = textOf(value);
    return found !== undefined && test(found, wanted);
  };
}

const textTests: Readonly<Record<Comparison, (found: string, wanted: string) => boolean>> = {
  eq: (found, wanted) => found === wanted,
  ne: (found, wanted) => found !== wanted,
  co: (found, wanted) => found.includes(wanted),
  sw: (found, wanted) => found.startsWith(wanted),
  ew: (found, wanted) => found.endsWith(wanted),
  gt: (found, wanted) => found > wanted,
  ge: (found, wanted) => found >= wanted,
  lt: (found, wanted) => found < wanted,
  le: (found, wanted) => found <= wanted,
};

/** @param difference below, at or above 0; a value that cannot be compared is NaN, which fulfils nothing */
function ordered(comparison: Comparison, difference: number): boolean {
  if (comparison === 'gt') return difference > 0;
  if (comparison === 'ge') return difference >= 0;
  if (comparison === 'lt') return difference < 0;
  if (comparison === 'le') return difference <= 0;
  return difference === 0;
}

/**
 * What a filter demands an attribute to equal, so that a store can look it up: that filter may still say more.
 * @param name `userName`, `externalId` … as the schema spells it
 */
export function equalityOf(filter: Filter, name: string): string | undefined {
  if (filter.kind === 'and') {
    for (const one of filter.filters) {
      const value = equalityOf(one, name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
  if (filter.kind !== 'compare' || filter.comparison !== 'eq' || typeof filter.value !== 'string') return undefined;
  const { attribute, part, where, schema } = filter.path;
  const isCore = schema === undefined || schema === schemaUrns.user || schema === schemaUrns.group;
  const isNamed = isCore && !where && attribute.toLowerCase() === name.toLowerCase();
  return isNamed && (part === undefined || part.toLowerCase() === 'value') ? filter.value : undefined;
}
