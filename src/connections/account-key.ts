import { createHash } from 'node:crypto';
import type { Region } from '../wire/regions.ts';

/**
 * What tells accounts apart, for the request budget they share: region and a hash of the sorted domains, because
 * `/v1/account` carries no id.
 * @param override the operator's word, for accounts whose domains do not tell them apart
 * @returns null when the account names no domain
 */
export function accountKeyOf(region: Region, domains: readonly string[], override?: string): string | null {
  if (override !== undefined) return override;
  const sorted = sortedDomains(domains);
  if (sorted.length === 0) return null;
  return `${region}:${createHash('sha256').update(sorted.join('\n')).digest('hex').slice(0, 32)}`;
}

/** Accounts gain and lose domains: one in common is enough. Without domains nothing speaks against it. */
export function mayBeSameAccount(known: readonly string[], seen: readonly string[]): boolean {
  const before = new Set(sortedDomains(known));
  return before.size === 0 || seen.length === 0 || sortedDomains(seen).some((domain) => before.has(domain));
}

const sortedDomains = (domains: readonly string[]): readonly string[] =>
  [...new Set(domains.map((domain) => domain.trim().toLowerCase()))].filter((domain) => domain !== '').toSorted();
