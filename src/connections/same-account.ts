import { ForeknowError } from '../errors/errors.ts';
import { mayBeSameAccount } from './account-key.ts';
import type { Connection } from './connection.ts';
import type { ConnectionStore } from './ports.ts';
import type { Proof } from './prove.ts';

/**
 * Refuses a token that reads another account than the connection mirrors: `/v1/account` has no id, so it is told by its people,
 * else by its domains, else by its name. What is not known speaks against nothing.
 * @throws ForeknowError `different_account`
 */
export async function refuseOtherAccount(
  store: Pick<ConnectionStore, 'knownPeople'>,
  connection: Connection,
  seen: Pick<Proof, 'account' | 'people'>,
): Promise<void> {
  const known = seen.people.length === 0 ? null : await store.knownPeople(connection.id, seen.people);
  if (known !== null) {
    // A company may change all of its domains; its people have the ids that they had.
    if (known > 0) return;
    throw different(connection, seen, 'Nobody whom it shows is in the mirror of the connection.');
  }
  const before = connection.account;
  if (!mayBeSameAccount(before?.domains ?? [], seen.account.domains)) {
    const mirrored = `The connection mirrors one of ${before!.domains.join(', ')}.`;
    throw different(connection, seen, mirrored);
  }
  const hasDomains = (before?.domains.length ?? 0) > 0 && seen.account.domains.length > 0;
  if (!hasDomains && before?.name && seen.account.name && before.name !== seen.account.name)
    throw different(connection, seen, `The connection mirrors ${before.name}.`);
}

const different = (connection: Connection, { account }: Pick<Proof, 'account'>, why: string): ForeknowError =>
  new ForeknowError('different_account', {
    detail:
      `The token belongs to another account (${account.domains.join(', ') || (account.name ?? 'without a name')}) than ` +
      `connection ${connection.name}. ${why}`,
    hint: 'Make a connection of its own for the other account.',
  });
