import { ForeknowError } from '../errors/errors.ts';
import { type Region, regionOfAddress, regions } from '../wire/regions.ts';
import { type Link, type LinkKey, type LinkKind, type LinkTask, linkKeys } from './link.ts';

/** What a connect link may be told about the connection it asks for. */
type Proposal = {
  /** A connection to reconnect or to add keys to, by id or name; absent: a new one. */
  readonly connection?: string;
  /** Keys that are asked for besides, or for `connection` instead of, the Reporting token. */
  readonly keys?: readonly LinkKey[];
  /** Who asks, shown on the page; absent: the operator's word for this server. */
  readonly requester?: string;
  readonly tenant?: string;
  /** Proposed name of the connection. */
  readonly name?: string;
  readonly tags?: readonly string[];
  readonly region?: string;
  readonly streamsOff?: readonly string[];
};

export type NewLink = Proposal & {
  readonly redirectUri?: string;
  /** Kept with the link; no key in it may name a host, a token or another secret. */
  readonly context?: Readonly<Record<string, unknown>>;
};

export type NewInvitation = Proposal & {
  /** The co-worker's mail address, or any words for whom it is for where it is handed over. */
  readonly address: string;
};

/** The token that a link is made with, as far as the link depends on it. */
export type Maker = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Ids of the connections it reaches now; null = all. */
  readonly connections: readonly string[] | null;
  /** What it is bound to. */
  readonly own: { readonly connections: readonly string[] | null; readonly tags: readonly string[] | null };
  readonly expiresAt: string | null;
};

/** What the operator says about links. */
export type LinkSettings = {
  /** Who asks, where a link does not say. */
  readonly requester: string | null;
  /** Origins that may frame the page and to which it may return. */
  readonly allowedOrigins: readonly string[];
  /** Address of this server for its callers, without a trailing slash; null: not told. */
  readonly publicUrl: string | null;
};

/** A connection as far as a link depends on it. */
export type LinkedConnection = { readonly id: string; readonly name: string; readonly tenant: string | null };

export type ParseDeps = {
  readonly settings: LinkSettings;
  readonly streams: readonly string[];
  /** Checks name, tenant and tags as those of a connection. @throws ForeknowError `invalid_request` */
  readonly parseLabels: (labels: { name?: string; tenant?: string; tags?: readonly string[] }) => {
    readonly name?: string;
    readonly tenant?: string | null;
    readonly tags?: readonly string[];
  };
  readonly connection: (idOrName: string) => Promise<LinkedConnection | null>;
};

const HOUR_MS = 3_600_000;
/** Truto's clients are used to the first. */
const lifeMs: Readonly<Record<LinkKind, number>> = { link_token: 7 * 24 * HOUR_MS, invitation: 72 * HOUR_MS };

/** @throws ForeknowError `invalid_request`, `not_found`, `connection_not_allowed`, `scope_missing` */
export async function parseLink(
  deps: ParseDeps,
  kind: LinkKind,
  input: NewLink & Partial<NewInvitation>,
  maker: Maker | null,
  now: Date,
): Promise<Omit<Link, 'id'>> {
  refuseUnableMaker(maker);
  const { settings } = deps;
  const connection = await connectionOf(deps, input.connection, maker);
  const labels = deps.parseLabels(given({ name: input.name, tenant: input.tenant, tags: input.tags }));
  const redirect = redirectOf(input.redirectUri, settings);
  return {
    ...{ kind, ...taskOf(input.keys ?? [], connection !== null) },
    makerId: maker?.id ?? null,
    requester: requesterOf(input.requester, settings, maker),
    tenant: oneLine('tenant', labels.tenant ?? null) ?? connection?.tenant ?? null,
    name: labels.name ?? null,
    tags: connection === null ? tagsWithin(labels.tags ?? [], maker) : [],
    connectionId: connection?.id ?? null,
    region: regionOf(input.region),
    streamsOff: streamsOf(input.streamsOff ?? [], deps.streams),
    context: contextOf(input.context ?? {}),
    redirectUri: redirect?.href ?? null,
    origins: [...new Set([...settings.allowedOrigins, ...(redirect === null ? [] : [redirect.origin])])],
    address: input.address === undefined ? null : addressOf(input.address),
    createdAt: now.toISOString(),
    expiresAt: expiryOf(kind, maker, now),
    ...{ openedAt: null, usedAt: null, revokedAt: null, resultConnectionId: null, sentAt: null, remindedAt: null },
  };
}

/** Whether a link of this maker may do what it asks for: also asked when it is used. */
export function mayAsk(maker: Maker, { connectionId }: Pick<Link, 'connectionId'>): boolean {
  const hasScope = maker.scopes.some((scope) => scope === 'connections' || scope === 'admin');
  if (!hasScope) return false;
  if (connectionId !== null) return maker.connections?.includes(connectionId) ?? true;
  return isUnbound(maker) || maker.own.tags !== null;
}

const isUnbound = ({ own }: Maker): boolean => own.connections === null && own.tags === null;

function refuseUnableMaker(maker: Maker | null): void {
  if (maker === null || maker.scopes.some((scope) => scope === 'connections' || scope === 'admin')) return;
  throw new ForeknowError('scope_missing', {
    detail: 'A link that connects an account needs the scope "connections".',
    hint: 'Use a token that has it.',
    issues: [{ field: 'scope', reason: 'connections' }],
  });
}

async function connectionOf(
  deps: ParseDeps,
  named: string | undefined,
  maker: Maker | null,
): Promise<LinkedConnection | null> {
  if (named === undefined) return null;
  const found = await deps.connection(named);
  if (maker !== null && maker.connections !== null && !maker.connections.includes(found?.id ?? '')) {
    throw new ForeknowError('connection_not_allowed', {
      detail: 'The token reaches no connection of this name or id.',
      hint: 'Use a token that is bound to this connection, or to all.',
      field: 'connection',
    });
  }
  if (found !== null) return found;
  throw new ForeknowError('not_found', {
    detail: `There is no connection ${named.slice(0, 100)}.`,
    hint: 'List the connections for their names and ids.',
    field: 'connection',
  });
}

function taskOf(
  wanted: readonly LinkKey[],
  isKnown: boolean,
): { readonly task: LinkTask; readonly keys: readonly LinkKey[] } {
  const unknown = wanted.find((key) => !linkKeys.includes(key));
  if (unknown !== undefined) throw invalid('keys', `There is no key ${unknown}; there are ${linkKeys.join(', ')}.`);
  if (isKnown && wanted.length > 0 && !wanted.includes('reporting')) return { task: 'add_key', keys: inOrder(wanted) };
  return { task: isKnown ? 'reconnect' : 'new', keys: inOrder(['reporting', ...wanted]) };
}

const inOrder = (wanted: readonly LinkKey[]): readonly LinkKey[] => linkKeys.filter((key) => wanted.includes(key));

function requesterOf(wanted: string | undefined, settings: LinkSettings, maker: Maker | null): string {
  const requester = (wanted ?? settings.requester ?? maker?.name ?? 'The operator of this gateway').trim();
  if (requester.length > 0 && requester.length <= 100 && isOneLine(requester)) return requester;
  throw invalid('requester', 'The requester must be one line of up to 100 characters.');
}

/** Nothing that breaks a line, or turns what is read around. */
const isOneLine = (text: string): boolean => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);

function oneLine(field: string, text: string | null): string | null {
  if (text === null || isOneLine(text)) return text;
  throw invalid(field, `The ${field} must be one line of plain text.`);
}

/** What a maker that is bound by tags has connected must be in its reach: one of its tags goes with it. */
function tagsWithin(wanted: readonly string[], maker: Maker | null): readonly string[] {
  if (maker === null || isUnbound(maker)) return wanted;
  const { tags } = maker.own;
  if (tags === null)
    throw new ForeknowError('connection_not_allowed', {
      detail: 'The token is bound to named connections: it would not reach the new one.',
      hint: 'Use a token that is bound by tags, or one that reaches all connections.',
    });
  return wanted.some((tag) => tags.includes(tag)) ? wanted : [...new Set([...wanted, ...tags])];
}

function regionOf(address: string | undefined): Region | null {
  if (address === undefined) return null;
  const region = regionOfAddress(address);
  if (region === null) throw invalid('region', `The region is none of ${regions.join(', ')}.`);
  return region;
}

function streamsOf(wanted: readonly string[], known: readonly string[]): readonly string[] {
  const unknown = wanted.find((stream) => !known.includes(stream));
  if (unknown !== undefined)
    throw invalid('streams_off', `There is no stream ${unknown.slice(0, 50)}; there are ${known.join(', ')}.`);
  return [...new Set(wanted)];
}

function redirectOf(address: string | undefined, { allowedOrigins }: LinkSettings): URL | null {
  if (address === undefined) return null;
  const url = URL.parse(address);
  const isSafe =
    url !== null &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) &&
    url.username === '' &&
    url.password === '' &&
    address.length <= 2000;
  if (!isSafe)
    throw invalid('redirect_uri', 'The redirect_uri must be an https address (http on the own machine only).');
  if (allowedOrigins.length > 0 && !allowedOrigins.includes(url.origin))
    throw new ForeknowError('origin_not_allowed', {
      detail: `The redirect_uri is at ${url.origin.slice(0, 100)}, which the operator does not allow.`,
      hint: 'Use one of the allowed origins, or let the operator add it to connect.allowed_origins.',
      field: 'redirect_uri',
    });
  return url;
}

const isLoopback = (host: string): boolean => /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(host);

const CONTEXT_CHARACTERS = 8192;
const DEEPEST_CONTEXT = 10;
const secretName = /token|secret|passw|api_?key|credential|authorization|private/i;
const hostName =
  /(?:^|_)(?:host|hostname|url|uri|base_?url|endpoint|server|tenant_?url|domain_?url)(?:$|_)|(?:Url|Uri|Host)$/i;

/** Whatever a program wants to have back. It decides nothing: no host that a key could be sent to, and no key, may come in it. */
function contextOf(context: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  lookInto(context, 'context', 0);
  if (JSON.stringify(context).length > CONTEXT_CHARACTERS)
    throw invalid('context', `The context is longer than ${CONTEXT_CHARACTERS} characters.`);
  return context;
}

function lookInto(value: unknown, at: string, depth: number): void {
  if (typeof value === 'string' && /:\/\//.test(value))
    throw invalid(at, 'A context cannot carry addresses of servers.');
  if (typeof value !== 'object' || value === null) return;
  if (depth === DEEPEST_CONTEXT) throw invalid('context', 'The context is nested too deeply.');
  for (const [name, part] of Object.entries(value)) {
    const where = `${at}.${name.slice(0, 60)}`;
    if (secretName.test(name)) throw invalid(where, 'A context cannot carry tokens or other secrets.');
    if (hostName.test(name)) throw invalid(where, 'A context cannot carry hosts.');
    lookInto(part, where, depth + 1);
  }
}

function addressOf(text: string): string {
  const address = text.trim();
  if (address.length > 0 && address.length <= 200 && isOneLine(address)) return address;
  throw invalid('address', 'Say for whom the invitation is: a mail address, or words of up to 200 characters.');
}

function expiryOf(kind: LinkKind, maker: Maker | null, now: Date): string {
  const expiry = new Date(now.getTime() + lifeMs[kind]).toISOString();
  return maker?.expiresAt != null && maker.expiresAt < expiry ? maker.expiresAt : expiry;
}

const given = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

const invalid = (field: string, detail: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail, field });
