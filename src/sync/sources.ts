import type { ReportingClient } from '../client/client.ts';
import type { ListOptions, ListRead } from '../client/read-list.ts';
import type { CompletenessProof } from '../wire/proof.ts';
import type { CampaignType, Read, RecordStream } from '../wire/records.ts';
import { instantOf, type SyncEnvironment } from './environment.ts';
import type { Scope } from './ports.ts';
import type { AnyRecord } from './rows.ts';

export type SourcePage = { readonly rows: readonly Read<AnyRecord>[]; readonly next: unknown };

/** One read: pages, then a proof. */
export type Source = {
  pages(): AsyncIterable<SourcePage>;
  proof(): CompletenessProof;
};

/** A read, and what to read after it when its rows say so. */
export type SourcePlan = {
  readonly first: Source;
  /** Lists that hide archived rows are read a second time for these. `sawArchived`: the first read had one. */
  readonly after: (sawArchived: boolean) => Source | null;
};

/** What is known of a list before it is read. */
type Expectation = {
  /** Rows that it should have by all that is known. */
  readonly rows: number;
  readonly makeSure: boolean;
};

/** How a scope of a stream is read: whole lists, never one record after another. */
export function sourceOf(
  environment: SyncEnvironment,
  stream: RecordStream,
  scope: Scope,
  expected: Expectation,
): SourcePlan {
  const { client, signal, kind } = environment;
  const { rows: expectedRows, makeSure } = expected;
  const options = { kind, expectedRows, makeSure, ...(signal === undefined ? {} : { signal }) };
  const only = (read: ListRead<AnyRecord>): SourcePlan => ({ first: read, after: () => null });
  switch (stream) {
    case 'account':
      return { first: accountSource(environment, options), after: () => null };
    case 'users':
      return withArchived(options, (status, own) => client.users.list(status, own));
    case 'groups':
      return withArchived(options, (status, own) => client.groups.list(status, own));
    case 'phishing_campaigns':
      return only(client.phishing.campaigns.list({ campaignType: typeIn(scope) }, options));
    case 'security_tests':
      return only(client.phishing.securityTests.list({ campaignType: typeIn(scope) }, options));
    case 'recipients':
      return only(recipientsOf(client, scope, options));
    case 'training_campaigns':
      return only(client.training.campaigns.list({}, options));
    case 'store_purchases':
      return only(client.training.storePurchases.list(options));
    case 'policies':
      return only(client.training.policies.list(options));
    case 'enrollments':
      return only(client.training.enrollments.list(scope === 'all' ? {} : { campaignId: idIn(scope) }, options));
  }
}

/** `type:callback` → `callback` */
const typeIn = (scope: Scope): CampaignType => (idIn(scope) === 'callback' ? 'callback' : 'email');

const idIn = (scope: Scope): string => scope.slice(scope.indexOf(':') + 1);

function recipientsOf(client: ReportingClient, scope: Scope, options: ListOptions): ListRead<AnyRecord> {
  const { campaignType, id } = testOf(idIn(scope));
  return client.phishing.recipients.list(id, { campaignType }, options);
}

/** A test's or campaign's key taken apart; see `testKey`. */
function testOf(key: string): { readonly campaignType: CampaignType; readonly id: string } {
  const callback = 'callback:';
  if (key.startsWith(callback)) return { campaignType: 'callback', id: key.slice(callback.length) };
  return { campaignType: 'email', id: key };
}

/**
 * Without a status active and archived rows come together: one read instead of two. That is what clients observe, not what
 * is documented, so a read without any archived row is followed by one for the archived alone.
 */
function withArchived(
  options: ListOptions & { readonly expectedRows: number },
  list: (filter: { status?: 'archived' }, options: ListOptions) => ListRead<AnyRecord>,
): SourcePlan {
  const first = list({}, options);
  const left = () => Math.max(0, options.expectedRows - first.proof().rows);
  return {
    first,
    after: (sawArchived) => (sawArchived ? null : list({ status: 'archived' }, { ...options, expectedRows: left() })),
  };
}

function accountSource({ client, now }: SyncEnvironment, options: ListOptions): Source {
  const startedAt = instantOf(now());
  let rows = 0;
  let error: unknown = null;
  return {
    async *pages() {
      try {
        const read = await client.account.get(options);
        rows = 1;
        yield { rows: [read], next: null };
      } catch (cause) {
        error = cause;
        throw cause;
      }
    },
    proof: () => ({
      complete: rows === 1,
      why: rows === 1 ? 'single_answer' : error === null ? 'not_finished' : 'error',
      detail: rows === 1 ? 'The account came in one answer.' : 'The account was not read.',
      mode: 'single',
      pages: rows,
      requests: 1,
      rows,
      duplicates: 0,
      badRows: 0,
      fromFirstPage: true,
      startedAt,
      endedAt: instantOf(now()),
    }),
  };
}
