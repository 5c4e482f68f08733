import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChangeKind, LoggedChange } from '../model/change.ts';
import { anAccount, anEnrollment, aRecipient, aUser } from '../store/contract/builders.ts';
import { differences } from '../sync/diff.ts';
import { catalogEntry, type EventType, eventCatalog, eventTypes } from './catalog.ts';
import { exampleOf } from './examples.ts';
import { eventId, eventsOf, placeOf } from './from-change.ts';
import { withoutNames } from './privacy.ts';

const kinds = [...new Set(eventTypes.flatMap((type) => catalogEntry(type).from))];

const aChange = (fields: Partial<LoggedChange>): LoggedChange => ({
  ...{ seq: 7, connectionId: 'con_1', kind: 'user.updated', stream: 'users', key: '1', at: '2026-03-02T08:00:00.000Z' },
  ...{ current: null, previous: null, about: null },
  ...fields,
});

const types = (change: LoggedChange) => eventsOf(change).map((event) => event.type);

describe('the catalogue', () => {
  test.each(eventTypes)('describes %s, with an example that its schema accepts', (type) => {
    const example = exampleOf(type);
    expect(catalogEntry(type).data.parse(example.data)).toEqual(example.data);
    expect(catalogEntry(type).when).toMatch(/\.$/);
  });
});

describe('the events of a change', () => {
  test('exist for whatever the log holds, are the same every time, and are of types that the catalogue promises', () => {
    const known = [
      ...[
        'admins',
        'user',
        'userId',
        'status',
        'clickedAt',
        'failedAt',
        'reportedAt',
        'riskScore',
        'lastSignIn',
        'template',
      ],
      ...['campaign', 'module', 'test', 'group', 'connection', 'account', 'groupIds', 'aliases', 'error', 'hold'],
    ];
    const name = fc.oneof(fc.constantFrom(...known), fc.string({ maxLength: 12 }));
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('Passed', 'x', [{ id: '1' }, null, 'y'], { id: 7 }),
    );
    const fields = fc.option(fc.dictionary(name, value), { nil: null });
    fc.assert(
      fc.property(
        fc.constantFrom<ChangeKind>(...kinds),
        fc.string(),
        fields,
        fields,
        fields,
        (kind, key, current, previous, about) => {
          const change = aChange({ kind, key, current, previous, about });
          const events = eventsOf(change);
          expect(eventsOf(structuredClone(change))).toEqual(events);
          for (const event of events) expect(eventCatalog[event.type as EventType].from).toContain(kind);
          expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('are none for a kind that nobody is told of, or that is not known', () => {
    expect(types(aChange({ kind: 'group.member_count_changed' }))).toEqual([]);
    expect(types(aChange({ kind: 'something.else' as ChangeKind }))).toEqual([]);
  });

  test('tell old values of the changed fields only', () => {
    const [change] = differences({ stream: 'users', key: '1', at: '' }, aUser('1'), {
      ...aUser('1'),
      department: 'Legal',
    });
    const [event] = eventsOf(aChange({ ...change!, kind: 'user.updated' }));
    expect(event!.data).toEqual({
      user: { id: '1', email: aUser('1').email, first_name: aUser('1').firstName, last_name: aUser('1').lastName },
      attributes: { department: 'Legal' },
      previous_attributes: { department: aUser('1').department },
    });
  });

  test('a new console admin is a role assigned, a lost one a role unassigned', () => {
    const [change] = differences(
      { stream: 'account', key: 'account', at: '' },
      anAccount(['1', '2']),
      anAccount(['2', '3']),
    );
    const events = eventsOf(aChange(change!));
    expect(events.map(({ type, data }) => [type, (data.user as { id: string }).id])).toEqual([
      ['role.unassigned', '1'],
      ['role.assigned', '3'],
    ]);
    expect(events[1]!.data).toMatchObject({ assignment_id: 'kb4:admin:3', role: { id: 'kb4:admin', name: 'Admin' } });
  });

  test('each way of failing a test is told once, the first one marked', () => {
    const before = aRecipient('31', '1');
    const after = { ...before, clickedAt: 'y', dataEnteredAt: 'z', failedAt: 'y' };
    const [change] = differences({ stream: 'recipients', key: '9/31', at: '' }, before, after);
    const events = eventsOf(aChange(change!));
    expect(events.map(({ id, type, data }) => [id.slice(-1), type, data.failure, data.first])).toEqual([
      ['7', 'phishing.failed', 'clicked', true],
      ['a', 'phishing.failed', 'data_entered', false],
    ]);
    expect(events[0]!.data).toMatchObject({ test: { id: '9', campaign_type: 'email' } });
  });

  test('a person who completed before they were first seen makes both events', () => {
    const record = anEnrollment('5', '1', { status: 'Passed' });
    const change = aChange({ kind: 'enrollment.created', key: '5', current: record as never });
    expect(types(change)).toEqual(['enrollment.created', 'enrollment.completed']);
  });

  test('names of people can be left out of what is not about names', () => {
    expect(withoutNames(exampleOf('phishing.failed')).data.user).toEqual({ id: '1207' });
    expect(withoutNames(exampleOf('enrollment.created')).data.user).toEqual({ id: '1207' });
    expect(withoutNames(exampleOf('risk_score.changed')).data.user).toEqual({ id: '1207' });
    expect(withoutNames(exampleOf('user.updated'))).toEqual(exampleOf('user.updated'));
  });
});

test('ids sort as the log does, and say their place', () => {
  const place = fc.record({ seq: fc.nat({ max: 1e14 }), index: fc.nat({ max: 300 }) });
  fc.assert(
    fc.property(place, place, (a, b) => {
      expect(placeOf(eventId(a.seq, a.index))).toEqual(a);
      const order = Math.sign(a.seq - b.seq || a.index - b.index);
      const [one, other] = [eventId(a.seq, a.index), eventId(b.seq, b.index)];
      expect(one < other ? -1 : one > other ? 1 : 0).toBe(order);
    }),
  );
  for (const other of ['evt_1', 'evt_000000000000007z', 'evt_00000000000000x', '', 'evt_000000000000007A']) {
    expect(placeOf(other)).toBeNull();
  }
});
