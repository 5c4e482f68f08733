import { rootCertificates } from 'node:tls';
import { Agent, EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import type { Fetch } from '../client/index.ts';

export type EgressOptions = {
  /** Address of the proxy that requests to KnowBe4 and webhooks go through; absent or empty = none. */
  readonly proxy?: string;
  /** Hosts that are reached without the proxy, comma separated, as in `NO_PROXY`. */
  readonly noProxy?: string;
  /** Certificates in PEM that are trusted besides the usual ones (an inspecting proxy, a private CA). */
  readonly ca?: readonly string[];
};

/** The `fetch` that everything sent to KnowBe4 goes through: connections kept open, proxy and private CA where set. */
export function createEgress(options: EgressOptions = {}): { fetch: Fetch; close(): Promise<void> } {
  const connect = options.ca?.length ? { ca: [...rootCertificates, ...options.ca] } : {};
  const dispatcher = options.proxy
    ? new EnvHttpProxyAgent({
        httpProxy: options.proxy,
        httpsProxy: options.proxy,
        noProxy: options.noProxy ?? '',
        connect,
        requestTls: connect,
      })
    : new Agent({ connect });
  return {
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
    close: () => dispatcher.close(),
  };
}
