import type { PlanComparison } from '../../provisioning/compare-plans.ts';
import type { PlanDiff } from '../../provisioning/diff-plans.ts';
import { actions, type Guard, type Plan, type PlanItem, type Step } from '../../provisioning/plan.ts';
import { clean } from './cell.ts';
import { approvalOf, changeOf, shown, subjectOf } from './plan-text.ts';
import { table } from './table.ts';
import { count, counted } from './words.ts';

/** What a later plan does otherwise. */
export const diffText = (diff: PlanDiff): string =>
  [...diffLines(diff), tally(diff)].map((line) => `${line}\n`).join('');

function diffLines({ added, dropped, changed }: PlanDiff): readonly string[] {
  const line = (sign: string, step: Step): string =>
    clean(`${sign} ${step.action}  ${subjectOf(step)}  ${changeOf(step)}`.trimEnd());
  return [
    ...added.map((step) => line('+', step)),
    ...dropped.map((step) => line('-', step)),
    ...changed.flatMap(({ before, after }) => [
      line('~', after),
      ...otherwise(before, after).map((words) => clean(`    ${words}`)),
    ]),
  ];
}

const tally = ({ added, dropped, changed, same }: PlanDiff): string =>
  `${counted(same, 'step')} the same, ${count(added.length)} new, ${count(dropped.length)} dropped, ${count(changed.length)} changed`;

/** What is not the same of two steps that do the same to the same one. */
function otherwise(before: Step, after: Step): readonly string[] {
  const parts: readonly (readonly [what: string, of: (step: Step) => string])[] = [
    ['change', changeOf],
    ['because', ({ because }) => because.join('; ')],
    ['KnowBe4 then', ({ effects }) => effects.map(({ text, certainty }) => `${text} (${certainty})`).join('; ')],
    ['approval', approvalOf],
    ['cannot', ({ cannot }) => cannot.join('; ')],
  ];
  const found = parts
    .filter(([, of]) => of(before) !== of(after))
    .map(([what, of]) =>
      what === 'change' ? `was ${shown(of(before))}` : `${what} ${shown(of(after))}, was ${shown(of(before))}`,
    );
  return found.length > 0 ? found : ['the record that it is planned upon has changed'];
}

/** What a draft of the rules would do otherwise than the rules in force: numbers first, then each step and whatever is not done any more. */
export function comparisonText(comparison: PlanComparison, connection: string, width: number): string {
  const { current, draft, steps, items, unseen } = comparison;
  const named = (plan: Pick<Plan, 'basis'>): string => plan.basis.rules?.file ?? 'no rules';
  const notDone = [
    ...items.added.map((item) => `+ ${itemLine(item)}`),
    ...items.dropped.map((item) => `- ${itemLine(item)}`),
  ];
  return [
    clean(`${named(draft)} against ${named(current)}, for ${connection}`),
    '',
    ...(isSame(comparison) ? ['The draft does the same.'] : countTable(current, draft, width)),
    ...unseen.map((name) =>
      clean(`! nobody has ${name}: of the sources is kept what the rules in force read, so it counts as empty here`),
    ),
    ...guardLines(current.guards, draft.guards),
    ...section('Steps that the draft adds (+), drops (-) or changes (~)', diffLines(steps)),
    ...section('Not done because of the draft (+), or no longer left aside (-)', notDone.map(clean)),
    '',
    `${tally(steps)}. Neither plan is kept.`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** Whether both do the same to everybody and for the same reasons. */
export const isSame = ({ steps, items }: PlanComparison): boolean =>
  [steps.added, steps.dropped, steps.changed, items.added, items.dropped].every((one) => one.length === 0);

type Head = PlanComparison['current'];
const countNames = [...actions, 'conflict', 'held', 'unscoped', 'unmanaged', 'unchanged'] as const;

function countTable(current: Head, draft: Head, width: number): readonly string[] {
  const rows = [
    ...countNames.map((name) => ({
      name: name.replaceAll('_', ' '),
      inForce: current.counts[name],
      byDraft: draft.counts[name],
    })),
    { name: 'seats after', inForce: current.seats.after, byDraft: draft.seats.after },
  ].filter(({ inForce, byDraft }) => inForce > 0 || byDraft > 0);
  const text = table(
    rows,
    [
      { title: '', value: ({ name }) => name },
      { title: 'in force', value: ({ inForce }) => count(inForce), align: 'right' },
      { title: 'draft', value: ({ byDraft }) => count(byDraft), align: 'right' },
      {
        title: '',
        value: ({ inForce, byDraft }) => signed(byDraft - inForce),
        align: 'right',
      },
    ],
    width,
  );
  return text.trimEnd().split('\n');
}

const signed = (more: number): string => (more === 0 ? '' : `${more > 0 ? '+' : '−'}${count(Math.abs(more))}`);

/** Guards that say otherwise. */
function guardLines(current: readonly Guard[], draft: readonly Guard[]): readonly string[] {
  const before = new Map(current.map((guard) => [guard.name, guard]));
  return draft
    .filter(({ name, state }) => state !== (before.get(name)?.state ?? 'ok'))
    .map(({ name, state, text }) =>
      clean(`! guard ${name}: ${state} (${before.get(name)?.state ?? 'ok'} now): ${text}`),
    );
}

/** Lines of a section before "… N more". */
const MOST_LINES = 60;

function section(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length - MOST_LINES;
  return [
    '',
    title,
    ...lines.slice(0, MOST_LINES).map((line) => `  ${line}`),
    ...(more > 0 ? [`  … ${counted(more, 'more line')}: --json and --out have all`] : []),
  ];
}

const itemLine = (item: PlanItem): string => `${item.kind}  ${subjectOf(item)}  ${item.text}`;
