import type { Fetch } from '../client/index.ts';
import { type IsAllowedUrl, isKnowBe4Url } from '../connections/base-url.ts';
import { ForeknowError } from '../errors/errors.ts';
import { type AddressGuard, createAddressGuard } from './address-guard.ts';

/** Where tokens of KnowBe4 may be sent. */
export type Hosts = {
  readonly isAllowed: IsAllowedUrl;
  /** Judges the addresses that names lead to; null: everything may be reached. */
  readonly guard: AddressGuard | null;
};

export type HostOptions = {
  /** Names, addresses and ranges besides KnowBe4's own hosts, as for webhooks; these may be private. */
  readonly allow?: readonly string[];
  /** Everything may be reached. */
  readonly any?: boolean;
};

/** @throws ForeknowError `config_invalid` for an entry that is neither a name nor a range */
export function createHosts({ allow = [], any = false }: HostOptions): Hosts {
  const guard = createAddressGuard({ allow, field: 'allow_host' });
  if (any) return { isAllowed: () => true, guard: null };
  return { isAllowed: (url) => isKnowBe4Url(url) || guard.isListed(url), guard };
}

/** Refuses what is stored from a time when more was allowed; where a name leads is judged when the connection is made. */
export function guarded(fetch: Fetch, { isAllowed, guard }: Hosts): Fetch {
  // Hosts are few, requests many: what was judged once stays judged.
  const allowed = new Set<string>();
  return async (address, init) => {
    const host = HOST.exec(address)?.[0] ?? null;
    if (guard === null || (host !== null && allowed.has(host))) return fetch(address, init);
    const url = new URL(address);
    if (!isAllowed(url)) throw notAllowed(url);
    if (host !== null && allowed.size < MOST_HOSTS) allowed.add(host);
    return fetch(address, init);
  };
}

/** Everything of an address that decides about its host; null for one that could be read in another way. */
const HOST = /^https?:\/\/[\w.:[\]-]+(?=\/)/;
const MOST_HOSTS = 1000;

const notAllowed = (url: URL): ForeknowError =>
  new ForeknowError('host_not_allowed', {
    detail: `The connection reads ${url.host.slice(0, 100)}, which is none of KnowBe4's own hosts and is not allowed on this server.`,
    hint: 'The operator can allow it: --allow-host, or server.allowed_hosts in the configuration file.',
  });
