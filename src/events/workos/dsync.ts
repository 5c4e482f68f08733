import type { ChangeKind, LoggedChange } from '../../model/change.ts';
import type { GroupRecord, UserRecord } from '../../wire/records.ts';
import type { LogStore } from '../ports.ts';
import { type AsOf, adminsAsOf, recordsAsOf } from './as-of.ts';
import { directoryId, eventIdOf, type Part } from './ids.ts';
import { directoryHead, previousOf, type Role, type Times, toGroup, toUser } from './records.ts';

export const dsyncTypes = [
  'dsync.activated',
  'dsync.deleted',
  'dsync.user.created',
  'dsync.user.updated',
  'dsync.user.deleted',
  'dsync.group.created',
  'dsync.group.updated',
  'dsync.group.deleted',
  'dsync.group.user_added',
  'dsync.group.user_removed',
] as const;
export type DsyncType = (typeof dsyncTypes)[number];

export type DsyncEvent = {
  readonly object: 'event';
  readonly id: string;
  readonly event: DsyncType;
  readonly data: Readonly<Record<string, unknown>>;
  readonly created_at: string;
  readonly context: Readonly<Record<string, unknown>>;
};

/** The changes that can make such events. */
const kindsOfType: Readonly<Record<DsyncType, readonly ChangeKind[]>> = {
  'dsync.activated': ['connection.created'],
  'dsync.deleted': ['connection.removed'],
  'dsync.user.created': ['user.created', 'baseline'],
  'dsync.user.updated': ['user.updated', 'user.archived', 'user.restored', 'account.updated'],
  'dsync.user.deleted': ['user.deleted'],
  'dsync.group.created': ['group.created', 'baseline'],
  'dsync.group.updated': ['group.updated', 'group.archived', 'group.restored'],
  'dsync.group.deleted': ['group.deleted'],
  'dsync.group.user_added': ['group.member_added', 'baseline'],
  'dsync.group.user_removed': ['group.member_removed'],
};

export const kindsOfTypes = (types: readonly DsyncType[]): readonly ChangeKind[] => [
  ...new Set(types.flatMap((type) => kindsOfType[type])),
];

/** A change, or one part of it, that makes one event. */
export type Step = { readonly change: LoggedChange; readonly part: Part | null; readonly type: DsyncType };

const typeOfKind: Readonly<Partial<Record<ChangeKind, DsyncType>>> = {
  'connection.created': 'dsync.activated',
  'connection.removed': 'dsync.deleted',
  'user.created': 'dsync.user.created',
  'user.updated': 'dsync.user.updated',
  'user.archived': 'dsync.user.updated',
  'user.restored': 'dsync.user.updated',
  'user.deleted': 'dsync.user.deleted',
  'group.created': 'dsync.group.created',
  'group.updated': 'dsync.group.updated',
  'group.archived': 'dsync.group.updated',
  'group.restored': 'dsync.group.updated',
  'group.deleted': 'dsync.group.deleted',
  'group.member_added': 'dsync.group.user_added',
  'group.member_removed': 'dsync.group.user_removed',
};

/** The events of one change but a baseline, in their order. */
export function stepsOf(change: LoggedChange): readonly Step[] {
  if (change.kind === 'account.updated') {
    return movedAdmins(change).map((user) => ({ change, part: { user }, type: 'dsync.user.updated' }));
  }
  const type = typeOfKind[change.kind];
  return type === undefined ? [] : [{ change, part: null, type }];
}

/** People whose role changed, in the order of their ids. */
function movedAdmins({ current, previous }: LoggedChange): readonly string[] {
  const idsOf = (admins: unknown) => new Set((Array.isArray(admins) ? admins : []).map(({ id }) => String(id)));
  const [before, now] = [idsOf(previous?.admins), idsOf(current?.admins)];
  return [...before, ...now].filter((id) => before.has(id) !== now.has(id)).toSorted();
}

/** What the events of one connection are made of. */
type Sources = {
  readonly users: AsOf<'users'>;
  readonly groups: AsOf<'groups'>;
  readonly isAdmin: (key: string, seq: number) => boolean;
};

const unchanged: Times = { firstSeenAt: '', changedAt: null };

/** The events of some steps, with people and groups as they were at each. */
export async function eventsOfSteps(store: LogStore, steps: readonly Step[]): Promise<readonly DsyncEvent[]> {
  const sources = new Map<string, Sources>();
  for (const id of new Set(steps.map(({ change }) => change.connectionId))) {
    const own = steps.filter(({ change }) => change.connectionId === id);
    sources.set(id, await sourcesOf(store, id, own));
  }
  return steps.flatMap((step) => eventOf(step, sources.get(step.change.connectionId)!) ?? []);
}

async function sourcesOf(store: LogStore, connectionId: string, steps: readonly Step[]): Promise<Sources> {
  const first = Math.min(...steps.map(({ change }) => change.seq));
  const users = new Set(steps.flatMap((step) => personOf(step) ?? []));
  const groups = new Set(steps.flatMap(({ change }) => (change.kind.startsWith('group.') ? change.key : [])));
  return {
    users: await recordsAsOf(store, connectionId, 'users', [...users], first),
    groups: await recordsAsOf(store, connectionId, 'groups', [...groups], first),
    isAdmin: await adminsAsOf(store, connectionId, first),
  };
}

/** The person a step is about. */
function personOf({ change, part }: Step): string | null {
  if (part?.user !== undefined) return part.user;
  if (change.kind.startsWith('user.')) return change.key;
  const { userId } = (change.current ?? change.previous ?? {}) as { userId?: string };
  return userId ?? null;
}

/** Null for what is about somebody of whom nothing is left. */
function eventOf(step: Step, sources: Sources): DsyncEvent | null {
  const { change, part, type } = step;
  const data = dataOf(step, sources);
  return data === null ? null : envelope(eventIdOf({ seq: change.seq, part }), type, data, change.at);
}

export const envelope = (id: string, event: DsyncType, data: DsyncEvent['data'], at: string): DsyncEvent => ({
  object: 'event',
  ...{ id, event, data, created_at: at, context: {} },
});

function dataOf(step: Step, sources: Sources): DsyncEvent['data'] | null {
  const { change, part } = step;
  const { connectionId, seq, key, kind, at } = change;
  const { connection } = (change.about ?? {}) as { connection?: { name?: string | null } };
  const role = (user: string, place: number): Role => (sources.isAdmin(user, place) ? 'admin' : 'member');
  if (kind === 'connection.created' || kind === 'connection.removed') {
    const head = directoryHead(connectionId, connection?.name ?? null, at, at);
    return kind === 'connection.created' ? { ...head, state: 'active', domains: [] } : { ...head, state: 'deleting' };
  }
  if (kind === 'user.created' || kind === 'user.deleted') {
    const record = (change.current ?? change.previous) as UserRecord;
    return toUser(connectionId, record, role(key, seq), { firstSeenAt: at, changedAt: at });
  }
  if (kind === 'group.created' || kind === 'group.deleted') {
    const record = (change.current ?? change.previous) as GroupRecord;
    return toGroup(connectionId, record, { firstSeenAt: at, changedAt: at });
  }
  if (part?.user !== undefined) return roleMoved(step, part.user, sources);
  if (kind === 'group.member_added' || kind === 'group.member_removed') return membership(step, sources);
  const isUser = kind.startsWith('user.');
  const found = isUser ? sources.users.at(key, seq) : sources.groups.at(key, seq);
  if (found === null) return null;
  const times = { firstSeenAt: found.firstSeenAt, changedAt: at };
  const before = { ...found.record, ...change.previous };
  const shaped = (record: object) =>
    isUser
      ? toUser(connectionId, record as UserRecord, role(key, seq), times)
      : toGroup(connectionId, record as GroupRecord, times);
  const now = shaped(found.record);
  return { ...now, previous_attributes: previousOf(shaped(before), now) ?? {} };
}

function roleMoved({ change }: Step, user: string, sources: Sources): DsyncEvent['data'] | null {
  const { connectionId, seq, at } = change;
  const found = sources.users.at(user, seq);
  if (found === null) return null;
  const shaped = (place: number) =>
    toUser(connectionId, found.record, sources.isAdmin(user, place) ? 'admin' : 'member', { ...found, changedAt: at });
  return { ...shaped(seq), previous_attributes: previousOf(shaped(seq - 1), shaped(seq)) ?? {} };
}

/** A person or a group that is gone without a trace is shown by what the log still says of it. */
function membership(step: Step, { users, groups, isAdmin }: Sources): DsyncEvent['data'] {
  const { connectionId, seq, key, about } = step.change;
  const person = personOf(step)!;
  const short = (about ?? {}) as { user?: Partial<UserRecord>; group?: Partial<GroupRecord> };
  const user = users.at(person, seq) ?? { ...unchanged, record: blankUser(person, short.user) };
  const group = groups.at(key, seq) ?? { ...unchanged, record: { id: key, name: null, ...short.group } as GroupRecord };
  return {
    directory_id: directoryId(connectionId),
    user: toUser(connectionId, user.record, isAdmin(person, seq) ? 'admin' : 'member', user),
    group: toGroup(connectionId, group.record, group),
  };
}

const blankUser = (id: string, known: Partial<UserRecord> | undefined): UserRecord =>
  ({ ...{ id, email: null, firstName: null, lastName: null, jobTitle: null, aliases: [] }, ...known }) as UserRecord;
