import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Delivery, Endpoint } from '../../events/endpoint.ts';
import type { EndpointSecret, HealthNote, Lane, LaneCommit } from '../../events/endpoint-ports.ts';
import type { Store } from '../store.ts';
import { aConnection, at, con } from './builders.ts';
import type { OpenStore } from './contract.ts';

const KEY = { endpointId: 'whk_a', connectionId: con };

const endpoint = (changes: Partial<Endpoint> = {}): Endpoint => ({
  ...{ id: 'whk_a', url: 'https://hooks.example.com/in?k=1', description: null, types: ['*'], connections: null },
  ...{
    families: ['directory'],
    fieldPolicy: { email: 'mask' },
    format: 'plain',
    names: false,
    state: 'active',
    stateReason: null,
  },
  ...{ createdAt: at(0), updatedAt: at(0), previousSecretUntil: null },
  ...changes,
});
const secret: EndpointSecret = { slot: 'webhook', sealed: 'v1.sealed', fingerprint: '0123abcd', createdAt: at(0) };
const quiet: HealthNote = { succeededAt: null, failedAt: null, slowUntil: 0, off: null };

const delivery = (n: number, changes: Partial<Delivery> = {}): Delivery => ({
  ...{ endpointId: 'whk_a', eventId: `evt_${n}`, connectionId: con, seq: n, type: 'user.created', state: 'delivered' },
  ...{ failures: 0, firstAt: n * 1000, lastAt: n * 1000, nextAt: null, attempts: [] },
  ...changes,
});

/** What pushing relies on. */
export function webhookContract(open: OpenStore): void {
  let store: Store;
  beforeEach(async () => {
    store = (await open()).store;
    await store.createConnection(aConnection(), []);
  });
  const entry = (connectionId = con) =>
    store.appendEntry({ connectionId, kind: 'connection.stale', key: connectionId, at: at(1), current: {} });
  const commit = (lane: Lane, changes: Partial<LaneCommit> = {}): LaneCommit => ({
    ...{ lane, position: lane.position, afterEvent: null, headEvent: null, waitUntil: null, deliveries: [] },
    ...{ health: quiet, at: at(2) },
    ...changes,
  });
  const lane = async () => (await store.getLane(KEY))!;

  describe('a webhook endpoint', () => {
    test('is kept as it was given, with its secret beside the other secrets', async () => {
      const made = endpoint({
        description: 'ü',
        types: ['user.*'],
        connections: [con],
        names: true,
        format: 'cloudevents',
      });
      await store.createEndpoint(made, secret);
      const health = { failingSince: null, lastSuccessAt: null, lastFailureAt: null, slowUntil: 0, lost: 0 };
      expect(await store.getEndpoint('whk_a')).toEqual({ ...made, ...health });
      expect(await store.listEndpoints()).toEqual([{ ...made, ...health }]);
      expect(await store.endpointSecrets('whk_a')).toEqual([secret]);
      expect(await store.listSecrets()).toMatchObject([{ connectionId: 'whk_a', kind: 'webhook' }]);
      expect(await store.getEndpoint('whk_b')).toBeNull();
    });

    test('changes both its secrets at once', async () => {
      await store.createEndpoint(endpoint(), secret);
      const secrets: EndpointSecret[] = [
        { ...secret, sealed: 'v1.new' },
        { ...secret, slot: 'webhook_previous', sealed: 'v1.old' },
      ];
      expect(await store.saveEndpointSecrets({ id: 'whk_a', secrets, previousUntil: at(9), at: at(3) })).toBe(true);
      expect(await store.endpointSecrets('whk_a')).toEqual(secrets);
      expect(await store.getEndpoint('whk_a')).toMatchObject({ previousSecretUntil: at(9), updatedAt: at(3) });
      expect(await store.saveEndpointSecrets({ id: 'whk_b', secrets, previousUntil: null, at: at(3) })).toBe(false);
    });

    test('goes with its secrets, lanes and deliveries', async () => {
      await store.createEndpoint(endpoint(), secret);
      await store.saveDeliveries([delivery(1)], quiet, at(1));
      expect(await store.deleteEndpoint('whk_a')).toBe(true);
      expect(await store.deleteEndpoint('whk_a')).toBe(false);
      expect(await store.getLane(KEY)).toBeNull();
      expect(await store.endpointSecrets('whk_a')).toEqual([]);
      await store.saveDeliveries([delivery(2)], quiet, at(1)); // by a process that was sending
      expect(await store.deliveries({ endpointId: 'whk_a', limit: 10 })).toEqual([]);
    });

    test('tells a person each step once, and begins anew with a success', async () => {
      await store.createEndpoint(endpoint(), secret);
      await store.commitLane(commit(await lane(), { health: { ...quiet, failedAt: at(5), slowUntil: 7000 } }));
      await store.commitLane(commit(await lane(), { health: { ...quiet, failedAt: at(6), slowUntil: 500 } }));
      expect(await store.getEndpoint('whk_a')).toMatchObject({
        failingSince: at(5),
        lastFailureAt: at(6),
        slowUntil: 7000,
      });
      expect([await store.takeTold('whk_a', 1, at(5)), await store.takeTold('whk_a', 1, at(5))]).toEqual([true, false]);
      expect(await store.takeTold('whk_a', 2, at(4))).toBe(false);
      await store.commitLane(commit(await lane(), { health: { ...quiet, succeededAt: at(7) } }));
      expect(await store.getEndpoint('whk_a')).toMatchObject({ failingSince: null, lastSuccessAt: at(7) });
    });

    test('is told once how much of the log went before it had it', async () => {
      await store.createEndpoint(endpoint(), secret);
      await store.createEndpoint(endpoint({ id: 'whk_b' }), secret);
      await store.createConnection(aConnection({ id: 'con_b', name: 'b' }), []);
      for (const connectionId of [con, 'con_b', con]) await entry(connectionId);
      const { head } = await store.logBounds();
      const theirs = (await store.getLane({ ...KEY, endpointId: 'whk_b' }))!;
      await store.commitLane(commit(theirs, { position: head }));
      expect(await store.takeLost()).toEqual([]);
      await store.dropEntries({ before: at(9), limit: 100 });
      const lost = { id: 'whk_a', url: endpoint().url, lost: 2 };
      expect([await store.takeLost(), await store.takeLost()]).toEqual([[lost], []]);
      expect(await store.getEndpoint('whk_a')).toMatchObject({ lost: 2 });
      expect(await store.getEndpoint('whk_b')).toMatchObject({ lost: 0 });
    });

    test('is switched off once, with an entry in the log; not when it succeeded meanwhile', async () => {
      await store.createEndpoint(endpoint(), secret);
      await store.commitLane(commit(await lane(), { health: { ...quiet, failedAt: at(5) } }));
      const off = (ifFailingSince: string | null) => ({ ...quiet, off: { reason: 'gone', ifFailingSince } });
      await store.commitLane(commit(await lane(), { health: off(at(4)) }));
      expect((await store.getEndpoint('whk_a'))?.state).toBe('active');
      await store.commitLane(commit(await lane(), { health: off(at(5)) }));
      await store.commitLane(commit(await lane(), { health: off(null) }));
      expect(await store.getEndpoint('whk_a')).toMatchObject({ state: 'off', stateReason: 'gone' });
      const entries = await store.logEntries({
        ...{ connectionIds: null, first: 1, last: 100, order: 'asc', limit: 10, kinds: ['endpoint.disabled'] },
      });
      expect(entries).toMatchObject([{ key: 'whk_a', connectionId: con, current: { host: 'hooks.example.com' } }]);
      expect(JSON.stringify(entries)).not.toContain('k=1');
    });
  });

  describe('a lane', () => {
    test('begins at the end of the log; that of a later connection before its first entry', async () => {
      await store.createEndpoint(endpoint(), secret);
      const { head } = await store.logBounds();
      expect(await lane()).toEqual({ ...KEY, position: head, afterEvent: null, headEvent: null, version: 0 });
      await entry();
      await store.createConnection(aConnection({ id: 'con_b', name: 'b' }), []);
      await entry('con_b');
      expect(await store.lacksLanes()).toBe(true);
      await store.addLanes();
      expect(await store.lacksLanes()).toBe(false);
      await store.addLanes();
      expect(await store.lanesOf('whk_a')).toMatchObject([
        { connectionId: '', position: head },
        { connectionId: con, position: head },
        { connectionId: 'con_b', position: head + 1 },
      ]);
    });

    test('is there for the connections that the endpoint reaches', async () => {
      await store.createConnection(aConnection({ id: 'con_b', name: 'b' }), []);
      await store.createEndpoint(endpoint({ connections: ['con_b'] }), secret);
      const connections = async () => (await store.lanesOf('whk_a')).map(({ connectionId }) => connectionId);
      expect(await connections()).toEqual(['con_b']);
      await store.saveDeliveries([delivery(1, { connectionId: 'con_b', state: 'retrying', nextAt: 5 })], quiet, at(1));
      await entry();
      await store.saveEndpoint(endpoint({ connections: [con] }));
      expect(await connections()).toEqual([con]);
      expect((await lane()).position).toBe((await store.logBounds()).head);
      expect(await store.getDelivery('whk_a', 'evt_1')).toMatchObject({ state: 'dead', nextAt: null });
      expect(await store.lacksLanes()).toBe(false);
      await store.addLanes();
      expect(await connections()).toEqual([con]);
    });

    test('is there for what belongs to no connection, where the endpoint reaches everything', async () => {
      await store.createEndpoint(endpoint(), secret);
      await store.createEndpoint(endpoint({ id: 'whk_b', connections: [con] }), secret);
      const { head } = await store.logBounds();
      await store.appendEntry({ connectionId: '', kind: 'endpoint.disabled', key: 'whk_x', at: at(1), current: {} });
      expect(await store.lanesDue(0, 10)).toEqual([{ endpointId: 'whk_a', connectionId: '', late: false }]);
      const none = { endpointId: 'whk_a', connectionId: '' };
      expect(await store.getLane(none)).toMatchObject({ position: head });
      const dead = delivery(1, { connectionId: '', state: 'dead' });
      await store.saveDeliveries([dead, { ...dead, eventId: 'evt_test', type: 'test' }], quiet, at(1));
      const again = { endpointId: 'whk_a', connectionIds: null, now: 7, dryRun: false };
      expect(await store.replayDead(again)).toBe(1);
      await store.saveEndpoint(endpoint({ connections: [con] }));
      expect(await store.getLane(none)).toBeNull();
      expect(await store.getDelivery('whk_a', 'evt_1')).toMatchObject({ state: 'dead' });
    });

    test('is written by whoever read it last, position and deliveries together or not at all', async () => {
      await store.createEndpoint(endpoint(), secret);
      const read = await lane();
      const first = commit(read, { position: 5, afterEvent: 'evt_6', headEvent: 'evt_7', deliveries: [delivery(5)] });
      expect(await store.commitLane(first)).toBe(true);
      expect(await lane()).toEqual({ ...KEY, position: 5, afterEvent: 'evt_6', headEvent: 'evt_7', version: 1 });
      expect(await store.commitLane(commit(read, { position: 9, deliveries: [delivery(9)] }))).toBe(false);
      expect(await store.getDelivery('whk_a', 'evt_9')).toBeNull();
      expect((await lane()).position).toBe(5);
    });

    test('has one winner among many who write it at once', async () => {
      await store.createEndpoint(endpoint(), secret);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 2, max: 6 }), async (writers) => {
          const read = await lane();
          const won = await Promise.all(
            Array.from({ length: writers }, (_, index) =>
              store.commitLane(commit(read, { position: read.position + index })),
            ),
          );
          expect(won.filter(Boolean)).toHaveLength(1);
          expect((await lane()).version).toBe(read.version + 1);
        }),
        { numRuns: 10 },
      );
    });

    test('is due when the log went on, unless it waits, the endpoint asked to slow down, or is not active', async () => {
      await store.createEndpoint(endpoint(), secret);
      const due = (now: number) => store.lanesDue(now, 10);
      expect(await due(0)).toEqual([]);
      await entry();
      expect(await due(0)).toEqual([{ ...KEY, late: false }]);
      await store.commitLane(commit(await lane(), { headEvent: 'evt_1', waitUntil: 500 }));
      expect([await due(499), await due(500)]).toEqual([[], [{ ...KEY, late: false }]]);
      await store.commitLane(commit(await lane(), { health: { ...quiet, failedAt: at(1), slowUntil: 900 } }));
      expect([await due(899), await due(900)]).toEqual([[], [{ ...KEY, late: false }]]);
      await store.saveEndpoint(endpoint({ state: 'paused' }));
      expect(await due(9999)).toEqual([]);
      await store.saveEndpoint(endpoint(), { forget: true });
      expect(await due(0)).toHaveLength(1);
      const { head } = await store.logBounds();
      await store.commitLane(commit(await lane(), { position: head }));
      expect(await due(9999)).toEqual([]);
      await store.saveDeliveries([delivery(1, { state: 'retrying', nextAt: 700 })], quiet, at(1));
      expect([await due(699), await due(700)]).toEqual([[], [{ ...KEY, late: true }]]);
    });

    test('is due once: not while its job waits or is done; a job that is due later does not count', async () => {
      await store.createEndpoint(endpoint(), secret);
      await entry();
      const key = `whk_a/${con}`;
      await store.putJob({ kind: 'deliver', key, dueAt: 900 });
      expect(await store.lanesDue(500, 10)).toHaveLength(1);
      await store.putJob({ kind: 'deliver', key, dueAt: 500 });
      expect(await store.lanesDue(500, 10)).toEqual([]);
      const claim = { kinds: ['deliver'], holder: 'h', now: 500, leaseMs: 1000, limit: 1 } as const;
      const [job] = await store.claimJobs(claim);
      expect(await store.lanesDue(500, 10)).toEqual([]);
      await store.finishJob(job!, null);
      expect(await store.lanesDue(500, 10)).toHaveLength(1);
    });

    test('of an endpoint with many takes no other endpoint’s place', async () => {
      for (let index = 0; index < 40; index += 1) {
        await store.createConnection(aConnection({ id: `con_${index}`, name: `n${index}` }), []);
      }
      await store.createEndpoint(endpoint(), secret);
      await store.createEndpoint(endpoint({ id: 'whk_z', connections: ['con_7'] }), secret);
      for (let index = 0; index < 40; index += 1) await entry(`con_${index}`);
      const due = await store.lanesDue(500, 20);
      expect(due.filter(({ endpointId }) => endpointId === 'whk_a')).toHaveLength(16);
      expect(due.slice(0, 2).map(({ endpointId }) => endpointId)).toEqual(['whk_a', 'whk_z']);
      for (const { endpointId, connectionId } of due) {
        await store.putJob({ kind: 'deliver', key: `${endpointId}/${connectionId}`, dueAt: 500 });
      }
      expect(await store.lanesDue(500, 20)).toEqual([]);
    });

    test('that is set back tells whoever is sending, and goes back only', async () => {
      await store.createEndpoint(endpoint(), secret);
      await store.commitLane(commit(await lane(), { position: 9, headEvent: 'evt_9', waitUntil: 500 }));
      const read = await lane();
      expect(await store.rewindLane(KEY, 9)).toBe(false);
      expect(await store.rewindLane(KEY, 4)).toBe(true);
      expect(await lane()).toMatchObject({ position: 4, headEvent: null });
      expect(await store.commitLane(commit(read, { position: 10 }))).toBe(false);
    });
  });

  describe('deliveries', () => {
    beforeEach(() => store.createEndpoint(endpoint(), secret));

    test('are listed newest first, in pages, by state and event', async () => {
      const attempts = [
        {
          ...{ at: at(1), request: { headers: { 'webhook-id': 'evt_3' }, bytes: 3, digest: '00' }, status: 500 },
          ...{ answer: 'no "ü"', durationMs: 12, error: 'The receiver answered 500.', nextAt: at(2) },
        },
      ];
      const three = delivery(3, { state: 'dead', failures: 10, attempts });
      await store.saveDeliveries([delivery(1), delivery(2), three, delivery(4, { firstAt: 3000 })], quiet, at(1));
      const ids = async (query: object) =>
        (await store.deliveries({ endpointId: 'whk_a', limit: 10, ...query })).map(({ eventId }) => eventId);
      expect(await ids({})).toEqual(['evt_4', 'evt_3', 'evt_2', 'evt_1']);
      expect(await ids({ limit: 2, before: { firstAt: 3000, eventId: 'evt_4' } })).toEqual(['evt_3', 'evt_2']);
      expect(await ids({ state: 'dead' })).toEqual(['evt_3']);
      expect(await ids({ eventId: 'evt_2' })).toEqual(['evt_2']);
      expect(await store.getDelivery('whk_a', 'evt_3')).toEqual(three);
      expect(await store.deadDeliveries(con, 3000)).toEqual([{ endpointId: 'whk_a', deliveries: 1 }]);
      expect(await store.deadDeliveries(con, 3001)).toEqual([]);
    });

    test('of an event that is sent anew keep the attempts of before', async () => {
      const made = (n: number, status: number) => ({
        ...{ at: at(n), request: { headers: {}, bytes: 3, digest: '00' }, status },
        ...{ answer: 'no', durationMs: 1, error: null, nextAt: null },
      });
      const save = (firstAt: number, ...attempts: readonly ReturnType<typeof made>[]) =>
        store.saveDeliveries([delivery(1, { firstAt, attempts })], quiet, at(1));
      const kept = async () => (await store.getDelivery('whk_a', 'evt_1'))!.attempts.map(({ status }) => status);
      await save(1000, made(1, 302));
      await save(1000, made(1, 302), made(2, 500));
      expect(await kept()).toEqual([302, 500]);
      await save(9000, made(9, 200));
      expect(await kept()).toEqual([302, 500, 200]);
      // However often it is replayed, a row does not grow without end.
      for (let n = 10; n < 80; n += 1) await save(n * 1000, { ...made(n, 200), answer: 'x'.repeat(5000) });
      expect((await kept()).length).toBeLessThan(20);
    });

    test('that are late come with the longest due first', async () => {
      const late = (n: number, nextAt: number) => delivery(n, { state: 'retrying', nextAt });
      await store.saveDeliveries([late(1, 300), late(2, 100), late(3, 900), delivery(4)], quiet, at(1));
      expect((await store.lateDeliveries(KEY, 300, 10)).map(({ seq }) => seq)).toEqual([2, 1]);
      expect(await store.nextLate(KEY)).toBe(100);
      expect(await store.nextLate({ ...KEY, connectionId: 'con_b' })).toBeNull();
    });

    test('that were given up are counted, and tried again from the beginning', async () => {
      const dead = (n: number, connectionId: string) => delivery(n, { connectionId, state: 'dead', failures: 10 });
      await store.saveDeliveries(
        [dead(1, con), dead(2, 'con_b'), { ...dead(3, ''), type: 'test' }, delivery(4)],
        quiet,
        at(1),
      );
      const replay = { endpointId: 'whk_a', connectionIds: null, now: 77 };
      expect(await store.replayDead({ ...replay, dryRun: true })).toBe(2);
      expect(await store.replayDead({ ...replay, connectionIds: [con], dryRun: false })).toBe(1);
      expect(await store.getDelivery('whk_a', 'evt_1')).toMatchObject({ state: 'retrying', failures: 0, nextAt: 77 });
      expect(await store.getDelivery('whk_a', 'evt_2')).toMatchObject({ state: 'dead' });
    });

    test('of what was erased or purged go with it', async () => {
      await entry();
      const { head } = await store.logBounds();
      await store.saveDeliveries(
        [delivery(head), delivery(head + 5), delivery(head + 6, { connectionId: 'con_b' })],
        quiet,
        at(1),
      );
      await store.erasePerson({ connectionId: con, userId: '7', mark: 'm', at: at(2) });
      const left = async () =>
        (await store.deliveries({ endpointId: 'whk_a', limit: 10 })).map(({ seq }) => seq - head);
      expect(await left()).toEqual([6, 0]);
      await store.deleteConnection(con, { purge: true, at: at(3) });
      expect(await left()).toEqual([6]);
    });

    test('are dropped by age once they are done with', async () => {
      const waiting = delivery(1, { state: 'retrying', nextAt: 1 });
      await store.saveDeliveries([waiting, delivery(2), delivery(3, { state: 'dead' }), delivery(9)], quiet, at(1));
      expect(await store.dropDeliveries({ before: 5000, limit: 1 })).toBe(1);
      expect(await store.dropDeliveries({ before: 5000, limit: 10 })).toBe(1);
      const left = await store.deliveries({ endpointId: 'whk_a', limit: 10 });
      expect(left.map(({ seq }) => seq)).toEqual([9, 1]);
    });
  });
}
