import { checkedToken } from '../client/transport/token.ts';
import { ForeknowError } from '../errors/errors.ts';
import { mayBeSameAccount } from './account-key.ts';
import { parseBaseUrl } from './base-url.ts';
import type { BaseUrls, Connection, ConnectionView, KeyKind } from './connection.ts';
import { type ConnectionDeps, changeConnection, requireConnection, viewOf } from './deps.ts';
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
  const url = addressOf(deps, kind, input.url);
  const token = checkedToken(input.token);
  const { domains, warnings } = await deps.probeKey({ kind, token, url, connection });
  if (!mayBeSameAccount(connection.account?.domains ?? [], domains)) {
    throw new ForeknowError('different_account', {
      detail: `The key belongs to another account (${domains.join(', ')}) than connection ${connection.name}.`,
      hint: 'Add it to the connection of its own account.',
    });
  }
  const at = deps.now().toISOString();
  const secret = sealedSecret(deps.vault, { connectionId: connection.id, kind }, token, at);
  const changed = await changeConnection(
    deps.store,
    connection.id,
    (found) => {
      refuseMoved(connection, found);
      return { ...found, baseUrls: withUrl(found.baseUrls, kind, url), updatedAt: at };
    },
    [secret],
  );
  return { connection: await viewOf(deps.store, changed), kind, capabilities: capabilitiesOf[kind], warnings };
}

/** Forgets a key and its address. @throws ForeknowError `not_found` when there is none */
export async function removeKey(deps: ConnectionDeps, idOrName: string, kind: KeyKind): Promise<ConnectionView> {
  const connection = await requireConnection(deps.store, idOrName);
  if ((await deps.store.getSecret(connection.id, kind)) === null) throw noKey(connection, kind);
  const at = deps.now().toISOString();
  const changed = await changeConnection(
    deps.store,
    connection.id,
    (found) => ({ ...found, baseUrls: withUrl(found.baseUrls, kind, null), updatedAt: at }),
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

function withUrl(urls: BaseUrls, kind: KeyKind, url: string | null): BaseUrls {
  const { [kind]: _, ...others } = urls;
  return url === null ? others : { ...others, [kind]: url };
}

const capabilitiesOf: Readonly<Record<KeyKind, readonly Capability[]>> = {
  scim: [
    { name: 'write_directory', available: false, note: 'the key is kept for provisioning, which is not there yet' },
  ],
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
