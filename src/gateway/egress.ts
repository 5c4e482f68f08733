import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request, fetch as undiciFetch } from 'undici';
import type { Fetch } from '../client/index.ts';
import type { AddressGuard } from './address-guard.ts';

export type EgressOptions = {
  /** Address of the proxy that requests to KnowBe4 and webhooks go through; absent or empty = none. */
  readonly proxy?: string;
  /** Hosts that are reached without the proxy, comma separated, as in `NO_PROXY`. */
  readonly noProxy?: string;
  /** Certificates in PEM that are trusted besides the usual ones (an inspecting proxy, a private CA). */
  readonly ca?: readonly string[];
};

export type Egress = {
  /** Takes compressed answers: for the large pages of syncs. */
  readonly fetch: Fetch;
  /** Does less, for single calls that somebody waits for: answers come uncompressed. */
  readonly fetchOne: Fetch;
  close(): Promise<void>;
};

/**
 * The `fetch` that everything sent to KnowBe4 goes through: connections kept open, proxy and private CA where set.
 * @param guard judges the addresses that names lead to, when a connection is made; through a proxy it is the proxy that resolves
 */
export function createEgress(options: EgressOptions = {}, guard: AddressGuard | null = null): Egress {
  const tls = options.ca?.length ? { ca: [...rootCertificates, ...options.ca] } : {};
  const dispatcher = dispatcherOf(options, tls, guard);
  return {
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
    fetchOne: async (url, { method, headers, body, signal }) => {
      const answer = await request(url, { dispatcher, method, headers, signal, body: body ?? null });
      return {
        status: answer.statusCode,
        headers: { get: (name) => [answer.headers[name.toLowerCase()] ?? []].flat().join(', ') || null },
        text: () => answer.body.text(),
        arrayBuffer: () => answer.body.arrayBuffer(),
      };
    },
    close: () => dispatcher.close(),
  };
}

/** Connections as the operator wants them: through the proxy or past it. @param tls what the other side's certificate is held against */
export function dispatcherOf(
  { proxy, noProxy = '' }: EgressOptions,
  tls: { readonly ca?: string | readonly string[] },
  guard: AddressGuard | null = null,
): Dispatcher {
  const held = tls.ca === undefined ? {} : { ca: [tls.ca].flat() };
  const connect = guard === null ? held : { ...held, lookup: guard.lookup };
  if (!proxy) return new Agent({ connect });
  return new EnvHttpProxyAgent({ httpProxy: proxy, httpsProxy: proxy, noProxy, connect, requestTls: held });
}
