import { hash } from 'node:crypto';
import { type Condition, type ConditionReader, readConditions, readExpression, together } from './condition.ts';
import type { WrittenGroupRule } from './file-form.ts';
import { fold } from './fold.ts';
import { type Placed, problemAt } from './form.ts';
import type { DesiredGroup } from './rule-set.ts';
import { readTemplate, type Template } from './template.ts';
import type { Place } from './tree.ts';

/** A rule that fills one group, or one for each value or leader. */
export type GroupRule = {
  readonly name: string;
  /** `groups.new hires` */
  readonly rule: string;
  readonly condition: Condition | null;
  /** `one` group, one for each value of `names`, or one for each leader of `levels`. */
  readonly kind: 'one' | 'values' | 'leaders';
  readonly names: readonly string[];
  readonly levels: number;
  readonly template: Template;
  readonly atLeast: number;
  readonly expect: DesiredGroup['expect'];
  readonly at: Place;
  readonly path: string;
};

/** Characters of a group's name at KnowBe4. */
export const LONGEST_NAME = 64;
const SUFFIX = 6;

/** A name that KnowBe4 takes: the end of a longer one gives way to a mark that is always the same for it. */
export function groupName(full: string): string {
  const letters = [...full.trim()];
  if (letters.length <= LONGEST_NAME) return letters.join('');
  const mark = hash('sha256', fold(full), 'hex').slice(0, SUFFIX);
  return `${letters
    .slice(0, LONGEST_NAME - SUFFIX - 1)
    .join('')
    .trimEnd()}~${mark}`;
}

/** A value inside a name: blanks of any kind are one blank. */
export const nameValue = (text: string): string =>
  text
    .split(/\s/)
    .filter((word) => word !== '')
    .join(' ');

export function readGroupRule(
  { value: rule, at, path }: Placed<WrittenGroupRule>,
  prefix: string | null,
  reader: ConditionReader,
): GroupRule | null {
  const { put_in: putIn, for_each: forEach = [], expect } = rule;
  const id = `groups.${rule.name}`;
  const wrong = (
    words: string,
    hint: string | null = null,
    place: { at: Place; path: string } = { at, path },
  ): null => {
    reader.report(problemAt(place.at, place.path, words, hint));
    return null;
  };
  const conditions = [
    ...(rule.when === undefined ? [] : [readConditions(rule.when.value, rule.when.path, id, reader)]),
    ...(rule.cel === undefined ? [] : readExpression(rule.cel.value, rule.cel.path, id, reader)),
  ];
  if (conditions.length === 0 && forEach.length === 0 && rule.cel === undefined) {
    wrong('needs when, cel or for_each', 'Who is to be in the group?');
  }
  const template = readTemplate(putIn.value);
  if ('wrong' in template) return wrong(template.wrong, null, putIn);
  if (prefix === null)
    return wrong('needs groups.owned: { prefix: … }', 'Only groups that begin so are ever touched.', putIn);
  const isFixed = template.names.length === 0;
  if (!(isFixed ? groupName(template.begin) : template.begin).startsWith(prefix)) {
    return wrong(
      `does not begin with ${JSON.stringify(prefix)}`,
      'Only groups of groups.owned.prefix are ever touched.',
      putIn,
    );
  }
  const isLeaders = forEach.includes('manager_chain');
  if (isLeaders && forEach.length > 1) return wrong('manager_chain stands alone in for_each');
  if (!isLeaders && rule.levels !== undefined) return wrong('levels needs for_each: manager_chain');
  if (forEach.length === 0 && rule.at_least !== undefined) return wrong('at_least needs for_each');
  const names = isLeaders ? leaderNames(template) : [...forEach];
  const hint = namesHint(template, isLeaders, names);
  if (hint !== null) return wrong('put_in and for_each do not fit', hint, putIn);
  for (const name of names) reader.names.use(name, putIn.at, putIn.path);
  return {
    ...{ name: rule.name, rule: id, at: putIn.at, path: putIn.path, template, names },
    condition: conditions.length === 0 ? null : together(conditions),
    kind: isLeaders ? 'leaders' : names.length > 0 ? 'values' : 'one',
    levels: rule.levels ?? 1,
    atLeast: rule.at_least ?? 1,
    expect: expect === undefined ? null : { enrolledIn: expect.enrolled_in, withinMs: expect.within },
  };
}

/** What stands before a leader's fields in `put_in`. */
export const LEADER = 'leader.';
const leaderNames = ({ names }: Template): readonly string[] =>
  names.filter((name) => name.startsWith(LEADER)).map((name) => name.slice(LEADER.length));

function namesHint(template: Template, isLeaders: boolean, names: readonly string[]): string | null {
  if (isLeaders) {
    return names.length > 0 && names.length === template.names.length
      ? null
      : 'Write {leader.NAME}, such as {leader.last_name}.';
  }
  const strange = template.names.find((name) => !names.includes(name));
  if (strange !== undefined) {
    return strange.startsWith(LEADER) ? 'Write for_each: manager_chain.' : `Write for_each: ${strange}.`;
  }
  const unused = names.find((name) => !template.names.includes(name));
  return unused === undefined ? null : `Write {${unused}} in put_in: else all values meet in one group.`;
}
