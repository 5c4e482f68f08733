import { tokenFacts } from '../../client/transport/token.ts';
import type { LinkPage, LinkSubmission } from '../../gateway/types.ts';
import type { LinkKey } from '../../links/link.ts';
import type { Failure, Field } from './failure.ts';
import type { Typed } from './form-page.ts';
import { consoleAddress } from './words.ts';

/** What a form of ours posted: the first value of each name. */
export type Posted = Readonly<Record<string, string>>;

/** A form as it is posted: `name=value&…` */
export function readForm(text: string): Posted {
  const posted: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(text)) posted[name] ??= value;
  return posted;
}

/** What may be sent back into the page. */
export const typedOf = (posted: Posted): Typed => {
  const text = (name: keyof Typed) => (posted[name] ?? '').trim().slice(0, 500);
  return { region: text('region'), base_url: text('base_url'), scim_url: text('scim_url') };
};

/** Before anything was typed: what the link knows already. */
export const typedBefore = ({ region }: Pick<LinkPage, 'region'>): Typed => ({
  region: region === null ? '' : consoleAddress(region),
  ...{ base_url: '', scim_url: '' },
});

/** A key as it was meant: without line breaks, quotes and what headers put in front. The script of the page does the same. */
export const cleanKey = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^["'`\s]+|["'`,;\s]+$/g, '')
    .replace(/^(authorization:\s*)?bearer\s+/i, '')
    .replace(/\s/g, '');

/** Keys that were pasted, of those that are asked for, in the order of the page. */
export const pastedKeys = (link: Pick<LinkPage, 'keys'>, posted: Posted): readonly LinkKey[] =>
  link.keys.filter((key) => cleanKey(posted[key] ?? '') !== '');

export function submissionOf(link: LinkPage, posted: Posted, probeRegions: boolean): LinkSubmission {
  const typed = typedOf(posted);
  const pasted = new Map(pastedKeys(link, posted).map((key) => [key, cleanKey(posted[key]!)] as const));
  const given = (name: string, value: string | undefined) => (value ? { [name]: value } : {});
  const scim = pasted.get('scim');
  return {
    ...given('region', typed.region),
    ...given('baseUrl', link.otherAddresses ? typed.base_url : undefined),
    ...given('reporting', pasted.get('reporting')),
    ...(scim === undefined ? {} : { scim: { token: scim, url: typed.scim_url } }),
    ...given('events', pasted.get('events')),
    ...given('product', pasted.get('product')),
    probeRegions,
  };
}

/** What can be seen to be missing without asking anybody. */
export function missingIn(link: LinkPage, posted: Posted): Failure | null {
  const typed = typedOf(posted);
  const pasted = pastedKeys(link, posted);
  if (link.keys.includes('reporting') && typed.region === '' && !(link.otherAddresses && typed.base_url !== '')) {
    return missing('region', 'The address is missing', 'Type the address of your KnowBe4 console, or its region.');
  }
  const needed = link.task === 'add_key' ? (pasted.length === 0 ? link.keys[0] : undefined) : 'reporting';
  if (needed !== undefined && !pasted.includes(needed)) {
    return missing(needed, 'The key is missing', 'Paste it into its field. It is not kept between two tries.');
  }
  if (pasted.includes('scim') && typed.scim_url === '') {
    return missing('scim_url', 'The Tenant URL is missing', 'A SCIM token needs it: it stands beside the token.');
  }
  return null;
}

const missing = (field: Field, title: string, text: string): Failure => ({
  ...{ field, title, text },
  mayBeElsewhere: false,
  errorType: 'validation_error',
});

/** Where a token says which region it is of, the page has that filled in for the next try. */
export function withRegionOf(typed: Typed, posted: Posted): Typed {
  const { region } = tokenFacts(cleanKey(posted.reporting ?? ''));
  return region === null ? typed : { ...typed, region: consoleAddress(region) };
}
