import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { managedFields } from '../model/managed-field.ts';
import type { EvaluatedPerson } from '../rules/rule-set.ts';
import { buildPlan } from './build-plan.ts';
import { planDigest, stepDigest } from './digest.ts';
import { applyPlan } from './knowbe4-model.contract.ts';
import { type Action, actions, type SourceBasis, type Step } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { aGroup, aLink, anInput, aPerson, aSource, aTarget, aUser, wholeStore } from './plan-lab.contract.ts';
import type { JournalEntry } from './ports.ts';
import { closeOver } from './subset.ts';
import type { TargetGroup, TargetUser } from './target.ts';
import { buildUndoPlan } from './undo.ts';

const groupNames = ['Auto Finance', 'Auto Sales', 'Auto New hires', 'auto finance'] as const;
const emails = fc.constantFrom(
  ...Array.from({ length: 14 }, (_, id) => `n${id}@acme.test`),
  'N3@acme.test',
  'x@other.test',
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Somebody of the sources, mostly straight, sometimes with somebody else's address, number or manager. */
const someone = (id: number, isTidy: boolean): fc.Arbitrary<EvaluatedPerson> =>
  fc
    .record({
      email: maybe(isTidy ? fc.constant(`m${id}@acme.test`) : emails),
      title: maybe(fc.constantFrom('Clerk', 'Lead', '', null)),
      manager: maybe(emails),
      number: isTidy ? fc.constant(undefined) : maybe(fc.constantFrom('E-1', 'E-2', 'E-77', null)),
      start: maybe(fc.constantFrom('2026-11-01', '2026-12-24')),
      groups: fc.subarray([...groupNames.slice(0, 3)]),
      inScope: fc.boolean().map((is) => is || id % 3 > 0),
      leaver: maybe(fc.constantFrom(null, '2026-11-02', '2026-11-21')),
      isLeaver: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
      lost: fc.integer({ min: 0, max: 9 }),
      problem: fc.integer({ min: 0, max: 12 }).map((n) => n === 0),
    })
    .map(({ email, title, manager, number, start, groups, inScope, leaver, isLeaver, lost, problem }) =>
      aPerson(id, {
        fields: {
          ...(email === undefined ? {} : { email }),
          ...(title === undefined ? {} : { job_title: title }),
          ...(manager === undefined ? {} : { manager_email: manager }),
          ...(number === undefined ? {} : { employee_number: number }),
          ...(start === undefined ? {} : { employee_start_date: start }),
        },
        groups,
        inScope,
        hiredOn: start ?? null,
        leaver: isLeaver ? { since: leaver ?? null, rule: 'leavers.when' } : null,
        absent: lost < 2 ? { ad: { completeReads: lost * 2, since: '2026-11-01T00:00:00Z' } } : {},
        problems: problem ? ['map.department: no table row'] : [],
      }),
    );

/** A directory, an account that knows some of it and others, and a state in which everything may be done. Tidy: no two want the same. */
const worldOf = (isTidy: boolean): fc.Arbitrary<PlanInput> =>
  fc
    .record({
      people: fc.tuple(...Array.from({ length: 10 }, (_, id) => maybe(someone(id, isTidy)))),
      accounts: fc.tuple(
        ...Array.from({ length: 13 }, (_, id) =>
          maybe(
            fc.record({
              archived: fc.boolean(),
              title: fc.constantFrom('Clerk', null),
              email: isTidy ? fc.constant(undefined) : maybe(emails),
              manager: maybe(emails),
              groups: fc.subarray(['g1', 'g2', 'g3', 'g9']),
              linked: fc.boolean(),
              id: fc.constant(id),
            }),
          ),
        ),
      ),
      seats: isTidy ? fc.constant(undefined) : maybe(fc.integer({ min: 0, max: 20 })),
      renames: isTidy ? fc.constant('keep') : fc.constantFrom('keep', 'duplicate', 'unknown'),
      inStore: fc.boolean(),
      protectedIds: fc.subarray(['n2@acme.test', 'Auto Sales']),
    })
    .map(({ people, accounts, seats, renames, inStore, protectedIds }) => {
      const there = accounts.filter((account) => account !== undefined);
      const seen = new Set<string>();
      const users = there.flatMap(({ id, archived, title, email, manager, groups }) => {
        const user = aUser(id, {
          status: archived ? 'archived' : 'active',
          groupIds: groups,
          fields: { job_title: title, manager_email: manager ?? null, ...(email === undefined ? {} : { email }) },
        });
        const address = user.fields.email!.toLowerCase();
        if (seen.has(address)) return [];
        seen.add(address);
        return [user];
      });
      const group = (id: string, name: string, rest: Partial<TargetGroup> = {}) =>
        aGroup(
          id,
          name,
          users.filter(({ groupIds }) => groupIds.includes(id)).map((user) => user.id),
          rest,
        );
      const target = aTarget(users, {
        groups: [
          group('g1', 'Auto Finance'),
          group('g2', 'Auto Old'),
          group('g3', 'By hand'),
          group('g9', 'Auto Sales', { type: 'console_group' }),
        ],
        account: { name: 'Acme', domains: ['acme.test'], seats: seats ?? null, admins: [] },
      });
      const known = new Set(users.map(({ id }) => id));
      const input = anInput(
        people.filter((person) => person !== undefined),
        target,
        {
          state: { renames: { state: renames as 'keep', attested: null } },
          links: there.filter(({ linked, id }) => linked && known.has(String(1000 + id))).map(({ id }) => aLink(id)),
          scimObjects: inStore ? wholeStore(target) : [],
        },
      );
      const { settings } = input.rules;
      return {
        ...input,
        rules: { ...input.rules, settings: { ...settings, guards: { ...settings.guards, protected: protectedIds } } },
      };
    });

const world = worldOf(false);
const runs = { numRuns: 400 };
const again = (input: PlanInput): PlanInput => {
  const { plan, links } = buildPlan(input);
  const applied = applyPlan(input.target, [...input.links, ...links], plan);
  return { ...input, ...applied };
};

describe('laws of plans', () => {
  test('what was applied and seen is not planned again, but for what a first plan had to put off', () => {
    fc.assert(
      fc.property(world, (input) => {
        // Addresses and seats that a plan frees are used by the next one: after that nothing is left.
        const settled = again(again(again(again(input))));
        expect(buildPlan(settled).plan.steps).toEqual([]);
      }),
      runs,
    );
  });

  test('one plan is enough where no two people want the same', () => {
    fc.assert(
      fc.property(worldOf(true), (input) => {
        expect(buildPlan(again(input)).plan.steps).toEqual([]);
      }),
      runs,
    );
  });

  test('a read that was cut archives nobody and takes nobody out of a group', () => {
    const cut: readonly SourceBasis['state'][] = ['incomplete', 'quarantined'];
    fc.assert(
      fc.property(world, fc.constantFrom(...cut), fc.boolean(), (input, state, isSecond) => {
        const broken = aSource({ name: isSecond ? 'hr' : 'ad', state });
        const { plan } = buildPlan({ ...input, sources: isSecond ? [...input.sources, broken] : [broken] });
        expect(plan.steps.filter(({ action }) => action === 'archive' || action === 'member_remove')).toEqual([]);
      }),
      runs,
    );
  });

  test('whom an unproven read does not show is never archived for it', () => {
    fc.assert(
      fc.property(world, (input) => {
        const { plan } = buildPlan({ ...input, sources: [aSource({ state: 'unproven' })] });
        expect(plan.steps.filter(({ situation }) => situation === 'gone')).toEqual([]);
      }),
      runs,
    );
  });

  test('steps come in the safe order, after all that they need', () => {
    const rank = (action: Action) => actions.indexOf(action);
    fc.assert(
      fc.property(world, (input) => {
        const { steps } = buildPlan(input).plan;
        const places = new Map(steps.map(({ id }, at) => [id, at]));
        for (const [at, { needs }] of steps.entries())
          for (const need of needs) expect(places.get(need)).toBeLessThan(at);
        expect(steps.map(({ action }) => rank(action))).toEqual(
          steps.map(({ action }) => rank(action)).toSorted((a, b) => a - b),
        );
      }),
      runs,
    );
  });

  test('the same input gives the same plan, and any other step another digest', () => {
    const twists: readonly ((step: Step) => Step)[] = [
      (step) => ({ ...step, fields: [...step.fields, { name: 'comment', from: null, to: 'x' }] }),
      (step) => ({ ...step, fields: step.fields.map((field) => ({ ...field, from: `${field.from}x` })) }),
      (step) => ({ ...step, action: step.action === 'archive' ? 'restore' : 'archive' }),
      (step) => ({
        ...step,
        effects: [...step.effects, { by: 'knowbe4', kind: 'mail_sent', certainty: 'certain', text: 'x' }],
      }),
      (step) => ({ ...step, assumes: 'sha256:0' }),
      (step) => ({ ...step, person: step.person && { ...step.person, email: 'z@acme.test' } }),
      (step) => ({ ...step, group: { name: 'z', groupId: 'z' } }),
      (step) => ({ ...step, approval: { needed: 0, reasons: [] } }),
    ];
    fc.assert(
      fc.property(world, fc.constantFrom(...twists), fc.nat(), (input, twist, at) => {
        const { plan } = buildPlan(input);
        expect(buildPlan(input).plan).toEqual(plan);
        fc.pre(plan.steps.length > 0);
        const step = plan.steps[at % plan.steps.length]!;
        const twisted = twist(step);
        fc.pre(JSON.stringify(twisted) !== JSON.stringify(step));
        const digest = stepDigest(twisted);
        expect(digest).not.toBe(step.digest);
        const steps = plan.steps.map((one) => (one === step ? { ...twisted, digest } : one));
        expect(planDigest({ ...plan, steps }, 'acme')).not.toBe(plan.digest);
        expect(planDigest({ ...plan, steps: plan.steps.filter((one) => one !== step) }, 'acme')).not.toBe(plan.digest);
        expect(planDigest(plan, 'another account')).not.toBe(plan.digest);
      }),
      runs,
    );
  });

  test('part of a plan, closed over what it needs, can be applied alone', () => {
    fc.assert(
      fc.property(world, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (input, picks) => {
        const { plan } = buildPlan(input);
        fc.pre(plan.steps.length > 0);
        const chosen = picks.map((pick) => plan.steps[pick % plan.steps.length]!.id);
        const { stepIds } = closeOver(plan.steps, chosen);
        expect(stepIds).toEqual(expect.arrayContaining(chosen));
        const part = plan.steps.filter(({ id }) => stepIds.includes(id));
        applyPlan(input.target, input.links, { ...plan, steps: part });
      }),
      runs,
    );
  });

  test('nobody but those whom rules manage loses a group or an account', () => {
    fc.assert(
      fc.property(world, (input) => {
        const { steps } = buildPlan(input).plan;
        const known = new Set(input.evaluation.people.filter(({ inScope }) => inScope).map(({ person }) => person.key));
        for (const { action, person } of steps) {
          if (action === 'archive' || action === 'member_remove') expect(known).toContain(person!.key);
        }
      }),
      runs,
    );
  });

  test('undoing what was applied brings back everybody who was there', () => {
    fc.assert(
      fc.property(worldOf(true), (input) => {
        const { plan } = buildPlan(input);
        const applied = applyPlan(input.target, input.links, plan);
        const entries = plan.steps.map((step, position) => entryOf(step, position, applied));
        const undo = buildUndoPlan({ ...input, ...applied }, entries).plan;
        const { users } = applyPlan(applied.target, applied.links, undo).target;
        const after = new Map(users.map((user) => [user.id, shown(user)]));
        const active = users.filter(({ status }) => status === 'active');
        const there = new Set(active.map(({ fields }) => fields.email?.toLowerCase()));
        const said = new Set(undo.items.flatMap(({ person, text }) => (isAboutManager(text) ? [person?.userId] : [])));
        for (const user of input.target.users) {
          const { manager_email: manager } = user.fields;
          // SCIM names a manager by the account: one who has none cannot come back, which is said.
          const cannot = manager && !there.has(manager.toLowerCase()) && said.has(user.id);
          const wanted = cannot ? { ...user, fields: { ...user.fields, manager_email: null } } : user;
          const found = after.get(user.id)!;
          const { manager_email: _, ...others } = found.fields;
          expect(cannot ? { ...found, fields: others } : found).toEqual(shown(wanted));
        }
        const before = new Set(input.target.users.map(({ id }) => id));
        for (const { id, status } of users) if (!before.has(id)) expect(status).toBe('archived');
      }),
      runs,
    );
  });
});

const isAboutManager = (text: string): boolean => /^manager_email: .* has no active account$/.test(text);

const shown = ({ status, fields, groupIds }: TargetUser) => ({
  status,
  fields: Object.fromEntries(managedFields.flatMap((name) => (fields[name] ? [[name, fields[name]]] : []))),
  groupIds: groupIds.toSorted(),
});

/** The step as the journal keeps it once it is seen. */
function entryOf(step: Step, position: number, { target, links }: ReturnType<typeof applyPlan>): JournalEntry {
  const link = links.findLast(({ sourceId }) => sourceId === step.person?.source?.sourceId);
  const group = target.groups.find(({ name }) => name === step.group?.name);
  return {
    ...{ applicationId: 'app_1', planId: 'pl_1', connectionId: 'acme-eu', stepId: step.id, position, step },
    ...{ action: step.action, state: 'verified', userId: step.person?.userId ?? link?.userId ?? null },
    ...{ groupId: step.group?.groupId ?? group?.id ?? null, provisionalId: null, scimId: null, before: null },
    ...{ found: null, error: null, writtenAt: null, acceptedAt: null, visibleAt: null, verifiedAt: null },
  };
}
