import { checkedToken, tokenFacts } from '../client/transport/token.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { AccountRecord } from '../wire/records.ts';
import { consoleHost, type Region, regions } from '../wire/regions.ts';
import type { AccountFacts } from './connection.ts';
import type { ConnectionDeps } from './deps.ts';
import type { ProbeTarget } from './ports.ts';

/** A token that KnowBe4 accepted, and what the account said. */
export type Proof = {
  readonly region: Region;
  readonly token: string;
  readonly account: AccountFacts;
  /** Ids of some people of the account: one page of them. */
  readonly people: readonly string[];
};

type ProofInput = ProbeTarget & {
  /** Try the other four regions when this one refuses the token: it is then sent to four more hosts of KnowBe4. */
  readonly probeRegions: boolean;
};

/**
 * Proves a reporting token against `/v1/account`.
 * @throws ForeknowError `wrong_product` or `wrong_region` where that can be told apart, else what the client said
 */
export async function proveToken(
  deps: Pick<ConnectionDeps, 'probeAccount' | 'probeUsers' | 'now'>,
  input: ProofInput,
): Promise<Proof> {
  const target: ProbeTarget = { ...input, token: checkedToken(input.token) };
  const warnings: string[] = [];
  let region = input.region;
  let record: AccountRecord;
  try {
    record = await deps.probeAccount(target);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const found = input.probeRegions && input.baseUrl === null ? await probeOthers(deps, target) : null;
    if (found === null) throw namedRefusal(error, target, input.probeRegions, deps.now());
    ({ region, record } = found);
    warnings.push(`The token belongs to region ${region}, not ${input.region}: the connection uses ${region}.`);
  }
  const people = await deps.probeUsers({ ...target, region });
  warnings.push(...accountWarnings(record), ...emptyWarnings(people, record));
  return { region, token: target.token, account: factsOf(record, warnings, deps.now()), people };
}

/** Answers that may mean a wrong token, product or region; KnowBe4 gives the same ones for all three. */
const refusalCodes = new Set(['connection_unauthorized', 'connection_forbidden', 'remote_not_found']);
const isRefusal = (error: unknown): error is ForeknowError => isForeknowError(error) && refusalCodes.has(error.code);

async function probeOthers(
  { probeAccount }: Pick<ConnectionDeps, 'probeAccount'>,
  target: ProbeTarget,
): Promise<{ region: Region; record: AccountRecord } | null> {
  for (const region of regions.filter((other) => other !== target.region)) {
    try {
      return { region, record: await probeAccount({ ...target, region }) };
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return null;
}

function namedRefusal(
  error: ForeknowError,
  { token, region, baseUrl }: ProbeTarget,
  probed: boolean,
  now: Date,
): ForeknowError {
  const facts = tokenFacts(token);
  const expired = facts.expiresAt !== null && facts.expiresAt <= now;
  const rest = { cause: error, ...(error.remote === undefined ? {} : { remote: error.remote }) };
  if (!expired && facts.product !== null && facts.product !== 'reporting') {
    return new ForeknowError('wrong_product', {
      ...rest,
      detail: 'KnowBe4 refused the token, and it looks like one of another product.',
      hint: error.hint ?? 'Create a token under Account Settings → Account Integrations → API → Reporting API.',
    });
  }
  if (!expired && facts.region !== null && facts.region !== region) {
    return new ForeknowError('wrong_region', {
      ...rest,
      detail: `KnowBe4 refused the token in region ${region}, and it looks like one of region ${facts.region}.`,
      hint: `Connect with region ${facts.region} (${consoleHost(facts.region)}).`,
    });
  }
  const otherRegions = probed
    ? 'The other regions refused it as well.'
    : 'The other regions can be tried when asked to.';
  return new ForeknowError(error.code, {
    ...rest,
    detail: error.detail,
    hint: [error.hint, baseUrl === null ? otherRegions : null].filter(Boolean).join(' '),
  });
}

function accountWarnings({ type, domains, seats }: AccountRecord): readonly string[] {
  const warnings: string[] = [];
  if (type === 'trial') {
    warnings.push(
      'This is a trial account: it names no plan and no seats, so the daily limit is taken to be 2,000 requests.',
    );
  } else if (seats === null) {
    warnings.push('The account names no number of seats: the daily limit is taken to be 2,000 requests.');
  }
  if (domains.length === 0) {
    warnings.push('The account names no domain: set an account key if another connection reads the same account.');
  }
  return warnings;
}

/** An account with seats and nobody in it is anonymised, empty, or answered from the wrong region. */
function emptyWarnings(people: readonly string[], { seats }: AccountRecord): readonly string[] {
  if ((seats ?? 0) === 0 || people.length > 0) return [];
  return [
    `The account has ${seats} seats and lists no user: it may be anonymised or empty, or this is not its region. ` +
      'Nothing is deleted on the word of such an answer.',
  ];
}

/** What a sync read of the account, in the place of what was known. */
export const factsFrom = (record: AccountRecord, now: Date): AccountFacts =>
  factsOf(record, accountWarnings(record), now);

const factsOf = (record: AccountRecord, warnings: readonly string[], now: Date): AccountFacts => ({
  name: record.name,
  type: record.type,
  domains: record.domains,
  subscriptionLevel: record.subscriptionLevel,
  seats: record.seats,
  admins: record.admins.length,
  checkedAt: now.toISOString(),
  warnings,
});

export type Capability = { readonly name: string; readonly available: boolean; readonly note: string | null };

/** What a reporting token can do: it reads the whole account and has no finer rights (developer.knowbe4.com, 25 Sep 2025). */
export const reportingCapabilities: readonly Capability[] = [
  {
    name: 'read_directory',
    available: true,
    note: 'people, groups and the full admins; finer roles are not in this API',
  },
  { name: 'read_risk', available: true, note: null },
  { name: 'read_training', available: true, note: null },
  { name: 'read_phishing', available: true, note: null },
  { name: 'write_directory', available: false, note: 'needs the SCIM token of the account' },
  { name: 'write_events', available: false, note: 'needs a User Event API key' },
];
