import { sql } from 'kysely';
import type { Vault } from '../connections/vault.ts';
import { isForeknowError } from '../errors/errors.ts';
import { within } from '../lib/within.ts';
import { checkVersion } from '../store/schema-version.ts';
import type { Store } from '../store/store.ts';

/** A store that does not answer within this time is as good as one that fails. */
const PATIENCE_MS = 3000;

/** What keeps the gateway from serving, in plain words without secrets; empty when it is ready. */
export async function whatIsNotReady(deps: {
  readonly store: Store;
  readonly vault: Vault;
  readonly isStopping: () => boolean;
}): Promise<readonly string[]> {
  if (deps.isStopping()) return ['The server is stopping.'];
  return (await Promise.all([storeProblem(deps.store), vaultProblem(deps)])).flat();
}

async function storeProblem(store: Store): Promise<readonly string[]> {
  try {
    await within(PATIENCE_MS, store.lastChangeSeq());
    checkVersion(await within(PATIENCE_MS, schemaOf(store)));
    return [];
  } catch (error) {
    return [isForeknowError(error) ? `The store cannot be used: ${error.detail}` : 'The store does not answer.'];
  }
}

/** Another process may have brought a shared database to a schema that this one does not know. */
async function schemaOf({ reads }: Store): Promise<number> {
  const text = sql<{ version: number }>`select max(version) as version from schema_version`;
  return (await text.execute(reads)).rows[0]!.version;
}

/** One sealed secret is opened; what cannot even be read is the store's problem and told there. */
async function vaultProblem({ store, vault }: { store: Store; vault: Vault }): Promise<readonly string[]> {
  const [secret] = await within(PATIENCE_MS, store.listSecrets()).catch(() => []);
  if (secret === undefined) return [];
  try {
    vault.open(secret, secret.sealed);
    return [];
  } catch {
    return ['The vault does not open: the key that sealed the stored tokens is not in the key ring.'];
  }
}
