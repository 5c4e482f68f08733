import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { Sleep } from '../../lib/sleep.ts';
import type { Attributes, SourcePerson } from '../../model/source-person.ts';
import { type Activity, isActive } from '../activity.ts';
import type { Proof, Source, SourceCheck } from '../source.ts';
import { type Fetched, getJson, type JsonFetch } from './json-fetch.ts';
import { type NextPage, newPagesTally, type PageRules, type PagesTally, pagesOf, roundAndRound } from './json-pages.ts';
import { atPath, attributeOf } from './json-path.ts';

export type JsonOptions = {
  readonly name: string;
  /** `https://…`; plain HTTP only to this machine itself. */
  readonly url: string;
  /** Sent with every request, to the host of `url` alone. */
  readonly auth?: { readonly header?: string | undefined; readonly value: string } | undefined;
  readonly items?: string | undefined;
  readonly next?: NextPage | undefined;
  readonly pageSize?: { readonly parameter: string; readonly value: number } | undefined;
  /** Path of what never changes for a person. */
  readonly id: string;
  /** Our name of an attribute → its path. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Path of the names of a person's groups. */
  readonly groups?: string | undefined;
  /** Who works here, by what stands at a path; nothing there makes nobody inactive. */
  readonly active?: (Activity & { readonly of: string }) | undefined;
  /** Where the answer says how many people there are. */
  readonly completeWhen?: { readonly total: string } | undefined;
};

export type JsonDeps = { readonly fetch: JsonFetch; readonly sleep: Sleep };

/**
 * Any HTTP API that lists people as JSON. A read is complete when as many people came as the answer counts, or, where it does not count, when the
 * last page says by itself that none follows.
 * @throws ForeknowError `config_invalid` for an address that is not https
 */
export function jsonSource(options: JsonOptions, deps: JsonDeps): Source {
  const setting = settingOf(options, deps);
  return {
    name: options.name,
    kind: 'json',
    read: async ({ keep, signal }) => {
      const run: Run = { proof: { state: 'incomplete', words: 'The read did not come to its end.' } };
      return { people: readPeople(setting, keep, signal, run), done: async () => run.proof };
    },
    test: (signal) => check(setting, signal),
  };
}

type Setting = {
  readonly options: JsonOptions;
  readonly rules: PageRules;
  readonly get: (signal: AbortSignal) => (url: URL) => Promise<Fetched>;
};

type Run = { proof: Proof };

function settingOf(options: JsonOptions, deps: JsonDeps): Setting {
  const url = URL.parse(options.url);
  if (url === null || !isProtected(url)) throw notHttps();
  const { auth, items, next, pageSize, completeWhen } = options;
  const headers = auth === undefined ? {} : { [(auth.header ?? 'authorization').toLowerCase()]: auth.value };
  return {
    options,
    rules: { url, items, next, pageSize, total: completeWhen?.total },
    get: (signal) => (address) => getJson(deps, address, headers, signal),
  };
}

const isProtected = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' ||
  (protocol === 'http:' && (hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)));

async function* readPeople(
  { options, rules, get }: Setting,
  keep: ReadonlySet<string>,
  signal: AbortSignal,
  run: Run,
): AsyncGenerator<SourcePerson> {
  const tally = newPagesTally();
  const seen = new Set<string>();
  const count = { twice: 0, nameless: 0, total: null as number | null };
  const shown = Object.entries(options.attributes).filter(([ours]) => keep.has(ours));
  try {
    for await (const { items, total } of pagesOf(rules, get(signal), tally)) {
      // An empty page behind the last one often counts nobody.
      if (items.length > 0 || count.total === null) count.total = total;
      const before = seen.size + count.nameless;
      for (const item of items) {
        const person = personOf(item, shown, options);
        if (person === null) {
          count.nameless += 1;
          continue;
        }
        if (seen.has(person.sourceId)) count.twice += 1;
        seen.add(person.sourceId);
        yield person;
      }
      // Some servers give their last page again and again to whoever asks beyond it.
      if (items.length > 0 && seen.size + count.nameless === before) throw roundAndRound(rules.url);
    }
    run.proof = proofOf(seen.size, count, tally, options);
  } catch (error) {
    run.proof = { state: 'incomplete', words: isForeknowError(error) ? error.detail : 'The read broke off.' };
    throw error;
  }
}

/** Null for an entry without an id. */
function personOf(
  item: unknown,
  shown: readonly (readonly [string, string])[],
  options: JsonOptions,
): SourcePerson | null {
  const sourceId = [attributeOf(atPath(item, options.id))].flat()[0]?.trim();
  if (sourceId === undefined) return null;
  const attributes: Attributes = Object.fromEntries(
    shown.map(([ours, path]) => [ours, attributeOf(atPath(item, path))]),
  );
  const groups = options.groups === undefined ? null : attributeOf(atPath(item, options.groups));
  return {
    sourceId,
    attributes,
    groups: [groups ?? []].flat(),
    active: isActive(activityOf(item, options), options.active),
  };
}

const activityOf = (item: unknown, { active }: JsonOptions): string | null =>
  active === undefined ? null : ([attributeOf(atPath(item, active.of))].flat()[0] ?? null);

type Count = { readonly twice: number; readonly nameless: number; readonly total: number | null };

function proofOf(people: number, count: Count, tally: PagesTally, { id, next, completeWhen }: JsonOptions): Proof {
  const { pages, endedBy, short, isMore } = tally;
  const words = `${people} ${people === 1 ? 'person' : 'people'} in ${pages} ${pages === 1 ? 'page' : 'pages'}`;
  const faults = [
    count.twice > 0 ? `${count.twice} came twice: pages shifted meanwhile, or ${id} is not unique` : null,
    short > 0 ? `${short} pages were shorter than they should be` : null,
    isMore ? 'the answer names a next page, and next does not say how to follow it' : null,
    count.total !== null && count.total !== people + count.nameless ? `the answer counts ${count.total}` : null,
  ].filter((fault) => fault !== null);
  if (faults.length > 0) return { state: 'incomplete', words: `${words}: ${faults.join('; ')}.` };
  const doubts = [
    people === 0 ? 'nobody was found, which is never taken for a proof' : null,
    count.nameless > 0 ? `${count.nameless} entries without ${id}` : null,
    next === undefined && completeWhen === undefined
      ? 'nothing says that this one page is all: set next, or complete_when'
      : null,
  ].filter((doubt) => doubt !== null);
  if (doubts.length > 0) return { state: 'unproven', words: `${words}: ${doubts.join('; ')}.` };
  const ends = endedBy === 'server' ? 'no page follows' : endedBy === 'empty page' ? 'then an empty page' : null;
  const counted = count.total === null ? null : 'as many as the answer counts';
  return { state: 'complete', words: `${words}, ${[counted, ends].filter((one) => one !== null).join(', ')}.` };
}

const SAMPLE = 3;

/** Gets the first page, and looks at what is in it. */
async function check(setting: Setting, signal: AbortSignal): Promise<SourceCheck> {
  const { options, rules, get } = setting;
  try {
    const { value: page } = await pagesOf(rules, get(signal), newPagesTally()).next();
    const items: readonly unknown[] = page?.items ?? [];
    const shown = Object.entries(options.attributes);
    const people = items.map((item) => personOf(item, shown, options)).filter((person) => person !== null);
    const filled = shown.map(
      ([ours]) => `${ours} ${people.filter(({ attributes }) => attributes[ours] !== null).length}`,
    );
    return {
      ok: people.length > 0,
      words: [
        `${rules.url.host} answers with ${items.length} entries on its first page${page?.total == null ? '' : `, ${page.total} in all`}.`,
        ...(people.length < items.length ? [`${items.length - people.length} of them have no ${options.id}.`] : []),
        `Attributes: ${filled.join(', ')}.`,
        ...(options.next === undefined && options.completeWhen === undefined
          ? ['Nothing says that this one page is all: nobody will ever count as gone. Set next, or complete_when.']
          : []),
      ],
      sample: people.slice(0, SAMPLE),
    };
  } catch (error) {
    if (!isForeknowError(error)) throw error;
    return { ok: false, words: [error.detail, ...(error.hint === undefined ? [] : [error.hint])], sample: [] };
  }
}

const notHttps = (): ForeknowError =>
  new ForeknowError('config_invalid', {
    detail: 'The address of a JSON source has to begin with https://.',
    hint: 'Without TLS the credentials and everybody’s data would be sent in the clear.',
    field: 'url',
  });
