import { environmentId, environmentIntegrationId, integrationId } from '../model/environment.ts';
import { catalogEntry, type EventFamily, type EventType, isEventType } from './catalog.ts';
import type { Event } from './event.ts';

/** The events of Truto's webhooks that can be told truly here. */
export const trutoEvents = [
  'integrated_account:created',
  'integrated_account:updated',
  'integrated_account:active',
  'integrated_account:authentication_error',
  'integrated_account:reactivated',
  'integrated_account:deleted',
  'sync_job_run:created',
  'sync_job_run:started',
  'sync_job_run:updated',
  'sync_job_run:completed',
  'sync_job_run:failed',
  'record:created',
  'record:updated',
  'record:deleted',
] as const;
export type TrutoEvent = (typeof trutoEvents)[number];

/** `*`, `record:*` or one of the names. */
export const isTrutoPattern = (text: string): boolean =>
  text === '*' || trutoEvents.some((name) => name === text || `${name.split(':')[0]}:*` === text);

const matches = (pattern: string, name: string): boolean =>
  pattern === '*' || pattern === name || (pattern.endsWith(':*') && name.startsWith(pattern.slice(0, -1)));

/** Which of an event's tellings an endpoint is sent. */
export const trutoSubscription =
  (types: readonly string[], families: readonly EventFamily[]) =>
  ({ type, as }: Event): boolean =>
    as !== undefined &&
    isEventType(type) &&
    families.includes(catalogEntry(type).family) &&
    types.some((pattern) => matches(pattern, as));

type Told = (data: Event['data']) => readonly TrutoEvent[];

const told =
  (...names: readonly TrutoEvent[]): Told =>
  () =>
    names;

const created = told('record:created');
const updated = told('record:updated');
const deleted = told('record:deleted');

/** What a kind of record is called in the unified API, and where it stands in the data of its events. */
const users = { resource: 'user-directory/users', of: 'user' };
const groups = { resource: 'user-directory/groups', of: 'group' };
const organizations = { resource: 'user-directory/organizations', of: 'account' };
const assignments = { resource: 'user-directory/role_assignments', of: 'role' };
const enrollments = { resource: 'lms/course-enrollments', of: 'enrollment' };
const courses = { resource: 'lms/courses', of: 'content' };

type RecordRule = { readonly told: Told; readonly resource: string; readonly of: string };

const records: Readonly<Partial<Record<EventType, RecordRule>>> = {
  'user.created': { told: created, ...users },
  'user.updated': { told: updated, ...users },
  'user.archived': { told: updated, ...users },
  'user.restored': { told: updated, ...users },
  'user.deleted': { told: deleted, ...users },
  'user.signed_in': { told: updated, ...users },
  'group.member_added': { told: updated, ...users },
  'group.member_removed': { told: updated, ...users },
  'group.created': { told: created, ...groups },
  'group.updated': { told: updated, ...groups },
  'group.archived': { told: updated, ...groups },
  'group.restored': { told: updated, ...groups },
  'group.deleted': { told: deleted, ...groups },
  'account.updated': { told: updated, ...organizations },
  'role.assigned': { told: created, ...assignments },
  'role.unassigned': { told: deleted, ...assignments },
  'enrollment.created': { told: created, ...enrollments },
  'enrollment.started': { told: updated, ...enrollments },
  'enrollment.completed': { told: updated, ...enrollments },
  'enrollment.overdue': { told: updated, ...enrollments },
  'enrollment.updated': { told: updated, ...enrollments },
  'enrollment.deleted': { told: deleted, ...enrollments },
  'store_purchase.created': { told: created, ...courses },
  'store_purchase.updated': { told: updated, ...courses },
  'store_purchase.deleted': { told: deleted, ...courses },
  'policy.created': { told: created, ...courses },
  'policy.updated': { told: updated, ...courses },
  'policy.deleted': { told: deleted, ...courses },
};

const accounts: Readonly<Partial<Record<EventType, Told>>> = {
  'connection.created': told('integrated_account:created', 'integrated_account:active'),
  'connection.updated': told('integrated_account:updated'),
  'connection.reconnected': told('integrated_account:updated', 'integrated_account:active'),
  'connection.paused': told('integrated_account:updated'),
  'connection.resumed': told('integrated_account:updated'),
  'connection.token_refused': told('integrated_account:authentication_error'),
  'connection.token_restored': told('integrated_account:reactivated'),
  'connection.removed': told('integrated_account:deleted'),
};

const runs: Readonly<Partial<Record<EventType, Told>>> = {
  'run.queued': told('sync_job_run:created'),
  'run.started': ({ was_queued: wasQueued }) =>
    wasQueued === true ? ['sync_job_run:started'] : ['sync_job_run:created', 'sync_job_run:started'],
  'run.ended': ({ run }) => {
    const { status } = (run ?? {}) as { status?: string };
    if (status === 'done') return ['sync_job_run:completed'];
    return status === 'interrupted' ? ['sync_job_run:updated'] : ['sync_job_run:failed'];
  },
};

/**
 * An event as Truto's webhooks tell it: not at all, once, or as several. The first keeps the event's id, the others have a number behind
 * it, so that ids sort as before.
 */
export function asTrutoEvents(event: Event): readonly Event[] {
  const type = event.type as EventType;
  const names = (accounts[type] ?? runs[type] ?? records[type]?.told)?.(event.data) ?? [];
  return names.map((as, index) => ({ ...event, as, id: index === 0 ? event.id : `${event.id}-${index + 1}` }));
}

type Data = Event['data'];

/**
 * The payload of an event as Truto's receivers read it.
 * @param data of the event, without what the endpoint may not be told
 */
export function trutoPayload({ type, as, connectionId }: Event, data: Data): Data {
  if (as === undefined) return data;
  if (as === 'integrated_account:deleted') return { id: connectionId };
  if (as.startsWith('integrated_account:')) return accountPayload(type, connectionId, data);
  if (as.startsWith('sync_job_run:')) return runPayload(connectionId, data);
  const { resource, of } = records[type as EventType]!;
  return {
    integrated_account_id: connectionId,
    resource,
    records: [recordOf(resource, of, data)],
    raw_event_type: type,
    // Our own name for the same, with the old values.
    x_data: data,
  };
}

function accountPayload(type: string, id: string, { connection, error }: Data): Data {
  const { name = null, tenant = null } = (connection ?? {}) as { name?: string | null; tenant?: string | null };
  return {
    id,
    tenant_id: tenant,
    environment_id: environmentId,
    environment_integration_id: environmentIntegrationId,
    status: type === 'connection.token_refused' ? 'needs_reauth' : 'active',
    last_error: error ?? null,
    is_sandbox: false,
    integration: { id: integrationId, name: 'knowbe4' },
    x_name: name,
    x_event: type,
  };
}

/** States of runs in Truto's words. */
export const trutoRunStatus = {
  queued: 'created',
  running: 'running',
  done: 'completed',
  partial: 'failed',
  failed: 'failed',
  parked: 'failed',
  interrupted: 'stopped',
} as const;

function runPayload(connectionId: string, { run }: Data): Data {
  const { id, level, status, ...rest } = (run ?? {}) as Record<string, unknown>;
  return {
    ...{ id, sync_job_id: level, integrated_account_id: connectionId },
    status: trutoRunStatus[status as keyof typeof trutoRunStatus] ?? status,
    x_status: status,
    ...rest,
  };
}

const statusOf: Readonly<Record<string, string>> = { active: 'active', archived: 'inactive' };

/** The record as far as the event knows it: its id always, else what is told of it or changed. */
function recordOf(resource: string, of: string, data: Data): Data {
  const { attributes } = data as { attributes?: Data };
  if (of === 'role') {
    const { assignment_id: id, user, role } = data as { assignment_id: string; user: Named | null; role: Named };
    return { id, user_id: user?.id ?? null, role_id: role.id };
  }
  const known: Record<string, unknown> = { ...((data[of] ?? {}) as Data), ...attributes };
  if (resource !== users.resource) return known;
  const { id, email, first_name, last_name, status, title, job_title } = known as Readonly<
    Record<string, string | null>
  >;
  return Object.fromEntries(
    Object.entries({
      ...{ id, first_name, last_name, title: title ?? job_title },
      emails: email === undefined || email === null ? undefined : [{ email, is_primary: true }],
      status: status === undefined || status === null ? undefined : (statusOf[status] ?? status),
    }).filter(([, value]) => value !== undefined),
  );
}

type Named = { readonly id: string | null };
