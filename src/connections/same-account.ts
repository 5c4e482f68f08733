import { ForeknowError } from '../errors/errors.ts';
import { mayBeSameAccount } from './account-key.ts';
import type { Connection } from './connection.ts';
import type { ConnectionStore } from './ports.ts';
import type { Proof } from './prove.ts';

/**
 * Refuses a token that reads another account than the connection mirrors. `/v1/account` has no id, so it is told by domains,
 * people and name together: ids of people are told apart within a region only, and a company may change its domains. What is not
 * known speaks against nothing.
 * @throws ForeknowError `different_account`
 */
export async function refuseOtherAccount(
  store: Pick<ConnectionStore, 'knownPeople'>,
  connection: Connection,
  seen: Pick<Proof, 'account' | 'people'>,
): Promise<void> {
  const known = seen.people.length === 0 ? null : await store.knownPeople(connection.id, seen.people);
  if (known === 0) throw different(connection, seen, 'Nobody whom it shows is in the mirror of the connection.');
  const [before, now] = [connection.account, seen.account];
  const hasDomains = (before?.domains.length ?? 0) > 0 && now.domains.length > 0;
  if (hasDomains && mayBeSameAccount(before!.domains, now.domains)) return;
  const isNamedAlike = before?.name === now.name;
  if (hasDomains) {
    const sharesPeople = known !== null && known * 2 >= seen.people.length;
    if (sharesPeople && isNamedAlike) return;
    throw different(connection, seen, `The connection mirrors ${before!.domains.join(', ')}.`);
  }
  if (known === null && !isNamedAlike && before?.name && now.name)
    throw different(connection, seen, `The connection mirrors ${before.name}.`);
}

const different = (connection: Connection, { account }: Pick<Proof, 'account'>, why: string): ForeknowError =>
  new ForeknowError('different_account', {
    detail:
      `The token belongs to another account (${account.domains.join(', ') || (account.name ?? 'without a name')}) than ` +
      `connection ${connection.name}. ${why}`,
    hint: 'Make a connection of its own for the other account.',
  });
