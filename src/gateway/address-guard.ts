import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { ForeknowError } from '../errors/errors.ts';

/**
 * Decides where requests to addresses that others chose may go. A name is resolved once, every address of it is checked, and
 * the connection is made to a checked address: a name that changes between check and connection gains nothing.
 */
export type AddressGuard = {
  /**
   * Checks what an address says by itself: scheme, credentials, port, and an address in place of a name. Costs nothing, so it
   * is done on every try.
   * @throws ForeknowError `host_not_allowed`, field `url`
   */
  checkUrl(url: URL): void;
  /**
   * Checks where the name leads now. One that does not resolve passes: nothing can be sent there either.
   * @throws ForeknowError `host_not_allowed`, field `url`
   */
  checkName(url: URL): Promise<void>;
  /** Whether the operator named the host, or listed its address. */
  isListed(url: URL): boolean;
  /**
   * What a proxy may be asked for in place of the name: an address of it that was checked, so that the proxy looks up nothing;
   * the name itself where the operator named the host, whom the proxy alone may know. Null for what is reached without the
   * proxy: addresses that are not public.
   * @throws ForeknowError `host_not_allowed`
   */
  throughProxy(hostname: string): Promise<string | null>;
  /** Resolves for `net.connect`: fails with `host_not_allowed` unless every address of the name may be reached. */
  readonly lookup: LookupFunction;
};

export type GuardOptions = {
  /**
   * What the operator lets through besides public addresses: names (`hooks.corp.example`, `*.corp.example`), addresses, or
   * ranges (`10.2.0.0/16`, `fd12::/16`). A named host, or an address in a listed range, may use plain HTTP and any port.
   */
  readonly allow?: readonly string[];
  /** Ports besides 443 that every host may use. */
  readonly ports?: readonly number[];
  /** What the operator calls `allow`, for errors. Default `allow_webhook_host`. */
  readonly field?: string;
  /** Every address of a name. Default: the system's resolver. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
};

/** @throws ForeknowError `config_invalid` when an entry of `allow` is neither a name nor a range */
export function createAddressGuard(options: GuardOptions = {}): AddressGuard {
  const allowed = parseAllowed(options.allow ?? [], options.field ?? 'allow_webhook_host');
  const ports = new Set([443, ...(options.ports ?? [])]);
  const resolve = options.resolve ?? systemResolve;
  const mayReach = (address: string): boolean => isPublicAddress(address) || allowed.hasAddress(address);
  const isTrusted = (hostname: string): boolean =>
    isIP(hostname) === 0 ? allowed.hasName(hostname) : allowed.hasAddress(hostname);

  const resolveChecked = async (hostname: string): Promise<readonly LookupAddress[]> => {
    const found = await resolve(hostname);
    if (!allowed.hasName(hostname) && !found.every(({ address }) => mayReach(address))) throw notReachable(hostname);
    return found;
  };

  const addressesOf = async (hostname: string): Promise<readonly string[]> => {
    if (isIP(hostname) === 0) return (await resolveChecked(hostname)).map(({ address }) => address);
    if (!mayReach(hostname)) throw notReachable(hostname);
    return [hostname];
  };

  return {
    checkUrl(url) {
      const hostname = hostOf(url);
      const trusted = isTrusted(hostname);
      if (url.username !== '' || url.password !== '') throw refused('The address must not hold a name or password.');
      if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('The address must begin with https://.');
      if (url.protocol === 'http:' && !trusted) throw refused(`${hostname} may only be reached with https.`);
      const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
      if (!trusted && !ports.has(port)) throw refused(`Port ${port} of ${hostname} is not allowed.`);
      if (isIP(hostname) !== 0 && !mayReach(hostname)) throw notReachable(hostname);
    },
    async checkName(url) {
      const hostname = hostOf(url);
      if (isIP(hostname) !== 0) return;
      await resolveChecked(hostname).catch((error: NodeJS.ErrnoException) => {
        if (error instanceof ForeknowError) throw error;
      });
    },
    isListed: (url) => isTrusted(hostOf(url)),
    async throughProxy(hostname) {
      const isNamed = isIP(hostname) === 0 && allowed.hasName(hostname);
      const found = await addressesOf(hostname).catch((error: unknown) => {
        if (isNamed) return [];
        throw error;
      });
      if (found.some((address) => !isPublicAddress(address))) return null;
      if (isNamed) return hostname;
      const [first] = found;
      if (first === undefined) throw notFound(hostname);
      return first;
    },
    lookup: (hostname, { all, family }, callback) => {
      resolveChecked(hostname).then(
        (found) => answer(found.filter((one) => fits(one, family))),
        (error: Error) => callback(error as NodeJS.ErrnoException, '', 0),
      );
      const answer = (found: readonly LookupAddress[]): void => {
        const [first] = found;
        if (first === undefined) callback(notFound(hostname), '', 0);
        else if (all) callback(null, [...found]);
        else callback(null, first.address, first.family);
      };
    },
  };
}

const systemResolve = (hostname: string): Promise<readonly LookupAddress[]> =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });

const fits = (address: LookupAddress, family: unknown): boolean =>
  family === undefined || family === 0 || address.family === family || `IPv${address.family}` === family;

/** The host as it is connected to: without the brackets of IPv6 and the dot that may end a name. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

/**
 * IPv4 ranges that are not the public internet (IANA special-purpose registry), multicast, and the address at which a cloud's
 * own machinery answers inside it (168.63.129.16). 169.254.169.254 and 100.100.100.200 lie in the ranges.
 */
const closedV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '168.63.129.16/32', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
] as const;

/** Public IPv6 is 2000::/3; what of it is not: protocol assignments with Teredo, documentation, 6to4. */
const openV6 = '2000::/3';
const closedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const;

const closedIPv4 = rangesOf(closedV4);
const openIPv6 = rangesOf([openV6]);
const closedIPv6 = rangesOf(closedV6);

/** Whether an address is one of the public internet. IPv4 inside IPv6 (mapped, NAT64) is judged as what it leads to. */
export function isPublicAddress(address: string): boolean {
  const plain = innerIPv4(address) ?? address;
  if (isIP(plain) === 4) return !closedIPv4.check(plain, 'ipv4');
  if (isIP(plain) !== 6 || plain.includes('%')) return false;
  return openIPv6.check(plain, 'ipv6') && !closedIPv6.check(plain, 'ipv6');
}

/** `::ffff:10.0.0.1` and `64:ff9b::a00:1` lead to 10.0.0.1; null for every other address. */
function innerIPv4(address: string): string | null {
  if (isIP(address) !== 6 || address.includes('%')) return null;
  const groups = groupsOf(address);
  const start = groups.slice(0, 6).join(':');
  if (start !== '0:0:0:0:0:ffff' && start !== '64:ff9b:0:0:0:0') return null;
  const [high, low] = groups.slice(6).map((group) => Number.parseInt(group, 16)) as [number, number];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address in hex, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [head, tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head!.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

function rangesOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network, bits] = range.split('/') as [string, string];
    list.addSubnet(network, Number(bits), isIP(network) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

type Allowed = { hasName(hostname: string): boolean; hasAddress(address: string): boolean };

function parseAllowed(entries: readonly string[], field: string): Allowed {
  const names = new Set<string>();
  const endings: string[] = [];
  const ranges: string[] = [];
  for (const entry of entries.map((one) => one.trim().toLowerCase())) {
    const range = rangeOf(entry);
    if (range !== null) ranges.push(range);
    else if (/^\*(\.[a-z0-9_-]+)+$/.test(entry)) endings.push(entry.slice(1));
    else if (isName(entry)) names.add(entry);
    else throw notAnEntry(entry, field);
  }
  const list = rangesOf(ranges);
  return {
    hasName: (hostname) => names.has(hostname) || endings.some((ending) => hostname.endsWith(ending)),
    hasAddress: (address) => {
      const plain = innerIPv4(address) ?? address;
      const version = isIP(plain);
      return version !== 0 && !plain.includes('%') && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
    },
  };
}

/** Names have a letter in their last label: `10.2.0` or `0x7f.1` are odd spellings of addresses, not names. */
const isName = (entry: string): boolean => /^([a-z0-9_-]+\.)*[a-z_-][a-z0-9_-]*$/.test(entry);

/** An address or a range of addresses as a range; null for everything else. */
function rangeOf(entry: string): string | null {
  const [network = '', bits, ...rest] = entry.split('/');
  const version = isIP(network);
  if (version === 0 || rest.length > 0 || network.includes('%')) return null;
  const most = version === 4 ? 32 : 128;
  if (bits === undefined) return `${network}/${most}`;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? entry : null;
}

const refused = (detail: string): ForeknowError =>
  new ForeknowError('host_not_allowed', {
    detail,
    hint: 'Public hosts are reached with https on port 443. The operator can allow others by name or range.',
    field: 'url',
  });

const notReachable = (hostname: string): ForeknowError =>
  refused(`${hostname} leads to an address that is not on the public internet.`);

const notFound = (hostname: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });

const notAnEntry = (entry: string, field: string): ForeknowError =>
  new ForeknowError('config_invalid', {
    detail: `${JSON.stringify(entry.slice(0, 80))} is neither a host name nor an address or range.`,
    hint: 'Write hooks.corp.example, *.corp.example, 10.2.0.7 or 10.2.0.0/16.',
    field,
  });
