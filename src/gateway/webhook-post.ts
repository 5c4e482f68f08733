import { rootCertificates } from 'node:tls';
import { SpanKind } from '@opentelemetry/api';
import { Agent, type Dispatcher } from 'undici';
import { ForeknowError } from '../errors/errors.ts';
import type { Post, PostAnswer } from '../events/attempt.ts';
import { failSpan, withSpan } from '../trace/span.ts';
import type { AddressGuard } from './address-guard.ts';

/** Connection and answer together. */
const LIMIT_MS = 15_000;
const ANSWER_BYTES = 1024;
/** To one host; more wait for each other there. */
const CONNECTIONS_A_HOST = 16;

export type WebhookPost = { readonly post: Post; close(): Promise<void> };

/**
 * Sends deliveries: connections are kept open for each host and made to checked addresses only, redirects are not followed, an
 * answer is read for at most 1 kB and 15 s.
 * @param ca certificates in PEM that are trusted besides the usual ones
 */
export function createWebhookPost(guard: AddressGuard, ca: readonly string[] = [], limitMs = LIMIT_MS): WebhookPost {
  const agent = new Agent({
    connections: CONNECTIONS_A_HOST,
    allowH2: false,
    connect: {
      lookup: guard.lookup,
      timeout: limitMs,
      ...(ca.length > 0 ? { ca: [...rootCertificates, ...ca] } : {}),
    },
  });
  return {
    post: async ({ url, headers, body, signal }) => {
      const { origin, pathname, search, hostname } = checked(guard, url);
      const request = { origin, path: pathname + search, method: 'POST', headers, body } as const;
      return traced(hostname, headers['webhook-id'], () => send(agent, request, signal, limitMs));
    },
    close: () => agent.destroy(),
  };
}

/** A span that names host and event: the path may hold a secret of the receiver's. */
function traced(host: string, eventId: string | undefined, work: () => Promise<PostAnswer>): Promise<PostAnswer> {
  const attributes = {
    'http.request.method': 'POST',
    'server.address': host,
    ...(eventId === undefined ? {} : { 'foreknow.event.id': eventId }),
  };
  return withSpan('POST webhook', { kind: SpanKind.CLIENT, attributes }, async (span) => {
    const answer = await work();
    span.setAttribute('http.response.status_code', answer.status);
    if (answer.status >= 300) failSpan(span, { code: String(answer.status) });
    return answer;
  });
}

function checked(guard: AddressGuard, address: string): URL {
  const url = new URL(address);
  guard.checkUrl(url);
  return url;
}

function send(
  agent: Agent,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
  limitMs: number,
): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let head: Pick<PostAnswer, 'status' | 'retryAfter'> | null = null;
    let controller: Dispatcher.DispatchController | null = null;
    const end = (error: Error | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      if (error !== null) reject(error);
      else resolve({ ...head!, answer: Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString('utf8') });
    };
    const stop = (error: Error): void => {
      controller?.abort(error);
      end(error);
    };
    const onAbort = (): void => stop(signal.reason as Error);
    const timer = setTimeout(() => stop(tooSlow()), limitMs);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);
    agent.dispatch(request, {
      onRequestStart: (given) => {
        controller = given;
      },
      onResponseStart: (_, status, headers) => {
        const retryAfter = headers['retry-after'];
        head = { status, retryAfter: typeof retryAfter === 'string' ? retryAfter : null };
      },
      onResponseData: (given, chunk) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length <= ANSWER_BYTES) return;
        end(null);
        given.abort(new Error('read enough'));
      },
      onResponseEnd: () => end(null),
      onResponseError: (_, error) => end(error),
    });
  });
}

const tooSlow = (): ForeknowError =>
  new ForeknowError('remote_unavailable', { detail: 'The receiver did not answer in time.' });
