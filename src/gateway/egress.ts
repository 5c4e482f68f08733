import { rootCertificates } from 'node:tls';
import { Agent, EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
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

/**
 * The `fetch` that everything sent to KnowBe4 goes through: connections kept open, proxy and private CA where set.
 * @param guard judges the addresses that names lead to, when a connection is made; through a proxy it is the proxy that resolves
 */
export function createEgress(
  options: EgressOptions = {},
  guard: AddressGuard | null = null,
): { fetch: Fetch; close(): Promise<void> } {
  const tls = options.ca?.length ? { ca: [...rootCertificates, ...options.ca] } : {};
  const connect = guard === null ? tls : { ...tls, lookup: guard.lookup };
  const dispatcher = options.proxy
    ? new EnvHttpProxyAgent({
        httpProxy: options.proxy,
        httpsProxy: options.proxy,
        noProxy: options.noProxy ?? '',
        connect,
        requestTls: tls,
      })
    : new Agent({ connect });
  return {
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
    close: () => dispatcher.close(),
  };
}
