import { digestOf } from './digest.ts';
import type { Step } from './plan.ts';
import type { JournalEntry } from './ports.ts';
import type { Refusal } from './state.ts';

/**
 * What a step is to bring about: for whom or which group, and every value. Digest: a wish that changes in any way is another one, and is tried at once. What
 * was there before does not count.
 */
export const aimOf = ({ action, person, group, fields }: Pick<Step, 'action' | 'person' | 'group' | 'fields'>) =>
  digestOf([
    action,
    person && [person.key ?? person.userId, person.email],
    group && [group.groupId, group.name],
    fields.map(({ name, to }) => [name, to]),
  ]);

const HOUR_MS = 3_600_000;
/** Hours to the next try, by the tries before it; then a day each (Entra's published ladder). */
const waits = [6, 12, 24] as const;
const GIVEN_UP_MS = 28 * 24 * HOUR_MS;

/** @param before the refusal of the same wish until now */
export function refusedAgain(
  before: Refusal | undefined,
  { step, error }: Pick<JournalEntry, 'step' | 'error'>,
  now: Date,
): Refusal {
  const at = now.toISOString();
  const tries = (before?.tries ?? 0) + 1;
  const firstAt = before?.firstAt ?? at;
  const isGivenUp = now.getTime() - Date.parse(firstAt) >= GIVEN_UP_MS;
  const nextAt = isGivenUp ? null : new Date(now.getTime() + waitMs(tries, error!.code)).toISOString();
  return { aim: aimOf(step), tries, firstAt, lastAt: at, nextAt, error: error! };
}

/** What is not in the store is sent there by the next plan, so the first time is for nothing. */
function waitMs(tries: number, code: string): number {
  const counted = code === 'remote_not_found' ? tries - 1 : tries;
  return counted === 0 ? 0 : waits[Math.min(counted, waits.length) - 1]! * HOUR_MS;
}

export const isDue = ({ nextAt }: Refusal, now: Date): boolean =>
  nextAt !== null && Date.parse(nextAt) <= now.getTime();

/**
 * Why a step waits, when it is tried again, and how at once, for people.
 * @param flags of `foreknow plan`, which make a plan of this alone
 */
export function waitingWords({ tries, firstAt, nextAt, error }: Refusal, flags: string): string {
  const often = tries === 1 ? 'once' : `${tries} times since ${firstAt.slice(0, 10)}`;
  const next =
    nextAt === null
      ? 'it is not tried by itself any more'
      : `tried again from ${nextAt.slice(0, 16).replace('T', ' ')} UTC on, or when the sources say otherwise`;
  return `KnowBe4 refused it ${often}: ${error.detail.replace(/\.$/, '')}; ${next}; at once: foreknow plan ${flags}`;
}
