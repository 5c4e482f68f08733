import { ForeknowError } from '../../errors/errors.ts';
import type { ConnectionStatus, SyncInput } from '../../gateway/types.ts';
import type { RunRecord } from '../../sync/ports.ts';
import type { CallServer } from './call-server.ts';

const POLL_MS = 400;

/**
 * Follows a run of the server until it ends.
 * @throws ForeknowError `aborted` when the caller stops watching: the run goes on in the server
 */
export async function watchRun(watch: {
  readonly call: CallServer;
  /** Address of the connection. */
  readonly path: string;
  readonly runId: string;
  readonly input: Pick<SyncInput, 'onProgress' | 'signal'>;
  readonly sleep: (ms: number) => Promise<unknown>;
}): Promise<RunRecord> {
  const { call, path, runId, input } = watch;
  for (;;) {
    if (input.signal?.aborted) throw stoppedWatching();
    const run = await call<RunRecord>('GET', `/runs/${encodeURIComponent(runId)}`);
    if (run.status !== 'queued' && run.status !== 'running') return run;
    const { running } = await call<ConnectionStatus>('GET', `${path}/status`);
    if (running?.runId === runId) input.onProgress?.(running);
    await watch.sleep(POLL_MS);
  }
}

const stoppedWatching = () =>
  new ForeknowError('aborted', {
    detail: 'Stopped watching; the sync goes on in the server.',
    hint: 'foreknow status shows how it goes.',
  });
