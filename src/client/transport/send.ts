import { ForeknowError } from '../../errors/errors.ts';
import type { Fetch, RequestEvent, Send } from './types.ts';

/**
 * Sends one request and reads the whole body as text, both within `timeoutMs`.
 * @throws ForeknowError `remote_unavailable` without an answer, `aborted` when the caller's signal fired
 */
export const sendWith =
  (options: {
    readonly fetch: Fetch;
    readonly timeoutMs: number;
    readonly now: () => number;
    readonly onRequest: ((event: RequestEvent) => void) | undefined;
  }): Send =>
  async (request) => {
    const { signal } = request;
    if (signal?.aborted) throw abortedError(signal.reason);
    const control = new AbortController();
    const onAbort = () => control.abort(signal!.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      control.abort();
    }, options.timeoutMs);
    const startedAt = options.now();
    let status: number | null = null;
    let requestId: string | null = null;
    try {
      request.onSent();
      const response = await options.fetch(request.url, {
        method: 'GET',
        headers: { ...request.headers },
        // A redirect could carry the token to another host.
        redirect: 'manual',
        signal: control.signal,
      });
      const body = await response.text();
      status = response.status;
      requestId = response.headers.get('x-request-id');
      return { status, headers: response.headers, body };
    } catch (cause) {
      if (signal?.aborted) throw abortedError(signal.reason);
      throw noAnswer(request.endpoint, timedOut ? options.timeoutMs : null, cause);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      const { endpoint, url, kind } = request;
      options.onRequest?.({ endpoint, url, status, requestId, durationMs: options.now() - startedAt, kind });
    }
  };

export const abortedError = (cause: unknown): ForeknowError =>
  new ForeknowError('aborted', { detail: 'The call to KnowBe4 was cancelled by its caller.', cause });

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
