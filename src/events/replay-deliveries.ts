import { ForeknowError } from '../errors/errors.ts';
import { newDelivery } from './deliver.ts';
import type { Delivery, Endpoint } from './endpoint.ts';
import type { Lane, WebhookStore } from './endpoint-ports.ts';
import type { Event } from './event.ts';
import { placeOf } from './from-change.ts';
import { eventsAfter } from './lane-events.ts';
import type { LogStore } from './ports.ts';
import { eventsFor, subscriptionOf } from './subscription.ts';

/** What is sent again: some events, what was given up, or everything since a time. */
export type Replay = {
  readonly what: { readonly eventIds: readonly string[] } | { readonly dead: true } | { readonly from: string };
  /** Only of these connections; null = all of the endpoint. */
  readonly connectionIds: readonly string[] | null;
  /** Counts only. */
  readonly dryRun: boolean;
};

export type Replayed = {
  readonly events: number;
  /** The count was broken off: there are more. */
  readonly atLeast: boolean;
};

type Deps = {
  readonly store: WebhookStore & Pick<LogStore, 'logEntries' | 'logBounds'>;
  /** ms */
  readonly now: () => number;
};

/** Sends events to an endpoint again, with the ids that they had: a receiver that remembers ids must forget them first. */
export async function replay(deps: Deps, endpoint: Endpoint, wanted: Replay): Promise<Replayed> {
  const { what, connectionIds, dryRun } = wanted;
  if ('eventIds' in what) return replayEvents(deps, endpoint, what.eventIds, wanted);
  if ('from' in what) return replayFrom(deps, endpoint, what.from, wanted);
  const target = { endpointId: endpoint.id, connectionIds, now: deps.now(), dryRun };
  return { events: await deps.store.replayDead(target), atLeast: false };
}

/** Beside the lanes, one by one. */
async function replayEvents(
  { store, now }: Deps,
  endpoint: Endpoint,
  eventIds: readonly string[],
  { connectionIds, dryRun }: Replay,
): Promise<Replayed> {
  const lanes = new Set((await store.lanesOf(endpoint.id)).map(({ connectionId }) => connectionId));
  const wants = subscriptionOf(endpoint);
  const again: Delivery[] = [];
  for (const id of new Set(eventIds)) {
    const event = await findEvent(store, id, endpoint);
    const isReached =
      event !== null && lanes.has(event.connectionId) && (connectionIds?.includes(event.connectionId) ?? true);
    if (!isReached || !wants(event)) throw notThere(id);
    const key = { endpointId: endpoint.id, connectionId: event.connectionId };
    const known = (await store.getDelivery(endpoint.id, id)) ?? newDelivery(key, event, now());
    again.push({ ...known, state: 'retrying', failures: 0, nextAt: now() });
  }
  if (!dryRun)
    await store.saveDeliveries(
      again,
      { succeededAt: null, failedAt: null, slowUntil: 0, off: null },
      new Date(now()).toISOString(),
    );
  return { events: again.length, atLeast: false };
}

async function findEvent(store: Deps['store'], id: string, endpoint: Endpoint): Promise<Event | null> {
  const place = placeOf(id);
  if (place === null) return null;
  const range = { connectionIds: null, first: place.seq, last: place.seq, order: 'asc', limit: 1 } as const;
  const [entry] = await store.logEntries(range);
  return (entry === undefined ? [] : eventsFor(endpoint)(entry)).find((event) => event.id === id) ?? null;
}

/** Lanes are set back, so that everything since then is sent again in its order. */
async function replayFrom(
  deps: Deps,
  endpoint: Endpoint,
  from: string,
  { connectionIds, dryRun }: Replay,
): Promise<Replayed> {
  const lanes = await deps.store.lanesOf(endpoint.id);
  const reached = lanes.filter(({ connectionId }) => connectionIds?.includes(connectionId) ?? true);
  let events = 0;
  for (const lane of reached) {
    const position = await positionBefore(deps.store, lane, from);
    if (position === null) continue;
    events += await countSent(deps.store, endpoint, lane, position, MOST_COUNTED - events);
    if (!dryRun) await deps.store.rewindLane(lane, position);
  }
  return { events, atLeast: events >= MOST_COUNTED };
}

const MOST_COUNTED = 100_000;
const PAGE = 1000;

/** Where a lane stands that has handled nothing since a time; null when it has handled nothing since then anyway. */
async function positionBefore(
  store: Deps['store'],
  { connectionId, position }: Lane,
  from: string,
): Promise<number | null> {
  const range = { connectionIds: [connectionId], first: 1, last: position, order: 'asc', limit: 1 } as const;
  const [first] = await store.logEntries({ ...range, from });
  return first === undefined ? null : first.seq - 1;
}

/** How many events the endpoint gets between a place and where the lane is. */
async function countSent(
  store: Deps['store'],
  endpoint: Endpoint,
  lane: Lane,
  position: number,
  most: number,
): Promise<number> {
  const wants = subscriptionOf(endpoint);
  let count = 0;
  for (let after = position; after < lane.position && count < most; ) {
    const page = await eventsAfter(store, lane.connectionId, after, PAGE, eventsFor(endpoint));
    count += page.events.filter((event) => event.seq <= lane.position && wants(event)).length;
    after = page.more ? page.through : lane.position;
  }
  return Math.min(count, most);
}

const notThere = (id: string): ForeknowError =>
  new ForeknowError('not_found', {
    detail: `The log holds no event ${JSON.stringify(id.slice(0, 60))} that this endpoint gets.`,
    field: 'event_ids',
  });
