import { RE2JS } from 're2js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Alias, Parser } from 'yaml';
import { nearest } from '../lib/nearest.ts';
import { askLimits } from './budget.ts';
import { compilePattern } from './pattern.ts';
import { evaluateOne, load, problemsOf, rulesOf } from './rules.contract.ts';
import { fileLimits } from './tree.ts';

vi.mock('../lib/nearest.ts', { spy: true });
afterEach(() => vi.restoreAllMocks());

const full = (text: string): string => text.repeat(Math.floor((fileLimits.letters - 100) / text.length));

describe('a text is read no further than its limits, whatever stands in it', () => {
  test.each<[string, string, RegExp]>([
    ['brackets', full('['), /nested more than 40 levels/],
    ['braces', full('{'), /nested more than 40 levels/],
    ['lists in one line', full('- '), /nested more than 40 levels/],
    ['keys of keys', full('? '), /nested more than 40 levels/],
    ['commas', `[${full(',')}`, /more than 12,000 parts/],
    ['brackets that close', full(']'), /more than 12,000 parts/],
    ['short lines', full('a\n- b\n'), /./],
    ['comments', full('#\n'), /more than 12,000 parts/],
    ['documents', full('---\n'), /more than one document/],
    ['directives', full('%a\n'), /more than 12,000 parts/],
    ['wrong escapes', `a: "${full('\\q')}"`, /double quotes/],
    ['entries', Array.from({ length: 20_000 }, (_, at) => `k${at}: v\n`).join(''), /more than 12,000 parts/],
    ['the same key', full('k: v\n'), /more than 12,000 parts/],
    ['aliases', `a: &x v\nb: [${'*x,'.repeat(20_000)}]`, /more than 12,000 parts/],
    ['anchors', Array.from({ length: 14_000 }, (_, at) => `k${at}: &a${at} *a${at}\n`).join(''), /./],
    ['an alias in itself', 'a: &x [*x]', /nested more than 40 levels/],
  ])('%s', async (_, text, words) => {
    const marks = vi.spyOn(Parser.prototype, 'next');
    const resolved = vi.spyOn(Alias.prototype, 'resolve');
    const result = await load(text);
    const problems = 'problems' in result ? result.problems : [];
    expect(problems[0]?.words).toMatch(words);
    expect(marks.mock.calls.length).toBeLessThanOrEqual(fileLimits.marks);
    // It goes through the whole document each time.
    expect(resolved).not.toHaveBeenCalled();
    expect(JSON.stringify(problems).length).toBeLessThan(100_000);
  });

  test('one that is larger is not looked at', async () => {
    const marks = vi.spyOn(Parser.prototype, 'next');
    expect(await problemsOf(`#${' '.repeat(fileLimits.letters)}`)).toEqual(['1:1  is larger than 512 KiB']);
    expect(marks).not.toHaveBeenCalled();
  });

  test('the largest that is good is taken', async () => {
    const entries = Array.from({ length: fileLimits.parts - 10 }, (_, at) => `    centre ${at}: Department ${at}\n`);
    expect(await problemsOf(`version: 1\ntables:\n  centres:\n${entries.join('')}`)).toEqual([]);
  });
});

describe('what is wrong is looked for until a hundred is found', () => {
  const names = Array.from({ length: 5000 }, (_, at) => `depratment_${at}`);

  test.each<[string, string]>([
    ['unknown parts', `version: 1\n${names.map((name) => `${name}: 1\n`).join('')}`],
    [
      'unknown operators',
      `version: 1\nscope: { include: { department: { ${names.map((name) => `${name}: 1`).join(', ')} } } }`,
    ],
    [
      'names that are not declared',
      `version: 1\nattributes: [department]\nscope: { include: { ${names.map((name) => `${name}: { eq: a }`).join(', ')} } }`,
    ],
    [
      'names that nobody knows',
      `version: 1\nscope: { include: { ${names.map((name) => `z${name}: { eq: a }`).join(', ')} } }`,
    ],
    ['tables of maps', `version: 1\ntables: { a: { ${names.map((name) => `${name}: {}`).join(', ')} } }`],
    [
      'tests',
      `version: 1\ntests: [${names
        .slice(0, 1500)
        .map((name) => `{ name: ${name} }`)
        .join(', ')}]`,
    ],
  ])('%s', async (_, text) => {
    vi.mocked(nearest).mockClear();
    const problems = await problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(101);
    expect(vi.mocked(nearest).mock.calls.length).toBeLessThanOrEqual(askLimits.undeclaredNames + 101);
  });

  test('what is dropped of a list is looked for once', async () => {
    const drops = Array.from({ length: 10_000 }, (_, at) => `no ${at}`).join(', ');
    const base = Array.from({ length: 3000 }, (_, at) => `a${at}@acme.test`).join(', ');
    const problems = await problemsOf(`extends: ../base.yaml\nguards: { protected: { drop: [${drops}] } }`, {
      'base.yaml': `version: 1\nguards: { protected: [${base}] }`,
    });
    expect(problems.length).toBe(101);
  });

  test('long words are quoted by their beginning', async () => {
    const [problem] = await problemsOf(`version: 1\n${'x'.repeat(900)}: 1`);
    expect(problem!.length).toBeLessThan(1600);
    expect(await problemsOf(`version: 1\ntables: { a: { ? ${'x'.repeat(1001)}\n : b } }`)).toEqual([
      '2:18  a name in a map has at most 1000 letters',
    ]);
  });
});

describe('what a file asks of a person is limited in all', () => {
  const include = (tests: string) => `version: 1\nattributes: [a, b]\nscope: { include: { ${tests} } }`;

  test('conditions', async () => {
    const ways = (many: number) => `any: [${Array.from({ length: many }, () => '{ a: { eq: x } }').join(', ')}]`;
    expect(await problemsOf(include(ways(askLimits.tests - 1)))).toEqual([]);
    expect(await problemsOf(include(ways(askLimits.tests)))).toEqual([
      expect.stringMatching(
        /^3:\d+ scope\.include\.any\[2999\]\.a\.eq is where the file comes over 3,000 conditions · /,
      ),
    ]);
  });

  test('patterns, also those of expressions', async () => {
    const patterns = (many: number) => Array.from({ length: many }, () => '{ a: { matches: "x{900}" } }').join(', ');
    expect(await problemsOf(include(`any: [${patterns(11)}]`))).toEqual([]);
    expect((await problemsOf(include(`any: [${patterns(12)}]`))).join()).toContain('10,000 steps of patterns');
    const likes = Array.from({ length: 12 }, () => `{ cel: 'like(person.a, "x{900}")' }`).join(', ');
    expect((await problemsOf(include(`any: [${likes}]`))).join()).toContain('10,000 steps of patterns');
  });

  test('expressions', async () => {
    const long = Array.from({ length: 60 }, () => 'person.a == "x"').join(' || ');
    const some = (many: number) => `any: [${Array.from({ length: many }, () => `{ cel: '${long}' }`).join(', ')}]`;
    expect(await problemsOf(include(some(80)))).toEqual([]);
    expect((await problemsOf(include(some(90)))).join()).toContain('20,000 parts of expressions');
  });
});

test('a pattern whose repetitions make it large is not compiled', () => {
  const compile = vi.spyOn(RE2JS, 'compile');
  for (const source of [
    `(${'abcdefghij'.repeat(48)}){990}`,
    `((${'abcdefghij'.repeat(48)}){31}){31}`,
    '((a{1,50}){1,50}){1,50}',
    `(?:${'x{99}'.repeat(90)})`,
    '([^]]{40}){60}',
    '(\\\\){1000}(\\}){1000}x{5}',
  ]) {
    expect([source, compilePattern(source)]).toEqual([source, { wrong: 'counts too many repetitions' }]);
  }
  expect(compile).not.toHaveBeenCalled();
  for (const source of [
    '[{]{3}',
    'a{,5}',
    '\\{1000}',
    '[a{1000}]',
    'x{2,}',
    '^[A-Z]{2}\\d{3,8}$',
    'a{1000',
    ')',
    '(((',
  ]) {
    compilePattern(source);
  }
  expect(compile).toHaveBeenCalledTimes(9);
});

test('a chain of managers that never ends is followed for a hundred levels', async () => {
  const rules = await rulesOf(
    'version: 1\nmap: { manager_email: { from: manager, lookup: mail } }\nscope: { include: { reports_to: p0@x.test } }',
  );
  const people = Array.from({ length: 300 }, (_, at) => ({
    ...evaluateOne(rules, {}).person,
    key: `hr:${at}`,
    attributes: { mail: `p${at}@x.test`, ...(at > 0 && { manager: `p${at - 1}@x.test` }) },
    refs: [{ source: 'hr', sourceId: String(at) }],
  }));
  const { people: evaluated } = rules.evaluate(people, { now: new Date(0), timeZone: 'UTC' });
  expect(evaluated.filter(({ inScope }) => inScope).length).toBe(100);
});
