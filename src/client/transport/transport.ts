import { ForeknowError } from '../../errors/errors.ts';
import { sleep as realSleep, type Sleep } from '../../lib/sleep.ts';
import { withBytes, withDecoding } from './decode.ts';
import type { Limiter } from './limiter.ts';
import { defaultRetry, type RetryOptions, withRetry } from './retry.ts';
import { sendWith } from './send.ts';
import { type SurfaceName, surfaces } from './surface.ts';
import { withThrottle } from './throttle.ts';
import { checkedToken, withToken } from './token.ts';
import type { Fetch, RequestEvent, Send } from './types.ts';

/** What every client is told of the world around it. */
export type TransportOptions = {
  /** It goes into the request header and nowhere else. */
  readonly token: string;
  /** Default: the platform's. */
  readonly fetch?: Fetch;
  readonly retry?: Partial<RetryOptions>;
  /** For one request with its whole answer, in ms; default 60,000. */
  readonly timeoutMs?: number;
  readonly onRequest?: (event: RequestEvent) => void;
  /** ms; default: the system clock. */
  readonly now?: () => number;
  readonly sleep?: Sleep;
  readonly random?: () => number;
};

/**
 * From the outside in: try again, take a turn, understand the answer, show the token, send.
 * @param read whether answers are parsed or handed on as bytes
 */
export function transportOf(
  options: TransportOptions,
  {
    surface,
    region,
    limiter,
    read,
  }: {
    readonly surface: SurfaceName;
    readonly region: string | null;
    readonly limiter: Limiter;
    readonly read: 'json' | 'bytes';
  },
): Send {
  const { now = Date.now, sleep = realSleep, random = Math.random } = options;
  const token = checkedToken(options.token);
  const send = sendWith({
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    timeoutMs: options.timeoutMs ?? 60_000,
    read: read === 'json' ? 'text' : 'bytes',
    now,
    onRequest: options.onRequest,
  });
  const decoding = read === 'json' ? withDecoding : withBytes;
  const decoded = decoding({ surface: surfaces[surface], token, region, now })(withToken(token)(send));
  const retry = { ...defaultRetry, ...options.retry };
  return withRetry({ now, sleep, random, retry })(withThrottle(limiter, now)(decoded));
}

/**
 * An address to which paths are appended: without a slash at its end.
 * @throws ForeknowError `invalid_request`
 */
export function checkedBase(baseUrl: string, field: string): string {
  if (URL.canParse(baseUrl) && /^https?:$/.test(new URL(baseUrl).protocol)) return baseUrl.replace(/\/+$/, '');
  throw new ForeknowError('invalid_request', { detail: 'The base URL is not an http(s) address.', field });
}
