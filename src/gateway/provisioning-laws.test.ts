import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GroundTruth } from '../emulator/index.ts';
import type { Plan, PlanItem, Step } from '../provisioning/plan.ts';
import { type ProvisioningLab, priya, provisioningLab, type Row } from './provisioning-lab.contract.ts';
import {
  afterTurns,
  alwaysTold,
  announcedBy,
  type Company,
  changedOtherwise,
  company,
  lostHistory,
  observedBetween,
  sharedAddresses,
  type Turn,
  turns,
  turnsOfTheFile,
} from './provisioning-story.contract.ts';

/* Companies with random stories, from the file to KnowBe4 and back: what a plan says comes about, and then nothing is left to do. */

/** Companies; by hand, for a longer search: FOREKNOW_LAW_RUNS=50. */
const RUNS = Number(process.env.FOREKNOW_LAW_RUNS ?? 4);
const LIMIT_MS = 60_000 + RUNS * 20_000;
/** Nobody comes or goes by themselves at the weekend. */
const SATURDAY = '2026-11-21T06:00:00.000Z';

type Heard = {
  /** Before a plan is applied. */
  readonly begin?: (lab: ProvisioningLab) => void;
  /** After every chapter. */
  readonly after: (lab: ProvisioningLab, plan: Plan, applicationId: string) => Promise<void>;
};

async function story(one: Company, chapters: readonly Turn[][], { begin, after }: Heard): Promise<void> {
  const { seed, people, rules, renames } = one;
  const switches = { scimRenameById: renames === 'keep' ? ('keep' as const) : ('duplicate' as const) };
  const lab = await provisioningLab({ rules, emulated: { seed, people, startAt: SATURDAY, switches } });
  try {
    let rows: readonly Row[] = lab.everybody();
    const first = lab.emulator.truth();
    await lab.adopt();
    let settled = lab.emulator.truth();
    const [newest] = await lab.gateway.provisioning.plans({ connectionIds: null, limit: 1 });
    const takingOver = await lab.gateway.provisioning.wholePlan(newest!.id);
    // It says whom it takes over, and sends what they have.
    const losses = takingOver.steps.map((step) => ({ ...step, fields: [] }));
    expect(changedOtherwise(first, first, settled, losses), 'changed by taking over').toEqual([]);
    expectForetold(takingOver, first, settled);
    if (renames !== 'unknown') await lab.gateway.provisioning.attest('acme', `renames_${renames}`, priya, null);
    for (const chapter of chapters) {
      rows = afterTurns(lab, rows, chapter);
      await lab.hand(rows);
      await lab.gateway.sync.run('acme', { level: 'full' });
      const plan = await lab.gateway.provisioning.build('acme', {}, 'test');
      if (plan.steps.length === 0) continue;
      begin?.(lab);
      await after(lab, plan, await applied(lab, plan, settled));
      settled = lab.emulator.truth();
    }
  } finally {
    await lab.close();
  }
}

/** Steps and doings of KnowBe4 that came about, of all stories. */
const met = new Set<string>();

function expectForetold(plan: Plan, before: GroundTruth, after: GroundTruth): void {
  const observed = observedBetween(before, after, plan.steps);
  const { certain, possible } = announcedBy(plan);
  expect(
    [...certain].filter((one) => !observed.has(one)),
    'certain, and not seen',
  ).toEqual([]);
  expect(
    [...observed].filter((one) => !certain.has(one) && !possible.has(one)),
    'seen, and not announced',
  ).toEqual([]);
  for (const one of observed) met.add(`${certain.has(one) ? 'certain' : 'possible'} ${one.split('\n')[0]}`);
}

/** Approved, applied and seen; what KnowBe4 did is what the plan said. */
async function applied(lab: ProvisioningLab, plan: Plan, settled: GroundTruth): Promise<string> {
  const before = lab.emulator.truth();
  expect(plan.guards.filter(({ state }) => state === 'blocked')).toEqual([]);
  const applicationId = await lab.approveAndApply(plan);
  expect(await lab.gateway.provisioning.application(applicationId)).toMatchObject({ state: 'applied' });
  // What the console changed and the store has as it should be asks for no sync by itself: a person presses the button.
  lab.emulator.mutate({ kind: 'scim-force-sync' });
  await lab.window();

  const after = lab.emulator.truth();
  for (const { action, ...step } of plan.steps) met.add(changesAddress({ action, ...step }) ? 'rename' : action);
  expectForetold(plan, before, after);
  expect(changedOtherwise(settled, before, after, plan.steps), 'changed, and no step says so').toEqual([]);
  expect(lostHistory(before, after)).toEqual([]);
  expect(sharedAddresses(after).filter((email) => !sharedAddresses(before).includes(email))).toEqual([]);
  expect(after.users.length - before.users.length, 'people who are new').toBe(plan.counts.create);
  return applicationId;
}

/** What had to wait for another plan is done by the next ones, and then nothing is left. */
async function settle(lab: ProvisioningLab): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) {
    const plan = await lab.gateway.provisioning.build('acme', {}, 'test');
    if (plan.steps.length === 0) return;
    await lab.approveAndApply(plan);
    await lab.window();
  }
  expect((await lab.gateway.provisioning.build('acme', {}, 'test')).steps).toEqual([]);
}

const waitsForAddress = ({ kind, reason }: PlanItem): boolean =>
  ['ambiguous', 'doubled', 'conflict'].includes(kind) || reason === 'address_in_use' || reason === 'address_cycle';

const changesAddress = ({ action, fields }: Step): boolean =>
  action === 'update' && fields.some(({ name }) => name === 'email');

test('what is certain comes about, nothing that was not announced does, and then nothing is left to do', {
  timeout: LIMIT_MS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(company, fc.array(turns, { minLength: 1, maxLength: 3 }), (one, chapters) =>
      story(one, chapters, {
        async after(lab, plan) {
          if (one.renames !== 'keep') expect(plan.steps.filter(changesAddress)).toEqual([]);
          const { steps: planned } = await lab.gateway.provisioning.build('acme', {}, 'test');
          // Whoever was held, or in conflict, because of an address that this plan freed may have it now that it is seen to be free.
          const waited = new Set(plan.items.flatMap((one) => (waitsForAddress(one) ? [one.person?.key] : [])));
          const isTheirs = ({ person }: Step): boolean => person !== null && waited.has(person.key);
          const neededBy = ({ id }: Step) => planned.filter(({ needs }) => needs.includes(id));
          const isForThem = (step: Step) => neededBy(step).length > 0 && neededBy(step).every(isTheirs);
          const steps = planned.filter((step) => !isTheirs(step) && !isForThem(step));
          expect(steps.map(({ action, person, group, fields }) => ({ action, person, group, fields }))).toEqual([]);
          await settle(lab);
          const done = await lab.gateway.provisioning.steps(plan.id, { limit: 1000 });
          const others = done.filter(({ entry }) => entry?.state !== 'verified');
          expect(
            others.map(({ step: { action, person, fields }, entry }) => ({
              action,
              person,
              fields,
              found: entry?.found,
            })),
          ).toEqual([]);
        },
      }),
    ),
    { numRuns: RUNS, endOnFailure: true, examples: alwaysTold.map(([one, chapters]) => [one, [...chapters]]) },
  );
  expect([...met]).toEqual(expect.arrayContaining([...toBeMet]));
});

const toBeMet = [
  ...['create', 'restore', 'update', 'rename', 'manager', 'archive', 'group_create', 'member_add', 'member_remove'],
  ...['certain enrolled', 'possible enrolled', 'certain seat_taken', 'certain seat_freed', 'possible aliases_lost'],
];

const MANAGED = 'provisioning_managed_group';

/** What rules of these companies set, and groups of provisioning, by account. */
function attributes({ users, groups }: GroundTruth): ReadonlyMap<string, unknown> {
  const managed = new Set(groups.flatMap(({ id, group_type: type }) => (type === MANAGED ? [id] : [])));
  return new Map(
    users.map((user) => [
      String(user.id),
      {
        ...{ email: user.email.toLowerCase(), status: user.status, number: user.employee_number },
        ...{ title: user.job_title, first: user.first_name, last: user.last_name, department: user.department },
        manager: user.manager_email?.toLowerCase() ?? null,
        groups: user.groups.filter((id) => managed.has(id)).toSorted(),
      },
    ]),
  );
}

test('what was applied is undone: whoever was there is as before, and who was made is archived', {
  timeout: LIMIT_MS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(company, fc.array(turnsOfTheFile, { minLength: 1, maxLength: 2 }), async (one, chapters) => {
      let before: ReadonlyMap<string, unknown> = new Map();
      await story(one, chapters, {
        begin: ({ emulator }) => {
          before = attributes(emulator.truth());
        },
        async after(lab, _, applicationId) {
          const undo = await lab.gateway.provisioning.undo(applicationId, 'test');
          if (undo.steps.length > 0) await lab.approveAndApply(undo);
          await lab.window();
          // Groups that were made stay, and so does whoever's address another account has by now.
          const cannot = undo.items.filter(({ person }) => person !== null);
          for (const { text } of cannot) expect(text).toContain('belongs to another account');
          const stays = new Set(cannot.map(({ person }) => person!.userId));
          const now = attributes(lab.emulator.truth());
          for (const [id, was] of before) if (!stays.has(id)) expect(now.get(id)).toEqual(was);
          for (const [id, is] of now) if (!before.has(id)) expect(is).toMatchObject({ status: 'archived' });
        },
      });
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
