import { snakeCase } from '../lib/case.ts';
import type {
  ChangeFields,
  ChangeKind,
  ConnectionChangeKind,
  LoggedChange,
  PlanChangeKind,
  RunChangeKind,
  SourceChangeKind,
} from '../model/change.ts';
import { adminRole } from '../model/role.ts';
import type { EventType } from './catalog.ts';
import { enrollmentEvents } from './enrollment-events.ts';
import type { Event } from './event.ts';
import { type Draft, draft, item, moved, shortUser, shown } from './parts.ts';
import { recipientEvents } from './recipient-events.ts';

/**
 * The events that one change of the log makes; none for some kinds. It looks at nothing but the change, so that an event has
 * the same id, type and data whenever and by whomever it is read. Later versions may add events to a kind of change, after
 * those that it makes already.
 */
export function eventsOf(change: LoggedChange): readonly Event[] {
  const rule: Rule | undefined = rules[change.kind];
  if (rule === undefined) return [];
  const { seq, connectionId, at } = change;
  return rule(change).map(({ type, data }, index) => ({ id: eventId(seq, index), seq, type, connectionId, at, data }));
}

const SEQ_DIGITS = 15;

/** Ids sort as the log does: the number of the change, then nothing, `a` … `y`, `za` … `zy`, `zza` … */
export function eventId(seq: number, index: number): string {
  const after = index - 1;
  const letters = index === 0 ? '' : 'z'.repeat(Math.floor(after / 25)) + String.fromCharCode(97 + (after % 25));
  return `evt_${String(seq).padStart(SEQ_DIGITS, '0')}${letters}`;
}

/** Place of an event by its id; null when it is none of ours. */
export function placeOf(id: string): { readonly seq: number; readonly index: number } | null {
  const found = /^evt_(\d{15})(z*)([a-y]?)(?:-[2-9])?$/.exec(id);
  if (found === null || (found[2] !== '' && found[3] === '')) return null;
  const seq = Number(found[1]);
  return { seq, index: found[3] === '' ? 0 : found[2]!.length * 25 + found[3]!.charCodeAt(0) - 96 };
}

type Rule = (change: LoggedChange) => readonly Draft[];

const wholeAs =
  (type: EventType, name: string): Rule =>
  ({ current, previous }) => [draft(type, { [name]: shown(current ?? previous) })];

const movedAs =
  (type: EventType, name: string): Rule =>
  (change) => [draft(type, { [name]: item(change, name), ...moved(change) })];

const scored =
  (type: EventType): Rule =>
  (change) => {
    const subject = change.kind.split('.')[0] as 'user' | 'group' | 'account';
    const { riskScore, ...more } = change.current ?? {};
    return [
      draft(type, {
        subject,
        [subject]: subject === 'user' ? shortUser(change.about?.user, change.key) : item(change, subject),
        risk_score: riskScore ?? null,
        previous_risk_score: change.previous?.riskScore ?? null,
        ...more,
      }),
    ];
  };

const membership =
  (type: 'group.member_added' | 'group.member_removed'): Rule =>
  (change) => {
    const { userId } = (change.current ?? change.previous ?? {}) as { userId?: string };
    return [draft(type, { group: item(change, 'group'), user: shortUser(change.about?.user, userId ?? null) })];
  };

const aboutConnection =
  (type: ConnectionChangeKind | RunChangeKind | PlanChangeKind): Rule =>
  ({ connectionId, current, about }) => {
    const { name, tenant } = (about?.connection ?? {}) as { name?: string; tenant?: string | null };
    const connection = { id: connectionId, name: name ?? null, ...(tenant ? { tenant } : {}) };
    return [draft(type, { connection, ...(snakeCase(current ?? {}) as object) })];
  };

/** What happened to no connection. */
const aboutSource =
  (type: SourceChangeKind): Rule =>
  ({ current, about }) => [draft(type, snakeCase({ ...about, ...current }) as Record<string, unknown>)];

const test =
  (type: EventType): Rule =>
  (change) => [
    draft(type, {
      test: { ...item(change, 'test'), campaign_type: change.key.startsWith('callback:') ? 'callback' : 'email' },
      ...moved(change),
    }),
  ];

/** The account's record, and an event for each admin who came or went. */
const account: Rule = (change) => {
  const [before, now] = [adminsOf(change.previous), adminsOf(change.current)];
  const isAmong = (admins: readonly Admin[], { id }: Admin) => admins.some((other) => other.id === id);
  const role = (type: 'role.assigned' | 'role.unassigned') => (admin: Admin) =>
    draft(type, {
      role: { ...adminRole },
      assignment_id: `${adminRole.id}:${admin.id}`,
      user: shortUser(admin, admin.id),
    });
  const { attributes, previous_attributes } = moved(change);
  const isMoved = Object.keys(attributes).length + Object.keys(previous_attributes).length > 0;
  const { name } = (change.about?.account ?? change.current ?? change.previous ?? {}) as { name?: string | null };
  return [
    ...(isMoved
      ? [draft('account.updated', { account: { name: name ?? null }, attributes, previous_attributes })]
      : []),
    ...before.filter((admin) => !isAmong(now, admin)).map(role('role.unassigned')),
    ...now.filter((admin) => !isAmong(before, admin)).map(role('role.assigned')),
  ];
};

type Admin = ChangeFields & { readonly id: string };
const adminsOf = (fields: ChangeFields | null): readonly Admin[] =>
  Array.isArray(fields?.admins) ? fields.admins.filter((admin): admin is Admin => typeof admin?.id === 'string') : [];

const rules: Readonly<Record<ChangeKind, Rule>> = {
  baseline: ({ key, current }) => [
    draft('baseline.completed', { stream: key, rows: current?.rows ?? null, digest: current?.digest ?? null }),
  ],
  'user.created': wholeAs('user.created', 'user'),
  'user.updated': movedUser('user.updated'),
  'user.archived': movedUser('user.archived'),
  'user.restored': movedUser('user.restored'),
  'user.deleted': wholeAs('user.deleted', 'user'),
  'user.last_sign_in_changed': ({ key, about, current, previous }) =>
    typeof current?.lastSignIn !== 'string'
      ? []
      : [
          draft('user.signed_in', {
            user: shortUser(about?.user, key),
            signed_in_at: current.lastSignIn,
            previous_signed_in_at: previous?.lastSignIn ?? null,
          }),
        ],
  'group.created': wholeAs('group.created', 'group'),
  'group.updated': movedAs('group.updated', 'group'),
  'group.archived': movedAs('group.archived', 'group'),
  'group.restored': movedAs('group.restored', 'group'),
  'group.deleted': wholeAs('group.deleted', 'group'),
  'group.member_added': membership('group.member_added'),
  'group.member_removed': membership('group.member_removed'),
  // Memberships say the same, one by one.
  'group.member_count_changed': () => [],
  'account.created': account,
  'account.updated': account,
  'account.deleted': account,
  'enrollment.created': enrollmentEvents,
  'enrollment.updated': enrollmentEvents,
  'enrollment.deleted': enrollmentEvents,
  'training_campaign.created': wholeAs('training_campaign.created', 'campaign'),
  'training_campaign.updated': movedAs('training_campaign.updated', 'campaign'),
  'training_campaign.deleted': wholeAs('training_campaign.deleted', 'campaign'),
  'store_purchase.created': wholeAs('store_purchase.created', 'content'),
  'store_purchase.updated': movedAs('store_purchase.updated', 'content'),
  'store_purchase.deleted': wholeAs('store_purchase.deleted', 'content'),
  'policy.created': wholeAs('policy.created', 'content'),
  'policy.updated': movedAs('policy.updated', 'content'),
  'policy.deleted': wholeAs('policy.deleted', 'content'),
  'recipient.created': recipientEvents,
  'recipient.updated': recipientEvents,
  'recipient.deleted': recipientEvents,
  'phishing_campaign.created': wholeAs('phishing_campaign.created', 'campaign'),
  'phishing_campaign.updated': movedAs('phishing_campaign.updated', 'campaign'),
  'phishing_campaign.deleted': wholeAs('phishing_campaign.deleted', 'campaign'),
  'security_test.created': wholeAs('security_test.created', 'test'),
  'security_test.updated': test('security_test.updated'),
  'security_test.deleted': wholeAs('security_test.deleted', 'test'),
  'user.risk_score_changed': scored('risk_score.changed'),
  'group.risk_score_changed': scored('risk_score.changed'),
  'account.risk_score_changed': scored('risk_score.changed'),
  'user.risk_threshold_crossed': scored('risk.threshold_crossed'),
  'group.risk_threshold_crossed': scored('risk.threshold_crossed'),
  'account.risk_threshold_crossed': scored('risk.threshold_crossed'),
  'user.risk_jumped': scored('risk.jumped'),
  'group.risk_jumped': scored('risk.jumped'),
  'account.risk_jumped': scored('risk.jumped'),
  'user.phish_prone_changed': ({ key, about, current, previous }) => [
    draft('phish_prone.changed', {
      user: shortUser(about?.user, key),
      phish_prone_percent: current?.phishPronePercent ?? null,
      previous_phish_prone_percent: previous?.phishPronePercent ?? null,
    }),
  ],
  'connection.created': aboutConnection('connection.created'),
  'connection.removed': aboutConnection('connection.removed'),
  'connection.updated': aboutConnection('connection.updated'),
  'connection.reconnected': aboutConnection('connection.reconnected'),
  'run.queued': aboutConnection('run.queued'),
  'run.started': aboutConnection('run.started'),
  'run.ended': aboutConnection('run.ended'),
  'connection.paused': aboutConnection('connection.paused'),
  'connection.resumed': aboutConnection('connection.resumed'),
  'connection.token_refused': aboutConnection('connection.token_refused'),
  'connection.token_restored': aboutConnection('connection.token_restored'),
  'connection.stale': aboutConnection('connection.stale'),
  'connection.fresh_again': aboutConnection('connection.fresh_again'),
  'connection.hold_opened': aboutConnection('connection.hold_opened'),
  'connection.hold_decided': aboutConnection('connection.hold_decided'),
  'connection.sync_failed': aboutConnection('connection.sync_failed'),
  'connection.budget_low': aboutConnection('connection.budget_low'),
  'connection.budget_eaten_by_others': aboutConnection('connection.budget_eaten_by_others'),
  'connection.budget_recovered': aboutConnection('connection.budget_recovered'),
  'connection.deliveries_dead': aboutConnection('connection.deliveries_dead'),
  'connection.deliveries_recovered': aboutConnection('connection.deliveries_recovered'),
  'connection.store_restored': aboutConnection('connection.store_restored'),
  'plan.waiting': aboutConnection('plan.waiting'),
  'plan.approved': aboutConnection('plan.approved'),
  'plan.rejected': aboutConnection('plan.rejected'),
  'plan.applied': aboutConnection('plan.applied'),
  'plan.stopped': aboutConnection('plan.stopped'),
  'plan.visible': aboutConnection('plan.visible'),
  'plan.late': aboutConnection('plan.late'),
  'source.read_completed': aboutSource('source.read_completed'),
  'source.read_incomplete': aboutSource('source.read_incomplete'),
  'source.read_quarantined': aboutSource('source.read_quarantined'),
  'source.read_accepted': aboutSource('source.read_accepted'),
  'source.person_kept_out': aboutSource('source.person_kept_out'),
  'endpoint.disabled': ({ key, current }) => [
    draft('endpoint.disabled', { endpoint: { id: key, ...(snakeCase(current ?? {}) as object) } }),
  ],
  'endpoint.enabled': ({ key, current }) => [
    draft('endpoint.enabled', { endpoint: { id: key, ...(snakeCase(current ?? {}) as object) } }),
  ],
};

function movedUser(type: EventType): Rule {
  return (change) => [draft(type, { user: shortUser(change.about?.user, change.key), ...moved(change) })];
}
