import { createHash } from 'node:crypto';
import { ForeknowError } from '../errors/errors.ts';
import type { Attempt } from './endpoint.ts';
import type { Message } from './message.ts';
import { askedMs } from './retry.ts';
import type { Signer } from './sign.ts';

/** Sends one POST and reads the beginning of its answer. Follows no redirect. Rejects when no answer came. */
export type Post = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}) => Promise<PostAnswer>;

export type PostAnswer = {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The first kB. */
  readonly answer: string;
};

/** What one attempt came to. */
export type Outcome = {
  readonly attempt: Omit<Attempt, 'nextAt'>;
  readonly isDelivered: boolean;
  /** The receiver said that nothing shall be sent any more (410). */
  readonly isGone: boolean;
  /** What the receiver asked us to wait, ms. */
  readonly askedMs: number;
};

export type AttemptDeps = {
  readonly post: Post;
  /** ms */
  readonly now: () => number;
  readonly userAgent: string;
};

/**
 * Sends an event once. Whatever goes wrong is an outcome; it rejects only when `signal` was aborted: then nobody knows whether
 * the event arrived, and it is sent again.
 */
export async function attempt(
  { post, now, userAgent }: AttemptDeps,
  target: { readonly url: string; readonly sign: Signer },
  eventId: string,
  { contentType, body }: Message,
  signal: AbortSignal,
): Promise<Outcome> {
  const started = now();
  const at = new Date(started).toISOString();
  const signed = target.sign({ id: eventId, timestamp: Math.floor(started / 1000), body });
  const headers = { ...signed, 'content-type': contentType, 'user-agent': userAgent };
  const request = {
    headers: shownHeaders(headers),
    bytes: Buffer.byteLength(body),
    digest: createHash('sha256').update(body).digest('hex'),
  };
  try {
    const { status, retryAfter, answer } = await post({ url: target.url, headers, body, signal });
    const isDelivered = status >= 200 && status < 300;
    const error = isDelivered ? null : wordsFor(status);
    return {
      attempt: { at, request, status, answer, durationMs: now() - started, error },
      isDelivered,
      isGone: status === 410,
      askedMs: isDelivered ? 0 : askedMs(retryAfter, now()),
    };
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    const error = reasonOf(cause);
    return {
      attempt: { at, request, status: null, answer: null, durationMs: now() - started, error },
      isDelivered: false,
      isGone: false,
      askedMs: 0,
    };
  }
}

/** A signature is not a secret, but nobody needs it again. */
const shownHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.endsWith('-signature')));

function wordsFor(status: number): string {
  if (status === 410) return 'The receiver answered 410: it wants nothing any more.';
  if (status >= 300 && status < 400) return `The receiver answered ${status}: redirects are not followed.`;
  return `The receiver answered ${status}.`;
}

/** Words for what keeps an answer from coming; never the text of an unknown error, which may hold anything. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was cut.',
  EPIPE: 'The connection was cut.',
  UND_ERR_SOCKET: 'The connection was cut.',
  ENOTFOUND: 'The name does not resolve.',
  EAI_AGAIN: 'The name could not be resolved.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ENETUNREACH: 'The host cannot be reached.',
  ETIMEDOUT: 'The receiver did not answer in time.',
  UND_ERR_CONNECT_TIMEOUT: 'The receiver did not answer in time.',
  UND_ERR_HEADERS_TIMEOUT: 'The receiver did not answer in time.',
  UND_ERR_BODY_TIMEOUT: 'The receiver did not answer in time.',
  UND_ERR_ABORTED: 'The receiver did not answer in time.',
};

function reasonOf(cause: unknown): string {
  if (cause instanceof ForeknowError) return cause.detail;
  const code = codeOf(cause);
  if ((cause as Error | undefined)?.name === 'HTTPParserError') return 'The answer is not HTTP.';
  if (/CERT|SSL|TLS|SIGNATURE|ALTNAME/.test(code)) return `The certificate was not accepted (${code}).`;
  return reasons[code] ?? 'The request failed.';
}

function codeOf(error: unknown): string {
  const { code, errors, cause } = (error ?? {}) as { code?: unknown; errors?: unknown[]; cause?: unknown };
  if (typeof code === 'string') return code;
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  return cause === undefined ? '' : codeOf(cause);
}
