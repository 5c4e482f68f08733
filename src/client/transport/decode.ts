import type { ErrorCode } from '../../errors/catalog.ts';
import { ForeknowError, type RemoteAnswer } from '../../errors/errors.ts';
import { isObject } from '../../wire/reporting/read.ts';
import { refusalHint } from './refusal.ts';
import { retryAfterMs } from './retry-after.ts';
import type { Answer, Send } from './types.ts';

const MAX_BODY_SHOWN = 4096;

export type DecodeOptions = { readonly token: string; readonly region: string; readonly now: () => number };

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
    if (isErrorBody(body)) throw errorInside(answer, text, request.endpoint, options);
    return { ...answer, body };
  };

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

const errorKeys = new Set(['message', 'error', 'errors', 'status', 'code']);

/** Status 200 with nothing but a message: seen for a bad key in 2021. Taken for data it would mean an empty account. */
function isErrorBody(body: unknown): boolean {
  if (!isObject(body)) return false;
  const keys = Object.keys(body);
  return keys.every((key) => errorKeys.has(key)) && keys.some((key) => ['message', 'error', 'errors'].includes(key));
}

function errorInside(answer: Answer, text: string, endpoint: string, options: DecodeOptions): ForeknowError {
  const remote = remoteOf(answer, text, options);
  if (/token|unauthori[sz]ed|api key|credential/i.test(text)) {
    return new ForeknowError('connection_unauthorized', {
      detail: `KnowBe4 answered ${endpoint} with status ${answer.status} and a refusal of the token.`,
      hint: refusalHint(options.token, options.region, options.now()),
      remote,
    });
  }
  return new ForeknowError('remote_invalid', {
    detail: `KnowBe4 answered ${endpoint} with status ${answer.status} and an error message instead of data.`,
    hint: 'Try again; if it stays, give KnowBe4 the request id.',
    remote,
  });
}

function refused(answer: Answer, text: string, endpoint: string, options: DecodeOptions): ForeknowError {
  const { status } = answer;
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
  return status >= 500 ? 'remote_unavailable' : 'remote_rejected';
}

function hintOf(status: number, options: DecodeOptions): string {
  if (status === 401) return refusalHint(options.token, options.region, options.now());
  if (status === 403) {
    return 'The plan may lack API access (Platinum or Diamond has it), or the account allows other addresses only.';
  }
  if (status === 404) {
    return `Ids and tokens are good in one region only: check the id, and that the account lives in region ${options.region}.`;
  }
  if (status === 429)
    return 'Another program may use the same account: its request budget is shared. Wait, then go on.';
  if (status === 503) return 'Try again in a few minutes.';
  if (status >= 500) return 'Try again; if it stays, give KnowBe4 the request id.';
  if (status < 400) return 'The address answers with a redirect, which is not followed: check the base URL.';
  return 'Compare the call with the Reporting API guide.';
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
