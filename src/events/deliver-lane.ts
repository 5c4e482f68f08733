import { type DeliverDeps, joinHealth, newDelivery, noHealth, openTarget, type Target, tryOnce } from './deliver.ts';
import type { Delivery } from './endpoint.ts';
import type { HealthNote, Lane, LaneKey } from './endpoint-ports.ts';
import type { Event } from './event.ts';
import { eventsAfter } from './lane-events.ts';
import { graceAfter } from './stop-signal.ts';
import { eventsFor, subscriptionOf } from './subscription.ts';

/** Deliveries that are written together, and for how long the first of them waits for more. */
const BATCH = 20;
const BATCH_MS = 100;
const PAGE = 200;
/** After this others have their turn. */
const TURN_MS = 5000;

/**
 * Sends the events of one connection to one endpoint in their order, one at a time, until the end of the log, a failure, or the
 * end of its turn. An event that fails keeps the lane waiting; with its third failure it is tried by itself and later ones
 * pass. Position and deliveries are written together: what was sent and not written is sent again.
 * @returns when the lane has something to do again, ms; null = when there are new events
 * @throws the signal's reason when it was aborted
 */
export async function deliverLane(deps: DeliverDeps, key: LaneKey, signal: AbortSignal): Promise<number | null> {
  const target = await openTarget(deps, key.endpointId);
  if (target === null || typeof target === 'number') return target;
  const lane = await deps.store.getLane(key);
  if (lane === null) return null;
  const head = lane.headEvent === null ? null : await deps.store.getDelivery(key.endpointId, lane.headEvent);
  const until = deps.now() + TURN_MS;
  const { signal: attempts, dispose } = graceAfter(signal);
  const writer = createWriter(deps, lane, head);
  try {
    for (;;) {
      const page = await eventsAfter(deps.store, key.connectionId, writer.position(), PAGE, eventsFor(target.endpoint));
      const stopped = await sendPage(deps, target, writer, page.events, { until, signal, attempts });
      if (stopped !== null) return stopped.next;
      writer.skipTo(page.through);
      if (!page.more) {
        await writer.flush();
        return null;
      }
    }
  } catch (error) {
    if (error instanceof LaneTaken) return null;
    if (signal.aborted) await writer.flush().catch(() => undefined); // what is not written is sent again
    throw error;
  } finally {
    dispose();
  }
}

type Turn = { readonly until: number; readonly signal: AbortSignal; readonly attempts: AbortSignal };

/** @returns why it stopped before the end of the page; null when it did not */
async function sendPage(
  deps: DeliverDeps,
  target: Target,
  writer: Writer,
  events: readonly Event[],
  { until, signal, attempts }: Turn,
): Promise<{ readonly next: number | null } | null> {
  const wants = subscriptionOf(target.endpoint);
  for (const [index, event] of events.entries()) {
    const endsChange = events[index + 1]?.seq !== event.seq;
    if (writer.isHandled(event)) continue;
    if (signal.aborted) throw signal.reason;
    if (!wants(event)) {
      writer.pass(event, endsChange);
      continue;
    }
    const before = writer.knownOf(event) ?? newDelivery(writer.key, event, deps.now());
    const waitUntil = Math.max(
      before.failures > 0 ? (before.nextAt ?? 0) : 0,
      deps.slow.get(writer.key.endpointId) ?? 0,
    );
    if (waitUntil > deps.now()) {
      await writer.waitFor(before.failures > 0 ? before : null, waitUntil);
      return { next: waitUntil };
    }
    const { delivery, health } = await tryOnce(deps, target, before, event, attempts);
    if (delivery.state === 'waiting') {
      await writer.hold(delivery, health);
      return { next: health.off === null ? Math.max(delivery.nextAt ?? 0, health.slowUntil) : null };
    }
    await writer.note(delivery, health, event, endsChange);
    if (health.off !== null) return { next: null };
    if (deps.now() >= until) {
      await writer.flush();
      return { next: deps.now() };
    }
  }
  return null;
}

/** Somebody else wrote the lane: a replay, a change of the endpoint, or the process that took the lease over. */
class LaneTaken extends Error {}

type Writer = ReturnType<typeof createWriter>;

/** Keeps what was sent and not written yet, and writes it in batches, one after another, while the next ones are sent. */
function createWriter(deps: DeliverDeps, initial: Lane, initialHead: Delivery | null) {
  let lane = initial;
  let head = initialHead;
  let { position, afterEvent } = initial;
  let pending: Delivery[] = [];
  let health: HealthNote = noHealth;
  let since = 0;
  let writing: Promise<void> = Promise.resolve();

  const write = async (waitUntil: number | null): Promise<void> => {
    const commit = {
      ...{ lane, position, afterEvent, headEvent: head?.eventId ?? null, waitUntil },
      ...{ deliveries: pending, health, at: new Date(deps.now()).toISOString() },
    };
    pending = [];
    health = noHealth;
    if (!(await deps.store.commitLane(commit))) throw new LaneTaken();
    const { position: done, afterEvent: part, headEvent } = commit;
    lane = { ...lane, position: done, afterEvent: part, headEvent, version: lane.version + 1 };
  };

  const isWritten = (): boolean =>
    pending.length === 0 &&
    position === lane.position &&
    afterEvent === lane.afterEvent &&
    (head?.eventId ?? null) === lane.headEvent;

  const flush = async (waitUntil: number | null = null): Promise<void> => {
    await writing;
    if (isWritten() && waitUntil === null) return;
    await write(waitUntil);
  };

  const add = (delivery: Delivery, note: HealthNote): void => {
    if (pending.length === 0) since = deps.now();
    pending.push(delivery);
    health = joinHealth(health, note);
  };

  const pass = (event: Event, endsChange: boolean): void => {
    if (head !== null && head.eventId <= event.id) dropHead(event.id);
    position = endsChange ? event.seq : position;
    afterEvent = endsChange ? null : event.id;
  };

  /** What held the lane up is behind it: sent, or not wanted any more. */
  const dropHead = (passed: string): void => {
    const isSent = head!.eventId === passed && pending.some(({ eventId }) => eventId === passed);
    if (!isSent) pending.push({ ...head!, state: 'dead', nextAt: null });
    head = null;
  };

  return {
    key: { endpointId: initial.endpointId, connectionId: initial.connectionId },
    position: () => position,
    isHandled: (event: Event): boolean => afterEvent !== null && event.id <= afterEvent,
    knownOf: (event: Event): Delivery | null => (head?.eventId === event.id ? head : null),
    /** Leaves an event out. */
    pass,
    /** Everything up to a number of the log is handled. */
    skipTo: (seq: number): void => {
      position = seq;
      afterEvent = null;
    },
    flush,
    /** The lane goes on; what was sent is written with others. */
    note: async (delivery: Delivery, note: HealthNote, event: Event, endsChange: boolean): Promise<void> => {
      add(delivery, note);
      pass(event, endsChange);
      if (pending.length < BATCH && deps.now() - since < BATCH_MS) return;
      await writing;
      writing = write(null);
      writing.catch(() => undefined); // told by whoever waits for it
    },
    /** The event failed and the lane waits for it. */
    hold: async (delivery: Delivery, note: HealthNote): Promise<void> => {
      add(delivery, note);
      head = delivery;
      await writing;
      await write(delivery.nextAt);
    },
    waitFor: async (delivery: Delivery | null, waitUntil: number): Promise<void> => {
      head = delivery;
      await flush(waitUntil);
    },
  };
}
