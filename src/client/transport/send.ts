import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { Fetch, RequestEvent, Send } from './types.ts';

/**
 * Sends one request and reads the whole body, both within `timeoutMs` and before the request's deadline.
 * @throws ForeknowError `remote_unavailable` without an answer, `aborted` when the caller's signal fired, and what `fetch`
 *   refuses by itself
 */
export const sendWith =
  (options: {
    readonly fetch: Fetch;
    readonly timeoutMs: number;
    readonly read: 'text' | 'bytes';
    readonly now: () => number;
    readonly onRequest: ((event: RequestEvent) => void) | undefined;
  }): Send =>
  async (request) => {
    const { signal } = request;
    if (signal?.aborted) throw abortedError(signal.reason);
    const control = new AbortController();
    const onAbort = () => control.abort(signal!.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const timeoutMs = Math.min(options.timeoutMs, (request.deadline ?? Infinity) - options.now());
    if (timeoutMs <= 0) throw noAnswer(request.endpoint, 0, null);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      control.abort();
    }, timeoutMs);
    const startedAt = options.now();
    let status: number | null = null;
    let requestId: string | null = null;
    try {
      request.onSent();
      const response = await options.fetch(request.url, {
        method: request.method ?? 'GET',
        headers: { ...request.headers },
        ...(request.body === undefined ? {} : { body: request.body }),
        // A redirect could carry the token to another host.
        redirect: 'manual',
        signal: control.signal,
      });
      const body = options.read === 'text' ? await response.text() : new Uint8Array(await response.arrayBuffer());
      status = response.status;
      requestId = response.headers.get('x-request-id');
      return { status, headers: response.headers, body };
    } catch (cause) {
      if (signal?.aborted) throw abortedError(signal.reason);
      throw refusalIn(cause) ?? noAnswer(request.endpoint, timedOut ? timeoutMs : null, cause);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      const { method = 'GET', endpoint, url, kind } = request;
      options.onRequest?.({ method, endpoint, url, status, requestId, durationMs: options.now() - startedAt, kind });
    }
  };

export const abortedError = (cause: unknown): ForeknowError =>
  new ForeknowError('aborted', { detail: 'The call to KnowBe4 was cancelled by its caller.', cause });

/** What refuses to send, an address that may not be reached say, is no failure of the network: trying again does not help. */
function refusalIn(cause: unknown): ForeknowError | null {
  const inner = cause instanceof Error ? cause.cause : undefined;
  return [cause, inner].find(isForeknowError) ?? null;
}

function noAnswer(endpoint: string, timeoutMs: number | null, cause: unknown): ForeknowError {
  return new ForeknowError('remote_unavailable', {
    detail:
      timeoutMs === null
        ? `The connection to KnowBe4 failed or was cut while reading ${endpoint}.`
        : `KnowBe4 did not finish its answer to ${endpoint} within ${timeoutMs} ms.`,
    hint: 'Check that the host can be reached from here (DNS, proxy, firewall), then try again.',
    cause,
  });
}
