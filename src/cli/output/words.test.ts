import { expect, test } from 'vitest';
import { counted, duration, fromNow, moment } from './words.ts';

test('durations are said in the unit that fits', () => {
  expect([0, 820, 6100, 60_000, 135_000, 3_600_000, 12_000_000].map(duration)).toEqual([
    '0 ms',
    '820 ms',
    '6.1 s',
    '1 min',
    '2 min 15 s',
    '1 h',
    '3 h 20 min',
  ]);
});

test('times are said from now, both ways', () => {
  const now = Date.parse('2026-11-20T12:00:00.000Z');
  expect(fromNow('2026-11-20T11:56:00.000Z', now)).toBe('4 min ago');
  expect(fromNow('2026-11-20T14:30:00.000Z', now)).toBe('in 2 h');
  expect(fromNow('2026-11-17T11:00:00.000Z', now)).toBe('3 d ago');
  expect(fromNow('2026-11-20T11:59:50.000Z', now)).toBe('10 s ago');
  expect(fromNow(null, now)).toBeNull();
  expect(moment('2026-11-20T09:30:15.000Z')).toBe('2026-11-20 09:30 UTC');
});

test('numbers and their nouns agree', () => {
  expect([counted(1, 'row'), counted(1204, 'row'), counted(2, 'person', 'people')]).toEqual([
    '1 row',
    '1,204 rows',
    '2 people',
  ]);
});
