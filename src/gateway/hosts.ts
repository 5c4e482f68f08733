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
export const guarded =
  (fetch: Fetch, { isAllowed, guard }: Hosts): Fetch =>
  async (address, init) => {
    const url = new URL(address);
    if (guard !== null && !isAllowed(url)) throw notAllowed(url);
    return fetch(address, init);
  };

const notAllowed = (url: URL): ForeknowError =>
  new ForeknowError('host_not_allowed', {
    detail: `The connection reads ${url.host.slice(0, 100)}, which is none of KnowBe4's own hosts and is not allowed on this server.`,
    hint: 'The operator can allow it: --allow-host, or server.allowed_hosts in the configuration file.',
  });
