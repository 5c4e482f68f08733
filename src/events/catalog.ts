import type { z } from 'zod';
import type { ChangeKind } from '../model/change.ts';
import * as shape from './shapes.ts';

/** What a reader must be allowed to see: each family is a scope of the API. `phishing.identified` tells of persons. */
export const eventFamilies = [
  'directory',
  'training',
  'phishing.aggregate',
  'phishing.identified',
  'risk',
  'connections',
  'provisioning',
] as const;
export type EventFamily = (typeof eventFamilies)[number];

type Entry = {
  readonly family: EventFamily;
  /** When it happens, in one sentence. */
  readonly when: string;
  readonly data: z.ZodType;
  /** The changes of the log that can make it. */
  readonly from: readonly ChangeKind[];
};

const entries =
  (family: EventFamily) =>
  (when: string, data: z.ZodType, ...from: readonly ChangeKind[]): Entry => ({ family, when, data, from });
const directory = entries('directory');
const training = entries('training');
const phishing = entries('phishing.identified');
const phishingTotals = entries('phishing.aggregate');
const risk = entries('risk');
const health = entries('connections');
const planned = entries('provisioning');

/** Every type of event. A type that was published keeps its meaning; new fields may be added to its data. */
export const eventCatalog = {
  'user.created': directory(
    'A person was seen for the first time, or again after they were deleted.',
    shape.userWhole,
    'user.created',
  ),
  'user.updated': directory('Fields of a person that somebody maintains changed.', shape.userMoved, 'user.updated'),
  'user.archived': directory('A person was archived.', shape.userMoved, 'user.archived'),
  'user.restored': directory('An archived person is active again.', shape.userMoved, 'user.restored'),
  'user.deleted': directory(
    'A person is gone from the account, proven by complete reads.',
    shape.userWhole,
    'user.deleted',
  ),
  'user.signed_in': directory(
    'The time of a person’s last sign-in moved.',
    shape.signedIn,
    'user.last_sign_in_changed',
  ),
  'group.created': directory('A group was seen for the first time.', shape.groupWhole, 'group.created'),
  'group.updated': directory('Fields of a group changed.', shape.groupMoved, 'group.updated'),
  'group.archived': directory('A group was archived.', shape.groupMoved, 'group.archived'),
  'group.restored': directory('An archived group is active again.', shape.groupMoved, 'group.restored'),
  'group.deleted': directory(
    'A group is gone from the account, proven by complete reads.',
    shape.groupWhole,
    'group.deleted',
  ),
  'group.member_added': directory('A person joined a group.', shape.membership, 'group.member_added'),
  'group.member_removed': directory('A person left a group, or was deleted.', shape.membership, 'group.member_removed'),
  'account.updated': directory(
    'The account’s own record changed, its admins aside.',
    shape.accountMoved,
    'account.updated',
    'account.created',
    'account.deleted',
  ),
  'role.assigned': directory(
    'A person became an admin of the console.',
    shape.role,
    'account.updated',
    'account.created',
    'account.deleted',
  ),
  'role.unassigned': directory(
    'A person is no admin of the console any more.',
    shape.role,
    'account.updated',
    'account.created',
    'account.deleted',
  ),
  'baseline.completed': directory(
    'A stream was read completely for the first time: from here on its changes are events.',
    shape.baseline,
    'baseline',
  ),

  'enrollment.created': training('A person was enrolled.', shape.enrollmentWhole, 'enrollment.created'),
  'enrollment.started': training(
    'A person began a training.',
    shape.enrollmentMoved,
    'enrollment.created',
    'enrollment.updated',
  ),
  'enrollment.completed': training(
    'A person completed or passed a training.',
    shape.enrollmentMoved,
    'enrollment.created',
    'enrollment.updated',
  ),
  'enrollment.overdue': training(
    'A training was not completed in time.',
    shape.enrollmentMoved,
    'enrollment.created',
    'enrollment.updated',
  ),
  'enrollment.updated': training('An enrollment changed otherwise.', shape.enrollmentMoved, 'enrollment.updated'),
  'enrollment.deleted': training(
    'An enrollment is gone, proven by complete reads.',
    shape.enrollmentWhole,
    'enrollment.deleted',
  ),
  'training_campaign.created': training(
    'A training campaign was seen for the first time.',
    shape.campaignWhole,
    'training_campaign.created',
  ),
  'training_campaign.updated': training(
    'Fields of a training campaign changed.',
    shape.campaignMoved,
    'training_campaign.updated',
  ),
  'training_campaign.deleted': training(
    'A training campaign is gone, proven by complete reads.',
    shape.campaignWhole,
    'training_campaign.deleted',
  ),
  'store_purchase.created': training(
    'Training content was added from the store.',
    shape.contentWhole,
    'store_purchase.created',
  ),
  'store_purchase.updated': training(
    'Training content from the store changed.',
    shape.contentMoved,
    'store_purchase.updated',
  ),
  'store_purchase.deleted': training(
    'Training content from the store is gone.',
    shape.contentWhole,
    'store_purchase.deleted',
  ),
  'policy.created': training('A policy was added.', shape.contentWhole, 'policy.created'),
  'policy.updated': training('A policy changed.', shape.contentMoved, 'policy.updated'),
  'policy.deleted': training('A policy is gone.', shape.contentWhole, 'policy.deleted'),

  'phishing.delivered': phishing(
    'A test reached a person.',
    shape.recipientStep,
    'recipient.created',
    'recipient.updated',
  ),
  'phishing.opened': phishing(
    'A person opened the mail of a test.',
    shape.recipientStep,
    'recipient.created',
    'recipient.updated',
  ),
  'phishing.failed': phishing(
    'A person fell for a test; one event for each way in which they did.',
    shape.recipientFailed,
    'recipient.created',
    'recipient.updated',
  ),
  'phishing.reported': phishing(
    'A person reported the mail of a test.',
    shape.recipientStep,
    'recipient.created',
    'recipient.updated',
  ),
  'phishing.bounced': phishing(
    'The mail of a test bounced.',
    shape.recipientStep,
    'recipient.created',
    'recipient.updated',
  ),
  'phishing.corrected': phishing(
    'KnowBe4 took back what it had said of a recipient.',
    shape.recipientTakenBack,
    'recipient.updated',
  ),
  'phishing.recipient_removed': phishing(
    'A recipient is gone from a test, proven by complete reads.',
    shape.recipientGone,
    'recipient.deleted',
  ),
  'phishing_campaign.created': phishingTotals(
    'A phishing campaign was seen for the first time.',
    shape.campaignWhole,
    'phishing_campaign.created',
  ),
  'phishing_campaign.updated': phishingTotals(
    'Fields of a phishing campaign changed.',
    shape.campaignMoved,
    'phishing_campaign.updated',
  ),
  'phishing_campaign.deleted': phishingTotals(
    'A phishing campaign is gone, proven by complete reads.',
    shape.campaignWhole,
    'phishing_campaign.deleted',
  ),
  'security_test.created': phishingTotals(
    'A test of a campaign was seen for the first time.',
    shape.testWhole,
    'security_test.created',
  ),
  'security_test.updated': phishingTotals(
    'Fields or counts of a test changed.',
    shape.testMoved,
    'security_test.updated',
  ),
  'security_test.deleted': phishingTotals(
    'A test is gone, proven by complete reads.',
    shape.testWhole,
    'security_test.deleted',
  ),

  'risk_score.changed': risk(
    'The risk score of a person, a group or the account changed.',
    shape.scoreChanged,
    'user.risk_score_changed',
    'group.risk_score_changed',
    'account.risk_score_changed',
  ),
  'risk.threshold_crossed': risk(
    'A risk score crossed one of the connection’s thresholds (`risk_thresholds`).',
    shape.thresholdCrossed,
    'user.risk_threshold_crossed',
    'group.risk_threshold_crossed',
    'account.risk_threshold_crossed',
  ),
  'risk.jumped': risk(
    'A risk score is at least the connection’s `risk_delta` away from where this was last told, or from where it was first seen.',
    shape.scoreJumped,
    'user.risk_jumped',
    'group.risk_jumped',
    'account.risk_jumped',
  ),
  'phish_prone.changed': risk(
    'The phish-prone percentage of a person changed.',
    shape.phishProneChanged,
    'user.phish_prone_changed',
  ),

  'connection.created': health('An account was connected.', shape.connectionEvent, 'connection.created'),
  'connection.removed': health('A connection was removed.', shape.connectionEvent, 'connection.removed'),
  'connection.updated': health(
    'Name, tenant, tags, region or settings of a connection were changed.',
    shape.connectionUpdated,
    'connection.updated',
  ),
  'connection.reconnected': health(
    'Another token of the account took the place of the one before.',
    shape.connectionEvent,
    'connection.reconnected',
  ),
  'connection.paused': health('Somebody paused the connection.', shape.connectionEvent, 'connection.paused'),
  'connection.resumed': health('A paused connection goes on.', shape.connectionEvent, 'connection.resumed'),
  'connection.store_restored': health(
    'The store was put back from a copy: what happened since the copy is told again, or not at all where it has passed. Read the directory again.',
    shape.connectionEvent,
    'connection.store_restored',
  ),
  'connection.token_refused': health(
    'KnowBe4 refused the token, or the account cannot be used any more.',
    shape.connectionError,
    'connection.token_refused',
  ),
  'connection.token_restored': health(
    'The token was proven again, or replaced by one that works.',
    shape.connectionEvent,
    'connection.token_restored',
  ),
  'connection.stale': health('A stream has not been read for too long.', shape.staleness, 'connection.stale'),
  'connection.fresh_again': health('A stale stream was read again.', shape.staleness, 'connection.fresh_again'),
  'connection.hold_opened': health(
    'A sync found removals that it did not make: they wait for a second look or a person.',
    shape.hold,
    'connection.hold_opened',
  ),
  'connection.hold_decided': health(
    'A hold was confirmed, dismissed, or agreed with by later reads.',
    shape.hold,
    'connection.hold_decided',
  ),
  'connection.sync_failed': health(
    'A sync failed, the one before it had not.',
    shape.syncFailed,
    'connection.sync_failed',
  ),
  'run.queued': health(
    'A sync was asked for. Told only while an endpoint asks for it by name.',
    shape.run,
    'run.queued',
  ),
  'run.started': health(
    'A sync began. Told only while an endpoint asks for it by name.',
    shape.runStarted,
    'run.started',
  ),
  'run.ended': health('A sync ended. Told only while an endpoint asks for it by name.', shape.run, 'run.ended'),
  'connection.budget_low': health(
    'Less than half of the reserve is left of the day’s requests.',
    shape.alerted,
    'connection.budget_low',
  ),
  'connection.budget_eaten_by_others': health(
    'KnowBe4 asked to slow down although our own count had room: another program uses the account.',
    shape.alerted,
    'connection.budget_eaten_by_others',
  ),
  'connection.budget_recovered': health(
    'The budget is as it should be again.',
    shape.alerted,
    'connection.budget_recovered',
  ),
  'connection.deliveries_dead': health(
    'Events of this connection could not be delivered to an endpoint.',
    shape.alerted,
    'connection.deliveries_dead',
  ),
  'connection.deliveries_recovered': health(
    'No more deliveries to the endpoint are given up.',
    shape.alerted,
    'connection.deliveries_recovered',
  ),
  'plan.waiting': planned('A plan waits for people to approve it.', shape.plan, 'plan.waiting'),
  'plan.approved': planned(
    'Enough people have approved a plan, or some of its steps.',
    shape.planDecided,
    'plan.approved',
  ),
  'plan.rejected': planned('Somebody refused a plan: it is over.', shape.planDecided, 'plan.rejected'),
  'plan.applied': planned(
    'Everything of a plan that could be sent was sent; KnowBe4 shows it after its next sync.',
    shape.planProgress,
    'plan.applied',
  ),
  'plan.stopped': planned('Applying a plan stopped before its end.', shape.planProgress, 'plan.stopped'),
  'plan.visible': planned(
    'Everything that was sent of a plan is at work, by our own reads.',
    shape.planProgress,
    'plan.visible',
  ),
  'plan.late': planned(
    'Steps of a plan that KnowBe4 took are not visible after two of its syncs. Nobody is archived until they are.',
    shape.planProgress,
    'plan.late',
  ),
  'source.read_completed': planned(
    'A read of a source was kept and shows something new, or the one before it did not end well. It belongs to no connection.',
    shape.sourceRead,
    'source.read_completed',
  ),
  'source.read_incomplete': planned(
    'A source was not read to its end: nobody counts as absent. Told again only for another reason.',
    shape.sourceReadBroken,
    'source.read_incomplete',
  ),
  'source.read_quarantined': planned(
    'A read of a source looks wrong: nothing of it is used until two different people let it in.',
    shape.sourceReadDoubted,
    'source.read_quarantined',
  ),
  'source.read_accepted': planned(
    'Two different people have let in a read that looked wrong.',
    shape.sourceReadAccepted,
    'source.read_accepted',
  ),
  'source.person_kept_out': planned(
    'A provider pushes somebody anew who was erased: no read shows them until somebody lets them in again.',
    shape.sourcePerson,
    'source.person_kept_out',
  ),
  'endpoint.disabled': health(
    'A webhook endpoint was switched off because it does not answer.',
    shape.endpoint,
    'endpoint.disabled',
  ),
  'endpoint.enabled': health('A webhook endpoint was switched on again.', shape.endpoint, 'endpoint.enabled'),
} as const satisfies Readonly<Record<string, Entry>>;

export type EventType = keyof typeof eventCatalog;

export const eventTypes = Object.keys(eventCatalog) as EventType[];

export const catalogEntry = (type: EventType): Entry => eventCatalog[type];

export const isEventType = (type: string): type is EventType => Object.hasOwn(eventCatalog, type);

/** The kinds of change that can make events of these types. */
export const kindsOf = (types: readonly EventType[]): readonly ChangeKind[] => [
  ...new Set(types.flatMap((type) => catalogEntry(type).from)),
];
