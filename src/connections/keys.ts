import { checkedToken } from '../client/transport/token.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { mayBeSameAccount } from './account-key.ts';
import { parseBaseUrl } from './base-url.ts';
import { type BaseUrls, type Connection, type ConnectionView, type KeyKind, keyKinds } from './connection.ts';
import { type ConnectionDeps, changeConnection, requireConnection, viewOf } from './deps.ts';
import type { SealedSecret } from './ports.ts';
import type { Capability } from './prove.ts';
import { sealedSecret } from './vault.ts';

export type KeyInput = {
  readonly token: string;
  /**
   * SCIM: the tenant URL as the console shows it, which has to be given. The others: another address than KnowBe4's own, only
   * where the operator allows it.
   */
  readonly url?: string;
};

export type KeyResult = {
  readonly connection: ConnectionView;
  readonly kind: KeyKind;
  /** What the key opens, beside what the connection could do before. */
  readonly capabilities: readonly Capability[];
  readonly warnings: readonly string[];
};

/** Keys to prove together. */
export type KeyInputs = { readonly [Kind in KeyKind]?: KeyInput };

/**
 * Proves another key of the account with one request, and keeps it sealed. One of the same kind is replaced.
 * @throws ForeknowError `host_not_allowed`, `invalid_request`, `different_account`, and what the probe throws
 */
export async function addKey(
  deps: ConnectionDeps,
  idOrName: string,
  kind: KeyKind,
  input: KeyInput,
): Promise<KeyResult> {
  const connection = await requireConnection(deps.store, idOrName);
  const proven = await proveKey(deps, connection, kind, input);
  return { connection: await keep(deps, connection, [proven]), kind, ...told([proven]) };
}

/** As `addKey`, for several kept together. A field at fault is named with the kind before it: `scim.url`. */
export async function addKeys(deps: ConnectionDeps, idOrName: string, inputs: KeyInputs): Promise<Added> {
  const connection = await requireConnection(deps.store, idOrName);
  const proven = await proveEach(deps, connection, inputs);
  return { connection: await keep(deps, connection, proven), ...told(proven) };
}

export type Added = Omit<KeyResult, 'kind'>;

/** Keys that were accepted, sealed for the connection. */
export type ProvenKeys = Omit<Added, 'connection'> & {
  readonly secrets: readonly SealedSecret[];
  /** Null: KnowBe4's own for the region. */
  readonly urls: { readonly [Kind in KeyKind]?: string | null };
};

/** Proves keys and keeps nothing. A field at fault is named with the kind before it: `scim.url`. */
export async function proveKeys(
  deps: ConnectionDeps,
  connection: KeyTarget['connection'],
  inputs: KeyInputs,
): Promise<ProvenKeys> {
  const proven = await proveEach(deps, connection, inputs);
  const urls = Object.fromEntries(proven.map(({ kind, url }) => [kind, url]));
  return { ...told(proven), secrets: proven.map(({ secret }) => secret), urls };
}

type ProvenKey = {
  readonly kind: KeyKind;
  readonly url: string | null;
  readonly secret: SealedSecret;
  readonly warnings: readonly string[];
};

async function proveEach(
  deps: ConnectionDeps,
  connection: KeyTarget['connection'],
  inputs: KeyInputs,
): Promise<readonly ProvenKey[]> {
  const proven: ProvenKey[] = [];
  for (const kind of keyKinds) {
    const input = inputs[kind];
    if (input === undefined) continue;
    try {
      proven.push(await proveKey(deps, connection, kind, input));
    } catch (error) {
      throw ofKind(kind, error);
    }
  }
  return proven;
}

async function proveKey(
  deps: ConnectionDeps,
  connection: KeyTarget['connection'],
  kind: KeyKind,
  input: KeyInput,
): Promise<ProvenKey> {
  const url = addressOf(deps, kind, input.url);
  const token = checkedToken(input.token);
  const { domains, warnings } = await deps.probeKey({ kind, token, url, connection });
  if (!mayBeSameAccount(connection.account?.domains ?? [], domains)) {
    throw new ForeknowError('different_account', {
      detail: `The key belongs to another account (${domains.join(', ')}) than connection ${connection.name}.`,
      hint: 'Add it to the connection of its own account.',
    });
  }
  const owner = { connectionId: connection.id, kind };
  return { kind, url, warnings, secret: sealedSecret(deps.vault, owner, token, deps.now().toISOString()) };
}

async function keep(
  deps: ConnectionDeps,
  connection: Connection,
  proven: readonly ProvenKey[],
): Promise<ConnectionView> {
  const at = deps.now().toISOString();
  const urls = Object.fromEntries(proven.map(({ kind, url }) => [kind, url]));
  const changed = await changeConnection(
    deps.store,
    connection.id,
    (found) => {
      refuseMoved(connection, found);
      return { ...found, baseUrls: withUrls(found.baseUrls, urls), updatedAt: at };
    },
    proven.map(({ secret }) => secret),
  );
  return viewOf(deps.store, changed);
}

const told = (proven: readonly ProvenKey[]) => ({
  capabilities: proven.flatMap(({ kind }) => capabilitiesOf[kind]),
  warnings: proven.flatMap(({ warnings }) => warnings),
});

function ofKind(kind: KeyKind, error: unknown): unknown {
  if (!isForeknowError(error)) return error;
  const { code, detail, hint, remote, retryAfterMs } = error;
  return new ForeknowError(code, {
    ...{ detail, cause: error, field: error.field === 'url' ? `${kind}.url` : kind },
    ...(hint === undefined ? {} : { hint }),
    ...(remote === undefined ? {} : { remote }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Forgets a key and its address. @throws ForeknowError `not_found` when there is none */
export async function removeKey(deps: ConnectionDeps, idOrName: string, kind: KeyKind): Promise<ConnectionView> {
  const connection = await requireConnection(deps.store, idOrName);
  if ((await deps.store.getSecret(connection.id, kind)) === null) throw noKey(connection, kind);
  const at = deps.now().toISOString();
  const changed = await changeConnection(
    deps.store,
    connection.id,
    (found) => ({ ...found, baseUrls: withUrls(found.baseUrls, { [kind]: null }), updatedAt: at }),
    [],
    [kind],
  );
  return viewOf(deps.store, changed);
}

/** Keys whose hosts follow from the region: they are of no use in another one, and must not be sent there. */
export const keysOfRegion = ({ baseUrls }: Connection): readonly KeyKind[] =>
  (['events', 'product'] as const).filter((kind) => baseUrls[kind] === undefined);

/** What a probe is told. */
export type KeyTarget = {
  readonly kind: KeyKind;
  readonly token: string;
  /** Null: KnowBe4's own for the region. */
  readonly url: string | null;
  readonly connection: Pick<Connection, 'id' | 'name' | 'region' | 'account' | 'accountKey'>;
};

/** Asks KnowBe4 one thing that only a good key is told. */
export type ProbeKey = (target: KeyTarget) => Promise<{
  /** Of the account that the key belongs to, as far as it is told. */
  readonly domains: readonly string[];
  readonly warnings: readonly string[];
}>;

function addressOf(deps: ConnectionDeps, kind: KeyKind, url: string | undefined): string | null {
  if (url !== undefined) return parseBaseUrl(url, 'url', deps.isAllowedUrl);
  if (kind !== 'scim') return null;
  throw new ForeknowError('invalid_request', {
    detail: 'A SCIM token needs its tenant URL.',
    hint: 'It stands beside the token: Account Settings → User Management → User Provisioning.',
    field: 'url',
  });
}

/** A key that was proven in one region must not be kept for another. */
function refuseMoved(proven: Connection, found: Connection): void {
  if (proven.region === found.region) return;
  throw new ForeknowError('conflict', {
    detail: `Connection ${found.name} was moved to another region meanwhile.`,
    hint: 'Add the key again.',
  });
}

/** @param changed null: KnowBe4's own for the region */
export const withUrls = (urls: BaseUrls, changed: ProvenKeys['urls']): BaseUrls =>
  Object.fromEntries(Object.entries({ ...urls, ...changed }).filter(([, url]) => url !== null));

const capabilitiesOf: Readonly<Record<KeyKind, readonly Capability[]>> = {
  scim: [{ name: 'write_directory', available: true, note: 'through provisioning alone: planned, approved, applied' }],
  events: [{ name: 'read_events', available: true, note: 'through the proxy, /proxy/events' }],
  product: [{ name: 'graphql', available: true, note: 'through the proxy, /proxy/graphql' }],
};

const noKey = ({ name }: Pick<Connection, 'name'>, kind: KeyKind): ForeknowError =>
  new ForeknowError('not_found', {
    detail: `Connection ${name} holds no key for ${keyNames[kind]}.`,
    hint: `Add one: foreknow connections keys add ${name} ${kind}, or PUT /api/v1/connections/${name}/keys/${kind}.`,
  });

/** @throws ForeknowError `not_found` when none is kept, `key_missing` when none of the vault's keys opens it */
export async function openKey(
  { store, vault }: Pick<ConnectionDeps, 'store' | 'vault'>,
  connection: Pick<Connection, 'id' | 'name'>,
  kind: KeyKind,
): Promise<string> {
  const secret = await store.getSecret(connection.id, kind);
  if (secret === null) throw noKey(connection, kind);
  return vault.open(secret, secret.sealed);
}

const keyNames: Readonly<Record<KeyKind, string>> = {
  scim: 'SCIM',
  events: 'the User Event API',
  product: 'the Product API (GraphQL)',
};
