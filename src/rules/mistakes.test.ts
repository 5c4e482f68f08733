import { expect, test } from 'vitest';
import { problemsOf } from './rules.contract.ts';

const include = (condition: string): string => `version: 1\nscope: { include: ${condition} }`;
const title = (operators: string): string => include(`{ title: { ${operators} } }`);
const cel = (text: string): string => `version: 1\nscope:\n  include:\n    cel: >-\n      ${text}`;
const filled = (rule: string): string =>
  `version: 1\ngroups:\n  owned: { prefix: "Auto " }\n  rules:\n    - { name: x, ${rule} }`;

/* What people write who know YAML a little and other tools better: each is told where it stands, and what to write. */
test.each<[text: string, told: string]>([
  // YAML
  ['version: 1\nmap:\n\temail: mail', '3:1  is indented with a tab; YAML needs spaces'],
  ['version: 1\nmap\n  email: mail', '2:1  has no colon behind the name'],
  ['version: 1\nmap:\n  email:mail', ' · A colon needs a blank behind it.'],
  ['version: 1\nmap:\n  email: mail: x', '3:10  is a map where a text stands (a second colon in one line'],
  ['version: 1\nmap:\n  email: mail\n   last_name: sn', '3:10  is a map where a text stands'],
  ['version: 1\nmatch: [email\nmap: {}', '3:1  is not indented as YAML needs it, or a bracket before it is not closed'],
  ['version: 1\nmap:\n  email: "mail\n', 'a character is missing, here or before'],
  [title('matches: "\\d+"'), 'holds a \\ that YAML does not know between double quotes'],
  [filled('for_each: department, put_in: Auto {department}'), 'a text with { or [ in it needs quotes'],
  ['version: 1\nmap:\n  - email: mail', ' · Write it without hyphens.'],
  ['version: 1\nmap:\n', ' · Take it away, or write something under it.'],
  ['version: 1\nmap: { <<: x }', 'map.<< there is no << here · A file is laid over another with extends.'],
  // Names
  ['version: 1\nmap: { firstName: givenName }', '2:8 map.firstName there is no firstName here · Is first_name meant?'],
  ['version: 1\nmap: { title: title }', ' · Is job_title meant?'],
  ['version: 1\nmap: { phone: mobile }', ' · Is phone_number or mobile_phone_number meant?'],
  ['version: 1\ngroup: {}', '2:1 group there is no group here · Is groups meant?'],
  [include('{ memberOf: { contains: VPN } }'), 'Write member_of: GROUP.'],
  // Values
  ['version: 1\nguards: { archive_share: 5 }', '2:26 guards.archive_share must be a share such as 2% · Write 5%.'],
  ['version: 1\nleavers: { wait: 3 days }', '2:18 leavers.wait must be a number of days such as 3d or 2w · Write 3d.'],
  ['version: 1\nmovers: { leave_old_groups_after: 2 Weeks }', ' · Write 2w.'],
  ['version: 1\napproval: { two: archive }', '2:18 approval.two must be a list · Write [archive].'],
  ['version: 1\ntests: { name: a }', ' must be a list · Begin each with a hyphen, and write its name under it.'],
  ['version: 1\nmatch: { add: [email] }', ' · add and drop are for a file that extends another.'],
  // Conditions
  [include('{ title: Clerk }'), '2:28 scope.include.title must be a map with an operator · Write { eq: Clerk }.'],
  [title('"==": Clerk'), '2:30 scope.include.title.== there is no operator == · Write eq.'],
  [title('is_not: Clerk'), ' · Write not.'],
  [title('regex: Clerk'), ' · Write matches.'],
  [title('starts_wiht: Clerk'), ' · Is starts_with meant?'],
  [title('matches: /clerk/i'), 'stands between slashes, which are sought too · Write it without them;'],
  [title('matches: "^(?!intern)"'), ' · RE2 has no look-around and no back references.'],
  [title('within_last: 45 days'), ' · Write 45d.'],
  [title('after: 20.11.2026'), ' · Write 2026-11-20.'],
  [
    include('{ or: [ { title: { eq: a } } ] }'),
    '2:21 scope.include.or there is no or here · Write any: [ { … }, { … } ].',
  ],
  [include('{ not: { title: { eq: a } } }'), 'there is no not here · Write none: [ { … } ].'],
  [include('{ and: [ { title: { eq: a } } ] }'), ' · Write them into one map: all of it must hold.'],
  [include('{ any: { title: { eq: a } } }'), 'must be a list of conditions · Write [ { … }, { … } ]'],
  // Expressions
  [cel('person.title = "x"'), '5:20 scope.include.cel Unexpected character: = · Write == to compare.'],
  [cel('person.title == "x" and person.co == "y"'), ' · Write && for and.'],
  [cel('person.title == "x" or person.co == "y"'), ' · Write || for or.'],
  [cel('(person.title == "this and that"'), ' · A ) is missing.'],
  [cel('title == "x"'), 'there is no title · Write person.title for what a person has, "title" for a text.'],
  [cel('person.floor > 3'), ' · What a person has are texts: int(person.NAME) makes a number.'],
  [cel('contains(person.title, "x")'), 'contains() stands behind a text or a list · Write TEXT.contains(…).'],
  [cel('person.title.toLowerCase() == "x"'), 'there is no .toLowerCase() · Write .lowerAscii().'],
  [cel('person.title.like("x")'), ' · Write like(TEXT, "PATTERN").'],
])('%j: %s', async (text, told) => {
  const problems = await problemsOf(text);
  expect(problems.join('\n')).toContain(told);
  for (const problem of problems) expect(problem).toMatch(/^\d+:\d+ /);
});

test('an attribute may be called as other languages join conditions', async () => {
  expect(
    await problemsOf(
      `version: 1\nattributes: [all, not]\n${include('{ all: { eq: x }, not: { exists: true } }').slice(11)}`,
    ),
  ).toEqual([]);
});

test('mistakes in a row of one line are told once', async () => {
  expect((await problemsOf('version: 1\nmap: { email: {a} b} }} ]')).length).toBe(1);
});
