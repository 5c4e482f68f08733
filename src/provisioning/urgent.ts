import { ForeknowError } from '../errors/errors.ts';
import { accountPerson, stepPerson } from './conflicts.ts';
import type { Identified } from './identify.ts';
import { idsOf } from './restrict.ts';
import { draft, isProtected, type Work } from './work.ts';

/**
 * Archives one person at once: no source is waited for, and no waiting time counts. Guards and approval stay.
 * @throws ForeknowError `invalid_request` when nobody is named, `not_found`, `conflict` when several are meant, `person_protected`
 */
export function archiveOne(work: Work, people: readonly Identified[]): void {
  const { who, target } = work.input;
  if (who === null) throw new ForeknowError('invalid_request', { detail: 'Nobody is named.', field: 'person' });
  const ids = idsOf(who, people, target.users);
  const users = target.users.filter(({ id, status }) => status === 'active' && ids.has(`user:${id}`));
  if (users.length > 1) {
    const detail = `${users.length} accounts are meant: ${users.map(({ id }) => id).join(', ')}.`;
    throw new ForeknowError('conflict', { detail, hint: 'Name the account by its id.', field: 'person' });
  }
  const user = users[0];
  if (user === undefined)
    throw new ForeknowError('not_found', { detail: `${who} has no active account.`, field: 'person' });
  const owner = people.find((one) => one.user?.id === user.id);
  if (isProtected(work, user.fields.email, owner?.evaluated.keys.email)) {
    throw new ForeknowError('person_protected', {
      detail: `${who} is protected: no step touches them.`,
      field: 'person',
    });
  }
  if (work.exempt.has(user.id)) {
    const detail = `${who} is exempted from SCIM in the console: no step touches them.`;
    const hint = 'Archive them in the console.';
    throw new ForeknowError('person_protected', { detail, hint, field: 'person' });
  }
  const person = owner ? stepPerson(owner.evaluated, user) : accountPerson(user);
  work.drafts.push(draft('archive', { person, matchedOn: owner?.matchedOn ?? null, because: ['urgent'] }));
}
