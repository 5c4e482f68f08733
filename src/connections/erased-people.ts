import { createHmac, randomBytes } from 'node:crypto';
import type { ConnectionDeps } from './deps.ts';
import { sealedSecret } from './vault.ts';

type Deps = Pick<ConnectionDeps, 'store' | 'vault' | 'now'>;

/** Tells whether a person was erased and is to be kept out. */
export type IsErased = (userId: string) => boolean;

/**
 * What is kept of an erased person, so that a sync does not bring them back: a keyed hash of their id. Ids are short numbers,
 * so the key is sealed in the vault: the database alone does not tell who it was.
 */
export async function markOf(deps: Deps, connectionId: string, userId: string): Promise<string> {
  return hashed((await openKey(deps, connectionId)) ?? (await newKey(deps, connectionId)), userId);
}

/** @returns null when nobody was erased: then no row needs a look */
export async function erasedPeople(deps: Deps, connectionId: string): Promise<IsErased | null> {
  const marks = new Set(await deps.store.erasedPeople(connectionId));
  if (marks.size === 0) return null;
  const key = await openKey(deps, connectionId);
  if (key === null) throw new TypeError('people were erased and the key of their marks is not there');
  return (userId) => marks.has(hashed(key, userId));
}

const hashed = (key: Buffer, userId: string): string => createHmac('sha256', key).update(userId).digest('base64url');

async function openKey({ store, vault }: Deps, connectionId: string): Promise<Buffer | null> {
  const secret = await store.getSecret(connectionId, 'erasures');
  return secret === null ? null : Buffer.from(vault.open(secret, secret.sealed), 'base64url');
}

async function newKey({ store, vault, now }: Deps, connectionId: string): Promise<Buffer> {
  const key = randomBytes(32);
  const owner = { connectionId, kind: 'erasures' } as const;
  await store.saveSecret(sealedSecret(vault, owner, key.toString('base64url'), now().toISOString()));
  return key;
}
