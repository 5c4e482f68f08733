import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ProvisioningLab, provisioningLab, type Row } from './provisioning-lab.contract.ts';
import {
  afterTurns,
  type Company,
  company,
  lostHistory,
  sharedAddresses,
  turnsOfTheFile,
} from './provisioning-story.contract.ts';

/* A process that ends at any request, answers that never arrive, stops and refused keys: in the end it is as if nothing had happened. */

/** Stories; by hand, for a longer search: FOREKNOW_LAW_RUNS=50. */
const RUNS = Number(process.env.FOREKNOW_LAW_RUNS ?? 3);
const LIMIT_MS = 60_000 + RUNS * 40_000;
const SATURDAY = '2026-11-21T06:00:00.000Z';

/** What the service does with one request, and goes on doing until a person has seen to it. */
const faults = ['lost-answer', 'cut-connection', 'token-disabled'] as const;
/** After so many requests: applying is told to end, the gateway is closed under it, a person stops all writes. */
const ends = ['abort', 'close', 'stop'] as const;
type Blow = {
  readonly kind: (typeof faults)[number] | (typeof ends)[number];
  readonly nth: number;
  /** KnowBe4 runs its sync, and we read, before it is gone on with. */
  readonly isShown: boolean;
};
const blowsUpTo = (max: number): fc.Arbitrary<Blow[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(...faults, ...ends),
      nth: fc.integer({ min: 1, max }),
      isShown: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  );

/** How many requests of SCIM the emulator has answered. */
const answered = ({ emulator }: ProvisioningLab): number =>
  Object.entries(emulator.requests().byEndpoint).reduce(
    (sum, [name, count]) => sum + (name.startsWith('scim_') ? count : 0),
    0,
  );

/** Applies, and after each blow again, in a new process, until it is done. */
async function applyThrough(
  lab: ProvisioningLab,
  planId: string,
  blows: readonly Blow[],
  isDone: () => Promise<boolean>,
): Promise<void> {
  for (const blow of [...blows, ...Array.from({ length: 8 }, () => null)]) {
    const { reopening } = await applyUnder(lab, planId, blow);
    await (reopening ?? lab.reopen());
    if (await isDone()) return;
    if (blow?.isShown) await lab.window();
    // Somebody has looked at it.
    await lab.gateway.provisioning.resume('acme');
  }
  throw new Error('It never ended.');
}

async function applyUnder(lab: ProvisioningLab, planId: string, blow: Blow | null) {
  const { gateway, emulator } = lab;
  const dying = new AbortController();
  const from = answered(lab);
  const fault = faults.find((kind) => kind === blow?.kind);
  if (fault !== undefined) emulator.addFault({ kind: fault, path: '/scim/v2', nth: blow!.nth });
  let reopening: Promise<void> | null = null;
  const stopping: Promise<unknown>[] = [];
  const watch = setInterval(() => {
    if (answered(lab) < from + (blow?.nth ?? Number.POSITIVE_INFINITY)) return;
    if (blow?.kind === 'abort') dying.abort(new Error('killed'));
    if (blow?.kind === 'close') reopening ??= lab.reopen();
    if (blow?.kind === 'stop' && stopping.length === 0) stopping.push(gateway.provisioning.stop('acme'));
  }, 1);
  try {
    await gateway.provisioning.applyNow(planId, 'test', dying.signal);
  } catch (error) {
    // Only a blow makes it fail.
    if (blow === null) throw error;
  } finally {
    clearInterval(watch);
    await Promise.all(stopping);
    emulator.clearFaults();
  }
  return { reopening };
}

const stateOf = async ({ gateway }: ProvisioningLab, id: string) => (await gateway.provisioning.plan(id)).plan.state;
const active = ({ emulator }: ProvisioningLab): readonly number[] =>
  emulator.truth().users.flatMap(({ id, status }) => (status === 'active' ? [id] : []));

async function adoptThrough(lab: ProvisioningLab, rows: readonly Row[], blows: readonly Blow[]): Promise<void> {
  const before = active(lab);
  await lab.hand(rows);
  await lab.gateway.provisioning.setMode('acme', 'propose');
  const plan = await lab.gateway.provisioning.build('acme', { kind: 'adoption' }, 'test');
  await lab.approve(plan);
  await applyThrough(lab, plan.id, blows, async () => {
    await lab.window();
    expect(active(lab)).toEqual(before);
    return (await lab.gateway.provisioning.status('acme')).state.adoption.state === 'pushed';
  });
  lab.emulator.mutate({ kind: 'scim-test-mode', on: false });
  await lab.gateway.provisioning.confirmAdoption('acme', AbortSignal.timeout(60_000));
  await lab.window();
  expect(active(lab)).toEqual(before);
}

/** What is at KnowBe4 at the end, without what depends on when it was made. */
function described({ emulator }: ProvisioningLab) {
  const { users, groups, scim_users: stored, scim_groups: storedGroups } = emulator.truth();
  const names = new Map(groups.map(({ id, name }) => [id, name]));
  return {
    users: users
      .map((user) => ({
        ...{ email: user.email.toLowerCase(), status: user.status, title: user.job_title },
        ...{ name: `${user.first_name} ${user.last_name}`, department: user.department, manager: user.manager_email },
        groups: user.groups.map((id) => names.get(id)).toSorted(),
      }))
      .toSorted((one, other) => (one.email < other.email ? -1 : 1)),
    groups: groups
      .map(({ name, group_type: type, status, member_count: n }) => `${name} ${type} ${status} ${n}`)
      .toSorted(),
    stored: stored.map(({ user_name: name, active: isActive }) => `${name} ${isActive}`).toSorted(),
    storedGroups: storedGroups.map(({ name, member_ids: members }) => `${name} ${members.length}`).toSorted(),
  };
}

type Strokes = { readonly adopting: readonly Blow[]; readonly applying: readonly Blow[] };

async function told(one: Company, chapter: Parameters<typeof afterTurns>[2], { adopting, applying }: Strokes) {
  const { seed, people, rules } = one;
  const lab = await provisioningLab({ rules, emulated: { seed, people, startAt: SATURDAY } });
  try {
    const rows = lab.everybody();
    await adoptThrough(lab, rows, adopting);
    await lab.gateway.provisioning.attest('acme', 'renames_keep', { id: 'op_1', name: 'Priya' }, null);
    await lab.hand(afterTurns(lab, rows, chapter));
    const plan = await lab.gateway.provisioning.build('acme', {}, 'test');
    if (plan.steps.length === 0) return described(lab);
    const before = lab.emulator.truth();
    await lab.approve(plan);
    await applyThrough(lab, plan.id, applying, async () => (await stateOf(lab, plan.id)) === 'applied');
    await lab.window();
    const after = lab.emulator.truth();
    expect(after.users.length - before.users.length).toBe(plan.counts.create);
    expect(sharedAddresses(after).filter((email) => !sharedAddresses(before).includes(email))).toEqual([]);
    expect(lostHistory(before, after)).toEqual([]);
    const steps = await lab.gateway.provisioning.steps(plan.id, { limit: 1000 });
    expect(
      steps.filter(({ entry }) => entry?.state !== 'verified').map(({ step, entry }) => [step.action, entry]),
    ).toEqual([]);
    expect((await lab.gateway.provisioning.build('acme', {}, 'test')).steps).toEqual([]);
    return described(lab);
  } finally {
    await lab.close();
  }
}

test('killed at any request and told nothing of what was taken, it ends as if nothing had happened, with nobody twice', {
  timeout: LIMIT_MS,
}, async () => {
  const strokes = fc.record({ adopting: blowsUpTo(60), applying: blowsUpTo(10) });
  await fc.assert(
    fc.asyncProperty(company, turnsOfTheFile, strokes, async (one, chapter, all) => {
      const calm = await told(one, chapter, { adopting: [], applying: [] });
      expect(await told(one, chapter, all)).toEqual(calm);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
