import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StreamState } from './ports.ts';
import { type NextSync, nextSync, type ScheduleInput } from './schedule.ts';
import { type StreamName, streamNames } from './streams.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const ago = (ms: number): string => new Date(NOW - ms).toISOString();

const aState = (stream: StreamName, over: Partial<StreamState> = {}): StreamState => ({
  ...{ connectionId: 'con_1', stream, status: 'fresh', baselineAt: ago(DAY), parkedUntil: null },
  ...{ lastStartedAt: ago(MINUTE), lastCompleteAt: ago(DAY), lastRefreshedAt: ago(MINUTE) },
  ...{ lastProof: null, lastError: null, rows: 10, ...over },
});

const anInput = (over: Partial<StreamState> = {}, input: Partial<ScheduleInput> = {}): ScheduleInput => ({
  ...{ connectionId: 'con_1', lastFullStartedAt: ago(DAY) },
  states: streamNames.map((stream) => aState(stream, over)),
  ...input,
});

describe('the next sync', () => {
  test('a connection that was never synced gets everything at once', () => {
    expect(nextSync(anInput({}, { states: [] }), NOW)).toEqual({ level: 'full', at: NOW });
  });

  test('the directory comes 15 minutes after it was begun, up to a tenth later', () => {
    const next = nextSync(anInput(), NOW)!;
    expect(next.level).toBe('directory');
    expect(next.at).toBeGreaterThanOrEqual(NOW + 14 * MINUTE);
    expect(next.at).toBeLessThanOrEqual(NOW + 15.5 * MINUTE);
  });

  test('what is due at the same time is done by the deeper run', () => {
    expect(nextSync(anInput({ lastStartedAt: ago(40 * MINUTE) }), NOW)!.level).toBe('refresh');
  });

  test('everything is read again within a week', () => {
    const old = anInput({ lastStartedAt: ago(40 * MINUTE), lastCompleteAt: ago(7 * DAY) });
    expect(nextSync(old, NOW)!.level).toBe('full');
    expect(nextSync({ ...old, lastFullStartedAt: ago(60 * MINUTE) }, NOW)!.level).toBe('refresh');
  });

  test('a parked stream makes the connection wait until its time', () => {
    const parkedUntil = new Date(NOW + 5 * 60 * MINUTE).toISOString();
    const states = streamNames.map((stream) => aState(stream, stream === 'users' ? { parkedUntil } : {}));
    expect(nextSync(anInput({}, { states }), NOW)!.at).toBe(Date.parse(parkedUntil));
  });

  test('a failed stream is tried again at its interval, not at once', () => {
    const states = streamNames.map((stream) => aState(stream, { status: 'failed', baselineAt: null }));
    expect(nextSync(anInput({}, { states }), NOW)!.at).toBeGreaterThan(NOW);
  });

  test('a clock that was set back by days does not put anything off by days', () => {
    const ahead = new Date(NOW + 3 * DAY).toISOString();
    const states = streamNames.map((stream) => aState(stream, { lastStartedAt: ahead, parkedUntil: ahead }));
    expect(nextSync(anInput({}, { states }), NOW)!.at).toBeLessThanOrEqual(NOW);
    const complete = anInput({ lastCompleteAt: ahead }, { lastFullStartedAt: ahead });
    expect(nextSync(complete, NOW)).toMatchObject({ level: 'full' });
    expect(nextSync(anInput({ lastStartedAt: new Date(NOW + 1000).toISOString() }), NOW)!.at).toBeGreaterThan(NOW);
  });

  test('null means never by itself', () => {
    const input = anInput({}, { directoryEveryMinutes: null, activityEveryMinutes: null });
    expect(nextSync(input, NOW)).toBeNull();
  });

  test('switched-off streams do not make it due', () => {
    const states = streamNames
      .filter((name) => name !== 'recipients' && name !== 'enrollments')
      .map((name) => aState(name));
    const input = anInput({}, { states, streamsOff: ['recipients', 'enrollments'] });
    expect(nextSync(input, NOW)!.level).toBe('directory');
  });

  test('connections do not stay in step, and one connection always has the same interval', () => {
    const at = (connectionId: string) => nextSync(anInput({}, { connectionId }), NOW)!.at;
    expect(new Set(['con_a', 'con_b', 'con_c', 'con_d'].map(at)).size).toBe(4);
    expect(at('con_a')).toBe(at('con_a'));
  });

  test('a day of runs never costs more than the budget allows', () => {
    const cost = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(cost, cost, fc.integer({ min: 100, max: 5000 }), (directory, refresh, perDay) => {
        const budget = { directory, refresh, perDay };
        const begun = Date.parse(ago(MINUTE));
        const every = (over: Partial<ScheduleInput>) => nextSync(anInput({}, { budget, ...over }), NOW)!.at - begun;
        const directoryMs = every({ activityEveryMinutes: null });
        const refreshMs = every({ directoryEveryMinutes: null });
        expect((directory * DAY) / directoryMs).toBeLessThanOrEqual(perDay * 1.01);
        expect((refresh * DAY) / refreshMs).toBeLessThanOrEqual(perDay * 1.01);
      }),
    );
  });
});

describe('a wake-up', () => {
  const budget = { directory: 26, refresh: 94, perDay: 9640 };
  const woken = (at: number, over: Partial<ScheduleInput> = {}) =>
    anInput({ lastStartedAt: ago(5 * MINUTE) }, { budget, wakeUp: { level: 'refresh', at, spent: null }, ...over });

  test('brings the run at once, and says what wake-ups have then spent', () => {
    const next = nextSync(woken(NOW - 1000), NOW)!;
    expect(next).toEqual({ level: 'refresh', at: NOW - 1000, wokenUp: { spend: { requests: 94, at: NOW } } });
  });

  test('is answered by a run of its level that began after it, and by no shallower one', () => {
    const begunSince = (streams: readonly StreamName[]) =>
      streamNames.map((name) =>
        aState(name, { lastStartedAt: ago(streams.includes(name) ? 2 * MINUTE : 10 * MINUTE) }),
      );
    const at = NOW - 5 * MINUTE;
    expect(nextSync(woken(at, { states: begunSince(streamNames) }), NOW)!.wokenUp).toBeUndefined();
    const directory = begunSince([
      'account',
      'users',
      'groups',
      'phishing_campaigns',
      'security_tests',
      'training_campaigns',
    ]);
    expect(nextSync(woken(at, { states: directory }), NOW)).toMatchObject({ level: 'refresh', at });
    const forDirectory = { level: 'directory', at, spent: null } as const;
    expect(nextSync(woken(at, { states: directory, wakeUp: forDirectory }), NOW)!.wokenUp).toBeUndefined();
  });

  test('comes a minute after the last run at the soonest, and never where the level is switched off', () => {
    const states = streamNames.map((name) => aState(name, { lastStartedAt: ago(10_000) }));
    expect(nextSync(woken(NOW, { states }), NOW)!.at).toBe(NOW + 50_000);
    expect(nextSync(woken(NOW, { activityEveryMinutes: null }), NOW)!.wokenUp).toBeUndefined();
    expect(nextSync(woken(NOW, { states: [] }), NOW)).toEqual({ level: 'full', at: NOW });
  });

  test('changes nothing where the schedule leaves hardly a request', () => {
    const tight = { ...budget, perDay: 8000 };
    expect(nextSync(woken(NOW, { budget: tight }), NOW)!.wokenUp).toBeUndefined();
  });

  test('cannot spend more than the day allows, however often somebody calls', () => {
    const level = fc.constantFrom('directory' as const, 'refresh' as const);
    const input = fc.record({
      directory: fc.integer({ min: 1, max: 60 }),
      refresh: fc.integer({ min: 1, max: 200 }),
      perDay: fc.integer({ min: 2000, max: 30_000 }),
    });
    fc.assert(
      fc.property(input, level, (costs, wakes) => {
        const begun = { directory: NOW, refresh: NOW };
        let spent: { requests: number; at: number } | null = null;
        let total = 0;
        let now = NOW;
        for (;;) {
          const states = streamNames.map((name) => {
            const isActivity = name === 'recipients' || name === 'enrollments';
            const at = new Date(isActivity ? begun.refresh : begun.directory).toISOString();
            return aState(name, { lastStartedAt: at, lastCompleteAt: new Date(NOW).toISOString() });
          });
          const next: NextSync = nextSync(
            anInput({}, { states, budget: costs, wakeUp: { level: wakes, at: now, spent } }),
            now,
          )!;
          if (next.at > now) {
            now = next.at;
            if (now >= NOW + DAY) break;
            continue;
          }
          total += costs[next.level === 'directory' ? 'directory' : 'refresh'];
          begun.directory = now;
          if (next.level === 'refresh') begun.refresh = now;
          spent = next.wokenUp?.spend ?? spent;
          now += 1;
        }
        expect(total).toBeLessThanOrEqual(costs.perDay + costs.directory + costs.refresh);
      }),
      { numRuns: 30 },
    );
  });
});
