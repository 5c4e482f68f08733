import type { ChangeFields, ChangeKind, LoggedChange } from '../model/change.ts';
import { type EventType, eventTypes } from './catalog.ts';
import type { Event } from './event.ts';
import { eventsOf } from './from-change.ts';

const at = '2026-11-21T09:00:00.000Z';
const [earlier, before] = ['2026-11-20T08:12:00.000Z', '2026-11-13T16:40:00.000Z'];
const person = { id: '1207', email: 'amara.okafor@example.com', firstName: 'Amara', lastName: 'Okafor' };
const user = { user: person };
const group = { group: { id: '81', name: 'Finance' } };
const connection = { connection: { name: 'acme' } };
const account = { account: { name: 'Example Foods' } };
const campaign = { campaign: { id: '4101', name: 'New starters' } };
const recipient = {
  user: person,
  test: { id: '9001', campaignType: 'email' },
  template: { id: '77', name: 'Parcel notice' },
};
const enrollment = {
  ...{ user: person, campaign: campaign.campaign, status: 'Completed' },
  module: { name: 'Spotting phishing', contentType: 'Store Purchase' },
};
const enrollmentRecord = {
  ...{ id: '55101', user: person, campaignId: '4101', campaignName: 'New starters', status: 'Not Started' },
  ...{ moduleName: 'Spotting phishing', contentType: 'Store Purchase', enrollmentDate: earlier, completionDate: null },
};
const hold = {
  hold: { id: 'hold_0001', stream: 'users', scope: 'all', kind: 'needs_person', state: 'open', live: 400, absent: 210 },
};
const error = { code: 'connection_unauthorized', detail: 'KnowBe4 refused the token.', hint: null };
const aRun = (status: string) => ({
  ...{ id: 'run_0001', level: 'refresh', trigger: 'manual', status, startedAt: earlier },
  endedAt: status === 'done' ? at : null,
});
const aPlan = (state: string) => ({
  plan: {
    ...{ id: 'pl_7Q2K8MNP', kind: 'sync', state, digest: `sha256:${'5b1e'.repeat(16)}` },
    ...{ counts: { create: 12, update: 19, archive: 4 }, approvalsNeeded: 1, expiresAt: at },
  },
  reviewUrl: 'https://foreknow.example.com/plans/pl_7Q2K8MNP',
});
const aSource = { source: { name: 'hr-drop', kind: 'csv' } };
const aRead = (state: string, more: ChangeFields = {}) => ({
  read: {
    ...{ id: 'rd_7q2k8mnp', state, people: 1217, added: 3, changed: 12, gone: 1, counts: true, by: 'schedule' },
    ...{ proof: { state: 'complete', words: 'the trailer says 1217 rows, and so many are there' } },
    ...{ digest: `sha256:${'c0de'.repeat(16)}`, startedAt: at, endedAt: at, ...more },
  },
});
const findings = [
  {
    ...{ guard: 'source_shrink', attribute: null, value: 0.4, limit: 0.05 },
    words: 'It shows 730 people, 487 fewer than before.',
  },
];
const admins = (...list: readonly unknown[]) => ({ admins: list });
const whole = (fields: ChangeFields) => [fields, null] as const;
const gone = (fields: ChangeFields) => [null, fields] as const;

type Sample = readonly [
  kind: ChangeKind,
  key: string,
  current: ChangeFields | null,
  previous: ChangeFields | null,
  about?: ChangeFields,
];

/** One invented change for each type of event. */
const samples: Readonly<Record<EventType, Sample>> = {
  'user.created': ['user.created', '1207', ...whole({ ...person, status: 'active', department: 'Finance' })],
  'user.updated': ['user.updated', '1207', { department: 'Finance' }, { department: 'Sales' }, user],
  'user.archived': [
    'user.archived',
    '1207',
    { status: 'archived', archivedAt: earlier },
    { status: 'active', archivedAt: null },
    user,
  ],
  'user.restored': [
    'user.restored',
    '1207',
    { status: 'active', archivedAt: null },
    { status: 'archived', archivedAt: earlier },
    user,
  ],
  'user.deleted': ['user.deleted', '1207', ...gone({ ...person, status: 'active', department: 'Finance' })],
  'user.signed_in': ['user.last_sign_in_changed', '1207', { lastSignIn: earlier }, { lastSignIn: before }, user],
  'group.created': ['group.created', '81', ...whole({ id: '81', name: 'Finance', groupType: 'console_group' })],
  'group.updated': ['group.updated', '81', { name: 'Finance' }, { name: 'Accounts' }, group],
  'group.archived': ['group.archived', '81', { status: 'archived' }, { status: 'active' }, group],
  'group.restored': ['group.restored', '81', { status: 'active' }, { status: 'archived' }, group],
  'group.deleted': ['group.deleted', '81', ...gone({ id: '81', name: 'Finance', groupType: 'console_group' })],
  'group.member_added': ['group.member_added', '81', { userId: '1207' }, null, { ...user, ...group }],
  'group.member_removed': ['group.member_removed', '81', null, { userId: '1207' }, { ...user, ...group }],
  'account.updated': ['account.updated', 'account', { seats: 450 }, { seats: 400 }, account],
  'role.assigned': ['account.updated', 'account', admins(person), admins(), account],
  'role.unassigned': ['account.updated', 'account', admins(), admins(person), account],
  'baseline.completed': ['baseline', 'users', ...whole({ rows: 412, digest: '9f2c…' })],
  'enrollment.created': ['enrollment.created', '55101', ...whole(enrollmentRecord)],
  'enrollment.started': [
    'enrollment.updated',
    '55101',
    { status: 'In Progress', startDate: earlier },
    { status: 'Not Started', startDate: null },
    { ...enrollment, status: 'In Progress' },
  ],
  'enrollment.completed': [
    'enrollment.updated',
    '55101',
    { status: 'Completed', completionDate: earlier },
    { status: 'In Progress', completionDate: null },
    enrollment,
  ],
  'enrollment.overdue': [
    'enrollment.updated',
    '55101',
    { status: 'Past Due' },
    { status: 'Not Started' },
    { ...enrollment, status: 'Past Due' },
  ],
  'enrollment.updated': [
    'enrollment.updated',
    '55101',
    { timeSpentSeconds: 940 },
    { timeSpentSeconds: 610 },
    enrollment,
  ],
  'enrollment.deleted': ['enrollment.deleted', '55101', ...gone(enrollmentRecord)],
  'training_campaign.created': [
    'training_campaign.created',
    '4101',
    ...whole({ id: '4101', name: 'New starters', status: 'In Progress' }),
  ],
  'training_campaign.updated': [
    'training_campaign.updated',
    '4101',
    { status: 'Completed' },
    { status: 'In Progress' },
    campaign,
  ],
  'training_campaign.deleted': [
    'training_campaign.deleted',
    '4101',
    ...gone({ id: '4101', name: 'New starters', status: 'Completed' }),
  ],
  'store_purchase.created': [
    'store_purchase.created',
    '310',
    ...whole({ id: '310', name: 'Spotting phishing', durationMinutes: 12 }),
  ],
  'store_purchase.updated': [
    'store_purchase.updated',
    '310',
    { retired: true },
    { retired: false },
    { content: { id: '310', name: 'Spotting phishing' } },
  ],
  'store_purchase.deleted': [
    'store_purchase.deleted',
    '310',
    ...gone({ id: '310', name: 'Spotting phishing', durationMinutes: 12 }),
  ],
  'policy.created': ['policy.created', '12', ...whole({ id: '12', name: 'Clean desk', minimumTime: 3 })],
  'policy.updated': [
    'policy.updated',
    '12',
    { minimumTime: 5 },
    { minimumTime: 3 },
    { content: { id: '12', name: 'Clean desk' } },
  ],
  'policy.deleted': ['policy.deleted', '12', ...gone({ id: '12', name: 'Clean desk', minimumTime: 5 })],
  'phishing.delivered': ['recipient.updated', '9001/31', { deliveredAt: earlier }, { deliveredAt: null }, recipient],
  'phishing.opened': ['recipient.updated', '9001/31', { openedAt: earlier }, { openedAt: null }, recipient],
  'phishing.failed': [
    'recipient.updated',
    '9001/31',
    { clickedAt: earlier, failedAt: earlier },
    { clickedAt: null, failedAt: null },
    recipient,
  ],
  'phishing.reported': ['recipient.updated', '9001/31', { reportedAt: earlier }, { reportedAt: null }, recipient],
  'phishing.bounced': ['recipient.updated', '9001/31', { bouncedAt: earlier }, { bouncedAt: null }, recipient],
  'phishing.corrected': [
    'recipient.updated',
    '9001/31',
    { clickedAt: null, failedAt: null },
    { clickedAt: earlier, failedAt: earlier },
    recipient,
  ],
  'phishing.recipient_removed': ['recipient.deleted', '9001/31', ...gone({ id: '31', ...recipient })],
  'phishing_campaign.created': [
    'phishing_campaign.created',
    '700',
    ...whole({ id: '700', name: 'Quarterly', campaignType: 'email', status: 'Active' }),
  ],
  'phishing_campaign.updated': [
    'phishing_campaign.updated',
    '700',
    { status: 'Closed' },
    { status: 'Active' },
    { campaign: { id: '700', name: 'Quarterly' } },
  ],
  'phishing_campaign.deleted': [
    'phishing_campaign.deleted',
    '700',
    ...gone({ id: '700', name: 'Quarterly', campaignType: 'email', status: 'Closed' }),
  ],
  'security_test.created': [
    'security_test.created',
    '9001',
    ...whole({ id: '9001', name: 'Quarterly, November', campaignId: '700', campaignType: 'email' }),
  ],
  'security_test.updated': [
    'security_test.updated',
    '9001',
    { status: 'Closed' },
    { status: 'Active' },
    { test: { id: '9001', name: 'Quarterly, November' }, campaignId: '700' },
  ],
  'security_test.deleted': [
    'security_test.deleted',
    '9001',
    ...gone({ id: '9001', name: 'Quarterly, November', campaignId: '700', campaignType: 'email' }),
  ],
  'risk_score.changed': ['user.risk_score_changed', '1207', { riskScore: 61.4 }, { riskScore: 48.9 }, user],
  'risk.threshold_crossed': [
    'user.risk_threshold_crossed',
    '1207',
    { riskScore: 61.4, threshold: 60, direction: 'up' },
    { riskScore: 48.9 },
    user,
  ],
  'risk.jumped': ['user.risk_jumped', '1207', { riskScore: 61.4, delta: 12.5 }, { riskScore: 48.9 }, user],
  'phish_prone.changed': [
    'user.phish_prone_changed',
    '1207',
    { phishPronePercent: 33.3 },
    { phishPronePercent: 0 },
    user,
  ],
  'connection.created': ['connection.created', 'con_0001', {}, null, connection],
  'connection.removed': ['connection.removed', 'con_0001', {}, null, connection],
  'connection.updated': ['connection.updated', 'con_0001', { changed: ['tags'] }, null, connection],
  'connection.reconnected': ['connection.reconnected', 'con_0001', {}, null, connection],
  'run.queued': ['run.queued', 'run_0001', { run: aRun('queued') }, null, connection],
  'run.started': ['run.started', 'run_0001', { run: aRun('running'), wasQueued: true }, null, connection],
  'run.ended': ['run.ended', 'run_0001', { run: aRun('done') }, null, connection],
  'connection.paused': ['connection.paused', 'con_0001', {}, null, connection],
  'connection.resumed': ['connection.resumed', 'con_0001', {}, null, connection],
  'connection.store_restored': ['connection.store_restored', 'con_0001', {}, null, connection],
  'connection.token_refused': ['connection.token_refused', 'con_0001', { error }, null, connection],
  'connection.token_restored': ['connection.token_restored', 'con_0001', {}, null, connection],
  'connection.stale': ['connection.stale', 'con_0001', { stream: 'users', lastRefreshedAt: before }, null, connection],
  'connection.fresh_again': [
    'connection.fresh_again',
    'con_0001',
    { stream: 'users', lastRefreshedAt: at },
    null,
    connection,
  ],
  'connection.hold_opened': ['connection.hold_opened', 'hold_0001', hold, null, connection],
  'connection.hold_decided': [
    'connection.hold_decided',
    'hold_0001',
    { hold: { ...hold.hold, state: 'confirmed' } },
    null,
    connection,
  ],
  'connection.sync_failed': [
    'connection.sync_failed',
    'con_0001',
    {
      runId: 'run_0001',
      level: 'refresh',
      error: { code: 'remote_unavailable', detail: 'KnowBe4 did not answer.', hint: null },
    },
    null,
    connection,
  ],
  'connection.budget_low': [
    'connection.budget_low',
    'con_0001',
    { detail: '212 of 2,400 requests are left of the rolling day; the reserve is 480.' },
    null,
    connection,
  ],
  'connection.budget_eaten_by_others': [
    'connection.budget_eaten_by_others',
    'con_0001',
    { detail: 'KnowBe4 answered 429 to 3 requests in the last hour although our own count had room.' },
    null,
    connection,
  ],
  'connection.budget_recovered': [
    'connection.budget_recovered',
    'con_0001',
    { detail: 'No such refusal in the last hour.' },
    null,
    connection,
  ],
  'connection.deliveries_dead': [
    'connection.deliveries_dead',
    'con_0001',
    { detail: '12 deliveries to ep_0001 were given up in the last day.' },
    null,
    connection,
  ],
  'connection.deliveries_recovered': [
    'connection.deliveries_recovered',
    'con_0001',
    { detail: 'No delivery to ep_0001 was given up in the last day.' },
    null,
    connection,
  ],
  'plan.waiting': ['plan.waiting', 'pl_7Q2K8MNP', { ...aPlan('waiting') }, null, connection],
  'plan.approved': ['plan.approved', 'pl_7Q2K8MNP', { ...aPlan('approved'), by: 'Priya' }, null, connection],
  'plan.rejected': ['plan.rejected', 'pl_7Q2K8MNP', { ...aPlan('rejected'), by: 'Priya' }, null, connection],
  'plan.applied': ['plan.applied', 'pl_7Q2K8MNP', { ...aPlan('applied'), steps: 35, detail: null }, null, connection],
  'plan.stopped': [
    'plan.stopped',
    'pl_7Q2K8MNP',
    { ...aPlan('approved'), steps: 20, detail: 'KnowBe4 refused the token.' },
    null,
    connection,
  ],
  'plan.visible': ['plan.visible', 'pl_7Q2K8MNP', { ...aPlan('applied'), steps: 35, detail: null }, null, connection],
  'plan.late': [
    'plan.late',
    'pl_7Q2K8MNP',
    { ...aPlan('applied'), steps: 3, detail: 'Test Mode is on.' },
    null,
    connection,
  ],
  'source.read_completed': ['source.read_completed', 'rd_7q2k8mnp', aRead('kept'), null, aSource],
  'source.read_incomplete': [
    'source.read_incomplete',
    'rd_7q2k8mnp',
    {
      ...aRead('incomplete', {
        ...{ people: 0, added: 0, changed: 0, gone: 0, counts: false, digest: null },
        proof: { state: 'incomplete', words: 'The last line is not the trailer: the file is cut off.' },
      }),
      error: {
        ...{ code: 'incomplete_read', hint: null },
        detail: 'The last line is not the trailer: the file is cut off.',
      },
    },
    null,
    aSource,
  ],
  'source.read_quarantined': [
    'source.read_quarantined',
    'rd_7q2k8mnp',
    { ...aRead('quarantined', { people: 730, gone: 487, counts: false }), findings },
    null,
    aSource,
  ],
  'source.read_accepted': [
    'source.read_accepted',
    'rd_7q2k8mnp',
    {
      ...aRead('accepted', { people: 730, gone: 487 }),
      findings,
      approvals: [
        { name: 'Priya', at: earlier },
        { name: 'Tom', at },
      ],
    },
    null,
    aSource,
  ],
  'source.person_kept_out': [
    'source.person_kept_out',
    'b4c6a1de-4f02-8d3e-a9c1-5e7f00a1b2c3',
    { person: { id: 'b4c6a1de-4f02-8d3e-a9c1-5e7f00a1b2c3' } },
    null,
    { source: { name: 'okta-push', kind: 'scim-in' } },
  ],
  'endpoint.disabled': ['endpoint.disabled', 'ep_0001', { reason: 'It has only failed for 5 days.' }, null],
  'endpoint.enabled': ['endpoint.enabled', 'ep_0001', {}, null],
};

/** An event of the type as a reader would get it. */
export function exampleOf(type: EventType): Event {
  const [kind, key, current, previous, about] = samples[type];
  const connectionId = kind.startsWith('source.') ? '' : 'con_0001';
  const change: LoggedChange = {
    ...{ seq: 48_213 + eventTypes.indexOf(type), connectionId, stream: '', kind, key, at },
    ...{ current, previous, about: about ?? null },
  };
  const found = eventsOf(change).find((event) => event.type === type);
  if (found === undefined) throw new TypeError(`the sample of ${type} makes no such event`);
  return found;
}
