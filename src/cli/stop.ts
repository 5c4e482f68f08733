import { constants } from 'node:os';

export type Stop = {
  /** Aborted when the command shall end. */
  readonly signal: () => AbortSignal;
  /** Ends it from within: nobody reads any more what it prints. */
  readonly stop: () => void;
};

/**
 * One ^C or one stop of a service reaches this process more than once: directly and passed on by npm and by the process
 * that started it. What comes within this time is the same wish.
 */
const SAME_WISH_MS = 1000;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Stops on the first SIGINT, SIGTERM or SIGHUP of this process; a later one ends it at once, as if nobody had listened.
 * Signals count from the first look at `signal` on.
 */
export function stopOnSignals(): Stop {
  const controller = new AbortController();
  let listens = false;
  let firstAt: number | null = null;
  const onSignal = (name: NodeJS.Signals) => {
    firstAt ??= performance.now();
    controller.abort();
    if (performance.now() - firstAt < SAME_WISH_MS) return;
    for (const signal of signals) process.removeListener(signal, onSignal);
    process.kill(process.pid, name);
    // The first process of a container is not ended by a signal that it does not listen to.
    process.exit(128 + constants.signals[name]);
  };
  return {
    signal: () => {
      if (!listens) for (const signal of signals) process.on(signal, onSignal);
      listens = true;
      return controller.signal;
    },
    stop: () => controller.abort(),
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
