import type { AccountState } from './account.ts';
import type { UserEvent, UserEventStatus, UserEventType } from './events/records.ts';
import { bringUp, eventRow, newestFirst } from './events/state.ts';
import { holdersOf, rolesOf, type SecurityRole } from './product/roles.ts';
import { accountRow } from './routes.ts';
import { isActiveUser, memberIdsOf } from './scim/fields.ts';
import type { Stored } from './scim/shelf.ts';
import { bringUpScim } from './scim/state.ts';
import { phishingCampaignRow, recipientRow, testRow } from './world/phishing.ts';
import type {
  Account,
  Change,
  Enrollment,
  Group,
  PhishingCampaign,
  Policy,
  Recipient,
  RiskPoint,
  SecurityTest,
  StorePurchase,
  TrainingCampaign,
  User,
} from './world/records.ts';
import { accountHistory, groupRow } from './world/risk.ts';
import type { TestState, World } from './world/state.ts';
import { enrollmentPlaces, enrollmentRow, trainingCampaignRow } from './world/training.ts';

/**
 * Everything an account holds, in the modern spelling and with every key, whatever the switches: an enrollment has its
 * ids and the employee number, no score.
 */
export type GroundTruth = WorldTruth & {
  /** The newest first. */
  user_events: UserEvent[];
  user_event_types: UserEventType[];
  /** In the order in which they were posted. */
  user_event_statuses: UserEventStatus[];
  /** With the active people who hold them. */
  security_roles: (SecurityRole & { user_ids: number[] })[];
  /** What SCIM's store holds, whether a sync has applied it or not. */
  scim_users: StoredUser[];
  scim_groups: StoredGroup[];
};

type StoredUser = {
  id: string;
  external_id: string | null;
  user_name: string;
  active: boolean;
  /** The account that it is; null: none yet. */
  user_id: number | null;
};

type StoredGroup = {
  id: string;
  external_id: string | null;
  name: string;
  /** Ids of users of the store. */
  member_ids: string[];
  group_id: number | null;
};

export type WorldTruth = {
  account: Account;
  account_risk_history: RiskPoint[];
  users: User[];
  groups: Group[];
  phishing_campaigns: PhishingCampaign[];
  security_tests: SecurityTest[];
  recipients: Recipient[];
  callback_campaigns: PhishingCampaign[];
  callback_tests: SecurityTest[];
  callback_recipients: Recipient[];
  training_campaigns: TrainingCampaign[];
  enrollments: Enrollment[];
  store_purchases: StorePurchase[];
  policies: Policy[];
  /** What happened since the emulator started, in order of time. */
  changes: Change[];
};

/** Stream by stream, row by row: an account of any size can be written out without being held twice. */
type Streams<Truth> = { readonly [Stream in keyof Truth]: () => Iterable<unknown> };

function worldStreams(world: World): Streams<WorldTruth> {
  const campaigns = (callback: boolean) =>
    world.phishing.filter((state) => !state.isDeleted && state.callback === callback);
  const tests = (callback: boolean) =>
    world.tests.filter((state) => !state.isDeleted && state.parent.callback === callback);
  return {
    account: () => [accountRow(world)],
    account_risk_history: () => accountHistory(world, true),
    users: () => world.people.filter((person) => !person.hidden).map((person) => person.user),
    groups: () => world.groups.filter((state) => !state.isDeleted).map((state) => groupRow(world, state)),
    phishing_campaigns: () => campaigns(false).map(phishingCampaignRow),
    security_tests: () => tests(false).map(testRow),
    recipients: () => recipientsOf(world, tests(false)),
    callback_campaigns: () => campaigns(true).map(phishingCampaignRow),
    callback_tests: () => tests(true).map(testRow),
    callback_recipients: () => recipientsOf(world, tests(true)),
    training_campaigns: () =>
      world.training.filter((state) => !state.isDeleted).map((state) => trainingCampaignRow(world, state, true)),
    enrollments: () => enrollmentsOf(world),
    store_purchases: () => world.purchases,
    policies: () => world.policies,
    changes: () => world.changes,
  };
}

function accountStreams(account: AccountState, now: number): Streams<GroundTruth> {
  const { world, events, switches, scim } = account;
  bringUpScim(scim, world);
  bringUp(events, world, now, switches.eventsDelayMs);
  return {
    ...worldStreams(world),
    user_events: () => newestFirst(events).map((event) => eventRow(events, event)),
    user_event_types: () => events.types,
    user_event_statuses: () => events.sent.map(({ status }) => status),
    security_roles: () =>
      rolesOf(account).map((role) => ({ ...role, user_ids: holdersOf(world, role).map(({ user }) => user.id) })),
    scim_users: () => scim.users.all().map((stored) => storedUser(account, stored)),
    scim_groups: () => scim.groups.all().map((stored) => storedGroup(account, stored)),
  };
}

function storedUser({ world, scim }: AccountState, stored: Stored): StoredUser {
  const index = scim.personOf.get(stored.id);
  return {
    id: stored.id,
    external_id: externalIdOf(stored),
    user_name: scim.users.nameOf(stored),
    active: isActiveUser(stored.resource),
    user_id: index === undefined ? null : world.people[index]!.user.id,
  };
}

const storedGroup = ({ scim }: AccountState, stored: Stored): StoredGroup => ({
  id: stored.id,
  external_id: externalIdOf(stored),
  name: scim.groups.nameOf(stored),
  member_ids: memberIdsOf(stored.resource),
  group_id: scim.groupOf.get(stored.id) ?? null,
});

const externalIdOf = ({ resource: { externalId } }: Stored): string | null =>
  typeof externalId === 'string' ? externalId : null;

function* recipientsOf(world: World, states: readonly TestState[]): Generator<Recipient> {
  for (const state of states) {
    for (let place = 0; place < state.members.length; place += 1) yield recipientRow(world, state, place);
  }
}

function* enrollmentsOf(world: World): Generator<Enrollment> {
  for (const place of enrollmentPlaces(world, {})) yield enrollmentRow(world, place);
}

/** A copy that does not change when the world does. */
export const groundTruth = (world: World): WorldTruth => copied<WorldTruth>(worldStreams(world));

/** The same of all that an account holds. `now`: until when posted events have waited. */
export const accountTruth = (account: AccountState, now: number): GroundTruth =>
  copied<GroundTruth>(accountStreams(account, now));

function copied<Truth extends WorldTruth>(streams: Streams<Truth>): Truth {
  const all = Object.entries(streams as Streams<Record<string, unknown>>);
  const rows = all.map(([stream, each]) => [stream, Array.from(each())] as const);
  const truth = structuredClone(Object.fromEntries(rows)) as unknown as Omit<Truth, 'account'> & { account: [Account] };
  return { ...truth, account: truth.account[0] } as unknown as Truth;
}

/** One JSON object a line: `{"stream": …, "record": …}`. */
export function* truthLines(account: AccountState, now: number): Generator<string> {
  for (const [stream, all] of Object.entries(accountStreams(account, now))) {
    for (const record of all()) yield `${JSON.stringify({ stream, record })}\n`;
  }
}
