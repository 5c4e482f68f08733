import { ForeknowError } from '../../errors/errors.ts';
import type { ConnectionStatus, SyncInput } from '../../gateway/types.ts';
import type { RunRecord } from '../../sync/ports.ts';
import type { CallServer } from './call-server.ts';

const POLL_MS = 400;
/** Looks without any run to be seen before it counts as not started: a minute. */
const PATIENCE = 150;

/**
 * Follows a run of the server until it ends.
 * @param watch.runId null while the run waits for its first request
 * @throws ForeknowError `aborted` when the caller stops watching: the run goes on in the server
 */
export async function watchRun(watch: {
  readonly call: CallServer;
  /** Address of the connection. */
  readonly path: string;
  readonly runId: string | null;
  /** The connection's newest run before this one. */
  readonly before: string | null;
  readonly input: Pick<SyncInput, 'onProgress' | 'signal'>;
  readonly sleep: (ms: number) => Promise<unknown>;
}): Promise<RunRecord> {
  const { call, path, input } = watch;
  let { runId } = watch;
  for (let looks = 0; runId !== null || looks < PATIENCE; looks += 1) {
    if (input.signal?.aborted) throw stoppedWatching();
    const { running, lastRun } = await call<ConnectionStatus>('GET', `${path}/status`);
    if (running) input.onProgress?.(running);
    runId ??= running?.runId ?? (lastRun?.id === watch.before ? null : (lastRun?.id ?? null));
    if (runId !== null && running?.runId !== runId) {
      const run = await call<RunRecord>('GET', `/runs/${encodeURIComponent(runId)}`);
      if (run.status !== 'running') return run;
    }
    await watch.sleep(POLL_MS);
  }
  throw new ForeknowError('unavailable', {
    detail: 'The server took the sync and shows no run of it.',
    hint: 'Its log tells why; foreknow status shows how the connection stands.',
  });
}

const stoppedWatching = () =>
  new ForeknowError('aborted', {
    detail: 'Stopped watching; the sync goes on in the server.',
    hint: 'foreknow status shows how it goes.',
  });
