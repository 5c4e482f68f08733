import { type Attribute, type Filter, FilterParser, type SearchEntry } from 'ldapts';
import { ForeknowError } from '../../errors/errors.ts';
import type { Answer, LdapConnection } from './connection.ts';

export type SearchInput = {
  readonly base: string;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly pageSize: number;
};

/** How a search went on the way; what was missed does not count as gone. */
export type SearchTally = {
  pages: number;
  /** Parts of the tree that other servers hold, and that nobody asked there. */
  referrals: number;
  /** The last page was not marked as the last one. */
  isUnmarked: boolean;
};

export const newTally = (): SearchTally => ({ pages: 0, referrals: 0, isUnmarked: false });

/**
 * Every entry below a base, page by page. It goes on until the server's cookie is empty, also over pages without entries, which Active Directory
 * sends while it looks on. The next page is asked for while one is used.
 * @throws ForeknowError `source_rejected` at a limit of the server, `source_unreachable`, `source_invalid`
 */
export async function* searchAll(
  connection: LdapConnection,
  input: SearchInput,
  tally: SearchTally,
): AsyncGenerator<readonly SearchEntry[]> {
  const { base, filter, attributes, pageSize: size } = input;
  const ask = (cookie: Buffer | null): Promise<Answer> =>
    connection.search({ base, scope: 'sub', filter, attributes, page: { size, cookie } });
  for (let next: Promise<Answer> | null = ask(null); next !== null; ) {
    const answer: Answer = await next;
    const { entries, referrals, cookie } = answer;
    tally.pages += 1;
    tally.referrals += referrals.filter((address) => !isOwnPartition(address)).length;
    if (cookie === null) tally.isUnmarked = true;
    const isLast = cookie === null || cookie.length === 0;
    if (tally.pages > MOST_PAGES) throw endless();
    const whole = await complete(connection, entries);
    next = isLast ? null : ask(cookie);
    // It may fail while nobody waits for it; whoever asks for the next page is told.
    next?.catch(() => {});
    yield whole;
  }
}

const MOST_PAGES = 100_000;
const endless = (): ForeknowError =>
  new ForeknowError('source_invalid', {
    detail: `The directory has more than ${MOST_PAGES} pages, or does not come to an end.`,
    hint: 'Raise page_size.',
  });

/** Active Directory refers to its own partitions below the root of a domain; no people are in them. */
const isOwnPartition = (address: string): boolean =>
  /^ldaps?:\/\/[^/]*\/(?:CN=Configuration|DC=DomainDnsZones|DC=ForestDnsZones),/i.test(decoded(address));

function decoded(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

const anything = FilterParser.parseString('(objectClass=*)');
const RANGE = /^(.+);range=(\d+)-(\d+|\*)$/i;

/** Long lists of values come in portions (MS-ADTS 3.1.1.3.1.3.3): the rest is asked for. */
async function complete(connection: LdapConnection, entries: readonly SearchEntry[]): Promise<readonly SearchEntry[]> {
  for (const entry of entries) {
    if (!entry.attributes.some(({ type }) => type.includes(';'))) continue;
    for (const attribute of entry.attributes) {
      const range = RANGE.exec(attribute.type);
      if (range !== null) await fill(connection, entry, attribute, range);
    }
    entry.attributes = withoutEmptyTwins(entry.attributes);
  }
  return entries;
}

async function fill(
  connection: LdapConnection,
  entry: SearchEntry,
  attribute: Attribute,
  first: RegExpExecArray,
): Promise<void> {
  const name = first[1]!;
  for (let range: RegExpExecArray | null = first; range !== null && range[3] !== '*'; ) {
    const from = Number(range[3]) + 1;
    const answer = await connection.search({
      base: entry.name,
      scope: 'base',
      filter: anything,
      attributes: [`${name};range=${from}-*`],
    });
    const more = answer.entries[0]?.attributes.find(({ type }) =>
      type.toLowerCase().startsWith(`${name.toLowerCase()};range=`),
    );
    range = more === undefined ? null : RANGE.exec(more.type);
    if (more === undefined || range === null || Number(range[2]) !== from) throw cut(name);
    attribute.parsedBuffers.push(...more.parsedBuffers);
    (attribute.values as (string | Buffer)[]).push(...more.values);
  }
  attribute.type = name;
}

/** Beside a portion the attribute itself stands without values. */
const withoutEmptyTwins = (attributes: readonly Attribute[]): Attribute[] => {
  const filled = new Set(attributes.filter(({ values }) => values.length > 0).map(({ type }) => type.toLowerCase()));
  return attributes.filter(({ type, values }) => values.length > 0 || !filled.has(type.toLowerCase()));
};

const cut = (name: string): ForeknowError =>
  new ForeknowError('source_invalid', {
    detail: `The directory gives only the beginning of ${name.slice(0, 100)} of an entry.`,
    hint: 'The entry changed meanwhile, perhaps; the next read comes by itself.',
  });
