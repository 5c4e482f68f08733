import { isForeknowError } from '../errors/errors.ts';
import type { Alert, AlertKind } from './alert.ts';
import { type Finding, findingsOf, type Standing } from './findings.ts';
import { type AlertMail, mailOf } from './mail-text.ts';
import type { AlertStore, ConnectionEntry } from './ports.ts';

type Deps = {
  readonly store: Pick<AlertStore, 'alerts' | 'openAlert' | 'closeAlert' | 'takeForMail' | 'untakeForMail'>;
  /** Sends to everybody who is to be told; null when nobody is. */
  readonly sendMail: ((mail: AlertMail) => Promise<void>) | null;
  readonly newId: () => string;
  readonly now: () => Date;
  /** Told what could not be done; holds no secret. */
  readonly onFailure: (connectionId: string, message: string) => void;
};

/** At most one mail about a kind of alert of a connection in this time. */
const MAIL_EVERY_MS = 60 * 60_000;
const MOST_ALERTS = 1000;

/** One look at one connection: opens alerts, closes those that are over, and mails what nobody was mailed about. */
export async function watchConnection(deps: Deps, standing: Standing): Promise<void> {
  const { store, now } = deps;
  const { id } = standing.connection;
  const open = await store.alerts({ connectionIds: [id], open: true, limit: MOST_ALERTS });
  const isOpen = ({ kind, subject }: Finding) => open.some((alert) => alert.kind === kind && alert.subject === subject);
  for (const finding of findingsOf(standing, now().getTime(), open)) {
    const was = isOpen(finding);
    if (finding.isOn === true && !was) await begin(deps, id, finding);
    if (finding.isOn === false && was) await end(deps, id, finding);
  }
  if (deps.sendMail !== null) await mail(deps, deps.sendMail, standing);
}

async function begin({ store, newId, now }: Deps, connectionId: string, finding: Finding): Promise<void> {
  const { kind, subject, detail } = finding;
  const at = now().toISOString();
  const alert: Alert = {
    ...{ id: newId(), connectionId, kind, subject, detail },
    ...{ openedAt: at, closedAt: null, mailedAt: null },
  };
  await store.openAlert(alert, entryOf(connectionId, finding, 'on', at));
}

async function end({ store, now }: Deps, connectionId: string, finding: Finding): Promise<void> {
  const { kind, subject } = finding;
  const at = now().toISOString();
  await store.closeAlert({ connectionId, kind, subject }, at, entryOf(connectionId, finding, 'off', at));
}

const entryOf = (
  connectionId: string,
  { entries, current }: Finding,
  which: 'on' | 'off',
  at: string,
): ConnectionEntry | null =>
  entries === null ? null : { connectionId, kind: entries[which], key: connectionId, at, current };

/** What is taken and cannot be sent is given back: the next look tries again. */
async function mail(
  { store, now, onFailure }: Deps,
  send: (mail: AlertMail) => Promise<void>,
  { connection }: Standing,
): Promise<void> {
  const at = now();
  const notSince = new Date(at.getTime() - MAIL_EVERY_MS).toISOString();
  const waiting = await store.alerts({ connectionIds: [connection.id], open: true, limit: MOST_ALERTS });
  const kinds = new Set<AlertKind>(waiting.flatMap(({ kind, mailedAt }) => (mailedAt === null ? [kind] : [])));
  for (const kind of kinds) {
    const take = { connectionId: connection.id, kind, at: at.toISOString(), notSince };
    const alerts = await store.takeForMail(take);
    if (alerts.length === 0) continue;
    try {
      await send(mailOf(connection, kind, alerts));
    } catch (error) {
      await store.untakeForMail(alerts.map(({ id }) => id));
      const why = isForeknowError(error) ? error.detail : 'the mail server could not be reached.';
      onFailure(connection.id, `A mail about ${connection.name} could not be sent: ${why}`);
    }
  }
}
