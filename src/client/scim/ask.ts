import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import { atMost } from '../../lib/at-most.ts';
import { readScimErrorBody, type ScimType } from '../../scim/errors.ts';
import { isObject, type JsonObject } from '../../scim/json.ts';
import { createRawClient, type RawClientOptions } from '../raw.ts';
import type { CallKind, Method } from '../transport/types.ts';

export type ScimClientOptions = Omit<RawClientOptions, 'surface' | 'region' | 'baseUrl'> & {
  /** The tenant URL as the console shows it; `/Users` and the like are put behind it. */
  readonly tenantUrl: string;
  /** Calls at a time; default 4. */
  readonly concurrency?: number;
};

/** What calls of the SCIM client may be told. */
export type ScimCallOptions = {
  readonly signal?: AbortSignal;
  /** Default `scheduled`. */
  readonly kind?: CallKind;
  /** How long one request may take, waits and tries together, in ms. */
  readonly withinMs?: number;
  /** Called before each request that really goes out. */
  readonly onSent?: () => void;
};

export type ScimCall = {
  readonly method?: Method;
  /** `/Users` or `/Users/ID`, see `pathOf`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  readonly ifMatch?: string;
  /** Tries in all. Default 4, of a POST 1: it could make something twice. */
  readonly tries?: number;
  /** One that the service need not allow: a refusal says nothing about the others. */
  readonly isOptional?: boolean;
};

/** @returns what was answered; null where nothing was: what was asked for is done */
export type ScimAsk = (call: ScimCall, options: ScimCallOptions) => Promise<JsonObject | null>;

const MEDIA_TYPE = 'application/scim+json';
const CONCURRENCY = 4;
const TRIES = 4;

/**
 * One question to the service. After a 401 or 403 nothing more is asked: one bad token must not become ten thousand failures.
 * @throws ForeknowError from the promise: `conflict` for 409, else as every client does; what the service said stands in `detail`
 */
export function createScimAsk(options: ScimClientOptions): ScimAsk {
  const { tenantUrl, concurrency = CONCURRENCY, ...more } = options;
  const raw = createRawClient({ ...more, baseUrl: tenantUrl, surface: 'scim', region: null });
  const turn = atMost(concurrency);
  let stopped: ForeknowError | null = null;

  return (call, { signal, kind = 'scheduled', withinMs, onSent }) =>
    turn(async () => {
      if (stopped !== null) throw stopped;
      const { method = 'GET', path, query, body, ifMatch, tries = method === 'POST' ? 1 : TRIES } = call;
      try {
        const answer = await raw({
          ...{ method, path, kind, tries, accept: MEDIA_TYPE, contentType: MEDIA_TYPE },
          ...(query && { query: queryOf(query) }),
          ...(body && { body: JSON.stringify(body) }),
          ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
          ...(signal && { signal }),
          ...(withinMs !== undefined && { withinMs }),
          ...(onSent && { onSent }),
        });
        return bodyOf(answer.body);
      } catch (error) {
        const told = inWordsOfService(error);
        if (isStop(told) && call.isOptional !== true) stopped = told;
        throw told;
      }
    });
}

const isStop = (error: unknown): error is ForeknowError =>
  isForeknowError(error) && (error.code === 'connection_unauthorized' || error.code === 'connection_forbidden');

/** An id is the service's own and may hold anything. */
export const pathOf = (endpoint: ScimEndpoint, id?: string): string =>
  id === undefined ? endpoint : `${endpoint}/${encodeURIComponent(id)}`;
export type ScimEndpoint = '/Users' | '/Groups';

/** `%20` for a space: a plus sign is not read as one everywhere. */
const queryOf = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');

function bodyOf(bytes: Uint8Array): JsonObject | null {
  if (bytes.length === 0) return null;
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    body = null;
  }
  if (isObject(body)) return body;
  throw new ForeknowError('remote_invalid', {
    detail: 'The SCIM service answered with something that is no object of JSON.',
    hint: 'Try again; if it stays, check the tenant URL.',
  });
}

/** What the service says about a refusal: its status, and its word where it has one (RFC 7644, 3.12). */
export type ScimRefusal = {
  readonly status: number;
  readonly scimType: ScimType | null;
  readonly detail: string | null;
};

/** @returns null for an error that is no answer of a service */
export function scimRefusalOf(error: unknown): ScimRefusal | null {
  if (!isForeknowError(error) || error.remote === undefined || error.remote.status < 400) return null;
  const { status, body } = error.remote;
  const said = saidIn(body);
  return { status, scimType: said?.scimType ?? null, detail: said?.detail ?? null };
}

/** Whether it answered with an error of SCIM, so that something speaks SCIM at the address. */
export const speaksScim = (error: unknown): boolean =>
  isForeknowError(error) && saidIn(error.remote?.body ?? null) !== undefined;

function saidIn(body: string | null): ReturnType<typeof readScimErrorBody> {
  try {
    return readScimErrorBody(JSON.parse(body ?? 'null'));
  } catch {
    return undefined;
  }
}

const LONGEST_DETAIL = 300;

function inWordsOfService(error: unknown): unknown {
  const refusal = scimRefusalOf(error);
  if (refusal === null || !isForeknowError(error)) return error;
  const { status, scimType, detail } = refusal;
  const isTaken = status === 409;
  if (!isTaken && error.code !== 'remote_rejected') return error;
  const said = [scimType, detail].filter((word) => word !== null).join(': ');
  return new ForeknowError(isTaken ? 'conflict' : 'remote_rejected', {
    detail: `The SCIM service answered with status ${status}${said === '' ? '' : `: ${printable(said)}`}.`,
    ...(isTaken && { hint: 'Somebody or something has this name already: look it up, then decide.' }),
    ...(!isTaken && error.hint !== undefined && { hint: error.hint }),
    ...(error.remote && { remote: error.remote }),
    cause: error,
  });
}

const printable = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .replace(/\.$/, '')
    .slice(0, LONGEST_DETAIL);
