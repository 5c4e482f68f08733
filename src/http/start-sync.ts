import type { SyncInput, SyncUseCases } from '../gateway/types.ts';
import type { Sleep } from '../lib/sleep.ts';
import type { RunRecord } from '../sync/ports.ts';

const LOOK_MS = 150;

/** Whether the run is still to be done, or under way. */
export const isUnderWay = ({ status }: RunRecord): boolean => status === 'queued' || status === 'running';

/**
 * Asks for a sync, and waits for its end at most `waitMs`.
 * @param options.signal ends the waiting; the sync goes on
 * @returns the run as it was seen last
 */
export async function startSync(options: {
  readonly sync: Pick<SyncUseCases, 'start' | 'getRun'>;
  readonly connectionId: string;
  readonly input: Pick<SyncInput, 'level' | 'streams'>;
  readonly waitMs: number;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
}): Promise<RunRecord> {
  const { sync, sleep, signal } = options;
  let run = await sync.start(options.connectionId, { ...options.input, trigger: 'manual' });
  for (let waitedMs = 0; waitedMs < options.waitMs && isUnderWay(run) && !signal.aborted; waitedMs += LOOK_MS) {
    await sleep(LOOK_MS, signal).catch(() => undefined);
    run = await sync.getRun(run.id);
  }
  return run;
}
