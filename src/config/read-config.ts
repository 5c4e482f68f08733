import type { z } from 'zod';
import { ForeknowError } from '../errors/errors.ts';
import { nearest } from '../lib/nearest.ts';
import type { Config, ConfiguredConnection } from './config.ts';
import { keysAt } from './json-schema.ts';
import { readYaml, type Sheet } from './positions.ts';
import { type Path, type Problem, pathText } from './problem.ts';
import { peopleOf, provisioningOf, rulesOf, sourcesOf, unknownSources } from './read-sources.ts';
import { type FileContent, fileSchema } from './schema.ts';
import type { ReadSecret, Secret, SecretSource } from './secret.ts';

export type ConfigSource = {
  readonly text: string;
  /** Names of the streams that a connection can switch off. */
  readonly streams: readonly string[];
  readonly readSecret: ReadSecret;
  /** Makes a path absolute: paths of the file are meant from the file's own folder. */
  readonly resolvePath: (path: string) => string;
};

/** The configuration, frozen; or everything that is wrong with it, in the order of the file. */
export function readConfig(
  source: ConfigSource,
): { readonly config: Config } | { readonly problems: readonly Problem[] } {
  const sheet = readYaml(source.text);
  if (sheet.problems.length > 0) return { problems: sheet.problems };
  const parsed = fileSchema(source.streams).safeParse(sheet.content ?? {});
  if (!parsed.success) {
    const ofShape = shapeProblems(parsed.error.issues, sheet, source.streams);
    return { problems: inOrder([...ofShape, ...besides(ofShape, sheet, source)]) };
  }
  const problems: Problem[] = [
    ...doubleNames('connections', parsed.data.connections, sheet),
    ...doubleNames('sources', parsed.data.sources, sheet),
    ...unknownSources(parsed.data).map(({ path, reason }) => ({
      ...sheet.placeOf(path),
      path: pathText(path),
      reason,
    })),
    ...mailWithoutServer(parsed.data, sheet),
  ];
  const config = configOf(parsed.data, source, (path, reason) =>
    problems.push({ ...sheet.placeOf(path), path: pathText(path), reason }),
  );
  return problems.length > 0 ? { problems: inOrder(problems) } : { config: deepFreeze(config) };
}

/**
 * @param file how the file is named to the person who reads the error
 * @throws ForeknowError `config_invalid` with every problem
 */
export function configOrThrow(source: ConfigSource, file: string): Config {
  const read = readConfig(source);
  if ('config' in read) return read.config;
  throw configInvalid(file, read.problems);
}

function configInvalid(file: string, problems: readonly Problem[]): ForeknowError {
  return new ForeknowError('config_invalid', {
    detail: `The configuration file ${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}.`,
    hint: 'foreknow config check looks again; foreknow config schema prints what may stand in it.',
    issues: problems.map(({ line, column, path, reason }) => ({
      field: path,
      reason: `${reason} (line ${line}, column ${column})`,
    })),
  });
}

/** What can be said of a file whose shape is wrong elsewhere: one look at it is to be enough. */
function besides(told: readonly Problem[], sheet: Sheet, source: ConfigSource): Problem[] {
  const written = (sheet.content ?? {}) as {
    connections?: unknown;
    sources?: unknown;
    notify?: { mail?: unknown; smtp?: unknown };
  };
  const { connections, sources, notify } = written;
  const found = [
    ...doubleNames('connections', Array.isArray(connections) ? connections : [], sheet),
    ...doubleNames('sources', Array.isArray(sources) ? sources : [], sheet),
    ...(Array.isArray(notify?.mail) ? mailWithoutServer({ notify } as MailPart, sheet) : []),
    ...missingSecrets(written, [], sheet, source),
  ];
  return found.filter(({ path }) => !told.some((one) => path === one.path || path.startsWith(`${one.path}.`)));
}

/** Aliases may make a text of YAML go round. */
const DEEPEST = 10;

/** A map with `env` or `file` alone is a secret, wherever it stands. */
function missingSecrets(value: unknown, path: Path, sheet: Sheet, source: ConfigSource): Problem[] {
  if (typeof value !== 'object' || value === null || path.length > DEEPEST) return [];
  const from = sourceIn(value as Readonly<Record<string, unknown>>);
  if (from !== null) {
    const problems: Problem[] = [];
    opened(source, path, from, (at, reason) => problems.push({ ...sheet.placeOf(at), path: pathText(at), reason }));
    return problems;
  }
  const steps = Array.isArray(value) ? value.entries() : Object.entries(value);
  return [...steps].flatMap(([step, part]) => missingSecrets(part, [...path, step], sheet, source));
}

function sourceIn(map: Readonly<Record<string, unknown>>): SecretSource | null {
  const [name, ...more] = Object.keys(map);
  const where = name === undefined ? undefined : map[name];
  if (more.length > 0 || typeof where !== 'string' || where === '') return null;
  if (name === 'env') return { env: where };
  return name === 'file' ? { file: where } : null;
}

const inOrder = (problems: readonly Problem[]): readonly Problem[] =>
  problems.toSorted((one, other) => one.line - other.line || one.column - other.column);

function shapeProblems(issues: readonly z.core.$ZodIssue[], sheet: Sheet, streams: readonly string[]): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        ...sheet.placeOfKey(path, key),
        path: pathText([...path, key]),
        reason: unknownKey(key, keysAt(streams, path, sheet.content)),
      }));
    }
    const reason = issue.code !== 'custom' && isMissing(sheet.content, path) ? 'is missing' : wordsOf(issue);
    return [{ ...sheet.placeOf(path), path: pathText(path), reason }];
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near !== null) return `is not known; did you mean ${near}?`;
  return known.length === 0 ? 'is not known' : `is not known; there are ${known.join(', ')}`;
}

/** Only words of the schema: those that zod makes by itself tell the kind of value, never the value. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (!/^(?:must|is) /.test(issue.message)) {
    return issue.code === 'invalid_type' ? `must be ${kinds[issue.expected] ?? issue.expected}` : 'is not valid';
  }
  return issue.message;
}

const kinds: Readonly<Record<string, string>> = { object: 'a map of names and values', array: 'a list' };

function isMissing(content: unknown, path: Path): boolean {
  let value = content;
  for (const step of path) value = (value as Record<string | number, unknown> | null | undefined)?.[step];
  return path.length > 0 && value === undefined;
}

function doubleNames(
  list: 'connections' | 'sources',
  entries: readonly unknown[] | undefined,
  sheet: Sheet,
): Problem[] {
  const names = (entries ?? []).map((one) => (one as { name?: unknown } | null)?.name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index || typeof name !== 'string') return [];
    const path = [list, index, 'name'];
    const { line } = sheet.placeOf([list, first, 'name']);
    return [{ ...sheet.placeOf(path), path: pathText(path), reason: `stands already in line ${line}` }];
  });
}

type MailPart = Pick<FileContent, 'notify'>;

function mailWithoutServer({ notify }: MailPart, sheet: Sheet): Problem[] {
  if (notify?.mail === undefined || notify.mail.length === 0 || notify.smtp !== undefined) return [];
  const path = ['notify', 'mail'];
  return [
    { ...sheet.placeOf(path), path: pathText(path), reason: 'needs notify.smtp: the server that takes the mail' },
  ];
}

type Complain = (path: Path, reason: string) => void;

function configOf(file: FileContent, source: ConfigSource, complain: Complain): Config {
  const { server, store, egress, sync, notify, log } = file;
  const path = (given: string | undefined) => (given === undefined ? undefined : source.resolvePath(given));
  const secret = (at: Path, from: SecretSource): Secret => opened(source, at, from, complain);
  const secretIf = (at: Path, from: SecretSource | undefined) => (from === undefined ? undefined : secret(at, from));
  const smtp = notify?.smtp;
  const reading = { secret, resolvePath: source.resolvePath };
  return {
    server: {
      listen: server?.listen,
      publicUrl: server?.public_url,
      tls:
        server?.tls === undefined
          ? undefined
          : {
              certificate: source.resolvePath(server.tls.certificate),
              key: secret(['server', 'tls', 'key'], server.tls.key),
            },
      trustProxy: server?.trust_proxy,
      role: server?.role,
      leaseMs: server?.lease,
      health: server?.health,
      allowBaseUrls: server?.allow_base_urls,
      allowedHosts: server?.allowed_hosts ?? [],
      proxyWrites: server?.proxy_writes,
    },
    store: {
      folder: path(store?.path),
      databaseUrl: store?.kind === 'postgres' ? secret(['store', 'url'], store.url) : undefined,
    },
    vaultKeys: secretIf(['vault', 'key'], file.vault?.key),
    egress: { proxy: egress?.proxy, noProxy: egress?.no_proxy, ca: path(egress?.ca) },
    sync: { scheduled: sync?.scheduled, atOnce: sync?.at_once },
    connections: (file.connections ?? []).map((one, index) =>
      connectionOf(one, (key, from) => secret(['connections', index, ...key], from)),
    ),
    sources: sourcesOf(file, reading),
    people: peopleOf(file),
    rules: rulesOf(file, reading),
    notify: {
      mail: notify?.mail ?? [],
      smtp:
        smtp === undefined
          ? undefined
          : {
              ...{ host: smtp.host, port: smtp.port, secure: smtp.secure, requireTls: smtp.require_tls },
              ...{ from: smtp.from, user: smtp.user },
              password: secretIf(['notify', 'smtp', 'password'], smtp.password),
            },
    },
    connect: { requester: file.connect?.requester, allowedOrigins: file.connect?.allowed_origins ?? [] },
    events: { retentionDays: file.events?.retention },
    runs: { retentionDays: file.runs?.retention },
    alerts: {
      staleAfterMinutes: file.alerts?.stale_after === undefined ? undefined : file.alerts.stale_after / 60_000,
    },
    webhooks: {
      allow: file.webhooks?.allow ?? [],
      ports: file.webhooks?.ports ?? [],
      retentionDays: file.webhooks?.retention,
    },
    agents: { rows: file.agents?.rows, bytes: file.agents?.bytes },
    metrics: { listen: file.metrics?.listen },
    telemetry: { endpoint: file.telemetry?.endpoint },
    log: { level: log?.level, format: log?.format },
  };
}

/** The value is kept out of sight: printing or logging the secret shows its source. */
function opened({ readSecret, resolvePath }: ConfigSource, at: Path, from: SecretSource, complain: Complain): Secret {
  const source = 'file' in from ? { file: resolvePath(from.file) } : from;
  const found = readSecret(source);
  if ('problem' in found) complain(at, found.problem);
  const value = 'value' in found ? found.value : '';
  return { from: source, reveal: () => value };
}

type FileConnection = NonNullable<FileContent['connections']>[number];

function connectionOf(one: FileConnection, secret: (key: Path, from: SecretSource) => Secret): ConfiguredConnection {
  const { limits, every, scim, product, streams = {} } = one;
  const off = Object.keys(streams).filter((stream) => streams[stream] === false);
  return {
    name: one.name,
    region: one.region,
    tenant: one.tenant ?? null,
    tags: one.tags ?? [],
    reportingToken: secret(['reporting', 'token'], one.reporting.token),
    reportingUrl: one.reporting.url,
    scim: scim && {
      url: typeof scim.url === 'string' ? scim.url : secret(['scim', 'url'], scim.url),
      token: secret(['scim', 'token'], scim.token),
    },
    product: product && { token: secret(['product', 'token'], product.token), url: product.url },
    provisioning: provisioningOf(one),
    settings: given({
      limits:
        limits &&
        given({
          perSecond: limits.per_second,
          perMinute: limits.per_minute,
          perDay: limits.per_day,
          scimPerSecond: limits.scim_per_second,
          reserveShare: limits.reserve,
        }),
      streamsOff: off.length > 0 ? off : undefined,
      dropRecipientClient: one.drop_recipient_client,
      timeZone: one.time_zone,
      accountKey: one.account_key,
      pagination: one.pagination,
      directoryEveryMinutes: every?.directory,
      activityEveryMinutes: every?.activity,
      riskThresholds: one.risk?.thresholds,
      riskDelta: one.risk?.delta,
    }),
  };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined. */
const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
