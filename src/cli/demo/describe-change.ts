import type { Change, ChangeKind } from '../../sync/ports.ts';
import { counted } from '../output/words.ts';

/** Kinds that come by the hundred: the feed counts them. */
const countedKinds: Partial<Record<ChangeKind, readonly [one: string, many: string]>> = {
  'enrollment.created': ['enrollment', 'enrollments'],
  'enrollment.updated': ['enrollment', 'enrollments'],
  'enrollment.deleted': ['enrollment', 'enrollments'],
  'recipient.created': ['recipient', 'recipients'],
  'recipient.updated': ['recipient', 'recipients'],
  'recipient.deleted': ['recipient', 'recipients'],
  'user.risk_score_changed': ['person', 'people'],
  'user.phish_prone_changed': ['person', 'people'],
  'user.last_sign_in_changed': ['person', 'people'],
  'group.member_added': ['membership', 'memberships'],
  'group.member_removed': ['membership', 'memberships'],
};

const KIND_WIDTH = 27;

/**
 * The changes of one refresh as lines of the feed: what comes by the hundred counted, the rest one line each.
 * @param nameOf what the record of a change is called
 */
export function describeChanges(changes: readonly Change[], nameOf: (change: Change) => string): readonly string[] {
  const counts = new Map<string, { change: Change; times: number }>();
  const single: string[] = [];
  for (const change of changes) {
    if (countedKinds[change.kind] === undefined) {
      single.push(`${change.kind.padEnd(KIND_WIDTH)} ${nameOf(change)}${movementOf(change)}`);
      continue;
    }
    const key = change.kind + stepOf(change);
    counts.set(key, { change, times: (counts.get(key)?.times ?? 0) + 1 });
  }
  const together = [...counts.values()].map(({ change, times }) => {
    const [one, many] = countedKinds[change.kind]!;
    return `${change.kind.padEnd(KIND_WIDTH)} ${counted(times, one, many)}${stepOf(change)}`;
  });
  return [...single, ...together];
}

/** For enrollments the step that was taken: `: In Progress → Completed`. */
const stepOf = ({ current, previous }: Change): string =>
  typeof current?.status === 'string' && typeof previous?.status === 'string'
    ? `: ${previous.status} → ${current.status}`
    : '';

/** The first field that says something by itself: `: department Sales → Marketing`. */
function movementOf({ current, previous }: Change): string {
  if (current === null || previous === null) return '';
  const field = Object.keys(current).find((name) => isPlain(current[name]) && isPlain(previous[name]));
  return field === undefined ? '' : `: ${field} ${previous[field]} → ${current[field]}`;
}

const isPlain = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';
