import type { ConnectionView } from '../connections/connection.ts';
import { ForeknowError } from '../errors/errors.ts';
import { WorkEnded } from '../jobs/work.ts';
import type { Sleep } from '../lib/sleep.ts';
import type { RunProgress, SyncStore } from '../sync/ports.ts';

export type HoldingDeps = {
  readonly store: SyncStore;
  readonly now: () => Date;
  readonly sleep: Sleep;
  readonly newId: (prefix: string) => string;
  /** How long a process that died keeps a connection from the others. */
  readonly leaseMs: number;
};

const PULSE_MS = 1000;
const LOOK_MS = 100;
/** Longer than a page takes that a run may be at, and than most leases; under the time after which callers give up. */
const PATIENCE_MS = 20_000;

const nothing = () => null;

export const later = ({ now }: Pick<HoldingDeps, 'now'>, ms: number): string =>
  new Date(now().getTime() + ms).toISOString();

/**
 * Keeps a run's lease, tells how far it is, and ends it when somebody asks it to or another process has taken its connection.
 * @param pulse.progress the newest; null = none yet
 * @returns to be called when the run has ended
 */
export function keepPulse(
  deps: HoldingDeps,
  pulse: { readonly runId: string; readonly cancel: AbortController; readonly progress: () => RunProgress | null },
): () => Promise<void> {
  const ended = new AbortController();
  /** Ends the wait for an answer of the store. */
  let asking = new AbortController();
  let leaseUntil = deps.now().getTime() + deps.leaseMs;

  const beat = async (): Promise<void> => {
    const until = deps.now().getTime() + deps.leaseMs;
    asking = new AbortController();
    const lapsed = deps.sleep(Math.max(0, leaseUntil - deps.now().getTime()), asking.signal).then(nothing, nothing);
    const asked = deps.store
      .pulseRun({ runId: pulse.runId, leaseUntil: new Date(until).toISOString(), progress: pulse.progress() })
      .catch(nothing);
    const told = await Promise.race([asked, lapsed]);
    asking.abort();
    if (told === 'held') leaseUntil = until;
    else if (told === 'stop') pulse.cancel.abort(new Error('stopped'));
    // A run that has ended meanwhile holds nothing either. While the store fails, or does not answer, the lease goes on until its end.
    else if (told === 'lost' || deps.now().getTime() >= leaseUntil) pulse.cancel.abort(new WorkEnded('lease lost'));
  };

  const loop = async (): Promise<void> => {
    for (;;) {
      await deps.sleep(Math.min(PULSE_MS, deps.leaseMs / 3), ended.signal).catch(() => undefined);
      if (ended.signal.aborted) return;
      await beat();
    }
  };
  const running = loop();
  return async () => {
    ended.abort();
    asking.abort();
    await running;
  };
}

/** Asks the run that holds the connection, wherever it is, to end, and waits for that, but not for ever. */
export async function stopElsewhere(deps: HoldingDeps, connectionId: string): Promise<void> {
  const isOver = async () => !(await deps.store.askStop(connectionId, deps.now().toISOString()));
  await until(deps, isOver);
}

/**
 * Does `work` while nobody reads the connection, in any process: a run that is under way is asked to end first, and none
 * begins.
 * @throws ForeknowError `conflict` when the run does not end
 */
export async function alone<T>(deps: HoldingDeps, connection: ConnectionView, work: () => Promise<T>): Promise<T> {
  const { store } = deps;
  const holdId = deps.newId('chg');
  const take = async (): Promise<boolean> => {
    const at = deps.now().toISOString();
    const hold = { connectionId: connection.id, holdId, at, leaseUntil: later(deps, deps.leaseMs) };
    if (await store.holdConnection(hold)) return true;
    await store.askStop(connection.id, at);
    return false;
  };
  if (!(await until(deps, take))) throw beingRead(connection);
  const over = new AbortController();
  const kept = keepHold(deps, holdId, over.signal);
  try {
    return await work();
  } finally {
    over.abort();
    await kept;
    await store.releaseConnection(holdId);
  }
}

async function keepHold(deps: HoldingDeps, holdId: string, over: AbortSignal): Promise<void> {
  for (;;) {
    await deps.sleep(deps.leaseMs / 3, over).catch(() => undefined);
    if (over.aborted) return;
    await deps.store.renewRun(holdId, later(deps, deps.leaseMs)).catch(() => undefined);
  }
}

async function until({ sleep }: HoldingDeps, isSo: () => Promise<boolean>): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_MS) {
    if (await isSo()) return true;
    await sleep(LOOK_MS);
  }
  return false;
}

const beingRead = ({ name }: ConnectionView) =>
  new ForeknowError('conflict', {
    detail: `A sync of ${name} does not end, or another change of it is under way.`,
    hint: 'If a server was killed, its sync is given up half a minute later. Try again in a moment.',
  });
