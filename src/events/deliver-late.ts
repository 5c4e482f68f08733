import { type DeliverDeps, joinHealth, noHealth, openTarget, type Target, type Tried, tryOnce } from './deliver.ts';
import type { Delivery } from './endpoint.ts';
import type { HealthNote, LaneKey } from './endpoint-ports.ts';
import { eventAt } from './lane-events.ts';
import { graceAfter } from './stop-signal.ts';
import { eventsFor } from './subscription.ts';

/** Tried before the next look; they are written together. */
const PAGE = 20;

/**
 * Sends what failed too often to hold its lane up, or is replayed: one at a time, beside the lane, the longest due first.
 * @returns when something is due again, ms; null = nothing is left
 * @throws the signal's reason when it was aborted
 */
export async function deliverLate(deps: DeliverDeps, key: LaneKey, signal: AbortSignal): Promise<number | null> {
  const target = await openTarget(deps, key.endpointId);
  if (target === null || typeof target === 'number') return target;
  const { signal: attempts, dispose } = graceAfter(signal);
  const tried: Delivery[] = [];
  let health: HealthNote = noHealth;
  try {
    for (const delivery of await deps.store.lateDeliveries(key, deps.now(), PAGE)) {
      if (signal.aborted) break;
      const result = await tryLate(deps, { target, delivery }, attempts);
      tried.push(result.delivery);
      health = joinHealth(health, result.health);
      if (health.off !== null || result.health.slowUntil > 0) break;
    }
  } finally {
    dispose();
    await deps.store.saveDeliveries(tried, health, new Date(deps.now()).toISOString());
  }
  if (signal.aborted) throw signal.reason;
  if (health.off !== null) return null;
  const next = await deps.store.nextLate(key);
  return next === null ? null : Math.max(next, health.slowUntil);
}

async function tryLate(
  deps: DeliverDeps,
  { target, delivery }: { readonly target: Target; readonly delivery: Delivery },
  signal: AbortSignal,
): Promise<Tried> {
  const event = await eventAt(deps.store, delivery, eventsFor(target.endpoint));
  if (event !== null) return tryOnce(deps, target, delivery, event, signal);
  // Erased with the person, or older than the log goes back.
  return { delivery: { ...delivery, state: 'dead', nextAt: null }, health: noHealth };
}
