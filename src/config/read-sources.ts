import { nearest } from '../lib/nearest.ts';
import type { Path } from './problem.ts';
import type { FileContent } from './schema.ts';
import type { Secret, SecretSource } from './secret.ts';
import type { ConfiguredPeople, ConfiguredProvisioning, ConfiguredRules, ConfiguredSource } from './sources.ts';

type FileSource = NonNullable<FileContent['sources']>[number];
type Csv = Extract<FileSource, { kind: 'csv' }>;
type Ldap = Extract<FileSource, { kind: 'ldap' }>;
type Json = Extract<FileSource, { kind: 'json' }>;

export type Reading = {
  /** Opens the secret that stands at a place. */
  readonly secret: (at: Path, from: SecretSource) => Secret;
  readonly resolvePath: (path: string) => string;
};

export const sourcesOf = (file: FileContent, reading: Reading): readonly ConfiguredSource[] =>
  (file.sources ?? []).map((one, index) => sourceOf(one, ['sources', index], reading));

function sourceOf(one: FileSource, at: Path, reading: Reading): ConfiguredSource {
  switch (one.kind) {
    case 'csv':
      return csvOf(one, at, reading);
    case 'ldap':
      return ldapOf(one, at, reading);
    case 'json':
      return jsonOf(one, at, reading);
    case 'scim-in':
      return { name: one.name, kind: one.kind, profile: one.profile };
  }
}

function csvOf(one: Csv, at: Path, { secret, resolvePath }: Reading): ConfiguredSource {
  const secretIf = (name: 'key' | 'passphrase' | 'password') =>
    one[name] === undefined ? undefined : secret([...at, name], one[name]);
  const isPath = one.from !== 'upload' && !one.from.startsWith('sftp://');
  return {
    name: one.name,
    kind: one.kind,
    everyMinutes: one.every,
    from: isPath ? resolvePath(one.from) : one.from,
    hostKeys: one.host_key === undefined ? [] : [one.host_key].flat(),
    key: secretIf('key'),
    passphrase: secretIf('passphrase'),
    password: secretIf('password'),
    encoding: one.encoding,
    delimiter: one.delimiter,
    id: one.id,
    columns: one.columns,
    lists: one.lists,
    groups: one.groups,
    active: one.active,
    completeWhen: one.complete_when,
    settleMs: one.settle,
  };
}

function ldapOf(one: Ldap, at: Path, { secret, resolvePath }: Reading): ConfiguredSource {
  return {
    name: one.name,
    kind: one.kind,
    everyMinutes: one.every,
    url: one.url,
    flavour: one.flavour,
    base: one.base,
    filter: one.filter,
    bind: { dn: one.bind.dn, password: secret([...at, 'bind', 'password'], one.bind.password) },
    ca: one.ca === undefined ? undefined : resolvePath(one.ca),
    startTls: one.start_tls,
    groups: one.groups && {
      by: one.groups.from,
      bases: one.groups.base,
      filter: one.groups.filter,
      nested: one.groups.nested,
    },
    active: one.active,
    id: one.id,
    attributes: one.attributes,
    pageSize: one.page_size,
  };
}

function jsonOf(one: Json, at: Path, { secret, resolvePath }: Reading): ConfiguredSource {
  const { auth, next } = one;
  return {
    name: one.name,
    kind: one.kind,
    everyMinutes: one.every,
    url: one.url,
    auth: auth && { header: auth.header, value: secret([...at, 'auth', 'value'], auth.value) },
    ca: one.ca === undefined ? undefined : resolvePath(one.ca),
    items: one.items,
    next: next && {
      link: next.link,
      path: next.path,
      cursorParameter: next.cursor_parameter,
      pageParameter: next.page_parameter,
      firstPage: next.first_page,
      offsetParameter: next.offset_parameter,
    },
    pageSize: one.page_size,
    id: one.id,
    attributes: one.attributes,
    groups: one.groups,
    active: one.active,
    completeWhen: one.complete_when,
  };
}

/** Without `people` every source stands for itself, in the order of the file. */
export const peopleOf = ({ people, sources = [] }: FileContent): ConfiguredPeople => ({
  from: people?.from ?? sources.map(({ name }) => name),
  join: people?.join ?? [],
  prefer: people?.prefer ?? {},
});

export const rulesOf = ({ rules = [] }: FileContent, { resolvePath }: Reading): readonly ConfiguredRules[] =>
  rules.map(({ file, connection }) => ({ file: resolvePath(file), connection }));

type FileConnection = NonNullable<FileContent['connections']>[number];

export const provisioningOf = ({ mode, provisioning }: FileConnection): ConfiguredProvisioning => ({
  mode,
  everyMinutes: provisioning?.every,
  approvalsExpireMs: provisioning?.approvals?.expire_after,
  freezes: (provisioning?.freeze ?? []).map(({ from, until, reason = null }) => ({ from, until, reason })),
});

/** Names of sources that `people` uses and that are not there. */
export function unknownSources({
  people,
  sources = [],
}: FileContent): { readonly path: Path; readonly reason: string }[] {
  if (people === undefined) return [];
  const known = sources.map(({ name }) => name);
  const used: (readonly [Path, string])[] = [
    ...people.from.map((name, index) => [['people', 'from', index], name] as const),
    ...Object.entries(people.prefer ?? {}).map(([key, name]) => [['people', 'prefer', key], name] as const),
  ];
  return used
    .filter(([, name]) => !known.includes(name))
    .map(([path, name]) => {
      const near = nearest(name, known);
      return { path, reason: `is not the name of a source${near === null ? '' : `; did you mean ${near}?`}` };
    });
}
