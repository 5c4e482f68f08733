import type { StepView } from '../../gateway/provisioning-types.ts';
import type { PlanItem, Step, StepState } from '../../provisioning/plan.ts';
import type { Application, Approval, StoredPlan } from '../../provisioning/ports.ts';
import { clean } from './cell.ts';
import { table } from './table.ts';
import { count, counted, fromNow, moment } from './words.ts';

/** Who or what a step or an item is about. */
export const subjectOf = ({ person, group }: Pick<Step, 'person' | 'group'>): string =>
  person === null
    ? (group?.name ?? '')
    : [person.name, person.email === person.name ? null : person.email].filter(Boolean).join('  ');

export const shown = (value: string | null): string => (value === null || value === '' ? '–' : value);

/** `job title: Clerk → Manager`; of a membership the group. */
export function changeOf({ fields, group, person, action }: Step): string {
  const changes =
    action === 'create' || action === 'claim'
      ? fields.map(({ name, to }) => `${name.replaceAll('_', ' ')}: ${shown(to)}`)
      : fields.map(({ name, from, to }) => `${name.replaceAll('_', ' ')}: ${shown(from)} → ${shown(to)}`);
  if (group?.was !== undefined) return `${group.was} → ${group.name}`;
  return [...(group !== null && person !== null ? [group.name] : []), ...changes].join('; ');
}

export const approvalOf = ({ approval: { needed, reasons } }: Pick<Step, 'approval'>): string =>
  needed === 0 ? 'by itself' : `${needed === 1 ? 'one person' : 'two people'} (${reasons.join(', ')})`;

/** A step with all that KnowBe4 does because of it, under it. */
export function stepTable(views: readonly StepView[], width: number): string {
  const isBegun = views.some(({ entry }) => entry !== null);
  return table(
    views,
    [
      { title: 'step', value: ({ step }) => step.id },
      { title: 'action', value: ({ step }) => step.action },
      { title: 'who', value: ({ step }) => subjectOf(step), least: 20 },
      { title: 'change', value: ({ step }) => changeOf(step), least: 28 },
      { title: 'because', value: ({ step }) => step.because.join('; '), least: 18, spare: true },
      ...(isBegun
        ? [{ title: 'state', value: ({ entry }: StepView) => entry?.state ?? 'planned' }]
        : [{ title: 'approval', value: ({ step }: StepView) => approvalOf(step), least: 18, spare: true }]),
      {
        title: 'KnowBe4 then',
        value: ({ step }) => step.effects.map(({ text }) => text).join('; '),
        least: 30,
        spare: true,
      },
    ],
    width,
  );
}

export const itemTable = (items: readonly PlanItem[], width: number): string =>
  items.length === 0
    ? 'Nothing was left aside.\n'
    : table(
        items,
        [
          { title: 'kind', value: ({ kind }) => kind },
          { title: 'who', value: subjectOf, least: 16 },
          { title: 'reason', value: ({ reason }) => reason, spare: true },
          { title: 'why', value: ({ text }) => text, least: 48 },
        ],
        width,
      );

const signs = { create: '+', update: '~', restore: '↺', archive: '▽', claim: '⊕' } as const;
const groupActions = ['group_create', 'member_add', 'member_remove', 'group_rename'] as const;

/** `+12  ~19  ⇄14  ▽4  !2` */
function tally({ counts }: Pick<StoredPlan, 'counts'>): string {
  const groups = groupActions.reduce((sum, action) => sum + counts[action], 0);
  const parts = [
    ...Object.entries(signs).map(([action, sign]) => [sign, counts[action as keyof typeof signs]] as const),
    ['⇄', groups] as const,
    ['!', counts.conflict] as const,
  ];
  return (
    parts
      .filter(([, many]) => many > 0)
      .map(([sign, many]) => `${sign}${count(many)}`)
      .join('  ') || 'nothing to do'
  );
}

/** @param nameOf the name of a connection by its id */
export const planTable = (
  plans: readonly StoredPlan[],
  nameOf: (connectionId: string) => string,
  now: number,
  width: number,
): string =>
  plans.length === 0
    ? 'There is no plan yet: foreknow plan builds one.\n'
    : table(
        plans,
        [
          // What other commands take, and what is looked for: never cut.
          { title: 'plan', value: ({ id }) => id, least: 12 },
          { title: 'connection', value: ({ connectionId }) => nameOf(connectionId), least: 12 },
          { title: 'kind', value: ({ kind }) => kind },
          { title: 'state', value: ({ state }) => state, least: 10 },
          { title: 'steps', value: tally, least: 18 },
          { title: 'built', value: ({ builtAt }) => fromNow(builtAt, now), least: 10 },
          { title: 'by', value: ({ author }) => author, spare: true },
          ...(plans.some(({ end }) => end !== null)
            ? [{ title: 'why it ended', value: ({ end }: StoredPlan) => end?.reason ?? '', least: 24, spare: true }]
            : []),
        ],
        width,
      );

/** How far steps are: `3 verified, 2 accepted`. */
export function progressWords(states: readonly StepState[]): string {
  const order: readonly StepState[] = [
    ...(['verified', 'visible', 'accepted', 'written', 'planned', 'stale', 'skipped', 'late', 'failed'] as const),
  ];
  return order
    .map((state) => [state, states.filter((one) => one === state).length] as const)
    .filter(([, many]) => many > 0)
    .map(([state, many]) => `${count(many)} ${state}`)
    .join(', ');
}

/** What happened to a plan: who decided, how it was applied, what of it did not go as planned. */
export function historyText(
  {
    plan,
    approvals,
    applications,
  }: {
    readonly plan: StoredPlan;
    readonly approvals: readonly Approval[];
    readonly applications: readonly Application[];
  },
  views: readonly StepView[],
): string {
  const begun = views.flatMap(({ entry }) => entry ?? []);
  const lines = [
    ...approvals.map((one) => `  ${approvalWords(one)}`),
    ...applications.map(
      ({ id, by, state, startedAt, stop }) =>
        `  ${id}  ${state}  begun ${moment(startedAt)} by ${by}${stop === null ? '' : `: ${stop.reason}`}`,
    ),
    ...(begun.length === 0 ? [] : [`  steps: ${progressWords(begun.map(({ state }) => state))}`]),
    ...views.flatMap((view) => troubleOf(view)),
    ...(plan.end === null ? [] : [`  ${plan.state} by ${plan.end.by}, ${moment(plan.end.at)}: ${plan.end.reason}`]),
  ];
  return lines.length === 0 ? '' : `\n${lines.map((line) => `${clean(line)}\n`).join('')}`;
}

function approvalWords({ decision, operator, at, steps, reason, lapsed }: Approval): string {
  const what = steps === null ? '' : ` (${counted(Object.keys(steps).length, 'step')})`;
  const why = reason === null ? '' : `: ${reason}`;
  const end = lapsed === null ? '' : `; counts no more since ${moment(lapsed.at)}: ${lapsed.reason}`;
  return `${decision} by ${operator.name}, ${moment(at)}${what}${why}${end}`;
}

/** A step that did not go as it was planned. */
function troubleOf({ step, entry }: StepView): readonly string[] {
  if (entry === null || !['stale', 'failed', 'skipped', 'late'].includes(entry.state)) return [];
  const why = entry.error?.detail ?? (entry.found === null ? '' : `found ${entry.found}`);
  return [`  ! ${entry.state} ${step.id} ${step.action} ${subjectOf(step)}${why === '' ? '' : `: ${why}`}`];
}
