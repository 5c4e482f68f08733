import { type AttemptDeps, attempt, type Outcome } from './attempt.ts';
import { ATTEMPTS_KEPT, type Attempt, type Delivery, type DeliveryState, type StoredEndpoint } from './endpoint.ts';
import type { EndpointSecret, HealthNote, LaneKey, WebhookStore } from './endpoint-ports.ts';
import type { Event } from './event.ts';
import { messageOf } from './message.ts';
import type { LogStore } from './ports.ts';
import { FAILURES_IN_ORDER, slowFor, stepsTold, tellAfterMs, waitAfter } from './retry.ts';
import { createSigner, type Signer } from './sign.ts';

export type DeliverDeps = AttemptDeps & {
  readonly store: WebhookStore & Pick<LogStore, 'logEntries' | 'logBounds'>;
  readonly openSecret: (endpointId: string, secret: EndpointSecret) => string;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Endpoints that asked to slow down, until when (ms): what this process knows before the store does. */
  readonly slow: Map<string, number>;
  /** Told each try with what came of it. */
  readonly onTried?: (event: Event, delivery: Delivery) => void;
};

/** An endpoint that may be sent to now. */
export type Target = { readonly endpoint: StoredEndpoint; readonly url: string; readonly sign: Signer };

/** @returns null when nothing may be sent; the time (ms) at which it may while the receiver asks to wait */
export async function openTarget(deps: DeliverDeps, endpointId: string): Promise<Target | number | null> {
  const endpoint = await deps.store.getEndpoint(endpointId);
  if (endpoint === null || endpoint.state !== 'active') return null;
  const until = Math.max(endpoint.slowUntil, deps.slow.get(endpointId) ?? 0);
  if (until > deps.now()) return until;
  return { endpoint, url: endpoint.url, sign: await signerOf(deps, endpoint) };
}

/** Signs with the present secret, and with the one before as long as its time lasts. */
export async function signerOf(
  { store, openSecret, now }: Pick<DeliverDeps, 'store' | 'openSecret' | 'now'>,
  { id, previousSecretUntil }: StoredEndpoint,
): Promise<Signer> {
  const secrets = await store.endpointSecrets(id);
  const overlaps = previousSecretUntil !== null && Date.parse(previousSecretUntil) > now();
  const used = secrets
    .filter(({ slot }) => slot === 'webhook' || overlaps)
    .toSorted((a) => (a.slot === 'webhook' ? -1 : 1));
  return createSigner(used.map((secret) => openSecret(id, secret)));
}

/** A delivery that was not tried yet. */
export const newDelivery = (
  { endpointId, connectionId }: LaneKey,
  { id, seq, type, as }: Event,
  now: number,
): Delivery => ({
  ...{ endpointId, eventId: id, connectionId, seq, type: as ?? type },
  ...{ state: 'waiting', failures: 0, firstAt: now, lastAt: now, nextAt: now, attempts: [] },
});

/** One more try of a delivery, and what it says about the endpoint. */
export type Tried = { readonly delivery: Delivery; readonly health: HealthNote };

export async function tryOnce(
  deps: DeliverDeps,
  { endpoint, url, sign }: Target,
  before: Delivery,
  event: Event,
  signal: AbortSignal,
): Promise<Tried> {
  const outcome = await attempt(deps, { url, sign }, event.id, messageOf(event, endpoint), signal);
  const delivery = afterOutcome(before, outcome, deps.now(), deps.random());
  const health = healthOf(outcome, endpoint, deps.now());
  if (health.slowUntil > 0) deps.slow.set(endpoint.id, health.slowUntil);
  deps.onTried?.(event, delivery);
  return { delivery, health };
}

/**
 * What an attempt makes of a delivery. A receiver that is gone does not speak against the event: it stays what it was, due at
 * once when the endpoint is on again.
 */
export function afterOutcome(before: Delivery, outcome: Outcome, now: number, random: number): Delivery {
  const { attempt: made, isDelivered, isGone, askedMs } = outcome;
  const failures = before.failures + (isDelivered || isGone ? 0 : 1);
  const wait = isGone ? 0 : isDelivered ? null : waitAfter(failures, askedMs, random);
  const nextAt = wait === null ? null : now + wait;
  const noted: Attempt = { ...made, nextAt: nextAt === null ? null : new Date(nextAt).toISOString() };
  return {
    ...before,
    state: isGone ? before.state : stateAfter(before, isDelivered, failures, nextAt),
    failures,
    lastAt: now,
    nextAt,
    attempts: [...before.attempts, noted].slice(-ATTEMPTS_KEPT),
  };
}

function stateAfter(before: Delivery, isDelivered: boolean, failures: number, nextAt: number | null): DeliveryState {
  if (isDelivered) return 'delivered';
  if (nextAt === null) return 'dead';
  return failures < FAILURES_IN_ORDER ? before.state : 'retrying';
}

const LAST_STEP = tellAfterMs.length;

function healthOf(
  { isDelivered, isGone, attempt: made, askedMs }: Outcome,
  endpoint: StoredEndpoint,
  now: number,
): HealthNote {
  if (isDelivered) return { succeededAt: made.at, failedAt: null, slowUntil: 0, off: null };
  const slowMs = slowFor(made.status, askedMs);
  const { failingSince } = endpoint;
  const isHopeless = failingSince !== null && stepsTold(now - Date.parse(failingSince)) === LAST_STEP;
  const off = isGone
    ? { reason: 'The receiver answered 410: it wants nothing any more.', ifFailingSince: null }
    : isHopeless
      ? { reason: 'Every delivery has failed for five days.', ifFailingSince: failingSince }
      : null;
  return { succeededAt: null, failedAt: made.at, slowUntil: slowMs === 0 ? 0 : now + slowMs, off };
}

/** What several tries say together: the last one of each kind counts. */
export const joinHealth = (a: HealthNote, b: HealthNote): HealthNote => ({
  succeededAt: b.succeededAt ?? a.succeededAt,
  failedAt: b.succeededAt === null ? (b.failedAt ?? a.failedAt) : b.failedAt,
  slowUntil: Math.max(a.slowUntil, b.slowUntil),
  off: b.off ?? a.off,
});

export const noHealth: HealthNote = { succeededAt: null, failedAt: null, slowUntil: 0, off: null };
