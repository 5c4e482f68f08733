import { describe, expect, test } from 'vitest';
import { aPerson, evaluateOne, holds, options, problemsOf, rulesOf } from './rules.contract.ts';

describe('texts are compared with their letters folded and their ends trimmed', () => {
  test.each([
    ['{ a: { eq: Finance } }', ' finance ', true],
    ['{ a: { eq: Finance } }', 'Finances', false],
    ['{ a: { eq: "ÅRSMØTE" } }', 'årsmøte', true],
    ['{ a: { eq: "Café" } }', 'Cafe\u0301', true],
    ['{ a: { not: Finance } }', 'FINANCE', false],
    ['{ a: { not: Finance } }', 'Sales', true],
    ['{ a: { in: [Finance, Treasury] } }', 'treasury', true],
    ['{ a: { in: [Finance, Treasury] } }', 'Sales', false],
    ['{ a: { not_in: [Finance, Treasury] } }', 'Sales', true],
    ['{ a: { not_in: [Finance, Treasury] } }', 'finance', false],
    ['{ a: { starts_with: "Fin " } }', 'fin & ctrl', true],
    ['{ a: { starts_with: "Fin &" } }', 'finance', false],
    ['{ a: { starts_with: fin } }', 'Finance', true],
    ['{ a: { ends_with: "@SVC.acme.test" } }', 'backup@svc.acme.test', true],
    ['{ a: { ends_with: "@svc.acme.test" } }', 'a@acme.test', false],
    ['{ a: { contains: PAY } }', 'Accounts payable', true],
    ['{ a: { contains: pay } }', 'Sales', false],
    ['{ a: { exactly: Finance } }', 'Finance', true],
    ['{ a: { exactly: Finance } }', 'finance', false],
    ['{ a: { matches: "(?i)payable|treasur" } }', 'Accounts Payable Clerk', true],
    ['{ a: { matches: "payable|treasur" } }', 'Accounts Payable Clerk', false],
    ['{ a: { matches: "^Clerk$" } }', 'Clerk II', false],
    ['{ a: { exists: true } }', 'x', true],
    ['{ a: { exists: false } }', 'x', false],
    ['{ a: { exists: true } }', '  ', false],
    ['{ a: { eq: 007 } }', '007', true],
    ['{ a: { eq: 007 } }', '7', false],
    ['{ a: { eq: true } }', 'TRUE', true],
  ])('%s with %j: %s', async (condition, value, expected) => {
    expect(await holds(condition, { a: value })).toBe(expected);
  });
});

describe('of several values one is enough, and to be none of them takes all', () => {
  test.each([
    ['{ a: { eq: two } }', true],
    ['{ a: { eq: three } }', false],
    ['{ a: { not: two } }', false],
    ['{ a: { not: three } }', true],
    ['{ a: { starts_with: o } }', true],
  ])('%s: %s', async (condition, expected) => {
    expect(await holds(condition, { a: ['one', ' Two ', ''] })).toBe(expected);
  });
});

describe('who lacks the attribute', () => {
  test.each([
    ['{ a: { eq: x } }', false],
    ['{ a: { not: x } }', true],
    ['{ a: { not_in: [x] } }', true],
    ['{ a: { exists: false } }', true],
    ['{ a: { before: 2030-01-01 } }', false],
    ['{ a: { above: -5 } }', false],
    ['{ a: { matches: ".*" } }', false],
  ])('%s: %s', async (condition, expected) => {
    expect(await holds(condition, {})).toBe(expected);
    expect(await holds(condition, { a: null })).toBe(expected);
  });
});

describe('days are those of the time zone, both ends counted', () => {
  test.each([
    ['{ a: { before: 2026-11-21 } }', '2026-11-20', true],
    ['{ a: { before: 2026-11-21 } }', '2026-11-21', false],
    ['{ a: { after: 2026-11-21 } }', '2026-11-22', true],
    ['{ a: { after: today } }', '2026-11-21', false],
    ['{ a: { before: today } }', '2026-11-20', true],
    ['{ a: { within_last: 45d } }', '2026-10-07', true],
    ['{ a: { within_last: 45d } }', '2026-10-06', false],
    ['{ a: { within_last: 45d } }', '2026-11-21', true],
    ['{ a: { within_last: 45d } }', '2026-11-22', false],
    ['{ a: { within_next: 3d } }', '2026-11-24', true],
    ['{ a: { within_next: 3d } }', '2026-11-25', false],
    ['{ a: { within_next: 1w } }', '2026-11-28', true],
    ['{ a: { within_last: 0d } }', '20261121', true],
    ['{ a: { within_last: 0d } }', '21.11.2026', true],
    // 23:30 in UTC is the next day in Berlin.
    ['{ a: { within_last: 0d } }', '2026-11-20T23:30:00Z', true],
    ['{ a: { within_last: 0d } }', '20261120233000Z', true],
    ['{ a: { within_last: 0d } }', '2026-11-20T22:30:00Z', false],
    ['{ a: { within_last: 0d } }', '2026-11-21 07:00:00', true],
  ])('%s with %s: %s', async (condition, value, expected) => {
    expect(await holds(condition, { a: value })).toBe(expected);
  });
});

describe('numbers', () => {
  test.each([
    ['above: 3', '3', false],
    ['above: 3', '3.5', true],
    ['below: 3', '-4', true],
    ['below: 3', '3', false],
    ['at_least: 3', '3', true],
    ['at_most: 3', '3', true],
    ['at_most: 2.5', '3', false],
    ['at_least: 3, at_most: 5', '6', false],
  ])('%s with %s: %s', async (operator, value, expected) => {
    expect(await holds(`{ a: { ${operator} } }`, { a: value })).toBe(expected);
  });
});

test.each([
  [
    '{ a: { within_last: 45d } }',
    '03/04/2026',
    'scope.include: a is "03/04/2026", which is no day that can be read with certainty',
  ],
  [
    '{ a: { before: today } }',
    '2026-02-30',
    'scope.include: a is "2026-02-30", which is no day that can be read with certainty',
  ],
  ['{ a: { above: 3 } }', 'many', 'scope.include: a is "many", which is no number'],
])(
  '%s with what cannot be read is a problem of the person, who is held and not put out of scope',
  async (condition, value, problem) => {
    const rules = await rulesOf(`version: 1\nattributes: [a]\nscope: { include: ${condition} }`);
    const person = evaluateOne(rules, { a: value });
    expect({ inScope: person.inScope, problems: person.problems }).toEqual({ inScope: true, problems: [problem] });
  },
);

describe('keys of a map must all hold, of any: one, of none: no one', () => {
  test.each([
    ['{ a: { eq: x }, b: { eq: y } }', { a: 'x', b: 'y' }, true],
    ['{ a: { eq: x }, b: { eq: y } }', { a: 'x', b: 'n' }, false],
    ['{ any: [ { a: { eq: x } }, { b: { eq: y } } ] }', { b: 'y' }, true],
    ['{ any: [ { a: { eq: x } }, { b: { eq: y } } ] }', {}, false],
    ['{ none: [ { a: { eq: x } }, { b: { eq: y } } ] }', { c: 'z' }, true],
    ['{ none: [ { a: { eq: x } }, { b: { eq: y } } ] }', { b: 'y' }, false],
    [
      '{ c: { eq: z }, any: [ { a: { eq: x }, b: { eq: y } }, { none: [ { a: { exists: true } } ] } ] }',
      { c: 'z' },
      true,
    ],
    ['[ { a: { eq: x } }, { b: { eq: y } } ]', { b: 'y' }, true],
    ['{ cel: \'person.a == "x"\', b: { eq: y } }', { a: 'x', b: 'y' }, true],
    ['{ cel: \'person.a == "x"\', b: { eq: y } }', { a: 'X', b: 'y' }, false],
  ])('%s with %j: %s', async (condition, attributes, expected) => {
    expect(await holds(condition, attributes as Record<string, string>)).toBe(expected);
  });
});

test('member_of looks at the groups of the source', async () => {
  expect(await holds('{ member_of: KB-Exempt }', {}, { groups: ['VPN', 'kb-exempt '] })).toBe(true);
  expect(await holds('{ member_of: [Others, VPN] }', {}, { groups: ['VPN'] })).toBe(true);
  expect(await holds('{ member_of: KB }', {}, { groups: ['KB-Exempt'] })).toBe(false);
});

test('account_disabled is known of everybody', async () => {
  expect(await holds('{ account_disabled: { eq: true } }', {}, { active: false })).toBe(true);
  expect(await holds('{ account_disabled: { eq: true } }', {})).toBe(false);
  expect(await holds('{ account_disabled: { eq: true } }', { account_disabled: 'true' })).toBe(true);
});

describe('reports_to', () => {
  const text =
    'version: 1\nmap: { email: mail, manager_email: { from: manager, lookup: mail } }\nscope: { include: { reports_to: WHO } }';
  const people = [
    aPerson({ mail: 'ceo@acme.test', distinguishedName: 'CN=Ada, OU=Staff,DC=acme' }, { key: 'ad:1' }),
    aPerson({ mail: 'head@acme.test', employee_number: '0042', manager: 'cn=ada,ou=staff, dc=acme' }, { key: 'ad:2' }),
    aPerson({ mail: 'clerk@acme.test', manager: '0042' }, { key: 'ad:3' }),
    aPerson({ mail: 'other@acme.test', manager: 'nobody@acme.test' }, { key: 'ad:4' }),
  ];
  test.each([
    ['ceo@acme.test', ['ad:2', 'ad:3']],
    ['"CN=Ada,OU=Staff,DC=ACME"', ['ad:2', 'ad:3']],
    ['"0042"', ['ad:3']],
    ['[head@acme.test, x@acme.test]', ['ad:3']],
    ['clerk@acme.test', []],
  ])('%s, anywhere up the chain, by address, number or DN', async (who, expected) => {
    const rules = await rulesOf(text.replace('WHO', who));
    const found = rules.evaluate(people, options).people.filter(({ inScope }) => inScope);
    expect(found.map(({ person }) => person.key)).toEqual(expected);
  });

  test('people who lead each other end the chain', async () => {
    const circle = [
      aPerson({ mail: 'a@x.test', manager: 'b@x.test' }, { key: 'ad:1' }),
      aPerson({ mail: 'b@x.test', manager: 'a@x.test' }, { key: 'ad:2' }),
      aPerson({ mail: 'self@x.test', manager: 'self@x.test' }, { key: 'ad:3' }),
    ];
    const rules = await rulesOf(text.replace('WHO', '[a@x.test, self@x.test]'));
    const found = rules.evaluate(circle, options).people.filter(({ inScope }) => inScope);
    expect(found.map(({ person }) => person.key)).toEqual(['ad:2']);
  });
});

test('what is wrong with a condition is told where it stands', async () => {
  const text = `version: 1
attributes: [department, job_title, hired_on, floor]
scope:
  include:
    deprtment: { eq: Finance }
    department: Finance
    job_title: { begins_with: Clerk, eq: [a, b], matches: "(a" }
    hired_on: { within_last: 45, before: 31.12.2026 }
    floor: { above: third, exists: yes }
  exclude:
    - {}
    - { any: department, cel: 'person.flor == "1"' }
    - { member_of: [] , department: { in: Finance } }
    - nobody`;
  expect(await problemsOf(text)).toMatchInlineSnapshot(`
    [
      "5:5 scope.include.deprtment deprtment is not among attributes · Is department meant?",
      "6:17 scope.include.department must be a map with an operator · Write { eq: Finance }.",
      "7:18 scope.include.job_title.begins_with there is no operator begins_with · Write starts_with.",
      "7:42 scope.include.job_title.eq must be one text · For one of several write in: […].",
      "7:59 scope.include.job_title.matches the pattern is no pattern of RE2 (missing closing ): \`(a\`)",
      "8:30 scope.include.hired_on.within_last must be a number of days such as 45d · Write 45d.",
      "8:42 scope.include.hired_on.before must be a day such as 2026-11-20, or today · Write 2026-12-31.",
      "9:21 scope.include.floor.above must be a number",
      "9:36 scope.include.floor.exists must be true or false",
      "11:7 scope.exclude[0] is empty: it would hold for everybody",
      "12:14 scope.exclude[1].any must be a list of conditions",
      "12:32 scope.exclude[1].cel flor is not among attributes · Is floor meant?",
      "13:20 scope.exclude[2].member_of must be a list of texts",
      "13:43 scope.exclude[2].department.in must be a list of texts",
      "14:7 scope.exclude[3] must be a map such as { department: { eq: Finance } }",
    ]
  `);
});
