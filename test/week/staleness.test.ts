import { expect, test } from 'vitest';
import type { Change } from '../../src/sync/ports.ts';
import { type About, LogIndex, type Poll, stalenessOf, toldBy } from './staleness.ts';
import type { Visible } from './world-clock.ts';

const MINUTE = 60_000;
const about: About = (change) => ({ name: change.kind, readBy: change.stream });
/** Reads of the stream users that take a minute each. */
const pollsAt = (...minutes: readonly number[]): Poll[] =>
  minutes.map((minute) => ({
    reads: new Set(['users']),
    startedAt: minute * MINUTE,
    endedAt: (minute + 1) * MINUTE,
  }));
const moved = (minute: number, location: string, id = '1'): Visible => ({
  ...{ seq: minute, stream: 'users', id, kind: 'changed', changed: { location: ['', location] } },
  ...{ visibleAt: minute * MINUTE, byHand: true },
});
const scored = (minute: number): Visible => ({
  ...{ seq: minute, stream: 'users', id: '1', kind: 'score', visibleAt: minute * MINUTE, byHand: false },
});
const entry = (minute: number, current: Record<string, unknown>): Change => ({
  ...{ seq: minute, connectionId: 'con_1', runId: 'run_1', kind: 'user.updated', stream: 'users', key: '1' },
  ...{ at: new Date(minute * MINUTE).toISOString(), current, previous: {} },
});

function fateOf(changes: readonly Visible[], entries: readonly Change[], polls: readonly Poll[]) {
  const log = new LogIndex();
  for (const one of entries) log.add(one);
  const { changed, score } = stalenessOf(changes, toldBy(log), polls, about);
  const { entered, tooShort, pending, missed } = (changed ?? score)!;
  return { entered, tooShort, pending, missed };
}
const none = { entered: 0, tooShort: 0, pending: 0, missed: 0 };

test('a change that two reads could see and nobody told of is missed', () => {
  expect(fateOf([moved(5, 'Oslo')], [], pollsAt(0, 15, 30))).toEqual({ ...none, missed: 1 });
  expect(fateOf([moved(5, 'Oslo')], [entry(15, { location: 'Bergen' })], pollsAt(0, 15, 30))).toMatchObject({
    missed: 1,
  });
  expect(fateOf([moved(5, 'Oslo')], [entry(15, { location: 'Oslo' })], pollsAt(0, 15, 30))).toEqual({
    ...none,
    entered: 1,
  });
});

test('a change that is told after the second read only is told, and missed all the same', () => {
  expect(fateOf([moved(5, 'Oslo')], [entry(45, { location: 'Oslo' })], pollsAt(15, 30, 45))).toMatchObject({
    entered: 1,
    missed: 1,
  });
});

test('a read that began before the change, or ends after its end, could not see it', () => {
  expect(fateOf([moved(15.5, 'Oslo')], [], pollsAt(15, 30))).toEqual({ ...none, pending: 1 });
  expect(
    fateOf([moved(5, 'Oslo'), moved(30.5, 'Rome')], [entry(45, { location: 'Rome' })], pollsAt(15, 30, 45)),
  ).toEqual({ ...none, entered: 1, tooShort: 1 });
});

test('what is told of a later change does not tell of an earlier one', () => {
  const log = [entry(60, { riskScore: 41 })];
  expect(fateOf([scored(5), scored(50)], log, pollsAt(15, 30, 45, 60))).toEqual({ ...none, entered: 1, missed: 1 });
});
