import { beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../store/contract/memory-store.ts';
import { applyPlan } from './apply.ts';
import { aState, aStep, at, con, telling } from './contract/builders.ts';
import {
  aGroup,
  anAccount,
  aTarget,
  emailOf,
  fillRoad,
  keepApproved,
  planFor,
  readyStore,
  set,
} from './contract/lab.ts';
import { type MemoryRoad, memoryRoad } from './contract/memory-road.ts';
import { assumedBy } from './digest.ts';
import { layOver } from './in-flight.ts';
import type { Plan } from './plan.ts';
import type { ProvisioningStore } from './ports.ts';
import { provisionalId } from './provisional-id.ts';
import type { Target } from './target.ts';
import { indexTarget } from './target-index.ts';
import { campaignsWithoutReaction, lateHints, verifySeen } from './verify.ts';

let store: ProvisioningStore;
let road: MemoryRoad;
let now: number;
let ids: number;
beforeEach(async () => {
  store = await memoryStore();
  road = memoryRoad();
  now = Date.parse(at(60));
  ids = 0;
});

const mirror = aTarget(
  [anAccount('aiko'), anAccount('tom'), anAccount('lena', { status: 'archived' })],
  [aGroup('Clerks', ['tom'])],
);
const everything = () =>
  planFor(mirror, [
    {
      action: 'create',
      who: 'maya',
      fields: [...set('email', null, emailOf('maya')), ...set('job_title', null, 'Lead')],
    },
    { action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') },
    { action: 'restore', who: 'lena' },
    { action: 'group_create', into: 'New hires' },
    { action: 'member_add', who: 'maya', into: 'New hires' },
    { action: 'member_remove', who: 'tom', into: 'Clerks' },
    { action: 'archive', who: 'tom' },
  ]);
/** KnowBe4 after its sync, read at that time. */
const synced = (asOf: string, changes: { readonly title?: string } = {}): Target => ({
  ...aTarget(
    [
      anAccount('aiko', { fields: { ...anAccount('aiko').fields, job_title: 'Lead' } }),
      anAccount('tom', { status: 'archived' }),
      anAccount('lena'),
      anAccount('901', {
        provisioningGuid: 'hr:maya',
        fields: { email: emailOf('maya'), job_title: changes.title ?? 'Lead' },
      }),
    ],
    [aGroup('Clerks'), { ...aGroup('New hires', ['901']), id: 'g-902' }],
  ),
  asOf,
});

const deps = () => ({ store, telling, now: () => new Date(now) });
async function applied(plan: Plan, target = mirror, isFirst = true): Promise<string> {
  if (isFirst) await readyStore(store, plan, await fillRoad(road, target));
  else await keepApproved(store, plan);
  const { id } = await applyPlan(
    {
      ...{ ...deps(), road, readTarget: async () => target, newId: (prefix) => `${prefix}_${++ids}` },
      sleep: (_, signal) => new Promise((__, reject) => signal?.addEventListener('abort', reject)),
    },
    { planId: plan.id, by: 'priya', fourEyes: false, signal: new AbortController().signal },
  );
  return id;
}
const actionsOf = (entries: readonly { readonly action: string }[]) => entries.map(({ action }) => action).toSorted();

describe('what was sent', () => {
  test('is verified once our own read shows it, and a new person is linked and found by both ids', async () => {
    const id = await applied(everything());
    const none = { verified: [], otherwise: [], late: [], givenUp: [] };
    expect(await verifySeen(deps(), { ...mirror, asOf: at(120) })).toEqual({ ...none, waiting: 7 });
    now = Date.parse(at(1200));
    const seen = await verifySeen(deps(), synced(at(1100)));
    expect(actionsOf(seen.verified)).toEqual(actionsOf(everything().steps));
    expect(seen).toMatchObject({ otherwise: [], late: [], waiting: 0 });
    const journal = await store.journalOf(id);
    expect(journal.every(({ state, verifiedAt }) => state === 'verified' && verifiedAt === at(1200))).toBe(true);
    expect(await store.identityLinks(con)).toEqual([
      { connectionId: con, source: 'hr', sourceId: 'maya', userId: '901', matchedOn: 'created', linkedAt: at(1200) },
    ]);
    expect(await store.provisionalId(con, provisionalId(con, 'hr:maya'))).toMatchObject({ userId: '901' });
    const ledger = await store.scimObjects(con);
    expect(ledger.find(({ name }) => name === emailOf('maya'))).toMatchObject({ targetId: '901' });
    expect(ledger.find(({ name }) => name === 'new hires')).toMatchObject({ targetId: 'g-902' });
    expect(await verifySeen(deps(), synced(at(1300)))).toEqual({ ...none, waiting: 0 });
  });

  test('that is there otherwise than it was wanted is visible, and says how', async () => {
    await applied(everything());
    const { otherwise, waiting } = await verifySeen(deps(), synced(at(1100), { title: 'Clerk' }));
    expect(otherwise).toEqual([
      expect.objectContaining({ action: 'create', found: 'job_title is "Clerk" instead of "Lead".', userId: '901' }),
    ]);
    expect(waiting).toBe(1);
    expect(await verifySeen(deps(), synced(at(1100), { title: 'Clerk' }))).toMatchObject({ otherwise: [], waiting: 1 });
    expect(await verifySeen(deps(), synced(at(1100)))).toMatchObject({ waiting: 0 });
  });

  test('is seen whatever a clock does: put back nothing is late, put forward a day nothing is given up at once', async () => {
    await applied(everything());
    now = Date.parse(at(60 - 3600));
    expect(await verifySeen(deps(), { ...mirror, asOf: at(60 - 3500) })).toMatchObject({ late: [], givenUp: [] });
    now = Date.parse(at(60 + 86_400));
    const forward = await verifySeen(deps(), { ...mirror, asOf: at(60 + 86_400) });
    expect(forward).toMatchObject({ givenUp: [], waiting: 7 });
    expect(forward.late).toHaveLength(7);
    now = Date.parse(at(300));
    const seen = await verifySeen(deps(), synced(at(290)));
    expect(actionsOf(seen.verified)).toEqual(actionsOf(everything().steps));
  });

  test('that is there otherwise for a day is given up, so that a plan sees what is there', async () => {
    await applied(everything());
    const otherwise = synced(at(1100), { title: 'Clerk' });
    await verifySeen(deps(), otherwise);
    now += 86_400_000 - 1;
    expect((await verifySeen(deps(), otherwise)).givenUp).toEqual([]);
    now += 1;
    expect((await verifySeen(deps(), otherwise)).givenUp).toMatchObject([
      { action: 'create', state: 'failed', error: { detail: expect.stringMatching(/otherwise for a day/) } },
    ]);
    const left = layOver(otherwise, await store.journaled({ connectionId: con }), []);
    expect(left.users.find(({ id }) => id === '901')!.fields.job_title).toBe('Clerk');
  });

  test('is late when a read two windows later does not show it, told once, given up after a day', async () => {
    await applied(everything());
    now = Date.parse(at(60 + 1800));
    expect((await verifySeen(deps(), { ...mirror, asOf: at(60 + 1799) })).late).toEqual([]);
    expect((await verifySeen(deps(), { ...mirror, asOf: null })).late).toEqual([]);
    expect((await verifySeen(deps(), { ...mirror, asOf: at(60 + 1800) })).late).toHaveLength(7);
    expect(await verifySeen(deps(), { ...mirror, asOf: at(60 + 1900) })).toMatchObject({ late: [], waiting: 7 });
    now = Date.parse(at(60 + 86_400));
    expect(await verifySeen(deps(), { ...mirror, asOf: at(60 + 86_000) })).toMatchObject({ waiting: 0 });
    expect(await store.journaled({ connectionId: con, states: ['failed'] })).toHaveLength(7);
  });

  test('is never late when the store had it before: nothing asked for a sync; given up, it is not relied on as written', async () => {
    const plan = planFor(mirror, [
      {
        ...{ action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') },
        effects: [{ by: 'knowbe4', kind: 'put_back', certainty: 'possible', text: 'puts it back' }],
      },
    ]);
    await applied(plan);
    const asked: string[] = [];
    const look = (asOf: string) => {
      const lastSyncAt = async () => {
        asked.push(asOf);
        return at(0);
      };
      return verifySeen({ ...deps(), lastSyncAt }, { ...mirror, asOf });
    };
    now = Date.parse(at(60 + 7200));
    expect(await look(at(60 + 7200))).toMatchObject({ late: [], waiting: 1 });
    expect(asked).toEqual([]);
    const knownOf = async () => (await store.scimObjects(con)).find(({ targetId }) => targetId === 'aiko')!.known;
    expect(await knownOf()).toMatchObject({ job_title: 'Lead', first_name: 'aiko' });
    now = Date.parse(at(60 + 86_400));
    expect(await look(at(60 + 86_400))).toMatchObject({ givenUp: [{ action: 'update' }], waiting: 0 });
    expect(asked).toHaveLength(1);
    expect(await knownOf()).not.toHaveProperty('job_title');
    expect(await knownOf()).toHaveProperty('first_name');
  });

  test('and was set anew by a later plan is not waited for', async () => {
    const first = planFor(mirror, [{ action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') }]);
    await applied(first);
    now = Date.parse(at(90));
    const flying = layOver(mirror, await store.journaled({ connectionId: con }), []);
    const second = planFor(flying, [{ action: 'update', who: 'aiko', fields: set('job_title', 'Lead', 'Head') }], {
      id: 'pl_second',
    });
    const id = await applied(second, mirror, false);
    expect((await store.journalOf(id)).map(({ state }) => state)).toEqual(['accepted']);
    const shown = aTarget([anAccount('aiko', { fields: { ...anAccount('aiko').fields, job_title: 'Head' } })]);
    const { verified } = await verifySeen(deps(), { ...shown, asOf: at(1000) });
    expect(verified.map(({ found }) => found)).toEqual(['A later step took its place.', null]);
  });

  test('names a manager, who by then has another address', async () => {
    const manager = { action: 'manager', who: 'tom', fields: set('manager_email', null, emailOf('aiko')) } as const;
    const renamed = {
      action: 'update',
      who: 'aiko',
      fields: set('email', emailOf('aiko'), 'a.b@example.com'),
    } as const;
    await applied(planFor(mirror, [manager, renamed]));
    const tom = anAccount('tom', { fields: { ...anAccount('tom').fields, manager_email: 'a.b@example.com' } });
    const aiko = anAccount('aiko', { fields: { ...anAccount('aiko').fields, email: 'a.b@example.com' } });
    const { verified, waiting } = await verifySeen(deps(), { ...aTarget([aiko, tom]), asOf: at(1000) });
    expect({ verified: actionsOf(verified), waiting }).toEqual({ verified: ['manager', 'update'], waiting: 0 });
  });
});

describe('what is in flight', () => {
  test('lies over the mirror as if it were at work, and is the same once it is', async () => {
    await applied(everything());
    const flying = layOver(mirror, await store.journaled({ connectionId: con }), await store.provisionalIds(con));
    const maya = provisionalId(con, 'hr:maya');
    const described = ({ users, groups }: Target) => ({
      users: users.map(({ id, status, fields }) => [id.replace(maya, '901'), status, fields.job_title]).toSorted(),
      groups: groups
        .map(({ name, memberIds }) => [name, [...memberIds].map((id) => id.replace(maya, '901'))])
        .toSorted(),
    });
    expect(described(flying)).toEqual(described(synced(at(1100))));
    await verifySeen(deps(), synced(at(1100)));
    const settled = layOver(synced(at(1100)), await store.journaled({ connectionId: con }), []);
    expect(settled).toEqual(synced(at(1100)));
  });

  test('and partly shown already is laid over what is shown', async () => {
    await applied(everything());
    const half = synced(at(1100), { title: 'Clerk' });
    await verifySeen(deps(), half);
    const flying = layOver(half, await store.journaled({ connectionId: con }), await store.provisionalIds(con));
    expect(flying.users).toHaveLength(4);
    expect(flying.users.map(({ id }) => id)).not.toContain(provisionalId(con, 'hr:maya'));
  });

  test('keeps a plan that follows from writing it again', async () => {
    await applied(everything());
    const entries = await store.journaled({ connectionId: con });
    const index = indexTarget(layOver(mirror, entries, await store.provisionalIds(con)));
    for (const step of everything().steps.filter(({ action }) => action === 'create' || action === 'archive')) {
      expect(assumedBy(step, index)).not.toBe(step.assumes);
    }
  });
});

describe('campaigns', () => {
  const groups = [
    { name: 'New hires', expect: { enrolledIn: 'Welcome', withinMs: 3_600_000 } },
    { name: 'Clerks', expect: null },
  ];
  const asked: string[] = [];
  const look = (isEnrolled: boolean, enrolledAsOf = at(1200 + 3600)) =>
    campaignsWithoutReaction(
      {
        ...deps(),
        enrolledAsOf,
        isEnrolled: async (userId, campaign) => {
          asked.push(`${userId} ${campaign}`);
          return isEnrolled;
        },
      },
      con,
      groups,
    );

  test('that should have enrolled a member and did not are told when their time is over', async () => {
    await applied(everything());
    now = Date.parse(at(1200));
    await verifySeen(deps(), synced(at(1100)));
    expect(await look(false)).toEqual([]);
    now = Date.parse(at(1200 + 3600));
    expect(await look(false)).toEqual([{ userId: '901', group: 'New hires', campaign: 'Welcome', since: at(1200) }]);
    expect(await look(true)).toEqual([]);
    expect(await look(false, at(1200 + 3599))).toEqual([]);
    expect(asked).toEqual(['901 Welcome', '901 Welcome']);
  });
});

test('why steps may be late is said, the likeliest first', () => {
  const late = [{ acceptedAt: at(60), step: aStep() }];
  const on = aState({ testMode: { state: 'on', attested: null } });
  expect(lateHints(on, late, at(0)).map((hint) => hint.slice(0, 15))).toEqual(['Test Mode is on', 'KnowBe4 has not']);
  expect(lateHints(aState(), late, at(90))).toEqual([expect.stringMatching(/sync report/)]);
  const effects = [{ by: 'knowbe4', kind: 'put_back', certainty: 'possible', text: 'puts it back' }] as const;
  const before = { acceptedAt: at(60), step: aStep({ effects }) };
  expect(lateHints(aState(), [before], at(0))).toEqual([expect.stringMatching(/The SCIM store had it before/)]);
  expect(lateHints(aState(), [before, ...late], at(0))).toEqual([expect.stringMatching(/^KnowBe4 has not run/)]);
  const unknown = aState({ owner: 'unknown', testMode: { state: 'unknown', attested: null } });
  expect(lateHints(unknown, late, null)).toEqual([
    expect.stringMatching(/another provisioner/),
    expect.stringMatching(/Test Mode is off/),
  ]);
});
