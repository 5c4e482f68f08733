import type { AuditRoom } from '../audit/audit.ts';
import type { Actor } from '../audit/ports.ts';
import type { Checked } from '../connections/connect.ts';
import { parseLabels } from '../connections/connect.ts';
import type { AccountFacts, Connection, ConnectionView } from '../connections/connection.ts';
import type { ConnectionRoom } from '../connections/connections.ts';
import type { KeyInputs } from '../connections/keys.ts';
import type { ConnectionStore, ConnectLink } from '../connections/ports.ts';
import type { Vault } from '../connections/vault.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { mailSender, type NotifyOptions } from '../events/mail.ts';
import { neighbourhoodOf } from '../lib/network.ts';
import { type LinkKey, notOpen } from '../links/link.ts';
import { type LinkRoom, type LinkView, linkRoom } from '../links/links.ts';
import type { LinkStore } from '../links/ports.ts';
import { streamNames } from '../sync/streams.ts';
import { type Region, regionOfAddress, regions } from '../wire/regions.ts';
import type { StoreWrites } from './acting.ts';
import type { Hosts } from './hosts.ts';
import type {
  LinkCaller,
  LinkCheck,
  LinkPage,
  LinkResult,
  LinkSubmission,
  LinkUseCases,
  TokenUseCases,
} from './types.ts';
import type { Chore } from './work.ts';

/** What the operator says about connect links. */
export type LinkOptions = {
  /** Address of this server for its callers; absent: links are paths, and no mail goes out. */
  readonly publicUrl?: string;
  /** Who asks, shown on the page; absent: the name of the token that a link is made with. */
  readonly requester?: string;
  /** Origins that may frame the connect page and to which it may return. */
  readonly allowedOrigins?: readonly string[];
};

/** The use cases of connections whose changes use a link up. */
type LinkedConnections = Pick<ConnectionRoom, 'connect' | 'replaceToken' | 'addKeys'>;

type Deps = {
  readonly store: LinkStore & Pick<ConnectionStore, 'getConnection' | 'listConnections'>;
  readonly room: ConnectionRoom;
  readonly usingUp: (link: ConnectLink) => LinkedConnections;
  /** Puts what a check sent on the account it was about. */
  readonly counted: (
    check: () => Promise<Checked>,
    accountOf: (found: Checked) => Pick<Connection, 'accountKey' | 'id'>,
  ) => Promise<Checked>;
  readonly tokens: Pick<TokenUseCases, 'standing'>;
  readonly vault: Pick<Vault, 'deriveEach'>;
  readonly audit: Pick<AuditRoom, 'act' | 'failedLogin'>;
  readonly hosts: Pick<Hosts, 'isAllowed'>;
  /** Whether connections may read other addresses than KnowBe4's own. */
  readonly otherAddresses: boolean;
  readonly notify: (notice: { readonly level: 'warn'; readonly message: string; readonly connectionId: null }) => void;
  readonly now: () => Date;
  readonly newId: (prefix: string) => string;
};

const CHORE_MS = 10 * 60_000;

export function createLinks(
  deps: Deps,
  { publicUrl, requester, allowedOrigins = [] }: LinkOptions = {},
  mail?: NotifyOptions,
): { readonly useCases: LinkUseCases; keepHouse(): Promise<void> } {
  const { store, vault, tokens, now, newId } = deps;
  const send = mail === undefined ? null : mailSender(mail.smtp);
  const ownUrl = publicUrl?.replace(/\/+$/, '') ?? null;
  const room = linkRoom({
    ...{ store, now, newId: () => newId('lnk'), streams: streamNames, parseLabels },
    codeKeys: () => vault.deriveEach('connect codes'),
    standing: (id) => tokens.standing(id).catch(nullWhenEnded),
    connection: (idOrName) => store.getConnection(idOrName),
    settings: { publicUrl: ownUrl, requester: requester ?? null, allowedOrigins: allowedOrigins.map(originOf) },
    sendMail: send === null ? null : (to, text) => send([to], text),
    onMailFailed: ({ id }) => {
      const message = `The mail of invitation ${id} could not be sent.`;
      deps.notify({ level: 'warn', message, connectionId: null });
    },
  });

  const useCases: LinkUseCases = {
    create: room.create,
    invite: room.invite,
    resend: room.resend,
    revoke: room.revoke,
    list: room.list,
    get: room.get,
    async open(secret) {
      const link = await room.find(secret);
      if (link.openedAt === null) await room.noteOpened(link.id);
      const connection = link.connectionId === null ? null : await store.getConnection(link.connectionId);
      return pageOf(link, connection, { gatewayHost: hostOf(ownUrl), otherAddresses: deps.otherAddresses });
    },
    async byCode(code, { from }) {
      try {
        return await room.byCode(code, from);
      } catch (error) {
        if (isForeknowError(error) && error.code === 'link_invalid') deps.audit.failedLogin(neighbourhoodOf(from));
        throw error;
      }
    },
    async check(secret, submission) {
      const link = await openLink(room, secret);
      await room.countKey(link);
      return asked(() => checked(deps, link, submission));
    },
    async submit(secret, submission, caller) {
      const link = await openLink(room, secret);
      const about = { action: actions[link.task], target: link.connectionId, connectionId: link.connectionId };
      const work = async () => {
        await room.countKey(link);
        return asked(() => submitted(deps, link, submission));
      };
      const done = await deps.audit.act(actorOf(link, caller), { ...about, details: { link: link.id } }, work, {
        writes,
      });
      return { ...done, link: await room.find(secret) };
    },
  };
  return { useCases, keepHouse: room.keepHouse };
}

/** Reminders, and links that ended long ago. */
export const linksChore = (keepHouse: () => Promise<void>): Chore => ({ everyMs: CHORE_MS, run: keepHouse });

/** A store whose changes of connections use the link up. */
export const usingUp = <Kept extends ConnectionStore>(store: Kept, link: ConnectLink): Kept => ({
  ...store,
  createConnection: (connection, secrets) => store.createConnection(connection, secrets, link),
  saveConnection: (connection, before, secrets, gone) => store.saveConnection(connection, before, secrets, gone, link),
});

const actions = {
  new: 'connection.created',
  reconnect: 'connection.token_replaced',
  add_key: 'connection.key_added',
} as const;

const writes: StoreWrites = {
  createConnection: ({ connection: { id, name, region, tenant } }) => ({
    ...{ target: id, connectionId: id },
    details: { name, region, tenant },
  }),
  saveConnection: ({ connection: { region }, secrets }) => ({
    details: { region, keys: secrets.map(({ kind }) => kind) },
  }),
};

/** Whoever holds a link has no token: the link itself stands in the log. */
const actorOf = ({ id }: LinkView, { from, requestId }: LinkCaller): Actor => ({
  kind: 'link',
  id,
  name: null,
  door: 'http',
  from,
  requestId,
});

function nullWhenEnded(error: unknown): null {
  if (isForeknowError(error) && error.code === 'unauthenticated') return null;
  throw error;
}

async function openLink(room: LinkRoom, secret: string): Promise<LinkView> {
  const link = await room.find(secret);
  if (link.state !== 'open') throw notOpen(link, link.state);
  return link;
}

type Told = Omit<LinkResult, 'link'>;

async function submitted(deps: Deps, link: LinkView, submission: LinkSubmission): Promise<Told> {
  const connections = deps.usingUp({ linkId: link.id, at: deps.now().toISOString() });
  if (link.task === 'add_key') {
    const added = await connections.addKeys(link.connectionId!, keysIn(link, submission));
    return { ...toldOf(added.connection), ...added };
  }
  const result =
    link.task === 'new'
      ? await connections.connect(newInput(deps, link, submission), nameFor(deps, link, submission))
      : await connections.replaceToken(link.connectionId!, replaceInput(link, submission));
  return { ...toldOf(result.connection), ...result };
}

const toldOf = ({ region, account }: ConnectionView) => ({ region, account: shownAccount(account) });

async function checked(deps: Deps, link: LinkView, submission: LinkSubmission): Promise<LinkCheck> {
  const { room } = deps;
  if (link.task === 'add_key') {
    const connection = await room.get(link.connectionId!);
    const { capabilities, warnings } = await room.tryKeys(connection.id, keysIn(link, submission));
    return { ...toldOf(connection), capabilities, warnings };
  }
  const check = () =>
    link.task === 'new'
      ? room.tryConnect(newInput(deps, link, submission))
      : room.tryReplaceToken(link.connectionId!, replaceInput(link, submission));
  const id = link.connectionId ?? link.id;
  const found = await deps.counted(check, ({ accountKey }) => ({ accountKey, id }));
  const { region, account, capabilities, warnings } = found;
  return { region, account: shownAccount(account), capabilities, warnings };
}

const shownAccount = (account: AccountFacts | null): LinkCheck['account'] =>
  account === null
    ? null
    : {
        name: account.name,
        type: account.type,
        subscriptionLevel: account.subscriptionLevel,
        seats: account.seats,
      };

function newInput(deps: Deps, link: LinkView, submission: LinkSubmission) {
  const { region, baseUrl } = placeOf(deps, link, submission);
  const tenant = link.tenant ?? submission.tenant;
  return {
    // Another one is made when the account is known.
    name: 'connection',
    region,
    reportingToken: reportingOf(submission),
    tags: link.tags,
    probeRegions: submission.probeRegions ?? false,
    keys: keysIn(link, submission),
    settings: link.streamsOff.length === 0 ? {} : { streamsOff: link.streamsOff },
    ...(tenant === undefined || tenant === '' ? {} : { tenant }),
    ...(baseUrl === undefined ? {} : { reportingUrl: baseUrl }),
  };
}

function replaceInput(link: LinkView, submission: LinkSubmission) {
  const { region: address } = submission;
  const region = address ? regionOfAddress(address) : link.region;
  if (address && region === null) throw noRegion();
  return {
    reportingToken: reportingOf(submission),
    probeRegions: submission.probeRegions ?? false,
    keys: keysIn(link, submission),
    ...(region === null ? {} : { region }),
  };
}

/** The region, or another address that the operator allows, in whichever field it was put. */
function placeOf(
  { hosts }: Deps,
  link: LinkView,
  { region: address, baseUrl }: LinkSubmission,
): { readonly region: Region; readonly baseUrl?: string } {
  const region = address ? regionOfAddress(address) : null;
  if (region !== null) return baseUrl ? { region, baseUrl } : { region };
  const url = address ? URL.parse(address) : null;
  const otherUrl = baseUrl || (url !== null && hosts.isAllowed(url) ? address : undefined);
  if (address && !baseUrl && otherUrl === undefined) throw noRegion();
  if (otherUrl) return { region: link.region ?? 'us', baseUrl: otherUrl };
  if (link.region !== null) return { region: link.region };
  throw noRegion();
}

const noRegion = (): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: 'The region is missing, or is not one of KnowBe4.',
    hint: `Give one of ${regions.join(', ')}, or the address of the console as it stands in the browser.`,
    field: 'region',
  });

function reportingOf({ reporting }: LinkSubmission): string {
  if (reporting !== undefined && reporting.trim() !== '') return reporting;
  throw new ForeknowError('invalid_request', {
    detail: 'The Reporting API token is missing.',
    hint: 'Paste the token as KnowBe4 shows it.',
    field: 'reporting',
  });
}

const isGiven = (token: string | undefined): token is string => token !== undefined && token.trim() !== '';

function keysIn(link: LinkView, { scim, events, product }: LinkSubmission): KeyInputs {
  const keys: KeyInputs = {
    ...(isGiven(scim?.token) ? { scim } : {}),
    ...(isGiven(events) ? { events: { token: events } } : {}),
    ...(isGiven(product) ? { product: { token: product } } : {}),
  };
  const given = Object.keys(keys) as LinkKey[];
  const foreign = given.find((kind) => !link.keys.includes(kind));
  if (foreign !== undefined)
    throw new ForeknowError('invalid_request', {
      detail: 'The link does not ask for this key.',
      field: foreign,
    });
  if (link.task !== 'add_key' || given.length > 0) return keys;
  throw new ForeknowError('invalid_request', {
    detail: 'No key was given.',
    hint: 'Paste the key as KnowBe4 shows it.',
    field: link.keys[0]!,
  });
}

const LONGEST_NAME = 56;

/** A free name, made of what is known: whoever connects must not be told what the operator's other connections are called. */
function nameFor({ store }: Deps, link: LinkView, submission: LinkSubmission) {
  const { name: typed } = submission;
  const wanted = isGiven(typed) ? parseLabels({ name: typed }).name! : (link.name ?? link.tenant);
  return async (account: AccountFacts): Promise<string> => {
    const taken = new Set((await store.listConnections()).map(({ name }) => name));
    const base = plain(wanted ?? account.name ?? account.domains[0] ?? '');
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? base : `${base} ${number}`;
      if (!taken.has(name)) return name;
    }
  };
}

/** Without what names cannot hold. */
function plain(text: string): string {
  const kept = text
    .replace(/[^\p{L}\p{N} ._-]+/gu, ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replace(/^(?:con_)+/, '')
    .trim();
  return kept.slice(0, LONGEST_NAME).trim() || 'KnowBe4';
}

/** Names of fields as the page has them. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isForeknowError(error)) throw error;
    const field = pageField(error);
    if (field === error.field) throw error;
    const { code, detail, hint, remote, retryAfterMs } = error;
    throw new ForeknowError(code, {
      ...{ detail, field, cause: error },
      ...(hint === undefined ? {} : { hint }),
      ...(remote === undefined ? {} : { remote }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}

/** Codes that speak about the token in the field. */
const ofToken = new Set<string>([
  'connection_unauthorized',
  'connection_forbidden',
  'wrong_product',
  'remote_not_found',
  'different_account',
]);

function pageField({ code, field }: ForeknowError): string | undefined {
  if (field === 'token' || field === 'reportingToken') return 'reporting';
  if (field === 'reportingUrl') return 'region';
  if (field !== undefined) return field;
  if (code === 'wrong_region') return 'region';
  return ofToken.has(code) ? 'reporting' : undefined;
}

const pageOf = (
  link: LinkView,
  connection: Connection | null,
  more: Pick<LinkPage, 'gatewayHost' | 'otherAddresses'>,
): LinkPage => ({
  ...{ id: link.id, kind: link.kind, task: link.task, state: link.state, requester: link.requester },
  ...{ tenant: link.tenant, name: link.name, region: connection?.region ?? link.region },
  connection:
    connection === null
      ? null
      : {
          ...{ id: connection.id, name: connection.name, region: connection.region, state: connection.state },
          accountName: connection.account?.name ?? null,
        },
  keys: link.keys,
  streams: streamNames.filter((stream) => !streamsOff(link, connection).includes(stream)),
  ...{ origins: link.origins, redirectUri: link.redirectUri, expiresAt: link.expiresAt },
  ...more,
});

const streamsOff = (link: LinkView, connection: Connection | null): readonly string[] =>
  connection === null ? link.streamsOff : (connection.settings.streamsOff ?? []);

const hostOf = (url: string | null): string | null => (url === null ? null : new URL(url).host);

/** @throws ForeknowError `config_invalid` */
function originOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '')
    return url.origin;
  throw new ForeknowError('config_invalid', {
    detail: `${text.slice(0, 100)} is not an origin.`,
    hint: 'An origin is scheme, host and port alone: https://app.example.com',
    field: 'connect.allowed_origins',
  });
}
