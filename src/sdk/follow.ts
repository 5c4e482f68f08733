import { backoffMs } from '../lib/backoff.ts';
import { sleep as realSleep, type Sleep } from '../lib/sleep.ts';
import { isApiError } from './api-error.ts';

/** What a log had after a position. Keep `position` once `rows` are dealt with: following goes on from there. */
export type Portion<Row> = { readonly rows: readonly Row[]; readonly position: string };

export type FollowOptions = {
  /** Where to go on: the `position` that was kept. Without it, from the beginning of the log. */
  readonly after?: string | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal;
};

type Asked<Row> = Portion<Row> & { readonly hasMore: boolean };

const LONGEST_BACKOFF_MS = 60_000;

/**
 * Reads a log for ever, portion by portion, in order: ends when the signal fires, and outlives a gateway that is away. Whoever keeps the
 * position after dealing with a portion gets every row at least once, after a restart too.
 * @param pauseMs between two questions at the end of the log
 * @throws ApiError what waiting does not mend: a token without the right, `cursor_expired` when the position is older than the log
 */
export async function* follow<Row>(
  ask: (after: string | undefined, signal: AbortSignal | undefined) => Promise<Asked<Row>>,
  { after, signal }: FollowOptions,
  { pauseMs, sleep = realSleep }: { readonly pauseMs: number; readonly sleep?: Sleep | undefined },
): AsyncGenerator<Portion<Row>> {
  const pause = (ms: number) => sleep(ms, signal).catch(() => undefined);
  let failures = 0;
  let at = after;
  while (signal?.aborted !== true) {
    let asked: Asked<Row>;
    try {
      asked = await ask(at, signal);
      failures = 0;
    } catch (error) {
      if (signal?.aborted) return;
      if (!isApiError(error) || error.retry === 'never') throw error;
      failures += 1;
      await pause(error.retryAfterMs ?? backoffMs(failures, 1000, LONGEST_BACKOFF_MS, Math.random()));
      continue;
    }
    const { rows, position, hasMore } = asked;
    at = position;
    if (rows.length > 0) yield { rows, position };
    if (!hasMore) await pause(pauseMs);
  }
}
