import type { ConfiguredPeople, ConfiguredSource } from '../config/sources.ts';
import { erasedPeople, markOf } from '../connections/erased-people.ts';
import type { Vault } from '../connections/vault.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { AlertMail } from '../events/mail-text.ts';
import { nearest } from '../lib/nearest.ts';
import { managedFields } from '../model/managed-field.ts';
import type { SourceRef } from '../model/source-person.ts';
import type { SourceBasis } from '../provisioning/plan.ts';
import type { GuardLimits } from '../rules/rule-set.ts';
import type { Upload } from '../sources/csv/upload.ts';
import { type Joined, joinPeople, type SourceImage, withoutRecords } from '../sources/join-people.ts';
import { type SourceLimits, sourceLimits } from '../sources/judge.ts';
import type { ImageCounts, KeptPerson, ReadRecord, SourceHead } from '../sources/ports.ts';
import { type ReadDeps, readSource } from '../sources/read-source.ts';
import { type Erasures, namesMeant, namesOfErased } from '../sources/scim-in-erased.ts';
import type { ScimInObject } from '../sources/scim-in-ports.ts';
import type { Source, SourceCheck, SourceKind } from '../sources/source.ts';
import type { Store } from '../store/store.ts';
import type { EgressOptions } from './egress.ts';
import type { Notice } from './gateway.ts';
import { openSource, openUpload } from './open-source.ts';
import type { Chore } from './work.ts';

export type SourcesOptions = {
  readonly sources: readonly ConfiguredSource[];
  readonly people: ConfiguredPeople;
};

export type SourceView = {
  readonly name: string;
  readonly kind: SourceKind;
  /** Minutes between reads; null: only when somebody asks. */
  readonly everyMinutes: number | null;
  /** How many people are known, and how many of them its last complete reads did not show. */
  readonly known: ImageCounts;
  readonly isReading: boolean;
  readonly lastKeptAt: string | null;
  readonly lastCompleteAt: string | null;
  readonly lastRead: ReadRecord | null;
  /** The read that two people have to let in; null: none. */
  readonly waiting: ReadRecord | null;
};

/** A person who decides: an operator, never a token. */
export type ReadApprover = { readonly id: string; readonly name: string };

export type SourceUseCases = {
  list(): Promise<readonly SourceView[]>;
  get(name: string): Promise<SourceView>;
  /** Reaches it and reads a little, keeping nothing. @throws ForeknowError `not_found`, `source_*` */
  test(name: string, signal?: AbortSignal): Promise<SourceCheck>;
  /** Reads it now. @returns the read as it ended, also when it broke off. @throws ForeknowError `conflict` while it is being read */
  read(name: string, by: string, signal?: AbortSignal): Promise<ReadRecord>;
  /** Reads what is handed in; nothing of the file is kept. */
  upload(name: string, upload: Upload, by: string, signal?: AbortSignal): Promise<ReadRecord>;
  /** Newest first. @param name null = of all sources */
  reads(name: string | null, limit: number): Promise<readonly ReadRecord[]>;
  getRead(id: string): Promise<ReadRecord>;
  /**
   * One of two different people lets a quarantined read in.
   * @param digest of the read as they saw it
   * @returns the read: `accepted` with the second approval, else still `quarantined`
   * @throws ForeknowError `not_found`, `conflict`, `plan_stale` when it is not the read that they saw, `second_person_needed`
   */
  accept(id: string, digest: string, approver: ReadApprover): Promise<ReadRecord>;
  /** What is known of one person of a source; null: nothing. */
  person(name: string, sourceId: string): Promise<KeptPerson | null>;
  /**
   * Everybody, one person from all sources that know them, and how each source was read last.
   * @param left records that a person has told to leave out; @default none
   */
  joined(left?: readonly SourceRef[]): Promise<Joined & { readonly basis: readonly SourceBasis[] }>;
  /** Removes what is known of a person of a source, and keeps them out of later reads. @returns whether they were known */
  erasePerson(name: string, sourceId: string): Promise<boolean>;
  /**
   * Lets somebody in again who was erased. Whom a provider pushes it has to push anew.
   * @param said their id in the source; of one whom a provider pushes also its own id of them, or the address
   * @returns false when they were not kept out
   */
  readmitPerson(name: string, said: string): Promise<boolean>;
  /** Removes all that is known of a source, which may be one that is configured no more. @returns people */
  forget(name: string): Promise<number>;
};

export type SourcesDeps = {
  readonly store: Store;
  readonly vault: Vault;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly notify: (notice: Notice) => void;
  /** Tells people by mail; null: nobody is told. */
  readonly sendMail: ((mail: AlertMail) => Promise<void>) | null;
  readonly spoolFolder: string;
  readonly egress: EgressOptions;
  /** Attributes that rules read; null: there are no rules yet. */
  readonly needed: () => Promise<ReadonlySet<string> | null>;
  /** What the rule files say of guards; a source that several of them use is held to the strictest. */
  readonly guards: () => Promise<readonly GuardLimits[]>;
};

const APPROVERS = 2;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Minutes between reads of a source whose settings do not say. What was pushed to us costs nothing to read. */
const EVERY: Readonly<Record<SourceKind, number>> = { csv: 60, ldap: 60, json: 60, 'scim-in': 5 };
const PEOPLE_A_PAGE = 2000;

export function sourceUseCases(deps: SourcesDeps, { sources, people }: SourcesOptions): SourceUseCases {
  const { store, now } = deps;
  const find = (name: string): ConfiguredSource => {
    const found = sources.find((one) => one.name === name);
    if (found !== undefined) return found;
    const near = nearest(
      name,
      sources.map((one) => one.name),
    );
    throw new ForeknowError('not_found', {
      detail: `No source is called ${JSON.stringify(name.slice(0, 64))}.`,
      hint: near === null ? 'Sources stand in the configuration file.' : `Did you mean ${near}?`,
    });
  };
  const readDeps: ReadDeps = { store, now, newId: deps.newId, erased: (name) => erasedIn(deps, name) };
  const using = async <T>(source: Source, work: (source: Source) => Promise<T>): Promise<T> => {
    try {
      return await work(source);
    } finally {
      await source.close?.();
    }
  };
  const readNow = async (one: ConfiguredSource, source: Source, by: string, signal: AbortSignal | undefined) => {
    const waitedBefore = (await store.listSourceReads(one.name, 20)).some(({ state }) => state === 'quarantined');
    const read = await using(source, async (opened) => {
      const keep = attributesOf(one, people, await deps.needed());
      const limits = limitsOf(await deps.guards());
      return readSource({ ...readDeps, limits }, opened, { keep, by, signal: signal ?? never });
    });
    tell(deps.notify, read);
    if (read.state === 'quarantined' && !waitedBefore) await mailAbout(deps, read);
    return read;
  };
  const view = (one: ConfiguredSource): Promise<SourceView> => viewOf(store, one, now());

  return {
    list: () => Promise.all(sources.map(view)),
    get: async (name) => view(find(name)),
    test: async (name, signal = never) => using(await openSource(find(name), deps), (source) => source.test(signal)),
    read: async (name, by, signal) => {
      const one = find(name);
      return readNow(one, await openSource(one, deps), by, signal);
    },
    upload: async (name, upload, by, signal) => {
      const one = find(name);
      return readNow(one, openUpload(one, upload, deps), by, signal);
    },
    reads: async (name, limit) => store.listSourceReads(name === null ? null : find(name).name, limit),
    getRead: (id) => requireRead(store, id),
    accept: async (id, digest, approver) => {
      const refusal = refusalOf(await requireRead(store, id), digest, approver);
      if (refusal !== null) throw refusals[refusal]();
      const approval = { by: approver.id, name: approver.name, at: now().toISOString() };
      const result = await store.acceptSourceRead({ readId: id, digest, approval, needed: APPROVERS });
      if ('read' in result) return result.read;
      throw refusals[result.outcome]();
    },
    person: async (name, sourceId) => (await store.keptPeople(find(name).name, [sourceId]))[0] ?? null,
    joined: async (left = []) => {
      const used = people.from.filter((name) => sources.some((one) => one.name === name));
      const images = await Promise.all(used.map((name) => imageOf(store, name)));
      const basis = await Promise.all(used.map((name) => basisOf(store, name)));
      return { ...joinPeople(withoutRecords(images, left), people), basis };
    },
    erasePerson: async (name, sourceId) => {
      const source = find(name).name;
      const pushed = await store.getScimInObject(source, 'User', sourceId);
      const names = [sourceId, ...(pushed === null ? [] : namesOfErased(pushed.body))];
      const marks = await marksOf(deps, source, names);
      return store.eraseSourcePerson({ source, sourceId, marks, at: now().toISOString() });
    },
    readmitPerson: async (name, said) => {
      const { name: source, kind } = find(name);
      if (kind !== 'scim-in') {
        return store.readmitSourcePerson({ source, pushedId: null, marks: await marksOf(deps, source, [said]) });
      }
      const pushed = await pushedAs(store, source, said);
      const names = [...namesMeant(said), ...(pushed === null ? [] : [pushed.id, ...namesOfErased(pushed.body)])];
      return store.readmitSourcePerson({
        source,
        pushedId: pushed?.id ?? null,
        marks: await marksOf(deps, source, names),
      });
    },
    forget: async (name) => {
      await store.dropScimIn(name);
      return store.dropSource(name);
    },
  };
}

const never = new AbortController().signal;

/** Marks of erased people are hashed with a key of the source, which is sealed in the vault as those of connections are. */
const owner = (source: string): string => `source:${source}`;

async function marksOf(deps: SourcesDeps, source: string, names: readonly string[]): Promise<readonly string[]> {
  const marks: string[] = [];
  // One after the other: the first may make the key.
  for (const name of new Set(names)) marks.push(await markOf(deps, owner(source), name));
  return marks;
}

/** Whom a provider has pushed, by our id, its own or the address; null: nobody. */
async function pushedAs(store: Store, source: string, said: string): Promise<ScimInObject | null> {
  const byId = await store.getScimInObject(source, 'User', said);
  if (byId !== null) return byId;
  for (const key of ['externalId', 'userName'] as const) {
    const [found] = await store.findScimInObjects(source, 'User', key, said.toLowerCase());
    if (found !== undefined) return found;
  }
  return null;
}

/** Who was erased from a source that providers push to; null: nobody. */
export async function erasuresOf(
  deps: Pick<SourcesDeps, 'store' | 'vault' | 'now'>,
  source: string,
): Promise<Erasures | null> {
  const has = await erasedIn(deps, source);
  return has && { has, markOf: (id) => markOf(deps, owner(source), id) };
}

const erasedIn = ({ store, vault, now }: Pick<SourcesDeps, 'store' | 'vault' | 'now'>, source: string) =>
  erasedPeople({ store: { ...store, erasedPeople: () => store.erasedFromSource(source) }, vault, now }, owner(source));

/** The strictest of what rule files say; what none of them says is as usual. */
function limitsOf(guards: readonly GuardLimits[]): SourceLimits {
  if (guards.length === 0) return sourceLimits;
  const least = (of: (one: GuardLimits) => number): number => Math.min(...guards.map(of));
  const shrink = { share: least((one) => one.source_shrink.share), people: least((one) => one.source_shrink.people) };
  return {
    ...sourceLimits,
    source_shrink: shrink,
    newly_blank: { ...sourceLimits.newly_blank, share: least(({ data }) => data.blank) },
    changed: { ...sourceLimits.changed, share: least(({ data }) => data.changed) },
  };
}

/** Attributes that are kept: what the settings name, what rules read, what people are joined by. Nothing else. */
function attributesOf(
  one: ConfiguredSource,
  { join, prefer }: ConfiguredPeople,
  needed: ReadonlySet<string> | null,
): ReadonlySet<string> {
  const named = one.kind === 'csv' ? one.columns : one.kind === 'scim-in' ? undefined : one.attributes;
  return new Set([
    ...Object.keys(named ?? {}),
    ...(needed ?? (named === undefined ? usualAttributes : [])),
    ...join,
    ...Object.keys(prefer).filter((name) => name !== '*'),
  ]);
}

/** Where neither a mapping nor rules say what is needed. */
const usualAttributes = [...managedFields, 'aliases', 'hired_on', 'terminated_on', 'status', 'employee_type'];

async function viewOf(store: Store, one: ConfiguredSource, now: Date): Promise<SourceView> {
  const head = await store.sourceHead(one.name);
  const reads = await store.listSourceReads(one.name, READS_LOOKED_AT);
  return {
    name: one.name,
    kind: one.kind,
    everyMinutes: everyOf(one),
    known: await store.imageCounts(one.name),
    isReading: isReading(head, now),
    lastKeptAt: head?.lastKeptAt ?? null,
    lastCompleteAt: head?.lastCompleteAt ?? null,
    lastRead: reads[0] ?? null,
    waiting: reads.find(({ state }) => state === 'quarantined') ?? null,
  };
}

/** The one that waits is among the newest: every read that is not the same takes its place. */
const READS_LOOKED_AT = 200;

const isReading = (head: SourceHead | null, now: Date): boolean =>
  head !== null && head.readingId !== null && (head.readingUntil ?? 0) > now.getTime();

function everyOf(one: ConfiguredSource): number | null {
  if (one.kind === 'csv' && one.from === 'upload') return null;
  const said = one.kind === 'scim-in' ? undefined : one.everyMinutes;
  return said === undefined ? EVERY[one.kind] : said;
}

async function requireRead(store: Store, id: string): Promise<ReadRecord> {
  const read = await store.getSourceRead(id);
  if (read === null) throw new ForeknowError('not_found', { detail: 'No read has this id.' });
  return read;
}

/** What can be told before anything is written; the store looks once more. */
function refusalOf(read: ReadRecord, digest: string, approver: ReadApprover): keyof typeof refusals | null {
  if (read.state !== 'quarantined') return 'not_waiting';
  if (read.digest !== digest) return 'changed';
  return read.approvals.some(({ by }) => by === approver.id) ? 'same_person' : null;
}

const refusals = {
  changed: () =>
    new ForeknowError('plan_stale', {
      detail: 'The read is not the one that the digest belongs to.',
      hint: 'Look at it again: foreknow sources show READ.',
    }),
  not_waiting: () => new ForeknowError('conflict', { detail: 'The read does not wait for anybody (any more).' }),
  same_person: () =>
    new ForeknowError('second_person_needed', {
      detail: 'You have accepted this read already; another person has to as well.',
    }),
} as const;

async function imageOf(store: Store, source: string): Promise<SourceImage> {
  const people: KeptPerson[] = [];
  for (;;) {
    const page = await store.listKeptPeople(source, people.at(-1)?.sourceId ?? null, PEOPLE_A_PAGE);
    people.push(...page);
    if (page.length < PEOPLE_A_PAGE) return { source, people };
  }
}

/** How the newest read of a source ended; what is known may be older. */
async function basisOf(store: Store, name: string): Promise<SourceBasis> {
  const reads = await store.listSourceReads(name, READS_LOOKED_AT);
  const ended = reads.filter(({ state }) => state !== 'reading');
  const newest = ended[0];
  if (newest === undefined) {
    return { name, read: '', people: 0, state: 'incomplete', proof: 'It was never read.', readAt: '' };
  }
  const waiting = newest.state === 'superseded' ? ended.find(({ state }) => state === 'quarantined') : undefined;
  const { id, people, proof, state, endedAt } = waiting ?? newest;
  const isWrong = state === 'quarantined' || state === 'superseded';
  return {
    ...{ name, read: id, people, readAt: endedAt ?? '' },
    state: isWrong ? 'quarantined' : (proof?.state ?? 'incomplete'),
    proof: proof?.words ?? '',
  };
}

/** Once for each time that a source begins to look wrong; without a word about anybody. */
async function mailAbout({ sendMail, notify }: SourcesDeps, { id, source, findings }: ReadRecord): Promise<void> {
  const mail = {
    subject: `Foreknow: the source ${source} looks wrong and waits for two people`,
    text: [
      `The read ${id} of the source ${source} is not used until two different people let it in:`,
      '',
      ...findings.map(({ words }) => `  ${words}`),
      '',
      'Until then the last good values stay, and nobody is archived because of it.',
      `Look at it: foreknow sources show ${source}`,
      `Let it in:  foreknow sources accept ${id}`,
      '',
    ].join('\n'),
  };
  await sendMail?.(mail).catch(() =>
    notify({ level: 'warn', connectionId: null, message: `The mail about the source ${source} could not be sent.` }),
  );
}

function tell(notify: SourcesDeps['notify'], read: ReadRecord): void {
  const words: Partial<Record<ReadRecord['state'], string>> = {
    quarantined: `The read ${read.id} of the source ${read.source} looks wrong and waits for two people: ${read.findings.map((one) => one.words).join(' ')}`,
    incomplete: `The source ${read.source} was not read to its end: ${read.proof?.words ?? ''}`,
  };
  const message = words[read.state];
  if (message !== undefined) notify({ level: 'warn', connectionId: null, message });
}

/** Reads sources that are due, one after the other. */
export function sourcesChore(
  deps: Pick<SourcesDeps, 'store' | 'now' | 'notify'>,
  cases: Pick<SourceUseCases, 'read'>,
  { sources }: SourcesOptions,
): Chore {
  return {
    everyMs: MINUTE_MS,
    async run(signal) {
      for (const one of sources) {
        signal.throwIfAborted();
        if (!(await isDue(deps.store, one, deps.now()))) continue;
        try {
          await cases.read(one.name, 'schedule', signal);
        } catch (error) {
          signal.throwIfAborted();
          if (!isForeknowError(error)) throw error;
          deps.notify({
            level: 'warn',
            connectionId: null,
            message: `The source ${one.name} could not be read: ${error.detail}`,
          });
        }
      }
    },
  };
}

async function isDue(store: Store, one: ConfiguredSource, now: Date): Promise<boolean> {
  const every = everyOf(one);
  if (every === null) return false;
  const head = await store.sourceHead(one.name);
  if (isReading(head, now)) return false;
  return head?.lastStartedAt == null || Date.parse(head.lastStartedAt) + every * MINUTE_MS <= now.getTime();
}

/** How long what is known is kept, in days. */
const sourceRetention = { reads: 90, waiting: 14, absent: 180 } as const;

export const sourcesHousekeeping = ({ store, now }: Pick<SourcesDeps, 'store' | 'now'>): Chore => ({
  everyMs: 60 * MINUTE_MS,
  async run() {
    const before = (days: number) => new Date(now().getTime() - days * DAY_MS).toISOString();
    const { reads, waiting, absent } = sourceRetention;
    await store.dropOldSources({
      readsBefore: before(reads),
      waitingBefore: before(waiting),
      absentBefore: before(absent),
    });
  },
});
