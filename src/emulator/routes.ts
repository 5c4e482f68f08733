import { type Listing, listOf } from './listing.ts';
import type { Included, Spelling } from './spelling.ts';
import type { Switches } from './switches.ts';
import { groupById } from './world/groups.ts';
import { findPerson } from './world/mutate.ts';
import { FIRST_RECIPIENT, phishingCampaignRow, recipientRow, testRow } from './world/phishing.ts';
import type { Account, User } from './world/records.ts';
import { accountHistory, accountScore, groupHistory, groupRow, personHistory } from './world/risk.ts';
import type { GroupState, Person, PhishingState, TestState, World } from './world/state.ts';
import { enrollmentPlaces, enrollmentRow, FIRST_ENROLLMENT, scoreOf, trainingCampaignRow } from './world/training.ts';
import { placesWhere } from './world/views.ts';

/** What a route needs to answer. */
export type Call = {
  readonly world: World;
  readonly switches: Switches;
  readonly spelling: Spelling;
  readonly query: URLSearchParams;
  /** The numbers in the path. */
  readonly ids: readonly number[];
};

export type ListAnswer = { readonly list: Listing; readonly most?: number };
/** One record; an array of one where the switches say so. */
export type DetailAnswer = { readonly detail: unknown; readonly id: number; readonly phishing: boolean };
export type Answer =
  | ListAnswer
  | { readonly value: unknown }
  | DetailAnswer
  | { readonly notFound: true }
  | { readonly broken: true };

export type Route = { readonly endpoint: string; readonly pattern: RegExp; answer(call: Call): Answer };

const notFound: Answer = { notFound: true };
const route = (endpoint: string, path: string, answer: (call: Call) => Answer): Route => ({
  endpoint,
  pattern: new RegExp(`^/v1/${path.replaceAll(':id', '(\\d{1,15})')}$`),
  answer,
});

const isFull = (call: Call): boolean => call.query.get('full') === 'true';
const isCallback = (call: Call): boolean => call.query.get('campaign_type') === 'callback';

/** Account as the wire shows it, before the account's type is applied. */
export const accountRow = (world: World): Account => ({
  ...world.account,
  current_risk_score: accountScore(world),
});

/** All 24 paths. Source: developer.knowbe4.com/rest/reporting, 25 Sep 2025, and recorded calls of clients. */
export const routes: readonly Route[] = [
  route('account', 'account', ({ world, switches, spelling }) => ({
    value: spelling.account(accountRow(world), switches.accountType),
  })),
  route('account_risk_history', 'account/risk_score_history', (call) => ({
    value: accountHistory(call.world, isFull(call)),
  })),
  route('users', 'users', (call) => ({ list: users(call, numberOf(call.query, 'group_id')) })),
  route('user', 'users/:id', (call) => {
    const person = personOf(call);
    return person ? { detail: call.spelling.user(person.user), id: person.user.id, phishing: false } : notFound;
  }),
  route('user_risk_history', 'users/:id/risk_score_history', (call) => {
    const person = personOf(call);
    return person ? { value: personHistory(call.world, person, isFull(call)) } : notFound;
  }),
  route('groups', 'groups', (call) => ({ list: groups(call) })),
  route('group', 'groups/:id', (call) => {
    const state = groupById(call.world, call.ids[0]!);
    if (!state) return notFound;
    return { detail: call.spelling.group(groupRow(call.world, state)), id: state.group.id, phishing: false };
  }),
  route('group_members', 'groups/:id/members', (call) =>
    groupById(call.world, call.ids[0]!) ? { list: users(call, call.ids[0]) } : notFound,
  ),
  route('group_risk_history', 'groups/:id/risk_score_history', (call) => {
    const state = groupById(call.world, call.ids[0]!);
    if (!state) return notFound;
    if (call.switches.brokenGroupHistory && state === call.world.groups[2]) return { broken: true };
    return { value: groupHistory(call.world, state, isFull(call)) };
  }),
  route('phishing_campaigns', 'phishing/campaigns', (call) => ({
    list: listOf(phishingCampaigns(call), (state) => state.campaign.campaign_id, phishingCampaignRow),
  })),
  route('phishing_campaign', 'phishing/campaigns/:id', (call) => {
    const state = phishingCampaigns(call).find((one) => one.campaign.campaign_id === call.ids[0]);
    if (!state) return notFound;
    return { detail: phishingCampaignRow(state), id: state.campaign.campaign_id, phishing: true };
  }),
  route('campaign_security_tests', 'phishing/campaigns/:id/security_tests', (call) => {
    const state = phishingCampaigns(call).find((one) => one.campaign.campaign_id === call.ids[0]);
    return state
      ? {
          list: testList(
            call,
            tests(call).filter((one) => one.parent === state),
          ),
        }
      : notFound;
  }),
  route('security_tests', 'phishing/security_tests', (call) => ({ list: testList(call, tests(call)) })),
  route('security_test', 'phishing/security_tests/:id', (call) => {
    const state = testOf(call);
    return state ? { detail: call.spelling.securityTest(testRow(state)), id: state.id, phishing: true } : notFound;
  }),
  route('recipients', 'phishing/security_tests/:id/recipients', (call) => {
    const state = testOf(call);
    return state ? { list: recipients(call, state) } : notFound;
  }),
  route('recipient', 'phishing/security_tests/:id/recipients/:id', (call) => {
    const state = testOf(call);
    const place = call.ids[1]! - FIRST_RECIPIENT;
    if (!state || place < 0 || place >= state.members.length) return notFound;
    const detail = call.spelling.recipient(recipientRow(call.world, state, place));
    return { detail, id: call.ids[1]!, phishing: true };
  }),
  route('store_purchases', 'training/store_purchases', ({ world, spelling }) => ({
    list: listOf(world.purchases, (row) => row.store_purchase_id, spelling.purchase),
  })),
  route('store_purchase', 'training/store_purchases/:id', ({ world, spelling, ids }) => {
    const row = world.purchases.find((one) => one.store_purchase_id === ids[0]);
    return row ? { detail: spelling.purchase(row), id: row.store_purchase_id, phishing: false } : notFound;
  }),
  route('policies', 'training/policies', ({ world, spelling }) => ({
    list: listOf(world.policies, (row) => row.policy_id, spelling.policy),
  })),
  route('policy', 'training/policies/:id', ({ world, spelling, ids }) => {
    const row = world.policies.find((one) => one.policy_id === ids[0]);
    return row ? { detail: spelling.policy(row), id: row.policy_id, phishing: false } : notFound;
  }),
  route('training_campaigns', 'training/campaigns', trainingCampaigns),
  route('training_campaign', 'training/campaigns/:id', ({ world, spelling, ids }) => {
    const state = world.training.find((one) => !one.isDeleted && one.campaign.campaign_id === ids[0]);
    if (!state) return notFound;
    return { detail: spelling.trainingCampaign(trainingCampaignRow(world, state, true)), id: ids[0]!, phishing: false };
  }),
  route('enrollments', 'training/enrollments', (call) => ({ list: enrollments(call) })),
  route('enrollment', 'training/enrollments/:id', (call) => {
    const { world, spelling, ids, query } = call;
    const place = ids[0]! - FIRST_ENROLLMENT;
    if (place < 0 || place >= world.enrollments.count || world.enrollments.removed[place] === 1) return notFound;
    return { detail: spelling.enrollment(enrollmentRow(world, place), included(query)), id: ids[0]!, phishing: false };
  }),
];

const personOf = (call: Call): Person | undefined =>
  call.switches.anonymised ? undefined : findPerson(call.world, call.ids[0]!);

/** A whole number of the query; undefined when there is none, −1 (which matches nothing) when it is something else. */
function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : -1;
}

/** `active`, `archived` or undefined; another word is ignored. */
function statusOf(call: Call): 'active' | 'archived' | undefined {
  const status = call.query.get('status');
  if (status === 'active' || status === 'archived') return status;
  return call.switches.archivedWithoutStatus ? undefined : 'active';
}

function users(call: Call, group: number | undefined): Listing {
  const { world, switches, spelling, query } = call;
  const status = statusOf(call);
  const view = switches.anonymised
    ? new Uint32Array(0)
    : world.views.get(`users ${status} ${group}`, world.version, () =>
        placesWhere(world.people.length, (place) => {
          const { hidden, user } = world.people[place]!;
          if (hidden || (status !== undefined && user.status !== status)) return false;
          return group === undefined || user.groups.includes(group);
        }),
      );
  const expand = query.get('expand') === 'group';
  return {
    count: view.length,
    id: (place) => world.people[view[place]!]!.user.id,
    row: (place) => {
      const { user } = world.people[view[place]!]!;
      const row = spelling.user(user);
      return expand ? { ...row, groups: expanded(world, user) } : row;
    },
  };
}

const expanded = (world: World, user: User): { id: number; name: string }[] =>
  user.groups.map((id) => ({ id, name: groupById(world, id)?.group.name ?? '' }));

function groups(call: Call): Listing {
  const status = statusOf(call);
  const shown = call.world.groups.filter(
    (state) => !state.isDeleted && (status === undefined || state.group.status === status),
  );
  const row = (state: GroupState) => call.spelling.group(groupRow(call.world, state));
  return listOf(shown, (state) => state.group.id, row);
}

const phishingCampaigns = (call: Call): PhishingState[] =>
  call.world.phishing.filter((state) => !state.isDeleted && state.callback === isCallback(call));

const tests = (call: Call): TestState[] =>
  call.world.tests.filter((state) => !state.isDeleted && state.parent.callback === isCallback(call));

const testOf = (call: Call): TestState | undefined => tests(call).find((state) => state.id === call.ids[0]);

const testList = (call: Call, states: readonly TestState[]): Listing =>
  listOf(
    states,
    (state) => state.id,
    (state) => call.spelling.securityTest(testRow(state)),
  );

const recipients = ({ world, spelling }: Call, state: TestState): Listing => ({
  count: state.members.length,
  id: (place) => FIRST_RECIPIENT + place,
  row: (place) => spelling.recipient(recipientRow(world, state, place)),
});

/** Ten a response, silently, unless percentages are left out. */
function trainingCampaigns({ world, switches, spelling, query }: Call): Answer {
  const counted = query.get('exclude_percentages') !== 'true';
  const list = listOf(
    world.training.filter((state) => !state.isDeleted),
    (state) => state.campaign.campaign_id,
    (state) => spelling.trainingCampaign(trainingCampaignRow(world, state, counted)),
  );
  return counted ? { list, most: switches.campaignsWithPercentages } : { list };
}

function enrollments({ world, spelling, query }: Call): Listing {
  const campaign = numberOf(query, 'campaign_id');
  const user = numberOf(query, 'user_id');
  const purchase = numberOf(query, 'store_purchase_id');
  const view = enrollmentPlaces(world, {
    ...(campaign !== undefined && { campaign_id: campaign }),
    ...(user !== undefined && { user_id: user }),
    ...(purchase !== undefined && { store_purchase_id: purchase }),
    exclude_archived_users: query.get('exclude_archived_users') === 'true',
  });
  const keys = included(query);
  return {
    count: view.length,
    id: (place) => FIRST_ENROLLMENT + view[place]!,
    row: (place) => {
      const score = campaign === undefined ? null : scoreOf(world, view[place]!);
      return spelling.enrollment(enrollmentRow(world, view[place]!), { ...keys, score });
    },
  };
}

const included = (query: URLSearchParams): Included => ({
  campaignId: query.get('include_campaign_id') === 'true',
  storePurchaseId: query.get('include_store_purchase_id') === 'true',
  employeeNumber: query.get('include_employee_number') === 'true',
  score: null,
});
