import { beforeEach, describe, expect, test } from 'vitest';
import {
  aLink,
  anApplication,
  anApproval,
  anEntry,
  anItem,
  aPerson,
  aPlan,
  aPlanEntry,
  aScimObject,
  aState,
  aStep,
  at,
  con,
} from '../../provisioning/contract/builders.ts';
import type { Effect, Plan } from '../../provisioning/plan.ts';
import type { Store } from '../store.ts';
import { aConnection } from './builders.ts';
import type { OpenStore } from './contract.ts';

const twoSteps = (): Plan =>
  aPlan({
    steps: [
      aStep(),
      aStep({
        id: 'st_2',
        action: 'archive',
        person: aPerson({ userId: '7', key: null, source: null, name: 'Tom Blake', email: 'Tom.Blake@example.com' }),
      }),
    ],
    items: [
      { kind: 'conflict', person: aPerson(), group: null, reason: 'ambiguous', text: 'Two accounts.', others: [] },
      { kind: 'held', person: null, group: null, reason: 'seats', text: 'No seat.', others: [] },
    ],
  });

/** What the provisioning room relies on. */
export function provisioningContract(open: OpenStore): void {
  let store: Store;
  let reopen: () => Promise<Store>;
  beforeEach(async () => {
    ({ store, reopen } = await open());
    await store.createConnection(aConnection(), []);
  });

  describe('how a connection is provisioned', () => {
    test('is kept, and changed only by who saw the newest of it', async () => {
      expect(await store.getProvisioning(con)).toBeNull();
      const state = aState();
      expect(await store.saveProvisioning(state, null)).toBe(true);
      expect(await store.saveProvisioning(state, null)).toBe(false);
      const paused = aState({ pausedAt: at(1), updatedAt: at(1) });
      expect(await store.saveProvisioning(paused, at(7))).toBe(false);
      expect(await store.saveProvisioning(paused, at(0))).toBe(true);
      expect(await store.getProvisioning(con)).toEqual(paused);
      expect(await store.listProvisioning()).toEqual([paused]);
    });

    test('links and ledger are replaced one by one, and dropped', async () => {
      const other = aLink({ sourceId: 'e2', userId: '7' });
      await store.saveIdentityLinks(con, { save: [aLink(), other], drop: [] });
      const again = aLink({ userId: '9', matchedOn: 'decision' });
      await store.saveIdentityLinks(con, { save: [again], drop: [{ source: 'hr', sourceId: 'e2' }] });
      expect(await store.identityLinks(con)).toEqual([again]);
      expect(await store.identityLinks('con_other')).toEqual([]);
      const group = aScimObject({ kind: 'group', targetId: null, externalId: null, active: false });
      await store.saveScimObjects(con, { save: [aScimObject(), group], drop: [] });
      const seen = { ...group, targetId: '55', known: { memberIds: ['a'] } };
      await store.saveScimObjects(con, { save: [seen], drop: [{ kind: 'user', scimId: 'scim-1' }] });
      expect(await store.scimObjects(con)).toEqual([seen]);
    });
  });

  test('what was noticed keeps its time while it is noticed, and is forgotten after', async () => {
    await store.keepNoticed(con, ['left hr:e1', 'group hr:e2'], at(1));
    await store.keepNoticed(con, ['left hr:e1', 'left 7', 'left 7'], at(2));
    const kept = [
      ['left 7', at(2)],
      ['left hr:e1', at(1)],
    ] as const;
    expect([...(await store.noticed(con))]).toEqual(kept);
    await store.keepNoticed(con, [], at(3));
    expect(await store.noticed(con)).toEqual(new Map());
  });

  describe('work items', () => {
    const decision = { choice: 'link', userId: '7', by: 'priya', at: at(5), reason: null } as const;
    const query = { connectionIds: null, limit: 9 };

    test('are opened once, decided, and asked again only when their records change', async () => {
      await store.meetWorkItems(con, [anItem(), anItem({ id: 'wi_2', about: 'hr:e2', openedAt: at(1) })]);
      await store.meetWorkItems(con, [anItem({ id: 'wi_8' }), anItem({ id: 'wi_9', about: 'hr:e2' })]);
      expect((await store.workItems(query)).map(({ id }) => id)).toEqual(['wi_2', 'wi_1']);
      expect(await store.decideWorkItem('wi_1', 'sha256:other', decision)).toBe(false);
      expect(await store.decideWorkItem('wi_1', 'sha256:1', decision)).toBe(true);
      expect(await store.decideWorkItem('wi_1', 'sha256:1', decision)).toBe(false);
      await store.meetWorkItems(con, [anItem({ id: 'wi_7' })]);
      expect(await store.getWorkItem('wi_1')).toEqual(anItem({ state: 'decided', decision }));
      expect(await store.getWorkItem('wi_2')).toMatchObject({ state: 'closed' });
      expect(await store.workItems({ ...query, states: ['closed'] })).toHaveLength(1);
      const changed = anItem({ digest: 'sha256:2', records: [{ user_id: '8' }], openedAt: at(9) });
      await store.meetWorkItems(con, [changed]);
      expect(await store.getWorkItem('wi_1')).toEqual(changed);
    });

    test('are one for each person, also when it is another kind of conflict by then', async () => {
      await store.meetWorkItems(con, [anItem({ kind: 'ambiguous' })]);
      const other = anItem({ kind: 'doubled', digest: 'sha256:2' });
      await store.meetWorkItems(con, [other]);
      expect(await store.workItems(query)).toEqual([other]);
    });

    test('that were closed and come back are open again', async () => {
      await store.meetWorkItems(con, [anItem()]);
      await store.meetWorkItems(con, []);
      await store.meetWorkItems(con, [anItem({ id: 'wi_5', openedAt: at(4) })]);
      expect(await store.workItems({ connectionIds: [con], limit: 9 })).toEqual([anItem({ openedAt: at(4) })]);
      expect(await store.workItems({ connectionIds: ['con_other'], limit: 9 })).toEqual([]);
    });
  });

  /** What the log holds of plans, oldest first. */
  const told = async () => {
    const { head: last } = await store.logBounds();
    const query = { connectionIds: [con], first: 1, last, order: 'asc', limit: 99 } as const;
    const entries = await store.logEntries(query);
    return entries.flatMap(({ kind, key, current }) => (kind.startsWith('plan.') ? [{ kind, key, current }] : []));
  };

  describe('plans', () => {
    const options = { supersedes: ['sync'], at: at(1) } as const;

    test('are kept with their steps and items, which are read in parts', async () => {
      const plan = twoSteps();
      const { steps, items, ...head } = plan;
      expect(await store.createPlan(plan, options)).toEqual({ planId: plan.id, isNew: true, superseded: [] });
      expect(await store.getPlan(plan.id)).toEqual({ ...head, changedAt: at(1), end: null });
      const [first, second] = steps.map((step, position) => ({ ...step, position }));
      expect(await store.planSteps(plan.id, { limit: 9 })).toEqual([first, second]);
      expect(await store.planSteps(plan.id, { limit: 1 })).toEqual([first]);
      for (const query of [
        { after: 0 },
        { actions: ['archive'] as const },
        { stepIds: ['st_2'] },
        { person: '7' },
        { person: 'tom.blake@Example.com' },
      ]) {
        expect(await store.planSteps(plan.id, { ...query, limit: 9 })).toEqual([second]);
      }
      expect(await store.planSteps(plan.id, { person: 'hr:e1', limit: 9 })).toEqual([first]);
      expect(await store.planItems(plan.id, { limit: 9 })).toEqual(
        items.map((item, position) => ({ ...item, position })),
      );
      expect(await store.planItems(plan.id, { kinds: ['held'], limit: 9 })).toHaveLength(1);
      expect(await store.planItems(plan.id, { after: 0, limit: 9 })).toHaveLength(1);
      expect(await store.getPlan('pl_none')).toBeNull();
    });

    test('take the place of older ones of the kinds that they name, never of approved ones', async () => {
      const made = (id: string, changes: Partial<Plan>) => aPlan({ id, digest: `sha256:${id}`, ...changes });
      await store.createPlan(made('pl_1', { state: 'draft' }), { supersedes: [], at: at(1) });
      await store.createPlan(made('pl_2', { kind: 'request', builtAt: at(1) }), { supersedes: [], at: at(1) });
      await store.createPlan(made('pl_3', { state: 'approved', builtAt: at(2) }), { supersedes: [], at: at(1) });
      const newest = made('pl_4', { builtAt: at(3) });
      expect((await store.createPlan(newest, { ...options, at: at(4) })).superseded).toEqual(['pl_1']);
      expect(await store.getPlan('pl_1')).toMatchObject({
        state: 'superseded',
        changedAt: at(4),
        end: { at: at(4), reason: 'Plan pl_4 took its place.' },
      });
      const listed = async (query: object) =>
        (await store.listPlans({ connectionIds: null, limit: 9, ...query })).map(({ id }) => id);
      expect(await listed({})).toEqual(['pl_4', 'pl_3', 'pl_2', 'pl_1']);
      expect(await listed({ before: { builtAt: at(2), id: 'pl_3' } })).toEqual(['pl_2', 'pl_1']);
      expect(await listed({ states: ['waiting'], kinds: ['request'] })).toEqual(['pl_2']);
      expect(await listed({ connectionIds: ['con_other'] })).toEqual([]);
      expect(await listed({ limit: 1 })).toEqual(['pl_4']);
    });

    test('that say the same as an open one are not kept beside it, until it has expired', async () => {
      const tell = { entry: aPlanEntry('plan.waiting'), mailBy: 61_000 };
      await store.createPlan(aPlan(), { ...options, told: tell });
      const again = aPlan({ id: 'pl_again' });
      const toldAgain = { entry: aPlanEntry('plan.waiting', 'pl_again'), mailBy: 62_000 };
      expect(await store.createPlan(again, { ...options, told: toldAgain })).toEqual({
        planId: 'pl_aaaaaaaa',
        isNew: false,
        superseded: [],
      });
      expect(await told()).toMatchObject([{ kind: 'plan.waiting', key: 'pl_aaaaaaaa' }]);
      expect(await store.listJobs('mail')).toEqual([{ key: 'pl_aaaaaaaa', dueAt: 61_000 }]);
      await store.movePlan('pl_aaaaaaaa', { from: ['waiting'], to: 'approved', at: at(2), end: null });
      expect(await store.createPlan(again, options)).toMatchObject({ isNew: false });
      expect(await store.createPlan({ ...again, state: 'blocked' }, options)).toMatchObject({ isNew: true });
      const late = aPlan({ id: 'pl_late' });
      expect(await store.createPlan(late, { ...options, at: at(86_400) })).toMatchObject({ isNew: true });
    });

    test('move only from the states that are named, and of two that move one one does', async () => {
      await store.createPlan(aPlan(), options);
      const end = { at: at(2), by: 'priya', reason: 'Not now.' };
      const move = { from: ['waiting'], to: 'rejected', at: at(2), end } as const;
      const both = await Promise.all([store.movePlan('pl_aaaaaaaa', move), store.movePlan('pl_aaaaaaaa', move)]);
      expect(both.toSorted()).toEqual([false, true]);
      expect(await store.getPlan('pl_aaaaaaaa')).toMatchObject({ state: 'rejected', end, changedAt: at(2) });
      // What is over stays so, whoever asks.
      expect(await store.movePlan('pl_aaaaaaaa', { from: ['rejected'], to: 'waiting', at: at(3), end: null })).toBe(
        false,
      );
    });

    test('are dropped when they ended long ago; applied ones and what was done are kept longer', async () => {
      const plans = [aPlan({ id: 'pl_old' }), aPlan({ id: 'pl_applied', state: 'approved' }), aPlan({ id: 'pl_open' })];
      for (const [index, plan] of plans.entries()) {
        await store.createPlan({ ...plan, digest: `sha256:${index}` }, { supersedes: [], at: at(1) });
      }
      await store.movePlan('pl_old', { from: ['waiting'], to: 'expired', at: at(2), end: null });
      const plan = { ...plans[1]!, digest: 'sha256:1' };
      const application = anApplication(plan);
      await store.beginApplication({ application, token: 't', at: at(3), leaseUntil: at(30) });
      const lease = { connectionId: con, token: 't' };
      await store.journal(lease, { entries: [anEntry(plan, 0)] });
      const then = { planState: 'applied', entry: null } as const;
      await store.endApplication(lease, { ...application, state: 'applied', endedAt: at(4) }, then);
      expect(await store.dropPlans({ endedBefore: at(9), appliedBefore: at(4) })).toBe(1);
      expect((await store.listPlans({ connectionIds: null, limit: 9 })).map(({ id }) => id)).toEqual([
        'pl_open',
        'pl_applied',
      ]);
      expect(await store.dropPlans({ endedBefore: at(9), appliedBefore: at(9) })).toBe(1);
      expect(await store.getApplication('app_1')).toBeNull();
      expect(await store.journalOf('app_1')).toEqual([]);
    });
  });

  describe('approvals', () => {
    const plan = aPlan();
    const expects = { states: ['waiting'], approvals: 0, to: 'approved', end: null } as const;
    beforeEach(() => store.createPlan(plan, { supersedes: [], at: at(1) }).then(() => undefined));

    test('move the plan with them, and count for its digest, its state and the approvals that were seen alone', async () => {
      const approval = anApproval(plan);
      expect(await store.addApproval({ ...approval, digest: 'sha256:other' }, expects)).toBe(false);
      expect(await store.addApproval(approval, { ...expects, states: ['approved'] })).toBe(false);
      const tell = aPlanEntry('plan.approved');
      expect(await store.addApproval(approval, { ...expects, approvals: 1, entry: tell })).toBe(false);
      expect(await store.approvalsOf(plan.id)).toEqual([]);
      expect(await told()).toEqual([]);
      const second = anApproval(plan, {
        id: 'apr_2',
        operator: { id: 'op_2', name: 'sam' },
        steps: { st_1: 'sha256:x' },
      });
      const both = await Promise.all(
        [approval, second].map((one) => store.addApproval(one, { ...expects, entry: tell })),
      );
      expect(both.toSorted()).toEqual([false, true]);
      expect(await told()).toMatchObject([{ kind: 'plan.approved', key: plan.id }]);
      expect(await store.getPlan(plan.id)).toMatchObject({ state: 'approved' });
    });

    test('lapse, and the plan waits again', async () => {
      await store.addApproval(anApproval(plan), expects);
      const lapsed = { at: at(11), reason: 'The rules have changed.' };
      const waits = { ...lapsed, told: { entry: aPlanEntry('plan.waiting'), mailBy: null } };
      expect(await store.lapseApprovals(plan.id, waits)).toBe(1);
      expect(await store.lapseApprovals(plan.id, waits)).toBe(0);
      expect(await told()).toMatchObject([{ kind: 'plan.waiting', key: plan.id }]);
      expect(await store.approvalsOf(plan.id)).toEqual([anApproval(plan, { lapsed })]);
      expect(await store.getPlan(plan.id)).toMatchObject({ state: 'waiting' });
      const next = anApproval(plan, { id: 'apr_2', at: at(12) });
      expect(await store.addApproval(next, { ...expects, to: null })).toBe(true);
      expect((await store.approvalsOf(plan.id)).map(({ id }) => id)).toEqual(['apr_1', 'apr_2']);
    });
  });

  describe('applying', () => {
    const plan = { ...twoSteps(), state: 'approved' as const };
    const lease = { connectionId: con, token: 't1' };
    const begin = (token: string, seconds: number, id = 'app_1', of: Plan = plan) =>
      store.beginApplication({
        application: anApplication(of, { id }),
        token,
        at: at(seconds),
        leaseUntil: at(seconds + 30),
      });
    beforeEach(() => store.createPlan(plan, { supersedes: [], at: at(1) }).then(() => undefined));

    test('is done by one at a time, and gone on with where a process was killed', async () => {
      const both = await Promise.all([begin('t1', 20), begin('t2', 20, 'app_2')]);
      expect(both.map(({ outcome }) => outcome).toSorted()).toEqual(['begun', 'busy']);
      const first = both.find(({ outcome }) => outcome === 'begun')!.application!;
      expect(await store.getPlan(plan.id)).toMatchObject({ state: 'applying' });
      expect(await begin('t3', 49)).toEqual({ outcome: 'busy', application: null });
      expect(await begin('t3', 50, 'app_3')).toEqual({
        outcome: 'resumed',
        application: { ...first, resumed: 1 },
      });
      for (const token of ['t1', 't2']) {
        const old = { connectionId: con, token };
        expect(await store.journal(old, { entries: [anEntry(plan, 0)] })).toBe(false);
        expect(await store.renewApplyLease(old, at(99))).toBe(false);
        const then = { planState: 'applied', entry: aPlanEntry('plan.applied') } as const;
        expect(await store.endApplication(old, first, then)).toBe(false);
        expect(await told()).toEqual([]);
      }
      expect(await store.journalOf(first.id)).toEqual([]);
      expect(await store.renewApplyLease({ connectionId: con, token: 't3' }, at(99))).toBe(true);
      expect(await begin('t4', 98)).toMatchObject({ outcome: 'busy' });
      const other = aPlan({ id: 'pl_bbbbbbbb', state: 'approved' });
      await store.createPlan(other, { supersedes: [], at: at(2) });
      expect(await begin('t5', 99, 'app_5', other)).toMatchObject({
        outcome: 'unfinished',
        application: { id: first.id, resumed: 2 },
      });
    });

    test('is kept from nobody by a clock that was put back, nor given away by clocks that differ a little', async () => {
      await begin('t1', 3600);
      expect(await begin('t2', 3600 - 300)).toEqual({ outcome: 'busy', application: null });
      expect(await begin('t3', 60)).toMatchObject({ outcome: 'resumed' });
      expect(await store.journal({ connectionId: con, token: 't1' }, { entries: [anEntry(plan, 0)] })).toBe(false);
    });

    test('begins only what is approved, as it was approved', async () => {
      const waiting = aPlan({ id: 'pl_waiting' });
      await store.createPlan(waiting, { supersedes: [], at: at(2) });
      for (const of of [waiting, { ...plan, digest: 'sha256:other' }, aPlan({ id: 'pl_none' })]) {
        expect(await begin('t1', 20, 'app_1', of)).toEqual({ outcome: 'not_approved', application: null });
      }
      expect(await begin('t1', 20)).toMatchObject({ outcome: 'begun' });
    });

    test('keeps a journal with what follows from it, and ends with the plan', async () => {
      await begin('t1', 20);
      const written = [anEntry(plan, 0), anEntry(plan, 1, { writtenAt: at(22) })];
      expect(await store.journal(lease, { entries: written })).toBe(true);
      const made = { connectionId: con, provisionalId: 'new_1', scimId: 'scim-9', userId: null, at: at(23) };
      const accepted = anEntry(plan, 0, { state: 'accepted', acceptedAt: at(23), before: { active: true } });
      await store.journal(lease, {
        entries: [accepted],
        scimObjects: [aScimObject()],
        links: [aLink()],
        provisionalIds: [made],
      });
      expect(await store.journalOf('app_1')).toEqual([accepted, written[1]]);
      expect(await store.journaled({ connectionId: con, states: ['accepted', 'late'] })).toEqual([accepted]);
      expect(await store.journaled({ connectionId: con, acceptedSince: at(23) })).toEqual([accepted]);
      expect(await store.journaled({ connectionId: con, acceptedSince: at(24) })).toEqual([]);
      expect(await store.identityLinks(con)).toEqual([aLink()]);
      expect(await store.scimObjects(con)).toEqual([aScimObject()]);
      const ended = anApplication(plan, { state: 'partial', endedAt: at(25) });
      const then = { planState: 'applied', entry: aPlanEntry('plan.applied') } as const;
      expect(await store.endApplication(lease, ended, then)).toBe(true);
      expect(await told()).toMatchObject([{ kind: 'plan.applied', key: plan.id }]);
      expect(await store.getPlan(plan.id)).toMatchObject({ state: 'applied', changedAt: at(25) });
      expect(await store.getApplication('app_1')).toEqual(ended);
      expect(await store.journal(lease, { entries: written })).toBe(false);

      const seen = { ...accepted, state: 'visible', userId: '99', visibleAt: at(30) } as const;
      const known = { ...made, scimId: null, userId: '99', at: at(30) };
      await store.noteSeen(
        [
          { from: 'accepted', entry: seen },
          { from: 'accepted', entry: { ...written[1]!, state: 'late' } },
        ],
        { provisionalIds: [known], links: [aLink({ userId: '99' })] },
        [aPlanEntry('plan.late')],
      );
      await store.noteSeen([{ from: 'accepted', entry: seen }], {}, [aPlanEntry('plan.late')]);
      expect((await told()).map(({ kind }) => kind)).toEqual(['plan.applied', 'plan.late']);
      expect(await store.journalOf('app_1')).toEqual([seen, written[1]]);
      expect(await store.provisionalId(con, 'new_1')).toEqual({ ...made, userId: '99' });
      expect(await store.provisionalIds(con)).toHaveLength(1);
      expect(await store.provisionalId(con, 'new_2')).toBeNull();
      expect(await store.identityLinks(con)).toEqual([aLink({ userId: '99' })]);
      const query = { connectionIds: [con], limit: 9 };
      expect(await store.listApplications({ ...query, planId: plan.id, states: ['partial'] })).toEqual([ended]);
      expect(await store.listApplications({ ...query, states: ['running'] })).toEqual([]);
    });

    test('keeps what was refused until it is taken or nobody wants it, and forgets objects that are gone', async () => {
      await begin('t1', 20);
      const refused = (aim: string, tries = 1) => ({
        ...{ aim, tries, firstAt: at(21), lastAt: at(21 + tries), nextAt: at(90) },
        error: { code: 'remote_rejected', detail: 'the title is too long' },
      });
      const entries = [anEntry(plan, 0, { state: 'failed' })];
      await store.saveScimObjects(con, { save: [aScimObject(), aScimObject({ kind: 'group' })], drop: [] });
      const gone = { goneScimObjects: [{ kind: 'user', scimId: 'scim-1' }] } as const;
      await store.journal(lease, { entries, refusals: [refused('a'), refused('b'), refused('c')], ...gone });
      expect(await store.scimObjects(con)).toEqual([aScimObject({ kind: 'group' })]);
      await store.journal(lease, { entries, refusals: [refused('a', 2)], taken: ['b'] });
      expect(await store.refusals(con)).toEqual([refused('a', 2), refused('c')]);
      expect(await store.refusals('con_other')).toEqual([]);
      await store.keepRefusals(con, ['a', 'd']);
      expect(await store.refusals(con)).toEqual([refused('a', 2)]);
      const lost = { ...lease, token: 'lost' };
      expect(await store.journal(lost, { entries, refusals: [refused('z')], taken: ['a'] })).toBe(false);
      expect(await store.refusals(con)).toEqual([refused('a', 2)]);
      await store.keepRefusals(con, []);
      expect(await store.refusals(con)).toEqual([]);
    });

    test('is found as it was left after the process was killed', async () => {
      await begin('t1', 20);
      await store.journal(lease, { entries: [anEntry(plan, 0)] });
      store = await reopen();
      expect(await begin('t2', 60)).toMatchObject({ outcome: 'resumed', application: { id: 'app_1', resumed: 1 } });
      expect(await store.journalOf('app_1')).toEqual([anEntry(plan, 0)]);
    });
  });

  describe('what goes', () => {
    const effect = (name: string): Effect => ({
      ...{ by: 'knowbe4', kind: 're_enrol', certainty: 'certain' },
      ...{ text: `${name} is enrolled again.`, userIds: ['410212', '7'] },
    });
    const fill = async () => {
      const plan = { ...twoSteps(), state: 'approved' as const, effects: [effect('Aiko Tanaka')] };
      await store.createPlan(plan, { supersedes: [], at: at(1) });
      await store.createPlan(aPlan({ id: 'pl_other', steps: [plan.steps[1]!] }), { supersedes: [], at: at(1) });
      await store.saveProvisioning(aState(), null);
      await store.saveIdentityLinks(con, { save: [aLink(), aLink({ sourceId: 'e2', userId: '7' })], drop: [] });
      await store.saveScimObjects(con, { save: [aScimObject()], drop: [] });
      // Records of sources alone name people by their key.
      const records = [{ key: 'hr:e1', name: 'Aiko Tanaka' }, { key: 'hr:e1b' }];
      await store.meetWorkItems(con, [anItem(), anItem({ id: 'wi_2', kind: 'join', about: 'person:hr:e1b', records })]);
      await store.keepNoticed(con, ['left hr:e1', 'left 410212', 'left hr:e2'], at(1));
      await store.beginApplication({ application: anApplication(plan), token: 't', at: at(3), leaseUntil: at(30) });
      const lease = { connectionId: con, token: 't' };
      await store.journal(lease, {
        entries: [anEntry(plan, 0), anEntry(plan, 1)],
        refusals: [aRefusal('sha256:1')],
      });
      await store.addApproval(anApproval(aPlan({ id: 'pl_other', steps: [plan.steps[1]!] })), {
        ...{ states: ['waiting'], approvals: 0, to: null, end: null },
      });
      return lease;
    };
    const aRefusal = (aim: string) => ({
      ...{ aim, tries: 1, firstAt: at(4), lastAt: at(4), nextAt: null },
      error: { code: 'conflict', detail: 'aiko@example.com is taken' },
    });
    const everything = async () =>
      JSON.stringify([
        await store.listPlans({ connectionIds: null, limit: 9 }),
        ...(await Promise.all(
          ['pl_aaaaaaaa', 'pl_other'].flatMap((id) => [
            store.planSteps(id, { limit: 9 }),
            store.planItems(id, { limit: 9 }),
            store.approvalsOf(id),
          ]),
        )),
        await store.journalOf('app_1'),
        await store.listApplications({ connectionIds: null, limit: 9 }),
        await store.workItems({ connectionIds: null, limit: 9 }),
        await store.identityLinks(con),
        [...(await store.noticed(con))],
        await store.scimObjects(con),
        await store.refusals(con),
        await store.listProvisioning(),
      ]);

    test('of an erased person goes, from plans that are open too; what is being applied writes nothing back', async () => {
      const lease = await fill();
      expect(await everything()).toContain('410212');
      await store.erasePerson({ connectionId: con, userId: '410212', mark: 'm', at: at(9) });
      const left = await everything();
      for (const trace of ['410212', 'Aiko', 'aiko', 'hr:e1']) expect(left).not.toContain(trace);
      expect(left).toContain('Tom Blake');
      expect(await store.journal(lease, { entries: [anEntry(twoSteps(), 0)] })).toBe(false);
      expect(await store.getPlan('pl_aaaaaaaa')).toMatchObject({ state: 'applying' });
      expect(await store.getPlan('pl_other')).toMatchObject({ state: 'waiting' });
      await store.erasePerson({ connectionId: con, userId: '7', mark: 'm2', at: at(9) });
      expect(await store.getPlan('pl_other')).toMatchObject({ state: 'stale', end: { by: 'system' } });
    });

    test('of a purged connection goes whole', async () => {
      await fill();
      await store.deleteConnection(con, { purge: true, at: at(9) });
      expect(await everything()).toBe('[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]');
    });

    test('of a removed connection is kept as a record, but nobody holds it', async () => {
      const lease = await fill();
      await store.deleteConnection(con, { purge: false, at: at(9) });
      expect(await store.listProvisioning()).toEqual([]);
      expect(await store.renewApplyLease(lease, at(99))).toBe(false);
      expect(await store.journalOf('app_1')).toHaveLength(2);
    });
  });
}
