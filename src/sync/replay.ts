import { isNotice } from './about.ts';
import type { Change } from './ports.ts';
import type { StreamName } from './streams.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Records by stream and key. */
export type Mirror = Map<StreamName, Map<string, Fields>>;

/**
 * Applies one change to a mirror. The rows as they were at a stream's baseline event, and every later change of the log in
 * its order, give the mirror as it is now; names inside enrollments and recipients are no part of that.
 */
export function applyChange(mirror: Mirror, change: Change): void {
  if (change.stream === 'connection' || isNotice(change.kind)) return;
  const rows = rowsOf(mirror, change.stream);
  if (change.kind === 'baseline') return;
  if (change.kind === 'group.member_added' || change.kind === 'group.member_removed') applyMembership(rows, change);
  else if (change.kind.endsWith('.deleted')) rows.delete(change.key);
  else rows.set(change.key, { ...rows.get(change.key), ...change.current });
}

function applyMembership(people: Map<string, Fields>, change: Change): void {
  const { userId } = (change.current ?? change.previous) as { userId: string };
  const person = people.get(userId);
  if (person === undefined) return;
  const groupIds = new Set(person.groupIds as readonly string[] | null);
  if (change.kind === 'group.member_added') groupIds.add(change.key);
  else groupIds.delete(change.key);
  people.set(userId, { ...person, groupIds: [...groupIds] });
}

function rowsOf(mirror: Mirror, stream: StreamName): Map<string, Fields> {
  const rows = mirror.get(stream) ?? new Map<string, Fields>();
  mirror.set(stream, rows);
  return rows;
}
