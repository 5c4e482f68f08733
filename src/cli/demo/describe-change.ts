import type { Change, ChangeKind, ChangeSubject } from '../../sync/ports.ts';
import { counted } from '../output/words.ts';

/** Records whose changes come by the hundred, or say little by themselves: the feed counts them. */
const countedSubjects: Partial<Record<ChangeSubject, readonly [one: string, many: string]>> = {
  enrollment: ['enrollment', 'enrollments'],
  recipient: ['recipient', 'recipients'],
  phishing_campaign: ['campaign', 'campaigns'],
  security_test: ['test', 'tests'],
  training_campaign: ['campaign', 'campaigns'],
};

/** The same for kinds of records that otherwise have a line each. */
const countedKinds: Partial<Record<ChangeKind, readonly [one: string, many: string]>> = {
  'user.risk_score_changed': ['person', 'people'],
  'user.phish_prone_changed': ['person', 'people'],
  'user.last_sign_in_changed': ['person', 'people'],
  'group.risk_score_changed': ['group', 'groups'],
  'user.risk_threshold_crossed': ['person', 'people'],
  'user.risk_jumped': ['person', 'people'],
  'group.risk_threshold_crossed': ['group', 'groups'],
  'group.risk_jumped': ['group', 'groups'],
  'group.member_count_changed': ['group', 'groups'],
  'group.member_added': ['membership', 'memberships'],
  'group.member_removed': ['membership', 'memberships'],
};

const countedAs = (kind: ChangeKind): readonly [one: string, many: string] | undefined =>
  countedKinds[kind] ?? countedSubjects[kind.split('.')[0] as ChangeSubject];

const KIND_WIDTH = 27;

/**
 * The changes of one refresh as lines of the feed: what comes by the hundred counted, the rest one line each.
 * @param nameOf what the record of a change is called
 */
export function describeChanges(changes: readonly Change[], nameOf: (change: Change) => string): readonly string[] {
  const counts = new Map<string, { change: Change; times: number }>();
  const single: string[] = [];
  for (const change of changes) {
    if (countedAs(change.kind) === undefined) {
      single.push(`${change.kind.padEnd(KIND_WIDTH)} ${nameOf(change)}${movementOf(change)}`);
      continue;
    }
    const key = change.kind + stepOf(change);
    counts.set(key, { change, times: (counts.get(key)?.times ?? 0) + 1 });
  }
  const together = [...counts.values()].map(({ change, times }) => {
    const [one, many] = countedAs(change.kind)!;
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
  return field === undefined ? '' : `: ${field} ${shown(previous[field])} → ${shown(current[field])}`;
}

const shown = (value: unknown): string =>
  typeof value === 'number' ? String(Math.round(value * 10) / 10) : String(value);

const isPlain = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';
