/**
 * A signal that aborts on the first SIGINT, SIGTERM or SIGHUP of this process; the second ends it at once, as if nobody
 * had listened. Signals count from the first call on.
 */
export function stopOnSignals(): () => AbortSignal {
  let controller: AbortController | undefined;
  return () => {
    if (controller === undefined) {
      const stop = new AbortController();
      controller = stop;
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      const onSignal = () => {
        for (const signal of signals) process.removeListener(signal, onSignal);
        stop.abort();
      };
      for (const signal of signals) process.on(signal, onSignal);
    }
    return controller.signal;
  };
}

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Ends the process with `code` should anything still hold it after `ms`; a process that is through ends before. */
export const endWithin = (ms: number, code: number): void => void setTimeout(() => process.exit(code), ms).unref();
