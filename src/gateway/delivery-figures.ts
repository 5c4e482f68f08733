import type { Delivery } from '../events/endpoint.ts';
import type { Event } from '../events/event.ts';
import type { Metrics } from '../metrics/ports.ts';

/** Counts a try to deliver: what came of it, how long the receiver took, how long after the change it was. */
export const deliveryFigures =
  (metrics: Metrics) =>
  (event: Event, { state, attempts, lastAt }: Delivery): void => {
    const last = attempts.at(-1);
    if (last === undefined) return;
    const isFailure = last.error !== null;
    metrics.delivery({
      outcome: isFailure ? (state === 'dead' ? 'dead' : 'failed') : 'delivered',
      seconds: last.durationMs / 1000,
      lagSeconds: Math.max(0, lastAt - Date.parse(event.at)) / 1000,
    });
  };
