import { refused, ScimError } from './errors.ts';
import { type Filter, parseFilter } from './filter.ts';
import { isObject, type Json, own, type ScimResource } from './json.ts';
import { messageUrns } from './urns.ts';

/** What a list is asked for. */
export type ListQuery = {
  /** From 1. */
  readonly startIndex: number;
  /** 0 to the server's most. */
  readonly count: number;
  readonly filter?: Filter;
  readonly attributes?: readonly string[];
  readonly excludedAttributes?: readonly string[];
};

/** What a server gives at most, and where nothing is said. Told in `ServiceProviderConfig`. */
export const MAX_RESULTS = 200;
const MOST_NAMES = 100;

/**
 * Reads the query of a list, or the body of a `.search`: a `startIndex` below 1 is 1, a `count` below 0 is 0.
 * @param query values as texts; of a body also numbers and lists
 * @throws ScimError 400 `invalidValue` or `invalidFilter`
 */
export function readListQuery(query: Readonly<Record<string, unknown>>, maxResults = MAX_RESULTS): ListQuery {
  const startIndex = wholeOf(query, 'startIndex') ?? 1;
  const count = wholeOf(query, 'count') ?? maxResults;
  const filter = textOf(query, 'filter');
  return {
    startIndex: Math.max(1, startIndex),
    count: Math.min(maxResults, Math.max(0, count)),
    ...(filter !== undefined && filter.trim() !== '' && { filter: parseFilter(filter) }),
    ...readProjectionQuery(query),
  };
}

/** `attributes` and `excludedAttributes`, which every answer with a resource knows. */
export function readProjectionQuery(
  query: Readonly<Record<string, unknown>>,
): Pick<ListQuery, 'attributes' | 'excludedAttributes'> {
  const attributes = namesOf(query, 'attributes');
  const excludedAttributes = namesOf(query, 'excludedAttributes');
  return { ...(attributes && { attributes }), ...(excludedAttributes && { excludedAttributes }) };
}

function textOf(query: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(query, name) ? query[name] : undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  throw refused('invalidValue', `${name} is said once, as a text`);
}

function wholeOf(query: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = Object.hasOwn(query, name) ? query[name] : undefined;
  if (value === undefined || value === '') return undefined;
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw refused('invalidValue', `${name} is a whole number`);
  return number;
}

function namesOf(query: Readonly<Record<string, unknown>>, name: string): string[] | undefined {
  const value = Object.hasOwn(query, name) ? query[name] : undefined;
  if (value === undefined) return undefined;
  const all = Array.isArray(value) ? (value as unknown[]) : [value];
  const names = all.flatMap((one) => {
    if (typeof one !== 'string') throw refused('invalidValue', `${name} are names`);
    return one.split(',').map((part) => part.trim());
  });
  if (names.length > MOST_NAMES) throw refused('tooMany', `${name} are at most ${MOST_NAMES}`);
  const said = names.filter((one) => one !== '');
  return said.length > 0 ? said : undefined;
}

export type ListResponse = {
  readonly schemas: readonly string[];
  readonly totalResults: number;
  readonly startIndex: number;
  readonly itemsPerPage: number;
  readonly Resources: readonly ScimResource[];
};

/** @param totalResults how many fulfil the filter, on all pages */
export const listResponse = (
  resources: readonly ScimResource[],
  totalResults: number,
  startIndex: number,
): ListResponse => ({
  schemas: [messageUrns.list],
  totalResults,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

/** Cuts a page out of everything that fulfils a filter. Beyond the end it is empty. */
export const pageOf = <T>(
  all: readonly T[],
  { startIndex, count }: Pick<ListQuery, 'startIndex' | 'count'>,
): readonly T[] => all.slice(startIndex - 1, startIndex - 1 + count);

/**
 * Reads the list that a server answered. Counts may be texts, `Resources` may be missing where there are none, a bare array is a list.
 * @throws ScimError 502 when it is no list
 */
export function readListResponse(body: unknown): { totalResults: number; resources: readonly ScimResource[] } {
  const list = isObject(body) ? (own(body, 'Resources') ?? own(body, 'resources') ?? []) : (body as Json);
  if (!Array.isArray(list) || !list.every(isObject)) throw notAList();
  const total = isObject(body) ? Number(own(body, 'totalResults') ?? list.length) : list.length;
  if (!Number.isSafeInteger(total) || total < 0) throw notAList();
  return { totalResults: total, resources: list as readonly ScimResource[] };
}

const notAList = () => new ScimError(502, 'The answer is no list of SCIM');
