import type { SyncInput, SyncUseCases } from '../gateway/types.ts';
import type { RunRecord } from '../sync/ports.ts';

type Started =
  | { readonly ended: true; readonly run: RunRecord; readonly runId: string }
  | { readonly ended: false; readonly runId: string | null };

/** How long a start waits for the run's first sign of life, in ms. */
const START_MS = 1000;

/**
 * Starts a sync and lets it run on after the call. What goes wrong before the first sign of life (a paused connection, a
 * run under way) is thrown; what goes wrong later stands in the run record and goes to `onFailure`.
 * @param options.waitMs how long to wait for the end; null = only for the first sign of life
 */
export async function startSync(options: {
  readonly sync: SyncUseCases;
  readonly connectionId: string;
  readonly input: SyncInput;
  readonly waitMs: number | null;
  readonly onFailure: (error: unknown) => void;
}): Promise<Started> {
  const { sync, connectionId } = options;
  const firstSign = Promise.withResolvers<string>();
  const run = sync
    .run(connectionId, {
      ...options.input,
      trigger: 'manual',
      onProgress: (progress) => firstSign.resolve(progress.runId),
    })
    .then((record): Started => ({ ended: true, run: record, runId: record.id }));
  const stop = new AbortController();
  const late = after(options.waitMs ?? START_MS, stop.signal).then(async (): Promise<Started> => {
    return { ended: false, runId: await runningRun(sync, connectionId) };
  });
  const signs = [run, late];
  if (options.waitMs === null) signs.push(firstSign.promise.then((runId) => ({ ended: false, runId })));
  try {
    const first = await Promise.race(signs);
    if (!first.ended) run.catch(options.onFailure);
    return first;
  } finally {
    stop.abort();
  }
}

async function runningRun(sync: SyncUseCases, connectionId: string): Promise<string | null> {
  const [latest] = await sync.runs(connectionId, 1);
  return latest?.status === 'running' ? latest.id : null;
}

/** Never settles once the signal is aborted. */
const after = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
