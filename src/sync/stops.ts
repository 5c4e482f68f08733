import type { ErrorCode } from '../errors/catalog.ts';
import { type ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { RunStatus, StoredError } from './ports.ts';

/** Errors that are about the account or the machine, not about one list: no other stream would fare better. */
const ends: Partial<Record<ErrorCode, Extract<RunStatus, 'failed' | 'parked' | 'interrupted'>>> = {
  connection_unauthorized: 'failed',
  wrong_region: 'failed',
  wrong_product: 'failed',
  connection_paused: 'failed',
  quota_exhausted: 'parked',
  remote_rate_limited: 'parked',
  remote_maintenance: 'parked',
  aborted: 'interrupted',
  conflict: 'failed',
  store_failed: 'failed',
};

/** Waits for what says itself when to go on; for the rest this long. */
const DEFAULT_PARK_MS = 15 * 60 * 1000;

export const stopsRun = (error: ForeknowError): boolean => ends[error.code] !== undefined;

/** How a run ends that met `error`, or null when its other streams may go on. */
export function endOfRun(error: unknown): Extract<RunStatus, 'failed' | 'parked' | 'interrupted'> | null {
  if (!isForeknowError(error)) return 'failed';
  return ends[error.code] ?? null;
}

/** How long a parked run waits, in ms. */
export const parkMs = (error: unknown): number =>
  (isForeknowError(error) ? error.retryAfterMs : undefined) ?? DEFAULT_PARK_MS;

export function storedError(error: unknown): StoredError {
  if (isForeknowError(error)) return { code: error.code, detail: error.detail, hint: error.hint ?? null };
  return { code: 'internal', detail: 'Something broke on our side while the stream was read.', hint: null };
}
