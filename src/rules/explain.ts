import type { JoinedPerson } from '../model/source-person.ts';
import type { Rules } from './compile.ts';
import type { Scene } from './condition.ts';
import { evaluateRules, isInScope, prepare } from './evaluate.ts';
import { attributeTexts, type Facts, fieldOf } from './facts.ts';
import type { EvaluationOptions, RuleTrace } from './rule-set.ts';

/** Every rule for one person, in the order in which they count; empty for somebody who is not among the people. */
export function explainPerson(
  rules: Rules,
  key: string,
  people: readonly JoinedPerson[],
  options: EvaluationOptions,
): readonly RuleTrace[] {
  const prepared = prepare(rules, people, options);
  const { scene } = prepared;
  const facts = prepared.everybody.find(({ person }) => person.key === key);
  if (facts === undefined) return [];
  const traced = (rule: string, condition: Rules['include']): readonly RuleTrace[] =>
    condition === null ? [] : [{ rule, holds: condition.holds(facts, scene), because: condition.trace(facts, scene) }];
  return [
    ...traced('scope.include', rules.include),
    ...traced('scope.exclude', rules.exclude),
    ...traced('leavers.when', rules.leavers),
    ...rules.mappings.map((mapping) => mapTrace(mapping, facts)),
    ...groupTraces(rules, facts, { people, options, inScope: isInScope(rules, facts, scene) }, scene),
  ];
}

function mapTrace({ field, rule, words, from }: Rules['mappings'][number], facts: Facts): RuleTrace {
  const value = fieldOf(facts.fields, field);
  const problem = facts.problems.find((one) => one.startsWith(`${rule}:`));
  const read =
    from === null || words === `from ${from}`
      ? []
      : [{ test: from, holds: true, value: attributeTexts(facts.person, from)[0] ?? null }];
  const made = { test: words, holds: value !== undefined, value: problem ?? value ?? null };
  return { rule, holds: value !== undefined && value !== null, because: [...read, made] };
}

type Around = {
  readonly people: readonly JoinedPerson[];
  readonly options: EvaluationOptions;
  readonly inScope: boolean;
};

function groupTraces(
  rules: Rules,
  facts: Facts,
  { people, options, inScope }: Around,
  scene: Scene,
): readonly RuleTrace[] {
  if (rules.groups.length === 0) return [];
  const evaluated = evaluateRules(rules, people, options).people.find(({ person }) => person.key === facts.person.key);
  return rules.groups.map(({ name, rule, condition, names, kind }): RuleTrace => {
    const into = (evaluated?.groups ?? []).filter((one) => one.rule === name).map(({ group }) => group);
    const values =
      kind === 'values'
        ? names.map((name) => ({
            test: name,
            value: fieldOf(facts.fields, name) ?? attributeTexts(facts.person, name)[0] ?? null,
          }))
        : [];
    const leaders =
      kind === 'leaders'
        ? [
            {
              test: 'reports to',
              value:
                scene
                  .chainOf(facts)
                  .map(({ person }) => person.key)
                  .join(', ') || null,
            },
          ]
        : [];
    return {
      rule,
      holds: into.length > 0,
      because: [
        ...(inScope ? [] : [{ test: 'in scope', holds: false, value: null }]),
        ...(condition?.trace(facts, scene) ?? []),
        ...[...values, ...leaders].map((one) => ({ ...one, holds: one.value !== null })),
        { test: 'put in', holds: into.length > 0, value: into.join(', ') || null },
      ],
    };
  });
}
