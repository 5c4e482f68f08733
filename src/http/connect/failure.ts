import type { ErrorCode } from '../../errors/catalog.ts';
import type { ForeknowError } from '../../errors/errors.ts';
import type { LinkKey } from '../../links/link.ts';
import { keyGuides } from './console-steps.ts';

/** Fields of the form, by the name that they are posted under. */
export type Field = 'region' | 'base_url' | 'reporting' | 'scim' | 'scim_url' | 'events' | 'product';

/** Why it did not work, in words for the person with the key. */
export type Failure = {
  readonly title: string;
  readonly text: string;
  /** Where it can be mended; null: nowhere on the form. */
  readonly field: Field | null;
  /** Whether another region may take the key. */
  readonly mayBeElsewhere: boolean;
  /** `error_type` for the one who opened the page. */
  readonly errorType: 'connection_error' | 'validation_error' | 'invalid_token';
};

const fieldNames: Readonly<Record<string, Field>> = {
  region: 'region',
  baseUrl: 'base_url',
  reportingUrl: 'base_url',
  reporting: 'reporting',
  scim: 'scim',
  'scim.token': 'scim',
  'scim.url': 'scim_url',
  url: 'scim_url',
  events: 'events',
  product: 'product',
};

/**
 * @param tried the keys that were tried, the one first that is meant where the error names none of them
 * @param probed whether the other regions were asked too
 */
export function failureOf(error: ForeknowError, tried: readonly [LinkKey, ...LinkKey[]], probed: boolean): Failure {
  const field = fieldNames[error.field ?? ''] ?? null;
  const at = tried.find((key) => key === field) ?? tried[0];
  const refusal = refusals[error.code]?.(at, probed);
  if (refusal !== undefined) {
    const mayBeElsewhere = at === 'reporting' && !probed && elsewhere.has(error.code);
    return { field: at, mayBeElsewhere, errorType: 'connection_error', ...refusal };
  }
  const passing = waits[error.code];
  if (passing !== undefined) {
    return { ...passing, text: passing.text + waitOf(error), field: null, mayBeElsewhere: false };
  }
  if (error.status >= 500) return broken;
  const text = [error.detail, error.hint].filter((part) => part !== undefined).join(' ');
  const title = error.code === 'host_not_allowed' ? 'This address cannot be used' : 'Something is missing or not right';
  return {
    ...{ title, text, mayBeElsewhere: false, errorType: 'validation_error' },
    field: error.field === 'token' ? at : field,
  };
}

const elsewhere: ReadonlySet<ErrorCode> = new Set([
  'connection_unauthorized',
  'connection_forbidden',
  'remote_not_found',
  'wrong_region',
]);

type Words = Pick<Failure, 'title' | 'text'> & Partial<Pick<Failure, 'errorType' | 'field'>>;

/** What KnowBe4’s refusals mean, which answers alike for much of it. */
const refusals: { readonly [Code in ErrorCode]?: (key: LinkKey, probed: boolean) => Words } = {
  connection_unauthorized: (key, probed) => ({
    title: 'KnowBe4 refused this key',
    text:
      key !== 'reporting'
        ? `It was perhaps not copied whole, or is switched off, or is not one of the ${keyGuides[key].name}.`
        : probed
          ? 'All five regions refused it. It was perhaps not copied whole, is switched off, or is not one of the Reporting API: create a new one as the steps above say.'
          : 'It was perhaps not copied whole, is switched off, or belongs to another region. Compare the address of your console, or let us look in the other regions.',
  }),
  remote_not_found: (key) => ({
    title: 'There is nothing at this address',
    text:
      key === 'reporting'
        ? 'KnowBe4 answers so where a key belongs to another region. Compare the address of your console, or let us look in the other regions.'
        : 'Compare the address with the one that KnowBe4’s console shows.',
  }),
  wrong_region: () => ({
    title: 'This key belongs to another region',
    text: 'KnowBe4 refused it here. The region that it seems to be of is filled in now: try again with it.',
    field: 'region',
  }),
  wrong_product: (key) => ({
    title: 'This is a key of another KnowBe4 product',
    text: `KnowBe4 refused it, and it does not look like one of the ${keyGuides[key].name}. Create the right one as the steps above say.`,
  }),
  connection_forbidden: (key) => ({
    title: 'KnowBe4 knows this key, but does not let it in',
    text: `${keyGuides[key].plans} It may also be that your account lets in certain addresses only.`,
  }),
  different_account: () => ({
    title: 'This key opens another KnowBe4 account',
    text: 'It is not the one that was connected here before. Use a key of that account, or ask for a link that makes a new connection.',
    errorType: 'validation_error',
  }),
};

type Wait = Pick<Failure, 'title' | 'text' | 'errorType'>;

const busy: Wait = {
  title: 'KnowBe4 does not answer right now',
  text: 'Your key may be fine: it could not be checked.',
  errorType: 'connection_error',
};

/** What passes by itself. */
const waits: { readonly [Code in ErrorCode]?: Wait } = {
  remote_rate_limited: { ...busy, title: 'KnowBe4 asks to slow down' },
  quota_exhausted: { ...busy, title: 'The account’s requests for today are spent' },
  remote_maintenance: { ...busy, title: 'KnowBe4 is in maintenance' },
  remote_unavailable: busy,
  remote_invalid: busy,
  too_many_attempts: {
    title: 'Too many tries',
    text: 'This is limited to keep guessing out.',
    errorType: 'connection_error',
  },
  rate_limited: {
    title: 'Too many tries',
    text: 'This is limited to keep guessing out.',
    errorType: 'connection_error',
  },
};

function waitOf({ retryAfterMs }: ForeknowError): string {
  if (retryAfterMs === undefined) return ' Try again in a few minutes.';
  const minutes = Math.ceil(retryAfterMs / 60_000);
  return minutes <= 1 ? ' Try again in a minute.' : ` Try again in ${minutes} minutes.`;
}

const broken: Failure = {
  title: 'Something broke on our side',
  text: 'Nothing was kept. Try again; if it stays, tell whoever asked you.',
  field: null,
  mayBeElsewhere: false,
  errorType: 'connection_error',
};
