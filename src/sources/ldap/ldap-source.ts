import { BlockList, isIP } from 'node:net';
import type { Attribute, Filter, SearchEntry } from 'ldapts';
import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { Attributes, AttributeValue, SourcePerson } from '../../model/source-person.ts';
import { type Activity, isActive } from '../activity.ts';
import type { Proof, Source, SourceCheck } from '../source.ts';
import { type LdapConnection, openLdap } from './connection.ts';
import { canonicalDn } from './dn.ts';
import { type Flavour, groupsFilter, peopleFilter } from './filter.ts';
import { type GroupRules, groupAttributes, readGroups } from './groups.ts';
import { newTally, searchAll } from './search.ts';
import { valueFrom } from './values.ts';

export type LdapOptions = {
  readonly name: string;
  readonly flavour: Flavour;
  /** `ldaps://HOST[:PORT]`, or `ldap://` with `startTls`; without TLS only to this machine itself. */
  readonly url: string;
  readonly startTls?: boolean;
  /** Certificates in PEM that are trusted in place of the usual ones. */
  readonly ca?: string;
  readonly bind: { readonly dn: string; readonly password: string };
  /** DNs below which people are. */
  readonly bases: readonly string[];
  /** Narrows down who of the people there is read. */
  readonly filter?: string;
  /** What never changes for a person. Default: `objectGUID` or `entryUUID`. */
  readonly id?: string;
  /** Our name of an attribute → theirs; others keep their names. `dn` is the person's own. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Default: `member_of` with Active Directory, `search` else. */
  readonly groups?:
    | {
        readonly by?: GroupRules['by'] | undefined;
        readonly nested?: boolean | undefined;
        readonly bases?: readonly string[] | undefined;
        readonly filter?: string | undefined;
      }
    | undefined;
  /** Who works here, by what stands in an attribute; whoever is disabled in Active Directory does not. */
  readonly active?: (Activity & { readonly of: string }) | undefined;
  /** Default 500. */
  readonly pageSize?: number;
  /** How long the server may be silent. Default 60,000. */
  readonly timeoutMs?: number;
};

/**
 * Active Directory, OpenLDAP and their like. A read is complete when the server's own cookie says that nothing follows, no part of the tree was left to
 * other servers, and every entry could be read.
 * @throws ForeknowError `config_invalid` for a filter or an address that cannot be
 */
export function ldapSource(options: LdapOptions): Source {
  const setting = settingOf(options);
  return {
    name: options.name,
    kind: 'ldap',
    read: async ({ keep, signal }) => {
      const run: Run = { proof: notEnded };
      return { people: readPeople(setting, keep, signal, run), done: async () => run.proof };
    },
    test: (signal) => check(setting, signal),
  };
}

type Setting = {
  readonly options: LdapOptions;
  readonly filter: Filter;
  readonly groups: GroupRules;
  readonly id: string;
  readonly pageSize: number;
};

/** How a read stands: `proof` is what may be said of it when it ends now. */
type Run = { proof: Proof };
const notEnded: Proof = { state: 'incomplete', words: 'The read did not come to its end.' };

const defaultId: Readonly<Record<Flavour, string>> = { ad: 'objectGUID', openldap: 'entryUUID' };

function settingOf(options: LdapOptions): Setting {
  const { flavour, bases, groups = {}, pageSize = 500 } = options;
  const url = URL.parse(options.url);
  for (const [ours, theirs] of Object.entries(options.attributes ?? {})) if (isSecret(theirs)) throw notAPassword(ours);
  if (url?.protocol === 'ldap:' && !options.startTls && !isThisMachine(url.hostname)) throw notEncrypted();
  return {
    options,
    filter: peopleFilter(flavour, options.filter ?? null),
    groups: {
      by: groups.by ?? (flavour === 'ad' ? 'member_of' : 'search'),
      nested: groups.nested ?? false,
      bases: groups.bases ?? bases,
      filter: groupsFilter(flavour, groups.filter ?? null),
      pageSize,
    },
    id: options.id ?? defaultId[flavour],
    pageSize,
  };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
const isThisMachine = (hostname: string): boolean => {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(host);
  return version === 0 ? host === 'localhost' : loopback.check(host, version === 6 ? 'ipv6' : 'ipv4');
};

async function connected({ options }: Setting, signal: AbortSignal): Promise<LdapConnection> {
  const { url, startTls = false, ca = null, bind, timeoutMs = 60_000 } = options;
  // Without a password a bind succeeds as nobody (RFC 4513, 5.1.2), who sees less.
  if (bind.password === '') throw noPassword();
  const connection = await openLdap({ url, startTls, ca, timeoutMs }, signal);
  try {
    await connection.bind(bind.dn, bind.password);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function* readPeople(
  setting: Setting,
  keep: ReadonlySet<string>,
  signal: AbortSignal,
  run: Run,
): AsyncGenerator<SourcePerson> {
  let connection: LdapConnection | null = null;
  try {
    connection = await connected(setting, signal);
    const groupsOf = await readGroups(connection, setting.groups);
    const reader = personReader(
      setting,
      [...keep].map((name) => [name, theirName(setting, name)]),
    );
    const tally = newTally();
    const seen = new Map<string, string>();
    const isOwnId = setting.id === defaultId[setting.options.flavour];
    let unreadable = 0;
    for (const base of setting.options.bases) {
      const input = { base, filter: setting.filter, attributes: reader.asked, pageSize: setting.pageSize };
      for await (const page of searchAll(connection, input, tally)) {
        for (const entry of page) {
          const found = entryOf(entry);
          const core = reader.coreOf(found);
          if (core === 'unreadable') unreadable += 1;
          if (typeof core === 'string') continue;
          // Bases may overlap, and an entry that is moved meanwhile may come twice. Other ids that are there twice are for the reader to judge.
          const before = seen.get(core.sourceId);
          if (before === entry.name || (before !== undefined && isOwnId)) continue;
          seen.set(core.sourceId, entry.name);
          yield { ...core, attributes: reader.attributesOf(found), groups: groupsOf(entry, found.of) };
        }
      }
    }
    run.proof = proofOf(seen.size, unreadable, tally, setting);
  } catch (error) {
    run.proof = { state: 'incomplete', words: isForeknowError(error) ? error.detail : 'The read broke off.' };
    throw error;
  } finally {
    connection?.close();
  }
}

function proofOf(
  people: number,
  unreadable: number,
  tally: ReturnType<typeof newTally>,
  { id, options }: Setting,
): Proof {
  const count = `${people} ${people === 1 ? 'person' : 'people'} in ${tally.pages} ${tally.pages === 1 ? 'page' : 'pages'}`;
  const doubts = [
    people === 0 ? 'nobody was found, which is never taken for a proof' : null,
    unreadable > 0
      ? `${unreadable} entries without ${id}${options.flavour === 'ad' ? ' or userAccountControl' : ''}, which the account may not read`
      : null,
    tally.referrals > 0 ? `${tally.referrals} parts of the tree are on other servers, which were not asked` : null,
    tally.isUnmarked ? 'the server did not mark the last page' : null,
  ].filter((doubt) => doubt !== null);
  return doubts.length === 0
    ? { state: 'complete', words: `${count}, ended by the server.` }
    : { state: 'unproven', words: `${count}: ${doubts.join('; ')}.` };
}

type Found = { readonly entry: SearchEntry; readonly of: (name: string) => Attribute | undefined };

function entryOf(entry: SearchEntry): Found {
  const byName = new Map(entry.attributes.map((attribute) => [attribute.type.toLowerCase(), attribute]));
  return { entry, of: (name) => byName.get(name.toLowerCase()) };
}

const theirName = ({ options: { attributes = {} } }: Setting, ours: string): string =>
  Object.hasOwn(attributes, ours) ? attributes[ours]! : ours;

/** A name that may be asked for; others belong to other sources, and are not shown at all. */
const isAttributeName = (name: string): boolean =>
  /^[A-Za-z][A-Za-z0-9-]{0,99}(?:;[A-Za-z0-9-]{1,50})*$/.test(name) && !isSecret(name);

/** Passwords and what they are made of, by the names that servers give them: never asked for by name, and never shown. */
const isSecret = (name: string): boolean =>
  /^(?:userPassword|authPassword|unicodePwd|dBCSPwd|(?:nt|lm)?pwdHistory|supplementalCredentials|samba(?:NT|LM)Password|sambaPasswordHistory|krb.*Key|ms-Mcs-AdmPwd.*|msLAPS-.*Password.*)(?:;|$)/i.test(
    name,
  );

/** Accounts of the domain itself have relative ids below 1000 (MS-SAMR 2.2.1.14): Administrator, Guest, krbtgt, DefaultAccount. */
const FIRST_OWN_RID = 1000;
const DISABLED = 2;

/** @param wanted our name and theirs */
function personReader(setting: Setting, wanted: readonly (readonly [string, string])[]) {
  const { id, options, groups } = setting;
  const isAd = options.flavour === 'ad';
  const shown = wanted.filter(([, theirs]) => theirs === 'dn' || isAttributeName(theirs));
  const technical = [
    id,
    ...(isAd ? ['userAccountControl', 'objectSid'] : []),
    ...(options.active === undefined ? [] : [options.active.of]),
    ...groupAttributes(groups),
  ];
  const names = [...technical, ...shown.map(([, theirs]) => theirs).filter((theirs) => theirs !== 'dn')];
  return {
    asked: [...new Map(names.map((name) => [name.toLowerCase(), name])).values()],
    /** Without an id nobody can be told apart, without the flags nobody knows whether they left. */
    coreOf(found: Found): Pick<SourcePerson, 'sourceId' | 'active'> | 'built-in' | 'unreadable' {
      const sourceId = [valueFrom(found.of(id))].flat()[0] ?? null;
      const flags = isAd ? Number(valueFrom(found.of('userAccountControl')) ?? Number.NaN) : 0;
      const rid = isAd
        ? String(valueFrom(found.of('objectSid')) ?? '')
            .split('-')
            .at(-1)!
        : '';
      if (rid !== '' && Number(rid) < FIRST_OWN_RID) return 'built-in';
      if (sourceId === null || Number.isNaN(flags)) return 'unreadable';
      const said = options.active === undefined ? null : ([valueFrom(found.of(options.active.of))].flat()[0] ?? null);
      return { sourceId, active: (flags & DISABLED) === 0 && isActive(said, options.active) };
    },
    attributesOf: (found: Found): Attributes =>
      Object.fromEntries(
        shown.map(([ours, theirs]): [string, AttributeValue] => [
          ours,
          theirs === 'dn' ? canonicalDn(found.entry.name) : valueFrom(found.of(theirs)),
        ]),
      ),
  };
}

const SAMPLE = 3;
const LOOKED_AT = 100;

/** Connects, counts, and looks at the attributes of the first people. */
async function check(setting: Setting, signal: AbortSignal): Promise<SourceCheck> {
  const words: string[] = [];
  let connection: LdapConnection | null = null;
  try {
    connection = await connected(setting, signal);
    words.push(`Connected to ${new URL(setting.options.url).host}, and signed in.`);
    const first = await firstPeople(setting, connection);
    const seen = new Map<string, number>();
    for (const { entry } of first) for (const { type } of entry.attributes) seen.set(type, (seen.get(type) ?? 0) + 1);
    const { people, proof } = await count(setting, connection);
    words.push(proof.words);
    const names = [...seen].toSorted(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
    if (first.length > 0) {
      words.push(
        `Attributes of the first ${first.length}: ${names.map(([name, times]) => `${name} ${times}`).join(', ')}.`,
      );
    }
    const groupsOf = await readGroups(connection, setting.groups);
    const mapped = Object.entries(
      setting.options.attributes ?? Object.fromEntries(names.map(([name]) => [name, name])),
    );
    const reader = personReader(setting, [...mapped, ['dn', 'dn']]);
    const sample = first.flatMap((found) => {
      const core = reader.coreOf(found);
      if (typeof core === 'string') return [];
      const attributes = Object.entries(reader.attributesOf(found)).map(([name, value]) => [name, shortened(value)]);
      return [{ ...core, attributes: Object.fromEntries(attributes), groups: groupsOf(found.entry, found.of) }];
    });
    return { ok: people > 0, words, sample: sample.slice(0, SAMPLE) };
  } catch (error) {
    if (!isForeknowError(error)) throw error;
    return {
      ok: false,
      words: [...words, error.detail, ...(error.hint === undefined ? [] : [error.hint])],
      sample: [],
    };
  } finally {
    connection?.close();
  }
}

/** Photos and certificates are long. */
const shortened = (value: AttributeValue): AttributeValue =>
  typeof value === 'string' && value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value;
const LONGEST_SHOWN = 200;

async function firstPeople(setting: Setting, connection: LdapConnection): Promise<readonly Found[]> {
  const { filter } = setting;
  const mapped = Object.entries(setting.options.attributes ?? {});
  const attributes = ['*', ...personReader(setting, mapped).asked];
  const page = { size: LOOKED_AT, cookie: null };
  for (const base of setting.options.bases) {
    const { entries } = await connection.search({ base, scope: 'sub', filter, attributes, page });
    if (entries.length > 0) return entries.map(entryOf);
  }
  return [];
}

async function count(
  setting: Setting,
  connection: LdapConnection,
): Promise<{ readonly people: number; readonly proof: Proof }> {
  const reader = personReader(setting, []);
  const tally = newTally();
  const seen = new Set<string>();
  let unreadable = 0;
  for (const base of setting.options.bases) {
    const input = { base, filter: setting.filter, attributes: reader.asked, pageSize: setting.pageSize };
    for await (const page of searchAll(connection, input, tally)) {
      for (const entry of page) {
        const core = reader.coreOf(entryOf(entry));
        if (core === 'unreadable') unreadable += 1;
        else if (core !== 'built-in') seen.add(core.sourceId);
      }
    }
  }
  return { people: seen.size, proof: proofOf(seen.size, unreadable, tally, setting) };
}

const notEncrypted = (): ForeknowError =>
  new ForeknowError('config_invalid', {
    detail: 'An ldap:// address without TLS would send the password and everybody’s data in the clear.',
    hint: 'Use ldaps://, or start_tls: true.',
    field: 'url',
  });

const notAPassword = (ours: string): ForeknowError =>
  new ForeknowError('config_invalid', {
    detail: `${ours} would be a password, or what one is made of: these are not read.`,
    hint: 'Take it out of attributes.',
    field: 'attributes',
  });

const noPassword = (): ForeknowError =>
  new ForeknowError('source_unauthorized', {
    detail: 'The password of the directory is empty; a bind without one is a bind as nobody.',
    hint: 'Put it where bind.password points to.',
    field: 'bind.password',
  });
