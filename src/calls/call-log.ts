import type { Call } from './call.ts';
import type { CallQuery, CallStore } from './ports.ts';

type Deps = {
  readonly store: Pick<CallStore, 'saveCalls' | 'calls' | 'dropCalls' | 'dropAnswers'>;
  /** ms */
  readonly now: () => number;
  readonly newId: () => string;
  /** Told once when calls cannot be written, and again after it went well in between. */
  readonly onFailure: () => void;
};

export type CallLogOptions = {
  /** Days that calls are kept. Default 30. */
  readonly keepDays?: number;
  /** Most calls that are kept; the oldest go. Default 500,000. */
  readonly keepCalls?: number;
};

/** The calls of the last weeks. */
export type CallLog = {
  /** Remembers a call; it is written with others in a moment, and nobody waits for it. */
  note(call: Omit<Call, 'id'>): void;
  /** Newest first; calls of the last second may not be there yet. */
  list(query: CallQuery): Promise<readonly Call[]>;
  /** Drops what is too old or too many. */
  drop(signal: AbortSignal): Promise<void>;
  /** Writes what waits. */
  flush(): Promise<void>;
};

const WRITE_AFTER_MS = 500;
/** Beyond this, writing is behind: the calls that come meanwhile are left out. */
const MOST_WAITING = 20_000;
const DROPPED_AT_ONCE = 5000;
const DAY_MS = 86_400_000;

export function createCallLog(deps: Deps, { keepDays = 30, keepCalls = 500_000 }: CallLogOptions = {}): CallLog {
  const { store, now, newId, onFailure } = deps;
  let waiting: Call[] = [];
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  let isFailing = false;

  const write = async (): Promise<void> => {
    const calls = waiting;
    waiting = [];
    if (calls.length === 0) return;
    try {
      await store.saveCalls(calls);
      isFailing = false;
    } catch {
      if (!isFailing) onFailure();
      isFailing = true;
    }
  };

  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(write);
    return writing;
  };

  return {
    note(call) {
      if (waiting.length >= MOST_WAITING) return;
      waiting.push({ ...call, id: newId() });
      timer ??= setTimeout(() => void flush(), WRITE_AFTER_MS).unref();
    },
    list: (query) => store.calls(query),
    async drop(signal) {
      const before = now() - keepDays * DAY_MS;
      for (let dropped = DROPPED_AT_ONCE; dropped === DROPPED_AT_ONCE && !signal.aborted; ) {
        dropped = await store.dropCalls({ before, keep: keepCalls, limit: DROPPED_AT_ONCE });
      }
    },
    flush,
  };
}
