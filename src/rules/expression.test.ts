import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBudget } from './budget.ts';
import { createCompiler } from './expression.ts';
import { expressionLimits } from './expression-cost.ts';
import { type Clock, clockAt, createPool, type Facts, factsOf, textsOf } from './facts.ts';
import { createNames } from './names.ts';
import type { RuleProblem } from './rule-set.ts';
import { aPerson, inLine } from './rules.contract.ts';
import type { TreeText } from './tree.ts';

const clock: Clock = clockAt(new Date('2026-11-21T12:00:00Z'), 'Europe/Berlin');
const place = (offset = 0) => ({ file: 'f', line: 1, column: offset + 1 });
const tree = (text: string): TreeText => ({ kind: 'text', at: place(), text, inside: place });
const declared = ['location', 'job_title', 'building', 'floor', 'hired_on', 'email', 'proxyAddresses', 'x y'];

function compiled(text: string) {
  const problems: RuleProblem[] = [];
  const report = (problem: RuleProblem) => void problems.push(problem);
  const budget = createBudget(report);
  const compiler = createCompiler(createNames({ mapped: new Set(), declared, known: null, budget, report }), budget);
  const expression = compiler.condition(tree(text), 'cel', report);
  return { expression, problems };
}
const wrong = (text: string): string => compiled(text).problems.map(inLine).join('; ');

function run(
  text: string,
  attributes: Readonly<Record<string, string | readonly string[]>> = {},
  groups: readonly string[] = [],
): boolean {
  const { expression, problems } = compiled(text);
  if (expression === null) throw new Error(problems.map(inLine).join());
  return expression.run(factsOf(aPerson(attributes, { groups }), createPool()), clock);
}

describe('expressions', () => {
  test.each<[string, Record<string, string | readonly string[]>, boolean]>([
    ['person.location in ["Berlin", "Munich"] && !like(person.job_title, "(?i)^intern")', { location: 'Berlin' }, true],
    [
      'person.location in ["Berlin", "Munich"] && !like(person.job_title, "(?i)^intern")',
      { location: 'Berlin', job_title: 'Intern, IT' },
      false,
    ],
    ['person.location == ""', {}, true],
    ['person["x y"] == "1"', { 'x y': '1' }, true],
    ['int(person.floor) > 3 ? person.building == "A" : false', { floor: '4', building: 'A' }, true],
    ['person.email.split("@")[1] == "acme.test"', { email: 'a@acme.test' }, true],
    ['person.email.lowerAscii().endsWith("@acme.test")', { email: 'A@ACME.test' }, true],
    ['days_since(person.hired_on) == 1', { hired_on: '2026-11-20' }, true],
    ['days_until(person.hired_on) == 3', { hired_on: '24.11.2026' }, true],
    ['timestamp("2026-11-21T11:00:00Z") + duration("1h") == now', {}, true],
    ['lists.proxyAddresses.exists(one, one.startsWith("smtp:"))', { proxyAddresses: ['SMTP:a', 'smtp:b'] }, true],
    ['lists.proxyAddresses.all(one, one.startsWith("smtp:"))', { proxyAddresses: ['SMTP:a', 'smtp:b'] }, false],
    ['lists.proxyAddresses.filter(one, one in ["a", "b"]).size() == 1', { proxyAddresses: ['a', 'c'] }, true],
    ['groups.exists(one, like(one, "^KB-")) && "VPN" in groups', {}, true],
    ['(person.floor + person.floor).size() == 2', { floor: '4' }, true],
  ])('%s with %j: %s', (text, attributes, expected) => {
    expect(run(text, attributes, ['KB-Exempt', 'VPN'])).toBe(expected);
  });

  test('are checked before anything runs, with the place of what is wrong', () => {
    const texts = [
      'person.locaton == "x"',
      'persn.location == "x"',
      'person.location == 3',
      'person.location',
      'person == person',
      'person.location.matches("a")',
      'person.location.startWith("a")',
      'lik(person.location, "a")',
      'like(person.location, person.building)',
      'like(person.location, "(a")',
      'like(person.location, "(?<=a)b")',
      'has(person.location)',
      'cel.bind(a, person.location, a == a)',
      'b"ab" == b"ab"',
      '{"a": 1}["a"] == 1',
      'google.protobuf.Timestamp == type(now)',
      'now.getHours("Europe/Berlin") == 1',
      'duration(person.location) > duration("1h")',
      'duration("1111111111111111h") > duration("1h")',
      'person.location &&',
      'groups.exists(person, person == "x")',
      '1 + 1',
    ];
    expect(texts.map((text) => `${text} → ${wrong(text)}`)).toMatchInlineSnapshot(`
      [
        "person.locaton == "x" → 1:1 cel locaton is not among attributes · Is location meant?",
        "persn.location == "x" → 1:1 cel there is no persn · Is person meant?",
        "person.location == 3 → 1:1 cel no such overload: string == int · What a person has are texts: int(person.NAME) makes a number.",
        "person.location → 1:1 cel must be true or false; it is a text",
        "person == person → 1:1 cel person needs the name of a field · Write person.NAME.; 1:11 cel person needs the name of a field · Write person.NAME.",
        "person.location.matches("a") → 1:1 cel matches() is not known here · Write like(text, "pattern").",
        "person.location.startWith("a") → 1:1 cel there is no .startWith() · Is startsWith meant?",
        "lik(person.location, "a") → 1:1 cel there is no lik() · Is like meant?",
        "like(person.location, person.building) → 1:1 cel the pattern of like() must be written out",
        "like(person.location, "(a") → 1:23 cel the pattern is no pattern of RE2 (missing closing ): \`(a\`)",
        "like(person.location, "(?<=a)b") → 1:23 cel the pattern is no pattern of RE2 (invalid named capture: \`(?<=a)b\`) · RE2 has no look-around and no back references.",
        "has(person.location) → 1:1 cel has() is not known here · What is not there is an empty text: person.x != """,
        "cel.bind(a, person.location, a == a) → 1:1 cel there is no .bind()",
        "b"ab" == b"ab" → 1:1 cel bytes and unsigned numbers are not known here; 1:10 cel bytes and unsigned numbers are not known here",
        "{"a": 1}["a"] == 1 → 1:1 cel map is not known here",
        "google.protobuf.Timestamp == type(now) → 1:1 cel there is no google · Write person.google for what a person has, "google" for a text.; 1:30 cel there is no type()",
        "now.getHours("Europe/Berlin") == 1 → 1:1 cel getHours() takes no time zone here",
        "duration(person.location) > duration("1h") → 1:1 cel duration() takes a written text such as "36h"",
        "duration("1111111111111111h") > duration("1h") → 1:1 cel duration() takes a written text such as "36h"",
        "person.location && → 1:19 cel Unexpected token: EOF",
        "groups.exists(person, person == "x") → 1:15 cel person is taken",
        "1 + 1 → 1:1 cel must be true or false; it is a number",
      ]
    `);
  });

  test('reach nothing but the person', () => {
    for (const text of [
      'person.constructor == ""',
      'constructor == ""',
      'globalThis.x == ""',
      'process.env.PATH != ""',
      'person["__proto__"] == ""',
      'lists.constructor.size() == 0',
      'this == 1',
      'require("fs") == 1',
      'person.location.constructor("x") == 1',
      'groups.map(g, g).constructor == 1',
    ]) {
      expect(`${text}: ${wrong(text)}`).not.toBe(`${text}: `);
    }
  });
});

describe('limits', () => {
  const nested = (levels: number) => `${'('.repeat(levels)}person.floor == "1"${')'.repeat(levels)}`;
  const wide = (parts: number) => Array.from({ length: parts }, () => 'person.floor == "1"').join(' || ');

  test('of letters, nodes and depth hold when an expression is read', () => {
    expect(wrong(`person.floor == "${'a'.repeat(expressionLimits.letters)}"`)).toContain('is longer than 4000 letters');
    expect(wrong(wide(60))).toBe('');
    expect(wrong(wide(140))).toContain('400');
    expect(wrong(nested(20))).toBe('');
    expect(wrong(nested(200))).toContain('32');
  });

  test('of patterns: their letters and what they grow to', () => {
    expect(wrong(`like(person.floor, "${'a'.repeat(501)}")`)).toContain('longer than 500 letters');
    expect(wrong('like(person.floor, "((a{1,30}){1,30}){1,30}")')).toContain('counts too many repetitions');
    expect(wrong('like(person.floor, "(abcdefghij){990}")')).toContain('counts too many repetitions');
  });

  test('loops stand in no loop, and go over lists of the person alone', () => {
    const loop = 'groups.exists(a, ';
    expect(wrong(`${loop}groups.exists(b, a == b))`)).toContain('cannot stand inside a loop');
    expect(wrong(`${loop}[1, 2].map(b, b).size() == 1)`)).toContain('cannot stand inside a loop');
    expect(wrong(`${loop}a.split("").size() == 1)`)).toContain('cannot stand inside a loop');
    expect(wrong(`${loop}a in groups)`)).toContain('in takes a list that is written out');
    expect(wrong('groups.map(a, a).exists(b, b == "x")')).toContain(
      'goes over lists.NAME, groups or a written list alone',
    );
    expect(wrong('person.floor.split("").exists(b, b == "x")')).toContain('goes over lists.NAME');
    expect(wrong('groups.join(",").split(",").join(",") == ""')).toContain('cannot stand inside join()');
    expect(wrong(`groups.join("${'x'.repeat(21)}") == ""`)).toContain('up to 20 letters');
  });

  test('of a loop’s steps hold for the lists that a person has', () => {
    const body = Array.from({ length: 60 }, (_, at) => `g != "${at}"`).join(' && ');
    const many = Array.from({ length: 500 }, (_, at) => `group ${at}`);
    expect(run(`groups.all(g, ${body})`, {}, many.slice(0, 60))).toBe(true);
    expect(() => run(`groups.all(g, ${body})`, {}, many)).toThrow('the lists are too long');
  });

  test.each([
    ['texts that are named often', `(${Array.from({ length: 60 }, () => 'person.floor').join(' + ')}) == "x"`],
    ['texts of a list in a loop', 'groups.exists(g, g + g + g + g + g + g + person.floor == "x")'],
    ['what is joined', '(person.floor + person.floor + person.floor).split("").join("12345678901234567890") == "x"'],
    [
      'a pattern over long texts',
      `like(person.floor, "${'(a?)'.repeat(60)}${'a'.repeat(60)}$") || like(person.building, "(x{900})") `,
    ],
    [
      'a long text that is sought in another',
      '(person.floor + person.building).contains(person.building + person.floor)',
    ],
  ])('of %s are counted before it runs', (_, text) => {
    const long = { floor: 'a'.repeat(2000), building: 'b'.repeat(2000) };
    const many = Array.from({ length: 100 }, (_, at) => `group ${at}`);
    expect(() => run(text, long, many)).toThrow(/the texts are too long/);
    expect(run(text, { floor: 'a', building: 'b' }, ['one'])).toBe(false);
  });

  test('leave ordinary use alone', () => {
    const groups = Array.from({ length: 300 }, (_, at) => `CN=Group ${at},OU=Groups,DC=acme,DC=test`);
    expect(run('groups.exists(g, g.lowerAscii().contains("group 299,"))', {}, groups)).toBe(true);
    expect(run('groups.exists(g, like(g, "(?i)^cn=group 299,"))', {}, groups)).toBe(true);
    expect(run('groups.join("; ").contains(person.floor)', { floor: 'Group 17' }, groups)).toBe(true);
    expect(run('person.floor.split(" ").join("-") == "a-b"', { floor: 'a b' })).toBe(true);
  });

  test('of texts hold for what a person has', () => {
    const facts = factsOf(aPerson({ floor: 'x'.repeat(2001) }), createPool());
    expect(compiled('person.floor != ""').expression!.run(facts, clock)).toBe(false);
    expect(facts.problems).toEqual(['floor is longer than 2000 letters']);
    expect(() => run('groups.exists(g, g == "x")', {}, ['x'.repeat(2001)])).toThrow(
      'groups is longer than 2000 letters',
    );
  });

  test('the worst that they let through ends soon', () => {
    const plus = Array.from({ length: 120 }, () => 'person.floor').join(' + ');
    const attack = `${'a'.repeat(1999)}!`;
    const worst = [
      `(${plus}).contains(person.building)`,
      'like(person.floor, "^(a+)+$") || like(person.floor, "(a*)*b") || like(person.floor, "(a|a)*$") || like(person.floor, "(.*)(.*)(.*)(.*)[^a!]$")',
      'groups.map(g, g + g).join(person.floor == "" ? "," : ";") == ""',
      'groups.exists(g, like(g, "(x+x+)+y"))',
      `like(person.floor, "${'(a?)'.repeat(60)}${'a'.repeat(60)}$")`,
    ];
    const began = process.cpuUsage();
    for (const text of worst) {
      try {
        run(
          text,
          { floor: attack, building: `${'a'.repeat(1000)}b` },
          Array.from({ length: 1000 }, () => 'x'.repeat(100)),
        );
      } catch (error) {
        expect((error as Error).message).toMatch(/too long|letters|up to 20/);
      }
    }
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(5);
  });
});

test('law: whatever an expression says, it is refused, or it ends with true, false or a problem', () => {
  const atoms = fc.constantFrom(
    'person.floor',
    'person.location',
    'groups',
    'now',
    '"a"',
    '1',
    '2.5',
    'true',
    'null',
    'lists.proxyAddresses',
    'g',
    '[1, 2]',
    '["a"]',
    'b"x"',
    '{}',
    'person',
    'duration("1h")',
  );
  const { node } = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      atoms,
      fc
        .tuple(tie('node'), fc.constantFrom('==', '!=', '<', '+', '-', '*', '/', '%', '&&', '||', 'in'), tie('node'))
        .map(([a, o, b]) => `(${a} ${o} ${b})`),
      fc
        .tuple(tie('node'), fc.constantFrom('exists', 'all', 'map', 'filter', 'exists_one'), tie('node'))
        .map(([a, m, b]) => `${a}.${m}(g, ${b})`),
      fc
        .tuple(tie('node'), fc.constantFrom('size', 'trim', 'join', 'lowerAscii', 'getFullYear', 'json'))
        .map(([a, m]) => `${a}.${m}()`),
      fc
        .tuple(
          tie('node'),
          fc.constantFrom('contains', 'split', 'join', 'matches', 'indexOf', 'substring'),
          tie('node'),
        )
        .map(([a, m, b]) => `${a}.${m}(${b})`),
      fc
        .tuple(
          fc.constantFrom('like', 'int', 'string', 'size', 'days_since', 'has', 'timestamp', 'dyn', 'type'),
          tie('node'),
        )
        .map(([f, a]) => `${f}(${a})`),
      fc.tuple(tie('node'), tie('node'), tie('node')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      tie('node').map((a) => `!${a}`),
    ),
  }));
  const person: Facts = factsOf(
    aPerson({ floor: '4', proxyAddresses: ['a', 'b'] }, { groups: ['a', 'KB'] }),
    createPool(),
  );
  let ran = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        node,
        node.map((one) => `(${one}) == (${one})`),
        fc.string(),
      ),
      (text) => {
        const { expression, problems } = compiled(text);
        expect(expression === null).toBe(problems.length > 0);
        if (expression === null) return;
        ran += 1;
        try {
          expect(typeof expression.run(person, clock)).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      },
    ),
    { numRuns: 2000 },
  );
  expect(ran).toBeGreaterThan(20);
  expect(textsOf(person, 'floor')).toEqual(['4']);
});
