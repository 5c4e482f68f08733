import type { ReportingClient } from '../client/client.ts';
import type { CallKind } from '../client/transport/types.ts';
import { ForeknowError } from '../errors/errors.ts';
import type { Day, Instant } from '../wire/records.ts';
import type { SyncStore } from './ports.ts';
import type { RiskRules } from './risk-notices.ts';

/** What a run works with. Clock and ids come in as parameters. */
export type SyncEnvironment = {
  readonly store: SyncStore;
  readonly client: ReportingClient;
  readonly connectionId: string;
  readonly runId: string;
  /** ms */
  readonly now: () => number;
  /** A new id that no other has: `pas_…`, `hold_…`, `run_…`. */
  readonly newId: (prefix: 'run' | 'pas' | 'hold') => string;
  readonly signal: AbortSignal | undefined;
  readonly kind: CallKind;
  readonly dropRecipientClient: boolean;
  /** People who were erased and are left out of everything that is read; absent when there are none. */
  readonly isErased?: ((userId: string) => boolean) | undefined;
  /** Which movements of risk scores are noted; absent = none. */
  readonly riskRules?: RiskRules | undefined;
  /** IANA name of the zone whose days risk scores belong to; null = UTC. */
  readonly timeZone: string | null;
};

export const instantOf = (ms: number): Instant => new Date(ms).toISOString();

/** The calendar day of a time in a zone. */
export function dayOf(ms: number, timeZone: string | null): Day {
  if (timeZone === null) return instantOf(ms).slice(0, 'YYYY-MM-DD'.length);
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(ms);
}

/** @throws ForeknowError `aborted` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ForeknowError('aborted', { detail: 'The sync was cancelled.', cause: signal.reason });
}
