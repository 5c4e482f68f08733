import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { estimateSync } from './estimate.ts';
import { durationOf, estimatedRequests, type Known, planStream, type Summary } from './plan.ts';
import type { ScopeRead } from './ports.ts';
import { type StreamName, streamNames } from './streams.ts';
import { CONNECTION, DAY, HOUR, MINUTE, withLab } from './sync-lab.contract.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const ago = (ms: number) => new Date(NOW - ms).toISOString();

const aRead = (scope: ScopeRead['scope'], over: Partial<ScopeRead> = {}): ScopeRead => ({
  ...{ scope, completedAt: ago(HOUR), mark: 'as it was', rows: 10, ...over },
});

const aTest = (key: string, over: Partial<Summary> = {}): Summary => ({
  ...{ key, mark: 'as it was', isOpen: false, expectedRows: 10, ...over },
});

function known(over: Partial<Known> & { reads?: Partial<Record<StreamName, readonly ScopeRead[]>> } = {}): Known {
  const { reads = {}, ...rest } = over;
  const state = { connectionId: CONNECTION, status: 'fresh', baselineAt: ago(DAY), lastStartedAt: ago(HOUR) } as const;
  const more = { lastCompleteAt: ago(DAY), lastRefreshedAt: null, parkedUntil: null, lastProof: null } as const;
  return {
    states: new Map(streamNames.map((stream) => [stream, { ...state, ...more, stream, lastError: null, rows: 1 }])),
    scopeReads: new Map(Object.entries(reads) as [StreamName, readonly ScopeRead[]][]),
    tests: [],
    campaigns: [],
    seats: 1200,
    now: NOW,
    ...rest,
  };
}

const refresh = { level: 'refresh', freshSince: null } as const;
const full = { level: 'full', freshSince: null } as const;

const scopes = (plan: ReturnType<typeof planStream>) => plan?.tasks.map((task) => task.scope);

describe('a refresh', () => {
  const tests = [aTest('1'), aTest('2', { mark: 'moved' }), aTest('3', { isOpen: true }), aTest('callback:4')];
  const reads = { recipients: [aRead('test:1'), aRead('test:2'), aRead('test:3')] };

  test('reads the recipients of tests that moved, are open, or were never read', () => {
    expect(scopes(planStream('recipients', refresh, known({ tests, reads })))).toEqual([
      'test:2',
      'test:3',
      'test:callback:4',
    ]);
  });

  test('reads once more the enrollments of a campaign that is gone', () => {
    const plan = (over: Partial<ScopeRead>, states?: Known['states']) => {
      const reads = { enrollments: [aRead('all'), aRead('campaign:5'), aRead('campaign:6', over)] };
      return planStream('enrollments', refresh, known({ campaigns: [aTest('5')], reads, ...(states && { states }) }));
    };
    expect(plan({})!.tasks).toEqual([{ scope: 'campaign:6', mark: 'gone', expectedRows: 0 }]);
    expect(scopes(plan({ mark: 'gone' }))).toEqual([]);
    expect(scopes(plan({ rows: 0 }))).toEqual([]);
    const { states } = known();
    const neverListed = { ...states.get('training_campaigns')!, baselineAt: null };
    expect(scopes(plan({}, new Map(states).set('training_campaigns', neverListed)))).toEqual([]);
  });

  test('reads the enrollments of open campaigns one by one, not the whole list', () => {
    const campaigns = [aTest('5', { isOpen: true }), aTest('6')];
    const plan = planStream(
      'enrollments',
      refresh,
      known({ campaigns, reads: { enrollments: [aRead('campaign:6')] } }),
    );
    expect(scopes(plan)).toEqual(['campaign:5']);
    expect(plan!.coversAll).toBe(false);
  });

  test('reads phone campaigns, purchases and policies once a day', () => {
    const since = (ms: number) => ({
      phishing_campaigns: [aRead('type:callback', { completedAt: ago(ms) })],
      policies: [aRead('all', { completedAt: ago(ms) })],
    });
    const early = known({ reads: since(23 * HOUR) });
    expect(scopes(planStream('phishing_campaigns', refresh, early))).toEqual(['type:email']);
    expect(planStream('policies', refresh, early)).toBeNull();
    const due = known({ reads: since(DAY) });
    expect(scopes(planStream('phishing_campaigns', refresh, due))).toEqual(['type:email', 'type:callback']);
    expect(scopes(planStream('policies', refresh, due))).toEqual(['all']);
  });
});

describe('a full sync', () => {
  test('reads every test and one list of enrollments', () => {
    const tests = [aTest('1'), aTest('2')];
    const all = known({ tests, reads: { recipients: [aRead('test:1'), aRead('test:2')] } });
    expect(scopes(planStream('recipients', full, all))).toEqual(['test:1', 'test:2']);
    expect(scopes(planStream('enrollments', full, all))).toEqual(['all']);
  });

  test('of the schedule goes on where it was interrupted', () => {
    const reads = { recipients: [aRead('test:1'), aRead('test:2', { completedAt: ago(3 * DAY) })] };
    const input = { level: 'full', freshSince: NOW - DAY } as const;
    const tests = [aTest('1'), aTest('2')];
    expect(scopes(planStream('recipients', input, known({ tests, reads })))).toEqual(['test:2']);
  });

  test('of a stream without a baseline skips what it has read already', () => {
    const first = known({ tests: [aTest('1'), aTest('2')], reads: { recipients: [aRead('test:1')] } });
    const states = new Map([...first.states].filter(([stream]) => stream !== 'recipients'));
    const plan = planStream('recipients', refresh, { ...first, states });
    expect(scopes(plan)).toEqual(['test:2']);
    expect(plan!.coversAll).toBe(true);
  });
});

describe('the estimate', () => {
  test('counts pages, and one request for the end of a list that fills its last page or is short and the longest', () => {
    const rows = (count: number) => known({ reads: { users: [aRead('all', { rows: count })] } });
    const cost = (count: number) => estimatedRequests(planStream('users', refresh, rows(count)), rows(count));
    expect([0, 1, 499, 500, 501, 1204].map(cost)).toEqual([1, 1, 2, 2, 2, 3]);
  });

  test('a minute holds 48 requests and a second 3', () => {
    const limits = { perSecond: 3, perMinute: 48 };
    expect(durationOf(3, limits)).toBe(1000);
    expect(durationOf(48, limits)).toBe(16_000);
    expect(durationOf(49, limits)).toBe(MINUTE + 334);
    expect(durationOf(1000, { perSecond: Infinity, perMinute: Infinity })).toBe(0);
  });

  test('more requests never end sooner', () => {
    const limits = { perSecond: 3, perMinute: 48 };
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(500), (requests, more) => {
        expect(durationOf(requests + more, limits)).toBeGreaterThanOrEqual(durationOf(requests, limits));
      }),
    );
  });

  test('is what the next sync then costs, within a tenth', async () => {
    await withLab({ people: 300 }, async (lab) => {
      await lab.sync('full');
      const allowance = { perSecond: 3, perMinute: 48, perDay: 3200, freeNow: 2000 };
      const about = { store: lab.store, connectionId: CONNECTION, now: () => lab.emulator.now() };
      for (const level of ['directory', 'refresh', 'full'] as const) {
        const estimate = await estimateSync(about, { level, trigger: 'manual' }, allowance);
        const run = await lab.sync(level);
        expect(Math.abs(run.requests - estimate.requests)).toBeLessThanOrEqual(Math.max(2, estimate.requests / 10));
      }
    });
  });

  test('a sync that does not fit into the day ends on a later one', async () => {
    await withLab({ people: 30 }, async (lab) => {
      const about = { store: lab.store, connectionId: CONNECTION, now: () => NOW };
      const allowance = { perSecond: 3, perMinute: 48, perDay: 2000, freeNow: 10 };
      const estimate = await estimateSync(about, { level: 'refresh', trigger: 'manual', seats: 1200 }, allowance);
      expect(estimate.level).toBe('full');
      expect(estimate.requests).toBeGreaterThan(50);
      expect(Date.parse(estimate.endsAt)).toBeGreaterThan(NOW + DAY);
    });
  });
});
