import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../store/contract/memory-store.ts';
import { automaticSteps, standing, worsened } from './approvals.ts';
import { type ApprovalRequest, approveByRules, approvePlan, lapseIfWorse, rejectPlan } from './approve.ts';
import { anApproval, aPerson, aPlan, aStep, at, telling } from './contract/builders.ts';
import type { Effect, Guard, Plan, Step } from './plan.ts';
import type { Approver, ProvisioningStore, StoredPlan } from './ports.ts';

const priya: Approver = { id: 'op_1', name: 'priya' };
const sam: Approver = { id: 'op_2', name: 'sam' };

let store: ProvisioningStore;
let now: number;
let ids: number;
const deps = {
  get store() {
    return store;
  },
  telling,
  now: () => new Date(now),
  newId: () => `apr_${++ids}`,
};
beforeEach(async () => {
  store = await memoryStore();
  now = Date.parse(at(60));
  ids = 0;
});

const keep = async (plan: Plan): Promise<Plan> => {
  await store.createPlan(plan, { supersedes: [], at: at(1) });
  return plan;
};
const approve = (plan: Plan, changes: Partial<ApprovalRequest> = {}) =>
  approvePlan(deps, {
    ...{ planId: plan.id, digest: plan.digest, steps: null, reason: null, operator: priya, fourEyes: false },
    ...changes,
  });

const group = { name: 'New hires', groupId: null };
const joiner = aPerson({ userId: null, key: 'hr:e9', name: 'Maya Ortiz', email: 'maya@example.com' });
/** A group, a person and their membership, and an archive that takes two people. */
const joined = (): Step[] => [
  aStep({ id: 'st_1', action: 'create', person: joiner }),
  aStep({ id: 'st_2', action: 'group_create', person: null, group, fields: [] }),
  aStep({ id: 'st_3', action: 'member_add', person: joiner, group, fields: [], needs: ['st_1', 'st_2'] }),
  aStep({ id: 'st_4', action: 'archive', fields: [], approval: { needed: 2, reasons: ['guard:archive_share'] } }),
];
const stateOf = async (plan: Plan) => (await store.getPlan(plan.id))?.state;

describe('a plan', () => {
  test('is told of with who decided, and without what they said: words may name anybody', async () => {
    const told: unknown[] = [];
    const entryOf: typeof telling.entryOf = (kind, plan, more) => {
      told.push([kind, more]);
      return telling.entryOf(kind, plan, more);
    };
    const [one, other] = [await keep(aPlan()), await keep(aPlan({ id: 'pl_2', digest: 'sha256:2' }))];
    const spied = { ...deps, telling: { ...telling, entryOf } };
    const reason = 'Tom Blake has left.';
    await approvePlan(spied, {
      planId: one.id,
      digest: one.digest,
      steps: null,
      reason,
      operator: priya,
      fourEyes: false,
    });
    await rejectPlan(spied, { planId: other.id, reason, operator: sam });
    expect(told).toEqual([
      ['plan.approved', { by: 'priya' }],
      ['plan.rejected', { by: 'sam' }],
    ]);
  });

  test('is approved by one person, who is written down with what they saw', async () => {
    const plan = await keep(aPlan());
    const { standing: then } = await approve(plan, { reason: 'Looks right.' });
    expect(then).toEqual({ isApproved: true, stepIds: null, missing: 0, missingFor: [] });
    expect(await stateOf(plan)).toBe('approved');
    expect(await store.approvalsOf(plan.id)).toEqual([
      anApproval(plan, { at: at(60), expiresAt: at(86_400), reason: 'Looks right.' }),
    ]);
  });

  test('whose guard tripped takes two different people for these steps', async () => {
    const plan = await keep(aPlan({ steps: joined(), approval: { needed: 2, reasons: ['guard:archive_share'] } }));
    expect((await approve(plan)).standing).toMatchObject({ isApproved: false, missing: 1, missingFor: ['st_4'] });
    expect(await stateOf(plan)).toBe('waiting');
    await expect(approve(plan)).rejects.toMatchObject({ code: 'second_person_needed' });
    await expect(approve(plan, { steps: ['st_4'] })).rejects.toMatchObject({ code: 'second_person_needed' });
    expect((await approve(plan, { operator: sam, steps: ['st_4'] })).standing.isApproved).toBe(true);
    expect(await stateOf(plan)).toBe('approved');
  });

  test('is not approved by whoever asked for it alone where the rules want four eyes', async () => {
    for (const author of ['priya', 'op_1']) {
      store = await memoryStore();
      const plan = await keep(aPlan({ author }));
      expect((await approve(plan, { fourEyes: true })).standing).toMatchObject({ isApproved: false, missing: 1 });
      expect((await approve(plan, { fourEyes: true, operator: sam })).standing.isApproved).toBe(true);
    }
  });

  test('can be approved in part, closed over what its steps need', async () => {
    const plan = await keep(aPlan({ steps: joined(), approval: { needed: 2, reasons: [] } }));
    const refused = approve(plan, { steps: ['st_3'] });
    await expect(refused).rejects.toMatchObject({
      code: 'steps_incomplete',
      issues: [{ field: 'st_3', reason: 'needs st_1, st_2' }],
    });
    const { standing: then } = await approve(plan, { steps: ['st_1', 'st_2'] });
    expect(then).toEqual({ isApproved: true, stepIds: ['st_1', 'st_2'], missing: 0, missingFor: [] });
    expect((await approve(plan, { operator: sam, steps: ['st_3'] })).standing.stepIds).toEqual([
      'st_1',
      'st_2',
      'st_3',
    ]);
    for (const steps of [[], ['st_9'], ['st_1', 'st_9']]) {
      await expect(approve(plan, { steps })).rejects.toMatchObject({ code: 'invalid_request', field: 'steps' });
    }
  });

  test('goes in no part, and in none by itself, without what keeps the SCIM store whole', async () => {
    const carried = aStep({ id: 'st_0', action: 'claim', because: ['adoption'] });
    const plan = await keep(aPlan({ steps: [carried, ...joined()], approval: { needed: 1, reasons: [] } }));
    await expect(approve(plan, { steps: ['st_1'] })).rejects.toMatchObject({
      code: 'steps_incomplete',
      issues: [{ field: 'st_1', reason: 'needs st_0' }],
    });
    expect((await approve(plan, { steps: ['st_0', 'st_1'] })).standing.stepIds).toEqual(['st_0', 'st_1']);
    const free = { approval: { needed: 0, reasons: [] } } as const;
    const auto = (claim: Step) => automaticSteps({ mode: 'auto' }, [claim, aStep({ ...free })]);
    expect(auto(carried)).toEqual([]);
    expect(auto({ ...carried, ...free })).toEqual(['st_0', 'st_1']);
  });

  test('that does something as a whole takes as many people as the plan says, whatever is chosen', async () => {
    const effect: Effect = {
      ...{ by: 'knowbe4', kind: 'archived_by_scim', certainty: 'certain' },
      ...{ text: 'KnowBe4 will archive 3 people.', userIds: ['1', '2', '3'] },
    };
    const plan = await keep(
      aPlan({ steps: joined().slice(0, 3), effects: [effect], approval: { needed: 2, reasons: [] } }),
    );
    expect((await approve(plan, { steps: ['st_1'] })).standing).toMatchObject({ isApproved: false, missing: 1 });
  });

  test.each([
    ['draft', 'observe_mode'],
    ['blocked', 'plan_blocked'],
    ['stale', 'plan_stale'],
    ['superseded', 'plan_closed'],
    ['applied', 'plan_closed'],
    ['applying', 'plan_closed'],
    ['rejected', 'plan_closed'],
  ] as const)('that is %s is not approved', async (state, code) => {
    const plan = await keep(aPlan({ state }));
    await expect(approve(plan)).rejects.toMatchObject({ code });
    expect(await store.approvalsOf(plan.id)).toEqual([]);
    expect(await stateOf(plan)).toBe(state);
  });

  test('that nobody decided about in time is over, and so is an approval after a day', async () => {
    const plan = await keep(aPlan({ expiresAt: at(60) }));
    await expect(approve(plan)).rejects.toMatchObject({ code: 'plan_closed' });
    expect(await stateOf(plan)).toBe('expired');
    const other = await keep(aPlan({ id: 'pl_b', steps: joined().slice(0, 2), expiresAt: at(900_000) }));
    await approve(other, { expiresInMs: 10_000 });
    const kept = (await store.getPlan(other.id))!;
    const given = await store.approvalsOf(other.id);
    const standsAt = (seconds: number) =>
      standing(kept, other.steps, given, { now: new Date(at(seconds)), fourEyes: false }).isApproved;
    expect([standsAt(69), standsAt(70)]).toEqual([true, false]);
  });

  test('has no step approved that is another one than was seen, even in the same plan', () => {
    const plan = aPlan({ steps: joined().slice(0, 2) });
    const given = anApproval(plan, { steps: { st_1: plan.steps[0]!.digest, st_2: 'sha256:other' } });
    const kept: StoredPlan = { ...plan, changedAt: at(0), end: null };
    const then = standing(kept, plan.steps, [given], { now: new Date(at(60)), fourEyes: false });
    expect(then.stepIds).toEqual(['st_1']);
  });

  test('is not approved in the place of the one that was shown', async () => {
    const plan = await keep(aPlan());
    await expect(approve(plan, { digest: 'sha256:other' })).rejects.toMatchObject({ code: 'plan_stale' });
    await expect(approve({ ...plan, id: 'pl_none' })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('that is rejected is over, with the reason', async () => {
    const plan = await keep(aPlan());
    await approve(plan);
    await rejectPlan(deps, { planId: plan.id, reason: 'Not before Monday.', operator: sam });
    expect(await store.getPlan(plan.id)).toMatchObject({
      state: 'rejected',
      end: { by: 'sam', reason: 'Not before Monday.' },
    });
    expect((await store.approvalsOf(plan.id)).map(({ decision }) => decision)).toEqual(['approved', 'rejected']);
    await expect(approve(plan)).rejects.toMatchObject({ code: 'plan_closed', detail: /Not before Monday/ });
    await expect(rejectPlan(deps, { planId: plan.id, reason: 'x', operator: sam })).rejects.toMatchObject({
      code: 'plan_closed',
    });
  });

  test('in mode auto goes on by itself as far as the rules let it, never with what waits for somebody', async () => {
    const free = { needed: 0, reasons: [] } as const;
    const steps = [
      aStep({ id: 'st_1', action: 'create', person: joiner, approval: free }),
      aStep({ id: 'st_2', action: 'group_create', person: null, group, fields: [] }),
      aStep({ id: 'st_3', action: 'member_add', person: joiner, group, needs: ['st_1', 'st_2'], approval: free }),
    ];
    const plan = await keep(aPlan({ mode: 'auto', steps }));
    expect(await approveByRules(deps, plan.id)).toEqual(['st_1']);
    expect(await stateOf(plan)).toBe('approved');
    const propose = await keep(aPlan({ id: 'pl_b', mode: 'propose', steps: steps.slice(0, 1) }));
    expect(await approveByRules(deps, propose.id)).toEqual([]);
    expect(await stateOf(propose)).toBe('waiting');
    const { standing: then } = await approve(plan, { steps: ['st_2', 'st_3'] });
    expect(then).toMatchObject({ isApproved: true, stepIds: null });
  });
});

describe('what was approved lapses', () => {
  const guard = (state: Guard['state']): Guard => ({
    ...{ name: 'archive_share', value: 0.01, limit: 0.02, state, text: '12 people would be archived.', stepIds: [] },
  });
  const rules = (digest: string) => ({ ...aPlan().basis, rules: { file: 'rules.yaml', digest, commit: null } });
  const enrols: Effect = {
    ...{ by: 'knowbe4', kind: 'auto_enrol', certainty: 'certain', text: 'Enrolled in Annual.' },
    campaign: { id: '7', name: 'Annual' },
  };
  const plan = aPlan({ basis: rules('sha256:1'), guards: [guard('notice')], effects: [] });

  test.each<[string, Partial<Plan>, string | null]>([
    ['stays when nothing is worse', { guards: [guard('ok')], steps: [] }, null],
    ['when the rules are others', { basis: rules('sha256:2') }, 'The rules or the mapping have changed.'],
    [
      'when a guard trips',
      { guards: [guard('tripped')] },
      'The guard archive_share is tripped by now: 12 people would be archived.',
    ],
    ['when KnowBe4 would do more', { effects: [enrols] }, 'KnowBe4 would also do this by now: Enrolled in Annual.'],
    [
      'when a step would do more',
      { steps: [aStep({ effects: [enrols] })] },
      'KnowBe4 would also do this by now: Enrolled in Annual.',
    ],
    ['when nothing is to be written any more', { mode: 'observe' }, 'The connection is only observed by now.'],
  ])('%s', async (_, changes, reason) => {
    await keep(plan);
    await approve(plan);
    const fresh = { ...plan, ...changes };
    expect(await lapseIfWorse(deps, plan.id, fresh)).toBe(reason);
    expect(await stateOf(plan)).toBe(reason === null ? 'approved' : 'waiting');
    const [approval] = await store.approvalsOf(plan.id);
    expect(approval!.lapsed).toEqual(reason === null ? null : { at: at(60), reason });
  });

  test('not for a step that nobody approved', () => {
    const two = { ...plan, steps: [aStep(), aStep({ id: 'st_2', action: 'archive' })] };
    const more = { ...plan, steps: [aStep(), aStep({ id: 'st_2', action: 'archive', effects: [enrols] })] };
    expect(worsened(two, more, new Set(['st_1']))).toBeNull();
    expect(worsened(two, more, new Set(['st_2']))).toMatch(/Annual/);
  });

  test('not because of what a guard says of steps that nobody approved, nor of those that two people looked at', () => {
    const steps = [aStep(), aStep({ id: 'st_2' }), aStep({ id: 'st_3' })];
    const trips = (...stepIds: string[]): Guard[] => [{ ...guard('tripped'), stepIds }];
    const kept = { ...plan, steps, guards: trips('st_1', 'st_2') };
    expect(worsened(kept, { ...kept, guards: trips('st_1') }, null)).toBeNull();
    const third = { ...kept, guards: trips('st_1', 'st_2', 'st_3') };
    expect(worsened(kept, third, new Set(['st_1', 'st_2']))).toBeNull();
    expect(worsened(kept, third, new Set(['st_1', 'st_3']))).toMatch(/archive_share is tripped/);
    expect(worsened(kept, third, null)).toMatch(/archive_share is tripped/);
  });

  test('when another group shrinks than the one that two people looked at', () => {
    const leaving = (groupId: string, id: string) =>
      aStep({ id, action: 'member_remove', group: { name: `Group ${groupId}`, groupId }, fields: [] });
    const steps = [leaving('7', 'st_1'), leaving('8', 'st_2')];
    const shrinks = (...stepIds: string[]): Guard[] =>
      stepIds.map((id) => ({ ...guard('tripped'), name: 'group_shrink', stepIds: [id] }));
    const one = { ...plan, steps, guards: shrinks('st_1') };
    expect(worsened(one, { ...one, guards: shrinks('st_1') }, null)).toBeNull();
    expect(worsened(one, { ...one, guards: shrinks('st_1', 'st_2') }, null)).toMatch(/group_shrink is tripped/);
  });

  test('when an effect reaches more people', () => {
    const reaching = (userIds: string[]) => ({ ...plan, effects: [{ ...enrols, userIds }] });
    expect(worsened(reaching(['1', '2']), reaching(['1']), null)).toBeNull();
    expect(worsened(reaching(['1']), reaching(['1', '2']), null)).toMatch(/Annual/);
  });
});

describe('laws', () => {
  const stepOf = fc.record({
    title: fc.constantFrom('Lead', 'Clerk', 'Head'),
    user: fc.constantFrom('1', '2', '3'),
    needed: fc.constantFrom(0, 1, 2) as fc.Arbitrary<0 | 1 | 2>,
    needs: fc.array(fc.nat(5), { maxLength: 2 }),
  });
  const planOf = fc
    .record({
      parts: fc.array(stepOf, { minLength: 1, maxLength: 6 }),
      mode: fc.constantFrom('propose', 'auto') as fc.Arbitrary<'propose' | 'auto'>,
    })
    .map(({ parts, mode }) => {
      const steps = parts.map(({ title, user, needed, needs }, index) =>
        aStep({
          id: `st_${index + 1}`,
          person: aPerson({ userId: user }),
          fields: [{ name: 'job_title', from: null, to: title }],
          needs: [...new Set(needs.filter((need) => need < index).map((need) => `st_${need + 1}`))],
          approval: { needed, reasons: [] },
        }),
      );
      const needed = Math.max(...steps.map(({ approval }) => approval.needed)) as 0 | 1 | 2;
      return aPlan({ steps, mode, approval: { needed, reasons: [] } });
    });
  const stored = (plan: Plan): StoredPlan => ({ ...plan, changedAt: at(0), end: null });
  const options = { now: new Date(at(60)), fourEyes: false };
  const choose = (plan: Plan, picks: readonly boolean[]) =>
    Object.fromEntries(plan.steps.filter((_, index) => picks[index]).map(({ id, digest }) => [id, digest]));

  test('an approval for one digest never lets another plan through', () => {
    fc.assert(
      fc.property(planOf, planOf, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (seen, other, picks) => {
        fc.pre(seen.digest !== other.digest);
        const steps = picks.every(Boolean) ? null : choose(seen, picks);
        const given = [priya, sam].map((operator, index) =>
          anApproval(seen, { id: `apr_${index}`, operator, steps, at: at(10) }),
        );
        const then = standing(stored(other), other.steps, given, options);
        const free = automaticSteps(other, other.steps);
        expect(then.stepIds ?? other.steps.map(({ id }) => id)).toEqual(free);
      }),
    );
  });

  test('no step goes through with fewer people than it needs, and none without what it needs', () => {
    const choices = fc.array(
      fc.record({
        operator: fc.constantFrom(priya, sam),
        picks: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(planOf, choices, (plan, given) => {
        const approvals = given.map(({ operator, picks }, index) =>
          anApproval(plan, { id: `apr_${index}`, operator, steps: choose(plan, picks), at: at(10) }),
        );
        const then = standing(stored(plan), plan.steps, approvals, options);
        if (!then.isApproved) return;
        const free = new Set(automaticSteps(plan, plan.steps));
        for (const step of plan.steps) {
          if (then.stepIds !== null && !then.stepIds.includes(step.id)) continue;
          const people = new Set(
            approvals.filter(({ steps }) => steps?.[step.id] === step.digest).map(({ operator }) => operator.id),
          );
          if (free.has(step.id)) for (const need of step.needs) expect(free).toContain(need);
          else
            expect(people.size).toBeGreaterThanOrEqual(
              Math.max(1 - Number(plan.mode === 'auto'), step.approval.needed),
            );
        }
      }),
    );
  });
});
