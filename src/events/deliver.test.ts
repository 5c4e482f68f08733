import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aConnection } from '../store/contract/builders.ts';
import { openTempStore, type TempStore } from '../store/contract/temp-store.ts';
import type { Post, PostAnswer } from './attempt.ts';
import { eventFamilies } from './catalog.ts';
import { type DeliverDeps, joinHealth, noHealth } from './deliver.ts';
import { deliverLane } from './deliver-lane.ts';
import { deliverLate } from './deliver-late.ts';
import type { Endpoint } from './endpoint.ts';

const CON = 'con_aaaaaaaaaaaaaaaa';
const KEY = { endpointId: 'whk_a', connectionId: CON };
const START = Date.parse('2026-03-02T08:00:00Z');
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const endpoint: Endpoint = {
  ...{ id: 'whk_a', url: 'https://hooks.example.com/in', description: null, types: ['*'], connections: null },
  families: eventFamilies,
  fieldPolicy: null,
  ...{ format: 'plain', names: false, state: 'active', stateReason: null, previousSecretUntil: null },
  createdAt: new Date(START).toISOString(),
  updatedAt: new Date(START).toISOString(),
};

let temp: TempStore;
let clock: number;
let slow: Map<string, number>;
/** What arrived, in its order: the event's place after the start, and when. */
let arrived: { n: number; at: number; id: string }[];
let answer: (n: number, tries: number) => Partial<PostAnswer> | Error | Promise<never>;
let base: number;

beforeEach(async () => {
  temp = await openTempStore();
  clock = START;
  slow = new Map();
  arrived = [];
  answer = () => ({ status: 204 });
  await temp.store.createConnection(aConnection(), []);
  await temp.store.createEndpoint(endpoint, {
    ...{ slot: 'webhook', sealed: 'sealed', fingerprint: '0', createdAt: endpoint.createdAt },
  });
  base = (await temp.store.logBounds()).head;
});
afterEach(() => temp.remove());

const post: Post = async ({ body, headers }) => {
  const { id } = JSON.parse(body) as { id: string };
  expect(headers['webhook-id']).toBe(id);
  const n = Number(id.replace(/\D/g, '')) - base;
  arrived.push({ n, at: clock - START, id });
  const given = await answer(n, arrived.filter((one) => one.n === n).length);
  if (given instanceof Error) throw given;
  return { status: 204, retryAfter: null, answer: '', ...given };
};

const deps = (changes: Partial<DeliverDeps> = {}): DeliverDeps => ({
  ...{ store: temp.store, post, slow, now: () => clock, userAgent: 'foreknow', random: () => 0.5 },
  openSecret: () => `whsec_${Buffer.alloc(32).toString('base64')}`,
  ...changes,
});

async function happen(events: number): Promise<void> {
  for (let index = 0; index < events; index += 1) {
    const entry = { kind: 'connection.stale', key: CON, at: new Date(clock).toISOString() } as const;
    await temp.store.appendEntry({
      connectionId: CON,
      ...entry,
      current: { stream: 'users', last_refreshed_at: null },
    });
  }
}

const still = new AbortController().signal;

/** What a worker does: everything that is due now. */
async function work(): Promise<void> {
  for (;;) {
    const [due] = await temp.store.lanesDue(clock, 10);
    if (due === undefined) return;
    await (due.late ? deliverLate : deliverLane)(deps(), due, still);
  }
}

/** The same until nothing is left to do before `untilMs` after the start; the clock jumps from one due time to the next. */
async function workUntil(untilMs: number): Promise<void> {
  for (;;) {
    await work();
    const next = await nextTime();
    if (next === null || next > START + untilMs) break;
    clock = Math.max(clock + 1, next);
  }
  clock = START + untilMs;
}

async function nextTime(): Promise<number | null> {
  const stored = await temp.store.getEndpoint('whk_a');
  if (stored?.state !== 'active') return null;
  const lane = await temp.store.getLane(KEY);
  const head = lane?.headEvent ? await temp.store.getDelivery('whk_a', lane.headEvent) : null;
  const times = [head?.nextAt ?? null, await temp.store.nextLate(KEY)].filter((time) => time !== null);
  return times.length === 0 ? null : Math.max(Math.min(...times), stored.slowUntil);
}

const numbers = () => arrived.map(({ n }) => n);
const stateOf = async (n: number) => {
  const found = await temp.store.deliveries({ endpointId: 'whk_a', limit: 1000 });
  return found.find(({ seq }) => seq === base + n);
};

describe('a lane', () => {
  test('sends the events of its connection in their order, once each, and remembers it', async () => {
    await happen(45);
    await work();
    expect(numbers()).toEqual(Array.from({ length: 45 }, (_, index) => index + 1));
    expect(await stateOf(7)).toMatchObject({
      state: 'delivered',
      failures: 0,
      attempts: [{ status: 204, error: null }],
    });
    const reopened = await temp.reopen();
    expect(await reopened.lanesDue(clock, 10)).toEqual([]);
  });

  test('of what belongs to no connection is one like the others', async () => {
    await temp.store.saveEndpoint({ ...endpoint, types: ['source.*'], families: ['provisioning'] });
    const bodies: unknown[] = [];
    const keeping: Post = async (request) => {
      bodies.push(JSON.parse(request.body));
      return { status: 204, retryAfter: null, answer: '' };
    };
    const at = new Date(clock).toISOString();
    const entry = { kind: 'source.person_kept_out', key: 'u1', at, current: { person: { id: 'u1' } } } as const;
    await temp.store.appendEntry({ connectionId: '', ...entry });
    const [due] = await temp.store.lanesDue(clock, 10);
    expect(due).toEqual({ endpointId: 'whk_a', connectionId: '', late: false });
    await deliverLane(deps({ post: keeping }), due!, still);
    expect(bodies).toMatchObject([
      { type: 'source.person_kept_out', connection_id: null, data: { person: { id: 'u1' } } },
    ]);
    expect(await temp.store.lanesDue(clock, 10)).toEqual([]);
  });

  test('tells one event as several in Truto’s words, tries each by itself and goes on between them', async () => {
    await temp.store.saveEndpoint({ ...endpoint, format: 'truto', types: ['integrated_account:*'] });
    const told: string[] = [];
    answer = (n, tries) => ({ status: n > 1 && tries === 1 ? 500 : 200 });
    const made = aConnection();
    const secret = {
      connectionId: CON,
      kind: 'reporting',
      sealed: 'v1.x',
      fingerprint: '0',
      createdAt: made.createdAt,
    };
    await temp.store.saveConnection(made, undefined, [secret as never]);
    const noting: Post = async (request) => {
      const { event, event_type: type, payload } = JSON.parse(request.body);
      expect([type, payload.id]).toEqual([event, CON]);
      told.push(event);
      return post(request);
    };
    await deliverLane(deps({ post: noting }), KEY, still);
    expect(await temp.store.getLane(KEY)).toMatchObject({ headEvent: expect.stringMatching(/-2$/) });
    clock += 10 * SECOND;
    await deliverLane(deps({ post: noting }), KEY, still);
    expect(told).toEqual([...['integrated_account:updated', 'integrated_account:active', 'integrated_account:active']]);
    expect(arrived[1]!.id).toBe(`${arrived[0]!.id}-2`);
    expect(await temp.store.deliveries({ endpointId: 'whk_a', limit: 10 })).toMatchObject([
      { type: 'integrated_account:active', state: 'delivered' },
      { type: 'integrated_account:updated', state: 'delivered' },
    ]);
  });

  test('begins where the log stood when the endpoint was made', async () => {
    await happen(2);
    await work();
    expect(numbers()).toEqual([1, 2]);
  });

  test('waits for an event that fails: 5 s, 5 min; with its third failure later ones pass it', async () => {
    answer = (n, tries) => ({ status: n === 2 && tries <= 4 ? 500 : 200 });
    await happen(4);
    await workUntil(10 * HOUR);
    expect(arrived.map(({ n, at }) => [n, at])).toEqual([
      [1, 0],
      [2, 0],
      [2, 5 * SECOND],
      [2, 5 * SECOND + 5 * MINUTE],
      [3, 5 * SECOND + 5 * MINUTE],
      [4, 5 * SECOND + 5 * MINUTE],
      [2, 5 * SECOND + 35 * MINUTE],
      [2, 5 * SECOND + 155 * MINUTE],
    ]);
    expect(await stateOf(2)).toMatchObject({ state: 'delivered', failures: 4, nextAt: null });
    expect((await stateOf(2))?.attempts.map(({ status }) => status)).toEqual([500, 500, 500, 500, 200]);
  });

  test('keeps its place between the events of one change', async () => {
    const current = { deliveredAt: 'x', openedAt: 'x', clickedAt: 'x' };
    const entry = { kind: 'recipient.created', key: '9/7', at: new Date(clock).toISOString(), current } as const;
    await temp.store.appendEntry({ connectionId: CON, ...entry });
    answer = () => ({ status: arrived.length === 2 ? 500 : 200 });
    await workUntil(MINUTE);
    const [delivered, opened, clicked] = [...new Set(arrived.map(({ id }) => id))];
    expect(arrived.map(({ id }) => id)).toEqual([delivered, opened, opened, clicked]);
  });

  test('gives an event up after ten tries in about three days', async () => {
    answer = (n) => ({ status: n === 1 ? 400 : 200 });
    await happen(2);
    await workUntil(100 * HOUR);
    expect(numbers().filter((n) => n === 1)).toHaveLength(10);
    expect(await stateOf(1)).toMatchObject({ state: 'dead', failures: 10, nextAt: null });
    expect(await stateOf(2)).toMatchObject({ state: 'delivered' });
  });

  test('takes 2xx alone for success: redirects, cut connections and refused addresses are failures', async () => {
    const given = [301, 304, 100, 404, 500];
    for (const status of given) {
      answer = () => ({ status });
      await happen(1);
      await work();
      answer = () => ({ status: 200 });
      clock += 5 * SECOND;
      await work();
    }
    expect(numbers()).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    answer = () => Object.assign(new Error('secret text'), { code: 'ECONNRESET' });
    await happen(1);
    await work();
    expect((await stateOf(6))?.attempts[0]).toMatchObject({ status: null, error: 'The connection was cut.' });
    expect(JSON.stringify(await stateOf(1))).not.toContain('secret text');
  });

  test('sends nothing that the endpoint did not ask for, and goes on behind it', async () => {
    await temp.store.saveEndpoint({ ...endpoint, types: ['user.*'] });
    await happen(3);
    await work();
    expect(arrived).toEqual([]);
    expect(await temp.store.getLane(KEY)).toMatchObject({ position: base + 3 });
    await temp.store.saveEndpoint({ ...endpoint, types: ['connection.stale'] });
    await happen(1);
    await work();
    expect(numbers()).toEqual([4]);
  });

  test('sends no family that whoever made the endpoint may not read', async () => {
    await temp.store.saveEndpoint({ ...endpoint, families: ['directory'] });
    await happen(1);
    await work();
    expect(arrived).toEqual([]);
  });

  test('stops at the end of its turn and says that it is due at once', async () => {
    await happen(3);
    answer = () => {
      clock += 6 * SECOND;
      return { status: 200 };
    };
    expect(await deliverLane(deps(), KEY, still)).toBe(clock);
    expect(numbers()).toEqual([1]);
    await work();
    expect(numbers()).toEqual([1, 2, 3]);
  });

  test('what was sent and not written is sent again with the same id, as after a killed process', async () => {
    await happen(3);
    const broken = { ...temp.store, commitLane: () => Promise.reject(new Error('killed')) };
    await expect(deliverLane(deps({ store: broken }), KEY, still)).rejects.toThrow('killed');
    await work();
    expect(numbers()).toEqual([1, 2, 3, 1, 2, 3]);
    expect(new Set(arrived.map(({ id }) => id)).size).toBe(3);
  });

  test('a process whose lane was taken over writes nothing more', async () => {
    await happen(2);
    const slowOne = async (): Promise<void> => {
      await deliverLane(deps(), KEY, still);
    };
    answer = async (n) => {
      answer = () => ({ status: 200 });
      await deliverLane(deps(), KEY, still); // another process, while this one waits for its answer
      return (n === 1 ? { status: 500 } : { status: 200 }) as never;
    };
    await slowOne();
    expect(await stateOf(1)).toMatchObject({ state: 'delivered', failures: 0 });
    expect(await temp.store.getLane(KEY)).toMatchObject({ position: base + 2, headEvent: null });
  });

  test('a process that stops writes what was answered, and throws so that its job is handed back', async () => {
    await happen(3);
    const stop = new AbortController();
    answer = (n) => {
      if (n === 2) stop.abort(new Error('stopping'));
      return { status: 200 };
    };
    await expect(deliverLane(deps(), KEY, stop.signal)).rejects.toThrow('stopping');
    expect(numbers()).toEqual([1, 2]);
    await work();
    expect(numbers()).toEqual([1, 2, 3]);
  });
});

describe('an endpoint', () => {
  test('that asks to slow down is left alone as long as it says, by all its lanes', async () => {
    answer = (_, tries) => (tries === 1 ? { status: 429, retryAfter: '120' } : { status: 200 });
    await happen(1);
    await work();
    expect(await temp.store.getEndpoint('whk_a')).toMatchObject({ slowUntil: START + 120 * SECOND });
    clock += 119 * SECOND;
    expect(await temp.store.lanesDue(clock, 10)).toEqual([]);
    expect(await deliverLane(deps(), KEY, still)).toBe(START + 120 * SECOND);
    clock += SECOND;
    await work();
    expect(numbers()).toEqual([1, 1]);
  });

  test('that answers 410 is switched off at once; the event waits and is sent when it is on again', async () => {
    answer = () => ({ status: 410 });
    await happen(2);
    await work();
    expect(numbers()).toEqual([1]);
    expect(await temp.store.getEndpoint('whk_a')).toMatchObject({
      state: 'off',
      stateReason: expect.stringContaining('410'),
    });
    const entries = await temp.store.logEntries({
      ...{ connectionIds: null, first: 1, last: 100, order: 'asc', limit: 100 },
      kinds: ['endpoint.disabled'],
    });
    expect(entries).toMatchObject([{ key: 'whk_a', connectionId: CON, current: { host: 'hooks.example.com' } }]);
    answer = () => ({ status: 200 });
    clock += HOUR;
    await work();
    expect(numbers()).toEqual([1]);
    await temp.store.saveEndpoint({ ...endpoint, state: 'active' }, { forget: true });
    slow.clear();
    await work();
    expect(numbers().slice(0, 3)).toEqual([1, 1, 2]);
    expect(await stateOf(1)).toMatchObject({ state: 'delivered', failures: 0 });
  });

  test('that has only failed for five days is switched off; one success in between begins anew', async () => {
    answer = () => ({ status: 500 });
    for (let hour = 0; hour < 119; hour += 7) {
      await happen(1);
      await workUntil((hour + 1) * HOUR);
    }
    expect(await temp.store.getEndpoint('whk_a')).toMatchObject({ state: 'active', failingSince: endpoint.createdAt });
    answer = () => ({ status: 200 });
    await workUntil(120 * HOUR);
    expect(await temp.store.getEndpoint('whk_a')).toMatchObject({ state: 'active', failingSince: null });
    answer = () => ({ status: 500 });
    await happen(1);
    for (let hour = 120; hour < 250; hour += 7) {
      await happen(1);
      await workUntil((hour + 1) * HOUR);
    }
    expect(await temp.store.getEndpoint('whk_a')).toMatchObject({
      state: 'off',
      stateReason: expect.stringContaining('five days'),
    });
  });

  test('that is paused keeps its place', async () => {
    await temp.store.saveEndpoint({ ...endpoint, state: 'paused', stateReason: 'maintenance' });
    await happen(3);
    await work();
    expect(await deliverLane(deps(), KEY, still)).toBeNull();
    expect(arrived).toEqual([]);
    await temp.store.saveEndpoint(endpoint);
    await work();
    expect(numbers()).toEqual([1, 2, 3]);
  });

  test('gets the events of a connection that came later, from its first one on', async () => {
    await temp.store.createConnection(aConnection({ id: 'con_b', name: 'later' }), []);
    await temp.store.addLanes();
    await work();
    expect(arrived).toHaveLength(1);
    expect(await temp.store.deliveries({ endpointId: 'whk_a', limit: 10 })).toMatchObject([
      { connectionId: 'con_b', type: 'connection.created' },
    ]);
  });
});

test('an event whose entry in the log is gone is given up', async () => {
  answer = () => ({ status: 500 });
  await happen(1);
  await workUntil(6 * MINUTE);
  expect(await stateOf(1)).toMatchObject({ state: 'retrying' });
  await temp.store.dropEntries({ before: new Date(clock).toISOString(), limit: 100 });
  await workUntil(HOUR);
  expect(await stateOf(1)).toMatchObject({ state: 'dead', nextAt: null });
});

test('of several tries the last success or failure counts, and the longest wait', () => {
  const failed = { ...noHealth, failedAt: 'a', slowUntil: 9 };
  const succeeded = { ...noHealth, succeededAt: 'b' };
  expect(joinHealth(failed, succeeded)).toEqual({ succeededAt: 'b', failedAt: null, slowUntil: 9, off: null });
  expect(joinHealth(succeeded, failed)).toEqual({ succeededAt: 'b', failedAt: 'a', slowUntil: 9, off: null });
  expect(joinHealth(failed, noHealth)).toEqual(failed);
});

test('whatever fails: each event arrives or is given up, in order up to third failures, never twice without a failure', async () => {
  const outcomes = fc.array(fc.constantFrom(200, 200, 200, 204, 302, 400, 429, 500, 503, 'cut'), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(outcomes, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(3)),
      async (script, pauses) => {
        const fresh = await openTempStore();
        const outer = temp;
        temp = fresh;
        clock = START;
        arrived = [];
        slow = new Map();
        try {
          await fresh.store.createConnection(aConnection(), []);
          await fresh.store.createEndpoint(endpoint, {
            ...{ slot: 'webhook', sealed: 'sealed', fingerprint: '0', createdAt: endpoint.createdAt },
          });
          base = (await fresh.store.logBounds()).head;
          const answers = new Map<number, (number | string)[]>();
          answer = (n, tries) => {
            const given = script[n - 1]?.[tries - 1] ?? 200;
            answers.set(n, [...(answers.get(n) ?? []), given]);
            return given === 'cut' ? new Error('cut') : { status: Number(given) };
          };
          for (const [index] of script.entries()) {
            await happen(1);
            clock += (pauses[index] ?? 0) * MINUTE;
            if (index % 3 === 2) await work();
          }
          await workUntil(2000 * HOUR);
          const isGood = (given: number | string) => given === 200 || given === 204;
          for (const [index] of script.entries()) {
            const tries = answers.get(index + 1) ?? [];
            const delivery = await stateOf(index + 1);
            expect(tries.slice(0, -1).some(isGood)).toBe(false); // never again after a success
            expect(delivery?.state).toBe(isGood(tries.at(-1)!) ? 'delivered' : 'dead');
            if (delivery?.state === 'dead') expect(tries).toHaveLength(10);
          }
          // The first three tries of the events, and those that succeed within them, come in the order of the log.
          const counted = new Map<number, number>();
          const inOrder = arrived.flatMap(({ n }) => {
            counted.set(n, (counted.get(n) ?? 0) + 1);
            return counted.get(n)! <= 3 ? [n] : [];
          });
          expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
        } finally {
          temp = outer;
          await fresh.remove();
        }
      },
    ),
    { numRuns: 10 },
  );
});
