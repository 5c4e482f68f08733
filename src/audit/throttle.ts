import type { AuditEntry, AuditStore } from './ports.ts';

type Refused = { readonly entry: AuditEntry; repeated: number };

/** Different refusals written in one window; those beyond are counted together. */
const KINDS_A_WINDOW = 100;
/** Networks remembered in one window. */
const NETWORKS_A_WINDOW = 1000;
const NETWORKS_SHOWN = 10;

export type Throttle = {
  /** Writes the first refusal of a kind in a window, and counts the others. */
  refused(entry: AuditEntry): Promise<void>;
  /** Counts a request without a valid token. */
  failedLogin(network: string): void;
  /** Writes what was counted. */
  flush(): Promise<void>;
};

/**
 * Keeps what was refused from filling a log that is never shortened: whoever tries again and again costs two entries a
 * window, and however many try, the log grows by a bounded number of entries and memory not at all.
 * @param deps.onFailure told when a summary could not be written
 */
export function createThrottle(deps: {
  readonly store: Pick<AuditStore, 'appendAudit'>;
  readonly now: () => Date;
  readonly windowMs: number;
  readonly onFailure: (error: unknown) => void;
}): Throttle {
  let refusals = new Map<string, Refused>();
  let logins = new Map<string, number>();
  let [otherRefusals, otherLogins] = [0, 0];
  let timer: NodeJS.Timeout | null = null;

  const openWindow = () => {
    timer ??= setTimeout(() => void flush().catch(deps.onFailure), deps.windowMs).unref();
  };

  const flush = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const at = deps.now().toISOString();
    const entries = [
      ...[...refusals.values()].filter(({ repeated }) => repeated > 0).map((refused) => repetition(refused, at)),
      ...(otherRefusals > 0 ? [summary('request.refused', at, { repeated: otherRefusals })] : []),
      ...(logins.size > 0 ? [summary('login.failed', at, loginDetails(logins, otherLogins))] : []),
    ];
    [refusals, logins, otherRefusals, otherLogins] = [new Map(), new Map(), 0, 0];
    for (const entry of entries) await deps.store.appendAudit(entry);
  };

  return {
    async refused(entry) {
      openWindow();
      const kind = JSON.stringify([entry.actor.id, entry.action, entry.target, entry.error]);
      const known = refusals.get(kind);
      if (known !== undefined) known.repeated += 1;
      else if (refusals.size >= KINDS_A_WINDOW) otherRefusals += 1;
      else {
        refusals.set(kind, { entry, repeated: 0 });
        await deps.store.appendAudit(entry);
      }
    },
    failedLogin(network) {
      openWindow();
      const count = logins.get(network);
      if (count === undefined && logins.size >= NETWORKS_A_WINDOW) otherLogins += 1;
      else logins.set(network, (count ?? 0) + 1);
    },
    flush,
  };
}

const repetition = ({ entry, repeated }: Refused, at: string): AuditEntry => ({
  ...entry,
  at,
  details: { ...entry.details, repeated },
});

const nobody = { kind: 'system', id: 'unknown', name: null, door: 'http', from: null, requestId: null } as const;

const summary = (action: string, at: string, details: AuditEntry['details']): AuditEntry => ({
  at,
  actor: nobody,
  action,
  target: null,
  connectionId: null,
  outcome: 'refused',
  error: null,
  details,
});

/** The networks that tried most, and how many others there were. */
function loginDetails(logins: ReadonlyMap<string, number>, others: number): AuditEntry['details'] {
  const most = [...logins].toSorted(([, one], [, other]) => other - one);
  return {
    attempts: most.reduce((sum, [, count]) => sum + count, others),
    networks: logins.size,
    most: Object.fromEntries(most.slice(0, NETWORKS_SHOWN)),
  };
}
