import { isForeknowError } from '../errors/errors.ts';
import type { Actor, ActWrites, AuditEntry, AuditStore, Told } from './ports.ts';
import { createThrottle } from './throttle.ts';

/** What is known of an act; what it was done to may only be known once it is done. */
export type Act = Pick<AuditEntry, 'action'> & Partial<Pick<AuditEntry, 'target' | 'connectionId' | 'details'>>;

export type ActOptions<T> = {
  /** The writes that make the act: the first of them takes its entry along in its own transaction. */
  readonly writes?: ActWrites;
  /** More of an act that no write tells of, by its result. */
  readonly told?: (result: T) => Omit<Told, 'results'>;
  /** For what takes several steps or reaches beyond the store: that it was begun is written before it begins. */
  readonly isAnnounced?: boolean;
};

export type AuditRoom = {
  /**
   * Does something and writes down who did it, and how it ended: with the change itself, in one transaction, where the act
   * names its writes; else before the caller hears of it. Refusals that repeat themselves are counted.
   */
  act<T>(actor: Actor, act: Act, work: () => Promise<T>, options?: ActOptions<T>): Promise<T>;
  /** Writes down what a door refused before anything was begun; nothing for an error that `act` has seen. */
  refusedAtDoor(actor: Actor, details: AuditEntry['details'], error: unknown): Promise<void>;
  /** Counts a request without a valid token; the counts are written once a minute. */
  failedLogin(network: string): void;
  entries: AuditStore['auditEntries'];
  /** Writes what was counted. */
  flush(): Promise<void>;
};

const WINDOW_MS = 60_000;

/** The use cases of the room. */
export function auditRoom(deps: {
  readonly store: AuditStore;
  readonly now: () => Date;
  /** Told when a summary could not be written. */
  readonly onFailure?: (error: unknown) => void;
}): AuditRoom {
  const { store, now } = deps;
  const throttle = createThrottle({ store, now, windowMs: WINDOW_MS, onFailure: deps.onFailure ?? (() => undefined) });
  const seen = new WeakSet<object>();
  const entryOf = (actor: Actor, act: Act, end: Pick<AuditEntry, 'outcome' | 'error'>): AuditEntry => ({
    at: now().toISOString(),
    actor,
    action: act.action,
    target: act.target ?? null,
    connectionId: act.connectionId ?? null,
    ...end,
    details: act.details ?? {},
  });
  const refused = async (actor: Actor, act: Act, error: unknown): Promise<void> => {
    if (typeof error === 'object' && error !== null) seen.add(error);
    await throttle.refused(entryOf(actor, act, endOf(error)));
  };

  return {
    async act<T>(
      actor: Actor,
      act: Act,
      work: () => Promise<T>,
      { writes = {}, told, isAnnounced = false }: ActOptions<T> = {},
    ) {
      const entry = (more: Partial<Act>, outcome: 'begun' | 'done' = 'done'): AuditEntry =>
        entryOf(actor, { ...act, ...more, details: { ...act.details, ...more.details } }, { outcome, error: null });
      if (isAnnounced) await store.appendAudit(entry({}, 'begun'));
      let done: { readonly result: T; readonly isWritten: boolean };
      try {
        done = await store.noting({ writes, entry }, work);
      } catch (error) {
        // What went wrong first is what the caller must hear of.
        await refused(actor, act, error).catch(deps.onFailure);
        throw error;
      }
      if (!done.isWritten) await store.appendAudit(entry(told?.(done.result) ?? {}));
      return done.result;
    },
    async refusedAtDoor(actor, details, error) {
      if (typeof error === 'object' && error !== null && seen.has(error)) return;
      await refused(actor, { action: 'request.refused', details }, error);
    },
    failedLogin: throttle.failedLogin,
    entries: (query) => store.auditEntries(query),
    flush: throttle.flush,
  };
}

/** `refused`: we said no, or the input could not be used. `failed`: it went wrong. */
function endOf(error: unknown): Pick<AuditEntry, 'outcome' | 'error'> {
  if (!isForeknowError(error)) return { outcome: 'failed', error: 'internal' };
  return { outcome: error.status < 500 ? 'refused' : 'failed', error: error.code };
}
