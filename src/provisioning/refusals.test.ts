import { beforeEach, describe, expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { memoryStore } from '../store/contract/memory-store.ts';
import { type ApplyDeps, applyPlan } from './apply.ts';
import { buildPlan } from './build-plan.ts';
import { at, con, telling } from './contract/builders.ts';
import {
  aGroup,
  anAccount,
  aTarget as anAccountOf,
  emailOf,
  fillRoad,
  keepApproved,
  planFor,
  readyStore,
  set,
} from './contract/lab.ts';
import { type MemoryRoad, memoryRoad, type OnCall } from './contract/memory-road.ts';
import type { Step } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { aLink, anInput, aPerson, aTarget, aUser } from './plan-lab.contract.ts';
import type { ProvisioningStore } from './ports.ts';
import { aimOf, refusedAgain } from './refusals.ts';
import type { Refusal } from './state.ts';

const HOUR_MS = 3_600_000;
const later = (from: string, hours: number): string => new Date(Date.parse(from) + hours * HOUR_MS).toISOString();

describe('a refused step', () => {
  const [step] = planFor(anAccountOf([anAccount('aiko')]), [
    { action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') },
  ]).steps as [Step];
  const refused = { step, error: { code: 'remote_rejected', detail: 'title is too long' } };
  const ladder = (times: number, everyHours: number, entry = refused): readonly Refusal[] => {
    const refusals: Refusal[] = [];
    for (let time = 0; time < times; time += 1) {
      refusals.push(refusedAgain(refusals.at(-1), entry, new Date(later(at(0), time * everyHours))));
    }
    return refusals;
  };

  test('is tried again after 6, 12 and 24 hours, then daily', () => {
    const hours = ladder(5, 24).map(({ lastAt, nextAt }) => (Date.parse(nextAt!) - Date.parse(lastAt)) / HOUR_MS);
    expect(hours).toEqual([6, 12, 24, 24, 24]);
  });

  test('is left to people after 28 days', () => {
    const refusals = ladder(29, 24);
    expect(refusals.at(-2)!.nextAt).not.toBeNull();
    expect(refusals.at(-1)).toMatchObject({ tries: 29, firstAt: at(0), lastAt: later(at(0), 28 * 24), nextAt: null });
  });

  test('is tried by the next plan when something was not in the store: that plan sends it first', () => {
    const [first, second] = ladder(2, 1, { step, error: { code: 'remote_not_found', detail: 'not there' } });
    expect(first!.nextAt).toBe(first!.lastAt);
    expect(second!.nextAt).toBe(later(second!.lastAt, 6));
  });

  test('is another one as soon as anything of what is wanted changes, and not for what was there before', () => {
    const aim = aimOf(step);
    expect(aimOf({ ...step, fields: set('job_title', 'Chief', 'Lead') })).toBe(aim);
    expect(aimOf({ ...step, fields: set('job_title', 'Clerk', 'Head') })).not.toBe(aim);
    expect(aimOf({ ...step, person: { ...step.person!, email: 'aiko.new@example.com' } })).not.toBe(aim);
    expect(aimOf({ ...step, action: 'manager' })).not.toBe(aim);
  });
});

describe('a plan', () => {
  const people = [aPerson(1, { fields: { job_title: 'Lead' } }), aPerson(2, { fields: { job_title: 'Lead' } })];
  const target = aTarget([aUser(1), aUser(2)]);
  const input = (rest: Partial<PlanInput> = {}) => anInput(people, target, { links: [aLink(1), aLink(2)], ...rest });
  const [refusedStep] = buildPlan(input()).plan.steps as [Step];
  const refusal = (changes: Partial<Refusal> = {}): Refusal => ({
    ...{ aim: aimOf(refusedStep), tries: 2, firstAt: '2026-11-20T08:00:00.000Z', lastAt: '2026-11-21T08:00:00.000Z' },
    ...{ nextAt: '2026-11-22T08:00:00.000Z', error: { code: 'remote_rejected', detail: 'title is too long.' } },
    ...changes,
  });
  const stepsOf = (one: PlanInput) => buildPlan(one).plan.steps.map(({ person }) => person!.key);

  test('lists what was refused, with the reason, the next try and how to try it now, and goes on with the others', () => {
    const { plan, refused } = buildPlan(input({ refusals: [refusal()] }));
    expect(plan.steps.map(({ person }) => person!.key)).toEqual(['ad:2']);
    expect(plan.items).toEqual([
      expect.objectContaining({
        ...{ kind: 'held', reason: 'refused', person: refusedStep.person },
        text: 'KnowBe4 refused it 2 times since 2026-11-20: title is too long; tried again from 2026-11-22 08:00 UTC on, or when the sources say otherwise; at once: foreknow plan --person n1@acme.test',
      }),
    ]);
    expect(refused).toEqual([aimOf(refusedStep)]);
  });

  test('tries it again when it is due, when the sources say otherwise, and when somebody asks for it', () => {
    const due = refusal({ nextAt: '2026-11-20T08:00:00.000Z' });
    expect(stepsOf(input({ refusals: [due] }))).toEqual(['ad:1', 'ad:2']);
    const others = [aPerson(1, { fields: { job_title: 'Head' } }), people[1]!];
    expect(stepsOf(anInput(others, target, { links: [aLink(1), aLink(2)], refusals: [refusal()] }))).toHaveLength(2);
    expect(stepsOf(input({ refusals: [refusal()], who: 'n1@acme.test' }))).toEqual(['ad:1']);
  });

  test('leaves it to people in the end, and forgets what nobody wants any more', () => {
    const { plan, refused } = buildPlan(
      input({ refusals: [refusal({ nextAt: null }), refusal({ aim: 'sha256:old' })] }),
    );
    expect(plan.items[0]!.text).toContain('; it is not tried by itself any more; at once: foreknow plan --person');
    expect(refused).toEqual([aimOf(refusedStep)]);
  });

  test('leaves out what needs it, and says so', () => {
    const boss = aPerson(1);
    const report = aPerson(2, { fields: { manager_email: 'n1@acme.test' } });
    const whole = buildPlan(anInput([boss, report], aTarget([])));
    const create = whole.plan.steps.find(({ action, person }) => action === 'create' && person!.key === 'ad:1')!;
    const { plan } = buildPlan(anInput([boss, report], aTarget([]), { refusals: [refusal({ aim: aimOf(create) })] }));
    expect(plan.steps.map(({ action, person }) => `${action} ${person!.key}`)).toEqual(['create ad:2']);
    expect(plan.items[0]!.text).toMatch(/; what needs it waits too \(1\)$/);
  });
});

describe('applying', () => {
  let store: ProvisioningStore;
  let road: MemoryRoad;
  let onCall: OnCall;
  let now: number;
  let ids: number;
  const target = anAccountOf([anAccount('aiko'), anAccount('ben')], [aGroup('Clerks', ['aiko'])]);
  const deps = (): ApplyDeps => ({
    ...{ store, road, telling, readTarget: async () => target, now: () => new Date(now) },
    sleep: (_, signal) => new Promise((__, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    newId: (prefix) => `${prefix}_${++ids}`,
  });
  const plan = (id: string) =>
    planFor(
      target,
      [
        { action: 'update', who: 'aiko', fields: set('job_title', 'Clerk', 'Lead') },
        { action: 'update', who: 'ben', fields: set('job_title', 'Clerk', 'Lead') },
      ],
      { id },
    );
  const apply = (planId: string) =>
    applyPlan(deps(), { planId, by: 'priya', fourEyes: false, signal: new AbortController().signal });

  beforeEach(async () => {
    store = await memoryStore();
    onCall = () => undefined;
    road = memoryRoad((call) => onCall(call));
    now = Date.parse(at(60));
    ids = 0;
    await readyStore(store, plan('pl_aaaaaaaa'), await fillRoad(road, target));
  });

  test('keeps what was refused with its tries, and forgets it when it is taken', async () => {
    onCall = ({ when, about }) => {
      if (when === 'before' && about === emailOf('aiko'))
        throw new ForeknowError('remote_rejected', { detail: 'title is too long' });
    };
    await apply('pl_aaaaaaaa');
    const [refused] = await store.refusals(con);
    expect(await store.refusals(con)).toEqual([
      expect.objectContaining({ tries: 1, firstAt: at(60), nextAt: later(at(60), 6) }),
    ]);
    expect(refused).toMatchObject({ error: { code: 'remote_rejected', detail: 'title is too long' } });

    now += 6 * HOUR_MS;
    await keepApproved(store, plan('pl_bbbbbbbb'));
    await apply('pl_bbbbbbbb');
    expect(await store.refusals(con)).toMatchObject([{ tries: 2, firstAt: at(60) }]);

    onCall = () => undefined;
    await keepApproved(store, plan('pl_cccccccc'));
    await apply('pl_cccccccc');
    expect(await store.refusals(con)).toEqual([]);
  });

  test('forgets an object whose id the store does not know any more, so that the next plan sends it anew', async () => {
    road.users.delete('u1');
    await apply('pl_aaaaaaaa');
    expect((await store.scimObjects(con)).map(({ name }) => name)).toEqual(['Clerks', emailOf('ben')]);
    expect(await store.refusals(con)).toMatchObject([{ error: { code: 'remote_not_found' }, nextAt: at(60) }]);
  });

  test('keeps an object that is found again, and one that cannot be asked for', async () => {
    const lost = new ForeknowError('remote_not_found', { detail: 'no user' });
    const failing =
      (...names: readonly string[]): OnCall =>
      (call) => {
        if (call.when === 'before' && names.includes(call.name)) throw lost;
      };
    onCall = failing('updateUser');
    await apply('pl_aaaaaaaa');
    expect(await store.scimObjects(con)).toHaveLength(3);
    onCall = failing('updateUser', 'findUsers');
    await keepApproved(store, plan('pl_bbbbbbbb'));
    await apply('pl_bbbbbbbb');
    expect(await store.scimObjects(con)).toHaveLength(3);
  });
});
