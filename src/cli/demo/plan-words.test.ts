import { expect, test } from 'vitest';
import type { Action, Effect, Plan, Step, StepState } from '../../provisioning/plan.ts';
import { enrolmentWords, planWords, progressOf } from './plan-words.ts';

const step = (action: Action, who: string | null, effects: readonly Partial<Effect>[] = []) =>
  ({ action, person: who === null ? null : { userId: null, key: who }, effects }) as unknown as Step;
const counts = { create: 1, restore: 0, archive: 0, conflict: 2 } as Plan['counts'];

test('people are counted once, and who comes is not counted as changed', () => {
  const steps = [
    ...[step('create', 'a'), step('manager', 'a'), step('update', 'b'), step('manager', 'b')],
    ...[step('group_create', null), step('member_add', 'a')],
  ];
  expect(planWords({ steps, counts })).toBe('+ 1  ~ 1  ⇄ 2  ! 2');
});

test('only what is certain is said of enrolments', () => {
  const enrols = (certainty: Effect['certainty'], id: string) =>
    ({ kind: 'auto_enrol', certainty, campaign: { id, name: id } }) as const;
  expect(enrolmentWords({ steps: [step('create', 'a', [enrols('possible', '1')])] })).toBeNull();
  const steps = [
    step('create', 'a', [enrols('certain', '1'), enrols('certain', '2')]),
    step('create', 'b', [enrols('certain', '1'), enrols('possible', '3')]),
  ];
  expect(enrolmentWords({ steps })).toBe('KnowBe4 would then enrol 2 people in 2 campaigns by itself');
});

test('what is verified, still to come and gone wrong are told apart', () => {
  const at = (action: Action, state: StepState | null) => ({
    step: { action },
    entry: state === null ? null : { state },
  });
  expect(progressOf([at('create', null)])).toBeNull();
  expect(progressOf([at('create', 'accepted'), at('update', 'visible')])).toBe('2 steps sent, not visible yet');
  expect(progressOf([at('create', 'verified'), at('create', 'verified'), at('archive', 'verified')])).toBe(
    '2 created, 1 archived, verified',
  );
  expect(progressOf([at('create', 'verified'), at('update', 'failed')])).toBe(
    '1 created, verified; 1 step not as planned',
  );
});
