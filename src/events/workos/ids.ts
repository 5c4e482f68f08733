/**
 * Ids as WorkOS has them: of one kind each, and telling which connection a record belongs to, because these calls do not say.
 * Connection ids hold no dot.
 */
export const directoryId = (connectionId: string): string => `directory_${connectionId}`;
export const organizationId = (connectionId: string): string => `org_${connectionId}`;
export const userId = (connectionId: string, key: string): string => `directory_user_${connectionId}.${key}`;
export const groupId = (connectionId: string, key: string): string => `directory_group_${connectionId}.${key}`;

const after = (prefix: string, id: string): string => (id.startsWith(prefix) ? id.slice(prefix.length) : id);

/** The connection of a directory or organization id; a connection's own id is taken too. */
export const connectionOf = (id: string): string => after('org_', after('directory_', id));

export type RecordId = { readonly connectionId: string; readonly key: string };

/** @returns null when it is no id of ours */
export function recordOf(kind: 'user' | 'group', id: string): RecordId | null {
  const prefix = `directory_${kind}_`;
  const dot = id.indexOf('.');
  if (!id.startsWith(prefix) || dot === -1) return null;
  return { connectionId: id.slice(prefix.length, dot), key: id.slice(dot + 1) };
}

/** A part of a change: a person or a group of a baseline, a person whose role changed. */
export type Part = { readonly user?: string; readonly group?: string };
/** Where a reader stands: after the whole change, or after one part of it. */
export type Place = { readonly seq: number; readonly part: Part | null };

const SEQ_DIGITS = 15;
const escaped = (key: string): string => encodeURIComponent(key).replaceAll('.', '%2E');

/** `event_000000000000012`, or with the part: `….user_1207.group_81`. */
export function eventIdOf({ seq, part }: Place): string {
  const user = part?.user === undefined ? '' : `.user_${escaped(part.user)}`;
  const group = part?.group === undefined ? '' : `.group_${escaped(part.group)}`;
  return `event_${String(seq).padStart(SEQ_DIGITS, '0')}${user}${group}`;
}

/** @returns null when it is no id of ours */
export function placeOf(id: string): Place | null {
  const found = /^event_(\d{15})(?:\.user_([^.]+))?(?:\.group_([^.]+))?$/.exec(id);
  if (found === null) return null;
  const [, seq, user, group] = found;
  try {
    const part = {
      ...(user === undefined ? {} : { user: decodeURIComponent(user) }),
      ...(group === undefined ? {} : { group: decodeURIComponent(group) }),
    };
    return { seq: Number(seq), part: user === undefined && group === undefined ? null : part };
  } catch {
    return null;
  }
}
