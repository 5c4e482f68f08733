import type { RecordStream } from '../wire/records.ts';
import { aboutOf } from './about.ts';
import type { ChangeKind, ChangeSubject, Membership, NewChange } from './ports.ts';
import type { AnyRecord } from './rows.ts';

const subjectOf: { readonly [S in RecordStream]: ChangeSubject } = {
  account: 'account',
  users: 'user',
  groups: 'group',
  phishing_campaigns: 'phishing_campaign',
  security_tests: 'security_test',
  recipients: 'recipient',
  training_campaigns: 'training_campaign',
  enrollments: 'enrollment',
  store_purchases: 'store_purchase',
  policies: 'policy',
};

/** Fields that move by themselves. They have kinds of their own, so that `updated` means that somebody changed something. */
const measured: { readonly [S in RecordStream]?: Readonly<Record<string, ChangeKind>> } = {
  account: { riskScore: 'account.risk_score_changed' },
  users: {
    riskScore: 'user.risk_score_changed',
    phishPronePercent: 'user.phish_prone_changed',
    lastSignIn: 'user.last_sign_in_changed',
  },
  groups: { riskScore: 'group.risk_score_changed', memberCount: 'group.member_count_changed' },
};

type Fields = Readonly<Record<string, unknown>>;
type Row = { readonly stream: RecordStream; readonly key: string; readonly at: string };

const asFields = (record: AnyRecord): Fields => record as unknown as Fields;

/** The changes that a new row makes: the record, and for a person one for each group. */
export const created = (row: Row, record: AnyRecord): NewChange[] => [
  { ...row, kind: `${subjectOf[row.stream]}.created`, current: asFields(record), previous: null },
  ...groupsOf(record).map((groupId) => memberAdded(row, groupId, record)),
];

/** The changes that the end of a row makes. */
export const deleted = (row: Row, record: AnyRecord): NewChange[] => [
  ...groupsOf(record).map((groupId) => memberRemoved(row, groupId, record)),
  { ...row, kind: `${subjectOf[row.stream]}.deleted`, current: null, previous: asFields(record) },
];

/**
 * What is different between two states of one row. Embedded people are compared by id, memberships as a set.
 * @returns one change for each kind; empty when nothing counts
 */
export function differences(row: Row, before: AnyRecord, after: AnyRecord): NewChange[] {
  const [old, now] = [asFields(before), asFields(after)];
  const byKind = new Map<ChangeKind, string[]>();
  for (const field of Object.keys(now)) {
    if (isSame(field, old[field], now[field])) continue;
    const kind = kindOf(row.stream, field, old, now);
    byKind.set(kind, [...(byKind.get(kind) ?? []), field]);
  }
  const { added, removed } = membershipChanges(before, after);
  const about = aboutOf(row.stream, after);
  return [
    ...[...byKind].map(([kind, fields]) => ({
      ...row,
      kind,
      current: picked(now, fields),
      previous: picked(old, fields),
      about,
    })),
    ...removed.map((groupId) => memberRemoved(row, groupId, after)),
    ...added.map((groupId) => memberAdded(row, groupId, after)),
  ];
}

/** Groups a person joined and left; none when one of the answers did not carry the list. */
function membershipChanges(before: AnyRecord, after: AnyRecord): { added: string[]; removed: string[] } {
  const { groupIds: now } = after as { groupIds?: readonly string[] | null };
  if (!now) return { added: [], removed: [] };
  const old = new Set(groupsOf(before));
  const current = new Set(now);
  return {
    added: [...current].filter((id) => !old.has(id)),
    removed: [...old].filter((id) => !current.has(id)),
  };
}

/** Memberships that changes add and remove. */
export function membershipsOf(changes: readonly NewChange[], kind: 'added' | 'removed'): Membership[] {
  const wanted: ChangeKind = kind === 'added' ? 'group.member_added' : 'group.member_removed';
  return changes.flatMap((change) => {
    if (change.kind !== wanted) return [];
    const { userId } = (change.current ?? change.previous) as { userId: string };
    return [{ groupId: change.key, userId }];
  });
}

const groupsOf = (record: AnyRecord): readonly string[] => [
  ...new Set((record as { groupIds?: readonly string[] | null }).groupIds ?? []),
];

const memberAdded = ({ key: userId, at }: Row, groupId: string, person: AnyRecord): NewChange => ({
  kind: 'group.member_added',
  stream: 'users',
  key: groupId,
  at,
  current: { userId },
  previous: null,
  about: aboutOf('users', person),
});

const memberRemoved = ({ key: userId, at }: Row, groupId: string, person: AnyRecord): NewChange => ({
  kind: 'group.member_removed',
  stream: 'users',
  key: groupId,
  at,
  current: null,
  previous: { userId },
  about: aboutOf('users', person),
});

/** Archiving and restoring take the time they happened with them; all else that is not measured is an update. */
function kindOf(stream: RecordStream, field: string, old: Fields, now: Fields): ChangeKind {
  const own = measured[stream]?.[field];
  if (own !== undefined) return own;
  if ((stream === 'users' || stream === 'groups') && old.status !== now.status) {
    const isMove = field === 'status' || field === 'archivedAt';
    if (isMove && now.status === 'archived') return stream === 'users' ? 'user.archived' : 'group.archived';
    if (isMove && old.status === 'archived') return stream === 'users' ? 'user.restored' : 'group.restored';
  }
  return `${subjectOf[stream]}.updated`;
}

function isSame(field: string, before: unknown, after: unknown): boolean {
  if (field === 'groupIds' || before === after) return true;
  if (field === 'user') return idOf(before) === idOf(after);
  const isList = typeof before === 'object' && typeof after === 'object';
  return isList && JSON.stringify(before) === JSON.stringify(after);
}

const idOf = (user: unknown): string | null => (user as { id: string | null } | null)?.id ?? null;

const picked = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, fields[name]]));
