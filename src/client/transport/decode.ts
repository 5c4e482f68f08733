import type { ErrorCode } from '../../errors/catalog.ts';
import { ForeknowError, isForeknowError, type RemoteAnswer } from '../../errors/errors.ts';
import { refusalHint } from './refusal.ts';
import { retryAfterMs } from './retry-after.ts';
import type { Surface } from './surface.ts';
import type { Answer, Send } from './types.ts';

const MAX_BODY_SHOWN = 4096;

export type DecodeOptions = {
  readonly surface: Surface;
  readonly token: string;
  /** Null where the address does not follow from a region. */
  readonly region: string | null;
  readonly now: () => number;
};

/**
 * Parses the body and turns everything that is not a usable answer into a ForeknowError with the vendor's answer, cut and
 * redacted, in `remote`.
 */
export const withDecoding =
  (options: DecodeOptions) =>
  (send: Send): Send =>
  async (request) => {
    const answer = await send(request);
    const text = String(answer.body);
    // Refusals at once, wanted or not: a 429 has to slow down every caller of the account.
    if (answer.status < 200 || answer.status > 299) throw refused(answer, text, request.endpoint, options);
    if (request.whenWanted !== undefined) await request.whenWanted(answer);
    const body = parsed(answer, text, request.endpoint, options);
    const inside = options.surface.errorInside(body, text);
    if (inside !== null) throw errorInside(inside, answer, text, request.endpoint, options);
    return { ...answer, body };
  };

/** An error message is short: a longer body is an answer. */
const LONGEST_MESSAGE = 4096;

/** As `withDecoding`, for answers that are handed on as they came: the body stays bytes, which must look like JSON. */
export const withBytes =
  (options: DecodeOptions) =>
  (send: Send): Send =>
  async (request) => {
    const answer = await send(request);
    try {
      refuseBytes(answer, request.endpoint, request.method, options);
    } catch (error) {
      const repeatsToken = textOf(answer.body as Uint8Array).includes(options.token);
      if (isForeknowError(error) && !repeatsToken) behind.set(error, answer);
      throw error;
    }
    return answer;
  };

/** Beside the errors, not in them: whole answers belong into no log. */
const behind = new WeakMap<ForeknowError, Answer>();

/**
 * The answer of KnowBe4 that a raw call was refused with, as it came.
 * @returns null for an error of another kind, and for an answer that repeats the token
 */
export const answerBehind = (error: unknown): Answer | null =>
  isForeknowError(error) ? (behind.get(error) ?? null) : null;

/** @throws ForeknowError for what is no usable answer */
function refuseBytes(answer: Answer, endpoint: string, method: string | undefined, options: DecodeOptions): void {
  const bytes = answer.body as Uint8Array;
  if (answer.status < 200 || answer.status > 299) {
    throw refused(answer, textOf(bytes.subarray(0, READ_OF_ERROR)), endpoint, options);
  }
  if (answer.status === 204 || method === 'DELETE') return;
  // What was put or patched is done, whether or not it is shown.
  if (bytes.length === 0 && (method === 'PUT' || method === 'PATCH')) return;
  const start = textOf(bytes.subarray(0, LONGEST_MESSAGE));
  // Parsing tells what is wrong with it.
  if (!/^\s*[[{]/.test(start)) parsed(answer, start, endpoint, options);
  if (bytes.length > LONGEST_MESSAGE || !/^\s*\{/.test(start)) return;
  const inside = options.surface.errorInside(parsed(answer, start, endpoint, options), start);
  if (inside !== null) throw errorInside(inside, answer, start, endpoint, options);
}

/** Bytes of an error that are read: what is shown, and a token at its end. */
const READ_OF_ERROR = 4 * MAX_BODY_SHOWN;

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function parsed(answer: Answer, text: string, endpoint: string, options: DecodeOptions): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const what = /^\s*</.test(text) ? 'an HTML page' : text === '' ? 'an empty body' : 'JSON that is cut or damaged';
    throw new ForeknowError('remote_invalid', {
      detail: `KnowBe4 answered ${endpoint} with ${what}.`,
      hint: 'Try again; if it stays, check that no proxy on the way changes the answers.',
      remote: remoteOf(answer, text, options),
    });
  }
}

function errorInside(
  code: 'connection_unauthorized' | 'remote_invalid',
  answer: Answer,
  text: string,
  endpoint: string,
  options: DecodeOptions,
): ForeknowError {
  const remote = remoteOf(answer, text, options);
  if (options.surface.isLimitText?.(text)) return slowDown(answer, text, endpoint, options);
  if (code === 'connection_unauthorized') {
    return new ForeknowError('connection_unauthorized', {
      detail: `KnowBe4 answered ${endpoint} with status ${answer.status} and a refusal of the token.`,
      hint: refusalHint(options.surface, options.token, options.region, options.now()),
      remote,
    });
  }
  return new ForeknowError('remote_invalid', {
    detail: `KnowBe4 answered ${endpoint} with status ${answer.status} and an error message instead of data.`,
    hint: 'Try again; if it stays, give KnowBe4 the request id.',
    remote,
  });
}

/** Limits that are said in the body, at any status. */
function slowDown(answer: Answer, text: string, endpoint: string, options: DecodeOptions): ForeknowError {
  const wait = retryAfterMs(answer.headers, options.now());
  return new ForeknowError('remote_rate_limited', {
    detail: `KnowBe4 answered ${endpoint} with status ${answer.status} and says that its limits are exceeded.`,
    hint: hintOf(429, options),
    remote: remoteOf(answer, text, options),
    ...(wait === null ? {} : { retryAfterMs: wait }),
  });
}

function refused(answer: Answer, text: string, endpoint: string, options: DecodeOptions): ForeknowError {
  const { status } = answer;
  if (options.surface.isLimitText?.(text)) return slowDown(answer, text, endpoint, options);
  const wait = retryAfterMs(answer.headers, options.now());
  return new ForeknowError(codeOf(status), {
    detail: `KnowBe4 answered ${endpoint} with status ${status}.`,
    hint: hintOf(status, options),
    remote: remoteOf(answer, text, options),
    ...(wait === null ? {} : { retryAfterMs: wait }),
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'connection_unauthorized';
  if (status === 403) return 'connection_forbidden';
  if (status === 404) return 'remote_not_found';
  if (status === 429) return 'remote_rate_limited';
  if (status === 503) return 'remote_maintenance';
  // It will not be implemented when it is asked for again.
  if (status === 501) return 'remote_rejected';
  return status >= 500 ? 'remote_unavailable' : 'remote_rejected';
}

function hintOf(status: number, options: DecodeOptions): string {
  if (status === 401) return refusalHint(options.surface, options.token, options.region, options.now());
  if (status === 403) return options.surface.forbiddenHint;
  if (status === 404 && options.region === null) return 'Check the id and the address.';
  if (status === 404) {
    return `Ids and tokens are good in one region only: check the id, and that the account lives in region ${options.region}.`;
  }
  if (status === 429)
    return 'Another program may use the same account: its request budget is shared. Wait, then go on.';
  if (status === 503) return 'Try again in a few minutes.';
  if (status >= 500) {
    return ['Try again; if it stays, give KnowBe4 the request id.', options.surface.failureHint]
      .filter(Boolean)
      .join(' ');
  }
  if (status < 400) return 'The address answers with a redirect, which is not followed: check the base URL.';
  return `Compare the call with the guide of the ${options.surface.name}.`;
}

function remoteOf(answer: Answer, text: string, options: DecodeOptions): RemoteAnswer {
  return {
    status: answer.status,
    requestId: answer.headers.get('x-request-id'),
    body: text === '' ? null : redacted(text, options.token).slice(0, MAX_BODY_SHOWN),
  };
}

/** Takes out our own token and whatever else looks like a credential, in case the answer repeats the request. */
const redacted = (text: string, token: string): string =>
  text
    .slice(0, MAX_BODY_SHOWN + token.length)
    .replaceAll(token, '[redacted]')
    .replaceAll(/Bearer\s+[\w.~+/=-]+/gi, 'Bearer [redacted]')
    .replaceAll(/\beyJ[\w-]+(?:\.[\w-]*){1,2}/g, '[redacted]');
