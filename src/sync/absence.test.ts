import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeAbsence } from './absence.ts';
import type { Hold, HoldKind } from './ports.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const HOUR = 60 * 60 * 1000;

const aHold = (kind: HoldKind, hoursAgo: number): Hold => ({
  id: 'hold_1',
  connectionId: 'con_1',
  stream: 'users',
  scope: 'all',
  kind,
  state: 'open',
  live: 100,
  absent: 20,
  firstPassAt: new Date(NOW - hoursAgo * HOUR).toISOString(),
  createdAt: new Date(NOW - hoursAgo * HOUR).toISOString(),
  decidedAt: null,
  decidedBy: null,
});

describe('what a complete pass did not see', () => {
  test.each([
    ['nothing missing', 1000, 0, 'nothing'],
    ['five of thirty: few', 30, 5, 'settle_each'],
    ['a tenth of a hundred', 100, 10, 'settle_each'],
  ] as const)('%s', (_name, live, absent, expected) => {
    expect(judgeAbsence({ live, absent }, null, NOW).do).toBe(expected);
  });

  test('more than a tenth and more than five rows is held', () => {
    expect(judgeAbsence({ live: 100, absent: 11 }, null, NOW)).toEqual({ do: 'hold', kind: 'suspicious' });
    expect(judgeAbsence({ live: 20, absent: 6 }, null, NOW)).toEqual({ do: 'hold', kind: 'suspicious' });
  });

  test('a drop to zero or of more than a half needs a person', () => {
    expect(judgeAbsence({ live: 3, absent: 3 }, null, NOW)).toEqual({ do: 'hold', kind: 'needs_person' });
    expect(judgeAbsence({ live: 1, absent: 1 }, null, NOW)).toEqual({ do: 'hold', kind: 'needs_person' });
    expect(judgeAbsence({ live: 100, absent: 51 }, null, NOW)).toEqual({ do: 'hold', kind: 'needs_person' });
  });

  test('a second complete pass settles a suspicious one after six hours and not before', () => {
    const seen = { live: 100, absent: 20 };
    expect(judgeAbsence(seen, aHold('suspicious', 5.9), NOW).do).toBe('hold');
    expect(judgeAbsence(seen, aHold('suspicious', 6), NOW)).toMatchObject({ do: 'agree' });
  });

  test('no number of passes answers for a person', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 100 }), fc.integer({ min: 0, max: 10_000 }), (absent, hoursAgo) => {
        const verdict = judgeAbsence({ live: 100, absent }, aHold('needs_person', hoursAgo), NOW);
        expect(verdict).toEqual({ do: 'hold', kind: 'needs_person' });
      }),
    );
  });

  test('a loss that is large is never settled row by row', () => {
    const counts = fc.integer({ min: 1, max: 5000 }).chain((live) => fc.tuple(fc.constant(live), fc.nat(live)));
    fc.assert(
      fc.property(counts, fc.boolean(), ([live, absent], isHeld) => {
        const verdict = judgeAbsence({ live, absent }, isHeld ? aHold('suspicious', 7) : null, NOW);
        const isLarge = absent > 5 && absent > live / 10;
        if (isLarge) expect(['hold', 'agree']).toContain(verdict.do);
        if (absent > live / 2) expect(verdict).toEqual({ do: 'hold', kind: 'needs_person' });
      }),
    );
  });
});
