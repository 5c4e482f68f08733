import { ForeknowError } from '../errors/errors.ts';
import type { FieldPolicy } from '../model/field-policy.ts';
import type { EventFamily } from './catalog.ts';
import type { Endpoint, EndpointFormat } from './endpoint.ts';
import { isPattern } from './subscription.ts';
import { isTrutoPattern, trutoEvents } from './truto.ts';

/** What whoever makes or changes an endpoint may read: it is sent no more than that. */
export type Grant = {
  readonly families: readonly EventFamily[];
  /** What they are not told of people. */
  readonly fieldPolicy: FieldPolicy | null;
  /** Ids; null = all. */
  readonly connectionIds: readonly string[] | null;
};

export type EndpointInput = {
  readonly url: string;
  readonly description?: string | null;
  /** Default: all. */
  readonly types?: readonly string[];
  /** Ids; absent or null: all that the grant reaches. */
  readonly connections?: readonly string[] | null;
  readonly format?: EndpointFormat;
  /** Whether events name people where they could be ids alone. Needs the family directory. Default false. */
  readonly names?: boolean;
  /** `paused` keeps its place in the log. A new one is active, unless it says otherwise. */
  readonly state?: 'active' | 'paused';
};

export type EndpointPatch = Partial<EndpointInput>;

type Configured = Pick<
  Endpoint,
  'url' | 'description' | 'types' | 'connections' | 'families' | 'fieldPolicy' | 'format' | 'names'
>;

/**
 * What an endpoint becomes by an input.
 * @param before null for a new one
 * @throws ForeknowError `invalid_request`, `scope_missing`, `connection_not_allowed`
 */
export function configured(input: Partial<EndpointInput>, grant: Grant, before: Endpoint | null): Configured {
  const names = input.names ?? before?.names ?? false;
  const format = input.format ?? before?.format ?? 'plain';
  if (grant.families.length === 0) throw mayReadNothing();
  if (names && !grant.families.includes('directory')) throw mayNotName();
  return {
    url: urlOf(input.url ?? before?.url ?? ''),
    description: input.description === undefined ? (before?.description ?? null) : descriptionOf(input.description),
    types: typesOf(input.types ?? before?.types ?? ['*'], format),
    connections: connectionsOf(
      input.connections === undefined ? (before?.connections ?? null) : input.connections,
      grant,
    ),
    families: grant.families,
    fieldPolicy: grant.fieldPolicy,
    format,
    names,
  };
}

const MOST_LENGTH = 2000;

function urlOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || text.length > MOST_LENGTH)
    throw invalid('url', 'The address is not a URL of up to 2,000 characters.');
  url.hash = '';
  return url.href;
}

const descriptionOf = (text: string | null): string | null => {
  const trimmed = text?.trim() ?? '';
  if (trimmed.length > 500) throw invalid('description', 'The description is longer than 500 characters.');
  return trimmed === '' ? null : trimmed;
};

function typesOf(types: readonly string[], format: EndpointFormat): readonly string[] {
  if (types.length === 0) throw invalid('types', 'Name at least one event type, or * for all.');
  if (format === 'truto') return trutoTypesOf(types);
  const unknown = types.find((type) => !isPattern(type));
  if (unknown !== undefined) {
    throw invalid(
      'types',
      `There is no event type ${JSON.stringify(unknown.slice(0, 60))}.`,
      'GET /api/v1/events/types lists them; user.* stands for all that begin so, * for all.',
    );
  }
  return [...new Set(types)];
}

function trutoTypesOf(types: readonly string[]): readonly string[] {
  const unknown = types.find((type) => !isTrutoPattern(type));
  if (unknown === undefined) return [...new Set(types)];
  throw invalid(
    'types',
    `No event ${JSON.stringify(unknown.slice(0, 60))} ever happens here.`,
    `There are ${trutoEvents.join(', ')}; record:* stands for all that begin so, * for all.`,
  );
}

function connectionsOf(wanted: readonly string[] | null, { connectionIds }: Grant): readonly string[] | null {
  if (wanted === null) return connectionIds;
  if (wanted.length === 0) throw invalid('connections', 'Name at least one connection, or none of them for all.');
  const beyond = wanted.find((id) => connectionIds !== null && !connectionIds.includes(id));
  if (beyond === undefined) return [...new Set(wanted)];
  throw new ForeknowError('connection_not_allowed', {
    detail: 'The endpoint reaches connections that the token does not reach.',
    field: 'connections',
  });
}

const invalid = (field: string, detail: string, hint?: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail, field, ...(hint === undefined ? {} : { hint }) });

const mayReadNothing = (): ForeknowError =>
  new ForeknowError('scope_missing', {
    detail: 'The token may not read any events, so an endpoint of its own would get none.',
    hint: 'Use a token that also has directory, training, phishing, risk or connections.',
    issues: [{ field: 'scope', reason: 'directory' }],
  });

const mayNotName = (): ForeknowError =>
  new ForeknowError('scope_missing', {
    detail: 'Names of people need the scope directory.',
    hint: 'Leave out names, or use a token that has the scope directory.',
    field: 'names',
    issues: [{ field: 'scope', reason: 'directory' }],
  });
