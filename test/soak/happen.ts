import type { Emulator, GroundTruth, Mutation } from '../../src/emulator/index.ts';
import { isForeknowError } from '../../src/errors/errors.ts';
import type { Happening } from './story.ts';

/** Lets something happen to the emulated company; nothing when there is nobody left to whom it could. */
export function happen(emulator: Emulator, what: Happening, times: number, pick: number): void {
  const truth = emulator.truth();
  for (let n = 0; n < times; n += 1) {
    const mutation = mutationOf(truth, what, n, (pick + n * 0.137) % 1);
    if (mutation !== null) tryTo(emulator, mutation);
  }
}

/** The same record may have been drawn before. */
function tryTo(emulator: Emulator, mutation: Mutation): void {
  try {
    emulator.mutate(mutation);
  } catch (error) {
    if (!isForeknowError(error) || error.code !== 'not_found') throw error;
  }
}

function mutationOf(truth: GroundTruth, what: Happening, n: number, share: number): Mutation | null {
  const one = <T>(list: readonly T[]): T | undefined => list[Math.floor(share * list.length)];
  const active = () => one(truth.users.filter((user) => user.status === 'active'))?.id;
  const group = () => one(truth.groups.filter(({ status }) => status === 'active'))?.id;
  const about = <T, M>(found: T | undefined, make: (found: T) => M): M | null =>
    found === undefined ? null : make(found);
  switch (what) {
    case 'add-user':
      return { kind: 'add-user', early: n % 2 === 1, fields: { first_name: `New ${n}`, department: 'Finance' } };
    case 'delete-user':
      // Somebody stays, or there is no account.
      return truth.users.length - n < 12
        ? null
        : about(one(truth.users)?.id, (user) => ({ kind: 'delete-user', user }));
    case 'archive-user':
      return about(active(), (user) => ({ kind: 'archive-user', user }));
    case 'restore-user':
      return about(one(truth.users.filter((user) => user.status === 'archived'))?.id, (user) => ({
        kind: 'restore-user',
        user,
      }));
    case 'rename-user':
      return about(active(), (user) => ({ kind: 'change-user', user, fields: { last_name: `Renamed ${n} ${share}` } }));
    case 'add-member':
    case 'remove-member':
      return about(active(), (user) => about(group(), (id) => ({ kind: what, user, group: id })));
    case 'add-group':
      return { kind: 'add-group', name: `Group ${share}` };
    case 'rename-group':
      return about(group(), (id) => ({ kind: 'rename-group', group: id, name: `Renamed ${share}` }));
    case 'archive-group':
      return about(group(), (id) => ({ kind: 'archive-group', group: id }));
    case 'delete-group':
      return about(group(), (id) => ({ kind: 'delete-group', group: id }));
    case 'add-test':
      return { kind: 'add-test' };
    case 'delete-test':
      return about(one([...truth.security_tests, ...truth.callback_tests])?.pst_id, (test) => ({
        kind: 'delete-test',
        test,
      }));
    case 'delete-campaign':
      return about(one([...truth.phishing_campaigns, ...truth.callback_campaigns])?.campaign_id, (campaign) => ({
        kind: 'delete-campaign',
        campaign,
      }));
    case 'add-training':
      return { kind: 'add-training', name: `Course ${share}`, days: 10 };
    case 'delete-training':
      return about(one(truth.training_campaigns)?.campaign_id, (campaign) => ({ kind: 'delete-training', campaign }));
    case 'complete-enrollment':
    case 'delete-enrollment':
      return about(one(truth.enrollments)?.enrollment_id, (enrollment) => ({ kind: what, enrollment }));
    case 'click':
      return about(one(truth.recipients), ({ pst_id: test, recipient_id: recipient }) => ({
        kind: 'recipient',
        test,
        recipient,
        event: 'clicked_at',
      }));
  }
}
