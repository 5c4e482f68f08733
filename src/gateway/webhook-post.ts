import type { Socket } from 'node:net';
import { rootCertificates } from 'node:tls';
import { SpanKind } from '@opentelemetry/api';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { ForeknowError } from '../errors/errors.ts';
import type { Post, PostAnswer } from '../events/attempt.ts';
import { failSpan, withSpan } from '../trace/span.ts';
import type { AddressGuard } from './address-guard.ts';
import type { EgressOptions } from './egress.ts';
import { isExcepted, openTunnel } from './tunnel.ts';

/** Connection and answer together. */
const LIMIT_MS = 15_000;
const ANSWER_BYTES = 1024;
/** To one host; more wait for each other there. */
const CONNECTIONS_A_HOST = 16;

export type WebhookPost = { readonly post: Post; close(): Promise<void> };

/**
 * Sends deliveries: connections are kept open for each host and made to checked addresses only, through the proxy where one is
 * set; redirects are not followed, an answer is read for at most 1 kB and 15 s.
 */
export function createWebhookPost(
  guard: AddressGuard,
  egress: EgressOptions = {},
  limitMs: number = LIMIT_MS,
): WebhookPost {
  const agent = new Agent({
    connections: CONNECTIONS_A_HOST,
    allowH2: false,
    connect: connectorOf(guard, egress, limitMs),
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

/** What is public is reached through the proxy, if there is one and the host is not excepted; all else directly. */
function connectorOf(guard: AddressGuard, egress: EgressOptions, limitMs: number): buildConnector.connector {
  const { proxy, noProxy = '' } = egress;
  const ca = egress.ca?.length ? [...rootCertificates, ...egress.ca] : undefined;
  const usual = { allowH2: false, timeout: limitMs, ...(ca === undefined ? {} : { ca }) };
  const direct = buildConnector({ ...usual, lookup: guard.lookup });
  if (!proxy) return direct;
  const overTunnel = buildConnector(usual);
  const tunnelTo = async ({ hostname, port, protocol }: buildConnector.Options): Promise<Socket | null> => {
    const number = Number(port || (protocol === 'https:' ? 443 : 80));
    const host = isExcepted(noProxy, hostname, number) ? null : await guard.throughProxy(hostname);
    return host === null ? null : openTunnel(proxy, { host, port: number }, { ca, limitMs });
  };
  return (options, callback) => {
    tunnelTo(options).then(
      (httpSocket) => {
        if (httpSocket === null) direct(options, callback);
        else if (options.protocol === 'https:') overTunnel({ ...options, httpSocket }, callback);
        else callback(null, httpSocket);
      },
      (error: Error) => callback(error, null),
    );
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
