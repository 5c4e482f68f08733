import { backoffMs } from '../lib/backoff.ts';
import { sleep as realSleep, type Sleep } from '../lib/sleep.ts';
import { ApiError, errorOf, isApiError } from './api-error.ts';

export type ClientOptions = {
  /** Where the gateway is reached, such as `https://foreknow.example.com`; below a path too. */
  readonly baseUrl: string;
  /** An API token or an account token; a function is asked before every call. */
  readonly token: string | (() => string | Promise<string>);
  /** Tries after the first one, of calls that are safe to repeat; default 2. */
  readonly retries?: number;
  /** Milliseconds that one try may take; default 60 s. */
  readonly timeoutMs?: number;
  /** The longest wait before another try that is still waited for; default 60 s. A longer one is thrown at once, with `retryAfterMs`. */
  readonly maxWaitMs?: number;
  readonly fetch?: Fetch;
  /** For tests. */
  readonly sleep?: Sleep;
  /** For tests: a number in [0, 1). */
  readonly random?: () => number;
};

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type CallOptions = {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Makes a POST or PATCH safe to repeat: the server answers a second one with the answer of the first. Choose a new one for each act. */
  readonly idempotencyKey?: string;
};

export type Call = CallOptions & { readonly method: string; readonly url: string; readonly body?: unknown };
export type Send = (call: Call) => Promise<unknown>;

const RETRIES = 2;
const TIMEOUT_MS = 60_000;
const MAX_WAIT_MS = 60_000;
const [FIRST_WAIT_MS, LONGEST_BACKOFF_MS] = [500, 8000];

/** Sends a call, and sends it again where that is safe and waiting can help. */
export function createSend(options: ClientOptions): Send {
  const { retries = RETRIES, maxWaitMs = MAX_WAIT_MS, sleep = realSleep, random = Math.random } = options;
  return async (call) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sendOnce(options, call);
      } catch (error) {
        if (!isApiError(error) || error.retry !== 'soon' || attempt > retries || !mayRepeat(call)) throw error;
        const backoff = backoffMs(attempt, FIRST_WAIT_MS, LONGEST_BACKOFF_MS, random());
        // A little later than asked: callers that were refused together do not come back together.
        const waitMs = error.retryAfterMs === undefined ? backoff : error.retryAfterMs + backoff / 2;
        if ((error.retryAfterMs ?? 0) > maxWaitMs) throw error;
        await sleep(waitMs, call.signal).catch((reason) => {
          throw aborted(reason);
        });
      }
    }
  };
}

/** A call whose answer was lost may have taken effect: only what has no effect, or is known by its key, is sent again. */
const mayRepeat = ({ method, idempotencyKey }: Call): boolean =>
  method === 'GET' || ((method === 'POST' || method === 'PATCH') && idempotencyKey !== undefined);

async function sendOnce(options: ClientOptions, call: Call): Promise<unknown> {
  if (call.signal?.aborted) throw aborted(call.signal.reason);
  const timeoutMs = call.timeoutMs ?? options.timeoutMs ?? TIMEOUT_MS;
  const late = AbortSignal.timeout(timeoutMs);
  const signal = call.signal === undefined ? late : AbortSignal.any([call.signal, late]);
  const init = { ...(await requestOf(options, call)), signal };
  const fetch: Fetch = options.fetch ?? globalThis.fetch;
  let answer: { readonly response: Response; readonly text: string };
  try {
    const response = await fetch(call.url, init);
    answer = { response, text: await response.text() };
  } catch (cause) {
    if (call.signal?.aborted) throw aborted(call.signal.reason);
    if (late.aborted) throw timedOut(timeoutMs);
    throw unreachable(cause);
  }
  return read(answer.response, answer.text);
}

async function requestOf({ token }: ClientOptions, { method, body, idempotencyKey }: Call) {
  const headers: Record<string, string> = {
    accept: 'application/json',
    authorization: `Bearer ${typeof token === 'string' ? token : await token()}`,
  };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  // A redirect is never followed: it would lead the token elsewhere.
  return {
    method,
    headers,
    redirect: 'manual' as const,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

/** JSON, or text where that is what the address answers. */
function read(response: Response, text: string): unknown {
  const { status, headers } = response;
  const isJson = /[/+]json\b/.test(headers.get('content-type') ?? '');
  if (response.ok && !isJson) return text;
  let body: unknown;
  try {
    body = isJson && text !== '' ? JSON.parse(text) : undefined;
  } catch {
    throw errorOf({ status: response.ok ? 502 : status, headers, body: undefined });
  }
  if (!response.ok) throw errorOf({ status, headers, body });
  return body;
}

const aborted = (reason: unknown): ApiError =>
  new ApiError({ code: 'aborted', detail: 'The call was cancelled.', cause: reason });

const timedOut = (timeoutMs: number): ApiError =>
  new ApiError({ code: 'timed_out', detail: `No answer came within ${timeoutMs / 1000} s.`, retry: 'soon' });

const unreachable = (cause: unknown): ApiError =>
  new ApiError({
    ...{ code: 'unreachable', detail: 'The gateway could not be reached.', retry: 'soon', cause },
    hint: 'Look whether it runs, and whether the base URL is right.',
  });
