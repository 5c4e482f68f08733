/** Evaluates a rule file over a company; prints one line of JSON. Arguments: people, rules. */

import type { JoinedPerson } from '../src/model/source-person.ts';
import { loadRules } from '../src/rules/load-rules.ts';

const [people, rules] = process.argv.slice(2).map(Number) as [number, number];
const departments = Array.from({ length: 60 }, (_, at) => `Department ${at}`);
const titles = ['Accounts Payable Clerk', 'Line Operator', 'Key Account Manager', 'Intern, Sales', 'Controller'];
const places = ['Halden', 'Lisbon', 'Łódź', 'Rotterdam', 'Tromsø', 'Boston', 'Leeds', 'Zürich'];

const aPerson = (_: unknown, at: number): JoinedPerson => ({
  key: `hr:${at}`,
  refs: [{ source: 'hr', sourceId: String(at) }],
  attributes: {
    employee_number: String(100_000 + at),
    mail: `person.${at}@example.com`,
    givenName: `First${at % 977}`,
    sn: `Last${at % 1013}`,
    title: titles[at % titles.length]!,
    department: departments[at % departments.length]!,
    location: places[at % places.length]!,
    hired_on: new Date(Date.UTC(2015, 0, 1 + (at % 4300))).toISOString().slice(0, 10),
    employee_type: at % 50 === 0 ? 'contractor' : 'employee',
    // Seven below each: a chain of about six.
    manager: at === 0 ? null : `person.${Math.floor((at - 1) / 7)}@example.com`,
  },
  from: {},
  groups: at % 9 === 0 ? ['Payment approvers', 'VPN'] : ['VPN'],
  active: at % 97 !== 0,
  absent: {},
});

/** One rule of each kind in turn. */
const kinds: readonly ((at: number) => string)[] = [
  (at) =>
    `when: { department: { in: [Department ${at}, Department ${at + 1}] }, job_title: { matches: "(?i)payable|treasur" } }`,
  (at) => `when: { hired_on: { within_last: ${at + 10}d } }`,
  (at) =>
    `when: { any: [ { location: { eq: Halden } }, { location: { starts_with: L } } ], employee_type: { not: contractor${at} } }`,
  (at) =>
    `cel: 'person.location in ["Berlin", "Leeds"] && !like(person.job_title, "(?i)^intern") && person.department != "x${at}"'`,
  (at) => `when: { member_of: "Payment approvers", department: { not: Department ${at} } }`,
  (at) => `when: { reports_to: person.${at}@example.com }`,
];

const file = `
version: 1
scope:
  include: { employee_type: { in: [employee, contractor] } }
  exclude: [ { email: { ends_with: "@svc.example.com" } } ]
map:
  first_name: givenName
  last_name: sn
  email: mail
  job_title: title
  employee_number: employee_number
  department: { from: department, table: departments }
  manager_email: { from: manager, lookup: mail }
  custom_field_1: { cel: 'person.location + ", " + person.employee_type' }
tables:
  departments: { Department 1: Finance, Department 2: Finance }
groups:
  owned: { prefix: "Auto " }
  rules:
    - { name: departments, for_each: department, put_in: "Auto Dept: {department}", at_least: 3 }
    - { name: teams, for_each: manager_chain, levels: 2, put_in: "Auto Org: {leader.last_name}", at_least: 3 }
${Array.from({ length: rules - 2 }, (_, at) => `    - name: rule ${at}\n      put_in: Auto Rule ${at}\n      ${kinds[at % kinds.length]!(at)}`).join('\n')}
leavers:
  when: { any: [ { status: { eq: terminated } }, { account_disabled: { eq: true } } ] }
`;

const loaded = await loadRules({ read: async () => file, file: 'bench.yaml' });
if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
const everybody = Array.from({ length: people }, aPerson);
const before = process.memoryUsage().rss;
const cpu = process.cpuUsage();
const began = performance.now();
const evaluation = loaded.rules.evaluate(everybody, {
  now: new Date('2026-11-21T12:00:00Z'),
  timeZone: 'Europe/Berlin',
});
const ms = performance.now() - began;
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    people,
    rules,
    ms: Math.round(ms),
    cpu_ms: Math.round((user + system) / 1000),
    rules_a_second: Math.round((people * rules) / (ms / 1000)),
    peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    before_mb: Math.round(before / 1024 / 1024),
    groups: evaluation.groups.length,
    memberships: evaluation.people.reduce((sum, { groups }) => sum + groups.length, 0),
    problems: evaluation.people.reduce((sum, { problems }) => sum + problems.length, 0),
  }),
);
