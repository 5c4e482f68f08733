/** What tests of rules share: files as texts, people as attributes. */
import type { Attributes, JoinedPerson } from '../model/source-person.ts';
import { type LoadedRules, loadRules } from './load-rules.ts';
import type { EvaluatedPerson, EvaluationOptions } from './rule-set.ts';

export const options: EvaluationOptions = { now: new Date('2026-11-21T12:00:00Z'), timeZone: 'Europe/Berlin' };

export const readFrom = (files: Readonly<Record<string, string>>) => async (path: string) => {
  const text = files[path];
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return text;
};

export const load = (text: string, files: Readonly<Record<string, string>> = {}) =>
  loadRules({ read: readFrom({ ...files, 'rules/acme.yaml': text }), file: 'rules/acme.yaml' });

export async function rulesOf(text: string, files: Readonly<Record<string, string>> = {}): Promise<LoadedRules> {
  const result = await load(text, files);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems, null, 2));
  return result.rules;
}

/** `3:5 map.emial there is no emial here. Is email meant?` */
export async function problemsOf(
  text: string,
  files: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const result = await load(text, files);
  return 'problems' in result ? result.problems.map(inLine) : [];
}

export const inLine = (one: {
  line: number;
  column: number;
  path: string;
  words: string;
  hint: string | null;
}): string => `${one.line}:${one.column} ${one.path} ${one.words}${one.hint === null ? '' : ` · ${one.hint}`}`;

let serial = 0;
export function aPerson(attributes: Attributes, over: Partial<JoinedPerson> = {}): JoinedPerson {
  serial += 1;
  const key = over.key ?? `hr:${serial}`;
  return {
    ...{ key, refs: [{ source: 'hr', sourceId: key.split(':')[1]! }], attributes, from: {}, groups: [] },
    ...{ active: true, absent: {} },
    ...over,
  };
}

export const evaluateOne = (
  rules: LoadedRules,
  attributes: Attributes,
  over: Partial<JoinedPerson> = {},
): EvaluatedPerson => rules.evaluate([aPerson(attributes, over)], options).people[0]!;

/** Whether a condition holds for somebody. */
export async function holds(
  condition: string,
  attributes: Attributes,
  over: Partial<JoinedPerson> = {},
): Promise<boolean> {
  const rules = await rulesOf(`version: 1\nattributes: [a, b, c]\nscope: { include: ${condition} }`);
  return evaluateOne(rules, attributes, over).inScope;
}
