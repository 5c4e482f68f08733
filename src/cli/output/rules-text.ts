import { ForeknowError } from '../../errors/errors.ts';
import type { JoinedPerson } from '../../model/source-person.ts';
import type { LoadedRules } from '../../rules/load-rules.ts';
import type { EvaluatedPerson, EvaluationOptions, RuleTrace } from '../../rules/rule-set.ts';
import type { Picks } from '../../rules/who.ts';
import { clean } from './cell.ts';
import { table } from './table.ts';

/** A person with everything that the rules say of them. */
export type Explanation = {
  readonly key: string;
  readonly name: string;
  readonly inScope: boolean;
  readonly leaver: EvaluatedPerson['leaver'];
  readonly hiredOn: string | null;
  readonly fields: EvaluatedPerson['fields'];
  readonly groups: EvaluatedPerson['groups'];
  readonly problems: readonly string[];
  readonly rules: readonly RuleTrace[];
};

/** @throws ForeknowError `not_found`, `conflict` when several are called so */
export function explanation(
  rules: LoadedRules,
  called: string,
  people: readonly JoinedPerson[],
  options: EvaluationOptions,
): Explanation {
  const found = oneCalled(called, rules.evaluate(people, options).people);
  return {
    ...{ key: found.person.key, name: nameOf(found), inScope: found.inScope, leaver: found.leaver },
    ...{ hiredOn: found.hiredOn, fields: found.fields, groups: found.groups, problems: found.problems },
    rules: rules.explain(found.person.key, people, options),
  };
}

function oneCalled(called: string, people: readonly EvaluatedPerson[]): EvaluatedPerson {
  const wanted = called.trim().toLowerCase();
  const exactly = people.filter((one) => wordsOf(one).includes(wanted));
  const found =
    exactly.length > 0 ? exactly : people.filter((one) => wordsOf(one).some((word) => word.includes(wanted)));
  const [one, ...others] = found;
  if (one === undefined) {
    throw new ForeknowError('not_found', {
      detail: `Nobody of ${people.length} people is called ${JSON.stringify(called.slice(0, 100))}.`,
      hint: 'An address, an employee number, a name or a part of them.',
    });
  }
  if (others.length === 0) return one;
  throw new ForeknowError('conflict', {
    detail: `${found.length} people are called so.`,
    hint: `Say which: ${found
      .slice(0, 5)
      .map((each) => each.person.key)
      .join(', ')}`,
  });
}

const wordsOf = (one: EvaluatedPerson): readonly string[] =>
  [
    one.person.key,
    ...one.person.refs.map(({ sourceId }) => sourceId),
    ...[one.keys.email, one.keys.employeeNumber, nameOf(one)],
  ].flatMap((word) => word?.toLowerCase() ?? []);

const nameOf = ({ fields, person }: EvaluatedPerson): string =>
  [fields.first_name, fields.last_name].filter(Boolean).join(' ') || (fields.email ?? person.key);

export function explanationText({ key, name, inScope, leaver, hiredOn, rules, problems }: Explanation): string {
  const state = !inScope
    ? 'out of scope'
    : leaver === null
      ? 'in scope'
      : `has left${leaver.since === null ? '' : ` on ${leaver.since}`}`;
  const begins = hiredOn === null ? '' : `, began ${hiredOn}`;
  const lines = rules.flatMap(({ rule, holds, because }) => [
    `${holds ? 'yes' : 'no '}  ${rule}`,
    ...because.map((one) => `       ${one.holds ? '✓' : '✗'} ${one.test}${one.value === null ? '' : `: ${one.value}`}`),
  ]);
  const held = problems.map((problem) => `held   ${problem}`);
  return [`${name}  ${key}  ${state}${begins}`, ...held, ...lines].map((line) => `${clean(line)}\n`).join('');
}

export function picksText({ rule, now, enters, leaves }: Picks, width: number): string {
  const columns = [
    { title: 'name', value: ({ name }: Picks['now'][number]) => name },
    { title: 'key', value: ({ key }: Picks['now'][number]) => key },
    { title: 'group', value: ({ group }: Picks['now'][number]) => group },
  ];
  const day = { title: 'on', value: ({ on }: Picks['enters'][number]) => on };
  const part = (title: string, text: string) => `\n${title}\n${text}`;
  return [
    `${clean(rule)} picks ${now.length} ${now.length === 1 ? 'person' : 'people'}\n`,
    ...(now.length === 0 ? [] : [table(now, columns, width)]),
    ...(enters.length === 0 ? [] : [part('Enter in the next 30 days', table(enters, [day, ...columns], width))]),
    ...(leaves.length === 0 ? [] : [part('Leave in the next 30 days', table(leaves, [day, ...columns], width))]),
  ].join('');
}
