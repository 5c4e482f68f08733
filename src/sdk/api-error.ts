import { errorCatalog, type Retry } from '../errors/catalog.ts';
import type { Problem } from './generated.ts';

/**
 * The code of an error: one of the API's (docs/errors.md), or one of the client's own. `unreachable`: no answer came.
 * `timed_out`: none came in time. `aborted`: your signal fired. `unexpected_answer`: something else than Foreknow answered, or a list
 * that would never end. A newer server may have codes that this version does not know.
 */
export type ApiErrorCode =
  | Problem['code']
  | 'unreachable'
  | 'timed_out'
  | 'unexpected_answer'
  // Known codes are still offered where one is written.
  | (string & Record<never, never>);

export type ApiErrorFields = {
  readonly code: ApiErrorCode;
  /** What happened. */
  readonly detail: string;
  /** HTTP status; 0 where nothing was answered. */
  readonly status?: number;
  /** What to do next. */
  readonly hint?: string | undefined;
  /** The input at fault, as it is written on the wire. */
  readonly field?: string | undefined;
  readonly issues?: readonly { readonly field: string; readonly reason: string }[] | undefined;
  /** `soon`: seconds help; `later`: minutes or hours; `never`: waiting does not help. */
  readonly retry?: Retry | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Names the call in the log of the server. */
  readonly requestId?: string | null;
  /** What KnowBe4 answered, where it is its error and the proxy was asked. */
  readonly remote?: unknown;
  readonly cause?: unknown;
};

/** Every error of the client. Holds no token and no address. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly hint: string | undefined;
  readonly field: string | undefined;
  readonly issues: readonly { readonly field: string; readonly reason: string }[];
  readonly retry: Retry;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | null;
  readonly remote: unknown;

  constructor(fields: ApiErrorFields) {
    super(fields.detail, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = fields.code;
    this.status = fields.status ?? 0;
    this.hint = fields.hint;
    this.field = fields.field;
    this.issues = fields.issues ?? [];
    this.retry = fields.retry ?? 'never';
    this.retryAfterMs = fields.retryAfterMs;
    this.requestId = fields.requestId ?? null;
    this.remote = fields.remote;
  }
}

export const isApiError = (error: unknown): error is ApiError => error instanceof ApiError;

type Answered = { readonly status: number; readonly headers: Headers; readonly body: unknown };

/** An answer that is an error, in either of the shapes that the API has. */
export function errorOf({ status, headers, body }: Answered): ApiError {
  const said = {
    status,
    requestId: headers.get('x-request-id'),
    retryAfterMs: retryAfterMs(headers.get('retry-after')),
  };
  if (isObject(body) && typeof body.detail === 'string' && typeof body.code === 'string') {
    const problem = body as unknown as Problem;
    const { code, detail, hint, field, issues } = problem;
    return new ApiError({ ...said, code, detail, hint, field, issues, retry: retryOf(code, status, problem.retry) });
  }
  if (isObject(body) && typeof body.message === 'string' && isObject(body.details)) {
    const { code, hint, field, failures } = body.details as Partial<UnifiedDetails>;
    const known = code ?? 'unexpected_answer';
    return new ApiError({
      ...{ ...said, code: known, detail: body.message, hint, field, issues: failures, retry: retryOf(known, status) },
      ...(body.truto_is_remote_error === true ? { remote: body.raw_response ?? null } : {}),
    });
  }
  return new ApiError({
    ...said,
    ...{ code: 'unexpected_answer', detail: `Something answered with status ${status}, but not as Foreknow does.` },
    ...{ hint: 'Look whether the base URL leads to the gateway, and what stands in front of it.' },
    retry: retryOf('', status),
  });
}

type UnifiedDetails = {
  readonly code: string;
  readonly hint: string;
  readonly field: string;
  readonly failures: ApiErrorFields['issues'];
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const catalog: Readonly<Record<string, { readonly retry: Retry } | undefined>> = errorCatalog;
const mendable = new Set([408, 425, 429, 502, 503, 504]);

/** What the server says; else what the code means; else what the status means as a rule. */
function retryOf(code: string, status: number, said?: Retry): Retry {
  return said ?? (Object.hasOwn(errorCatalog, code) ? catalog[code]!.retry : mendable.has(status) ? 'soon' : 'never');
}

/** Seconds, or a date. */
function retryAfterMs(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
