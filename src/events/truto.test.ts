import { describe, expect, test } from 'vitest';
import { type EventType, eventFamilies, eventTypes } from './catalog.ts';
import { configured } from './endpoint-input.ts';
import type { Event } from './event.ts';
import { exampleOf } from './examples.ts';
import { placeOf } from './from-change.ts';
import { messageOf } from './message.ts';
import { subscriptionOf } from './subscription.ts';
import { asTrutoEvents, isTrutoPattern, trutoEvents } from './truto.ts';

const endpoint = { id: 'whk_a', format: 'truto', names: true, fieldPolicy: null } as const;
const told = (type: EventType, data: object = {}): readonly Event[] => {
  const event = exampleOf(type);
  return asTrutoEvents({ ...event, data: { ...event.data, ...data } });
};
const names = (type: EventType, data: object = {}) => told(type, data).map(({ as }) => as);
const bodyOf = (event: Event, fields: Partial<Parameters<typeof messageOf>[1]> = {}) =>
  JSON.parse(messageOf(event, { ...endpoint, ...fields }).body);

describe('events as Truto’s webhooks tell them', () => {
  test('connecting is created and active; reconnecting is updated and active; a removed account is its id', () => {
    expect(names('connection.created')).toEqual(['integrated_account:created', 'integrated_account:active']);
    expect(names('connection.reconnected')).toEqual(['integrated_account:updated', 'integrated_account:active']);
    expect(names('connection.token_refused')).toEqual(['integrated_account:authentication_error']);
    expect(names('connection.token_restored')).toEqual(['integrated_account:reactivated']);
    const [removed] = told('connection.removed');
    expect(bodyOf(removed!).payload).toEqual({ id: removed!.connectionId });
  });

  test('the body has Truto’s fields and no others', () => {
    const [event] = told('connection.token_refused', {
      connection: { id: 'con_0001', name: 'acme', tenant: 'tenant-7' },
    });
    expect(bodyOf(event!)).toEqual({
      ...{ id: event!.id, event: 'integrated_account:authentication_error', webhook_id: 'whk_a' },
      ...{ event_type: 'integrated_account:authentication_error', environment_id: 'default', created_at: event!.at },
      payload: expect.objectContaining({
        ...{ id: event!.connectionId, tenant_id: 'tenant-7', status: 'needs_reauth', is_sandbox: false },
        last_error: expect.objectContaining({ code: 'connection_unauthorized' }),
      }),
    });
  });

  test('runs are created, started and end in Truto’s words, also those that nobody asked for', () => {
    expect(names('run.queued')).toEqual(['sync_job_run:created']);
    expect(names('run.started', { was_queued: true })).toEqual(['sync_job_run:started']);
    expect(names('run.started', { was_queued: false })).toEqual(['sync_job_run:created', 'sync_job_run:started']);
    for (const [status, name, state] of [
      ['done', 'sync_job_run:completed', 'completed'],
      ['partial', 'sync_job_run:failed', 'failed'],
      ['parked', 'sync_job_run:failed', 'failed'],
      ['interrupted', 'sync_job_run:updated', 'stopped'],
    ]) {
      const [event] = told('run.ended', { run: { id: 'run_1', level: 'full', status } });
      expect(event!.as).toBe(name);
      expect(bodyOf(event!).payload).toMatchObject({
        id: 'run_1',
        sync_job_id: 'full',
        status: state,
        x_status: status,
      });
    }
  });

  test('changes of people, groups and enrollments are records of the unified API', () => {
    const [archived] = told('user.archived');
    expect(bodyOf(archived!)).toMatchObject({
      event: 'record:updated',
      payload: {
        ...{ integrated_account_id: archived!.connectionId, resource: 'user-directory/users' },
        records: [
          {
            id: '1207',
            first_name: 'Amara',
            emails: [{ email: 'amara.okafor@example.com', is_primary: true }],
            status: 'inactive',
          },
        ],
        raw_event_type: 'user.archived',
      },
    });
    expect(names('user.deleted')).toEqual(['record:deleted']);
    expect(bodyOf(told('role.assigned')[0]!).payload).toMatchObject({
      ...{ resource: 'user-directory/role_assignments' },
      records: [{ id: 'kb4:admin:1207', user_id: '1207', role_id: 'kb4:admin' }],
    });
    expect(bodyOf(told('enrollment.completed')[0]!).payload).toMatchObject({
      ...{ resource: 'lms/course-enrollments', records: [{ id: '55101', status: 'Completed' }] },
    });
  });

  test('a field policy and the wish for ids alone hold for the payload as well', () => {
    const [moved] = told('user.updated');
    expect(JSON.stringify(bodyOf(moved!, { fieldPolicy: { email: 'mask', name: 'drop' } }))).not.toMatch(
      /Amara|Okafor|okafor/,
    );
    const [enrolled] = told('enrollment.started');
    expect(JSON.stringify(bodyOf(enrolled!, { names: false }))).not.toMatch(/Amara|okafor/i);
  });

  test('several tellings of one event have ids of their own that sort with the others and lead back to it', () => {
    const [first, second] = told('connection.created');
    const [a, b] = [first!.id, second!.id];
    expect(a).toBe(exampleOf('connection.created').id);
    expect(b).not.toBe(a);
    expect([`${a}a`, b, a].toSorted()).toEqual([a, b, `${a}a`]);
    expect(placeOf(b)).toEqual(placeOf(a));
    const large = { ...second!, type: 'connection.updated', as: 'integrated_account:updated' as const };
    const { payload } = bodyOf({ ...large, data: { connection: { id: 'c', name: 'ü'.repeat(40_000) } } });
    expect(payload).toEqual({ truncated: true, url: `/api/v1/events/${a}` });
  });

  test('an endpoint is sent the names it asks for, within what whoever made it may read', () => {
    const sent = (types: readonly string[], families: readonly (typeof eventFamilies)[number][], type: EventType) =>
      told(type)
        .filter(subscriptionOf({ types, families, format: 'truto' }))
        .map(({ as }) => as);
    expect(sent(['integrated_account:active'], ['connections'], 'connection.created')).toEqual([
      'integrated_account:active',
    ]);
    expect(sent(['integrated_account:*'], ['connections'], 'connection.created')).toHaveLength(2);
    expect(sent(['*'], ['directory'], 'connection.created')).toEqual([]);
    expect(sent(['record:updated'], ['directory', 'training'], 'enrollment.started')).toEqual(['record:updated']);
    expect(sent(['record:updated'], ['directory'], 'enrollment.started')).toEqual([]);
  });

  test('whatever can be asked for is told of some event, and nothing else is told', () => {
    const tellings = eventTypes.flatMap((type) => names(type));
    tellings.push(
      ...names('run.ended', { run: { status: 'interrupted' } }),
      ...names('run.ended', { run: { status: 'failed' } }),
    );
    expect([...new Set(tellings)].toSorted()).toEqual([...trutoEvents].toSorted());
  });
});

test('names of events that never happen here are refused, with those that do', () => {
  const grant = { families: eventFamilies, fieldPolicy: null, connectionIds: null };
  const make = (types: readonly string[]) =>
    configured({ url: 'https://hooks.example.com/in', format: 'truto', types }, grant, null);
  expect(make(['record:*', 'record:*', 'sync_job_run:failed']).types).toEqual(['record:*', 'sync_job_run:failed']);
  expect(['*', 'record:*', 'integrated_account:deleted'].every(isTrutoPattern)).toBe(true);
  for (const type of ['integrated_account:post_install_error', 'user.created', 'nothing:*', 'record', '']) {
    expect(() => make([type])).toThrow(
      expect.objectContaining({ code: 'invalid_request', hint: expect.stringContaining('record:deleted') }),
    );
  }
  const before = { ...make(['record:*']), ...{ id: 'whk_a', state: 'active', stateReason: null } } as never;
  expect(() => configured({ format: 'plain' }, grant, before)).toThrow(expect.objectContaining({ field: 'types' }));
});
