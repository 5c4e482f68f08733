import type { Action, Plan, Step, StepState } from '../../provisioning/plan.ts';
import { count, counted } from '../output/words.ts';

const made: ReadonlySet<Action> = new Set(['create', 'restore']);
const changing: ReadonlySet<Action> = new Set(['update', 'manager']);
const grouping: ReadonlySet<Action> = new Set(['group_create', 'member_add', 'member_remove', 'group_rename']);
const enrolling: ReadonlySet<string> = new Set(['auto_enrol', 're_enrol', 'group_enrol']);

const who = ({ person }: Pick<Step, 'person'>): string => person?.userId ?? person?.key ?? '';

/** `+ 12  ~ 19  ↺ 1  ⇄ 14  ▽ 4  ! 2`: people, memberships with groups, conflicts. Who comes is not counted as changed too. */
export function planWords({ steps, counts }: Pick<Plan, 'steps' | 'counts'>): string {
  const coming = new Set(steps.filter(({ action }) => made.has(action)).map(who));
  const changed = steps.filter((step) => changing.has(step.action) && !coming.has(who(step)));
  const parts: readonly (readonly [string, number])[] = [
    ['+', counts.create],
    ['~', new Set(changed.map(who)).size],
    ['↺', counts.restore],
    ['⇄', steps.filter(({ action }) => grouping.has(action)).length],
    ['▽', counts.archive],
    ['!', counts.conflict],
  ];
  return parts
    .filter(([, many]) => many > 0)
    .map(([sign, many]) => `${sign} ${count(many)}`)
    .join('  ');
}

/** What KnowBe4 certainly does because of the plan; null: it enrols nobody. */
export function enrolmentWords({ steps }: Pick<Plan, 'steps'>): string | null {
  const people = new Set<string>();
  const campaigns = new Set<string>();
  for (const step of steps) {
    for (const { kind, certainty, campaign } of step.effects) {
      if (certainty !== 'certain' || !enrolling.has(kind)) continue;
      people.add(who(step));
      campaigns.add(campaign?.id ?? '');
    }
  }
  if (people.size === 0) return null;
  const where = counted(campaigns.size, 'campaign');
  return `KnowBe4 would then enrol ${counted(people.size, 'person', 'people')} in ${where} by itself`;
}

const settled: ReadonlySet<StepState> = new Set(['verified', 'stale', 'skipped', 'failed', 'late']);
const done: Readonly<Record<Action, string>> = {
  ...{ claim: 'taken over', create: 'created', update: 'updated', manager: 'given another manager' },
  ...{ restore: 'restored', archive: 'archived', group_create: 'groups made', group_rename: 'groups renamed' },
  ...{ member_add: 'memberships added', member_remove: 'memberships removed' },
};

/** How far what was applied is: `12 created, 4 archived, verified`; null: nothing of it is begun. */
export function progressOf(
  steps: readonly { readonly step: Pick<Step, 'action'>; readonly entry: { readonly state: StepState } | null }[],
): string | null {
  const begun = steps.flatMap(({ step, entry }) => (entry === null ? [] : [{ ...step, state: entry.state }]));
  if (begun.length === 0) return null;
  const verified = begun.filter(({ state }) => state === 'verified');
  const waiting = begun.filter(({ state }) => !settled.has(state)).length;
  const rest = begun.length - verified.length - waiting;
  const words = [...Map.groupBy(verified, ({ action }) => action)].map(
    ([action, all]) => `${count(all.length)} ${done[action]}`,
  );
  return [
    ...(words.length === 0 ? [] : [`${words.join(', ')}, verified`]),
    ...(waiting === 0 ? [] : [`${counted(waiting, 'step')} sent, not visible yet`]),
    ...(rest === 0 ? [] : [`${counted(rest, 'step')} not as planned`]),
  ].join('; ');
}
