import { ForeknowError } from '../errors/errors.ts';
import type { JoinedPerson } from '../model/source-person.ts';
import type { Rules } from './compile.ts';
import { shiftDay } from './days.ts';
import { type Prepared, pickedBy, prepare, sceneAt } from './evaluate.ts';
import { clockAt } from './facts.ts';
import { hintNear } from './form.ts';
import type { EvaluationOptions } from './rule-set.ts';

/** How far ahead it is looked. */
const AHEAD_DAYS = 30;

export type Picked = { readonly key: string; readonly name: string; readonly group: string | null };
export type Picks = {
  readonly rule: string;
  readonly now: readonly Picked[];
  /** Who comes and goes as days pass and nothing else changes. */
  readonly enters: readonly (Picked & { readonly on: string })[];
  readonly leaves: readonly (Picked & { readonly on: string })[];
};

/**
 * Everyone whom a rule picks, and who enters or leaves in the next 30 days.
 * @param name of a rule of groups, or `scope`, or `leavers`
 * @throws ForeknowError `not_found`
 */
export function whoIsPicked(
  rules: Rules,
  name: string,
  people: readonly JoinedPerson[],
  options: EvaluationOptions,
): Picks {
  const group = rules.groups.find((one) => one.name === name || one.rule === name);
  if (group === undefined && name !== 'scope' && name !== 'leavers') {
    const names = ['scope', 'leavers', ...rules.groups.map((one) => one.name)];
    throw new ForeknowError('not_found', {
      detail: `There is no rule ${name}.`,
      hint: hintNear(name, names) ?? `There are: ${names.join(', ')}.`,
    });
  }
  const picks = group ?? (name as 'scope' | 'leavers');
  const today = prepare(rules, people, options);
  const described = new Map(today.everybody.map(({ person, fields }) => [person.key, nameOf(fields) ?? person.key]));
  const picked = (key: string, into: string | null): Picked => ({ key, name: described.get(key) ?? key, group: into });
  const now = pickedBy(rules, picks, today);
  const enters: (Picked & { on: string })[] = [];
  const leaves: (Picked & { on: string })[] = [];
  let before = now;
  for (let day = 1; day <= AHEAD_DAYS; day += 1) {
    const later = pickedBy(rules, picks, onDay(rules, people, today, day, options));
    const on = shiftDay(today.clock.today, day);
    for (const [key, into] of later) if (!before.has(key)) enters.push({ ...picked(key, into), on });
    for (const [key, into] of before) if (!later.has(key)) leaves.push({ ...picked(key, into), on });
    before = later;
  }
  return { rule: group?.rule ?? name, now: [...now].map(([key, into]) => picked(key, into)), enters, leaves };
}

/** The same people some days later. Only expressions of the mapping look at the clock: without them the mapping stays. */
function onDay(
  rules: Rules,
  people: readonly JoinedPerson[],
  today: Prepared,
  day: number,
  { now, timeZone }: EvaluationOptions,
): Prepared {
  const later = new Date(now.getTime() + day * 86_400_000);
  if (rules.mappings.some(({ words }) => words.startsWith('cel ')))
    return prepare(rules, people, { now: later, timeZone });
  const clock = clockAt(later, timeZone);
  return { ...today, clock, scene: sceneAt(clock, today.company) };
}

const nameOf = ({
  first_name,
  last_name,
  email,
}: {
  first_name?: string | null;
  last_name?: string | null;
  email?: string | null;
}): string | null => [first_name, last_name].filter(Boolean).join(' ') || (email ?? null);
