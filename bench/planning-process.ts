/**
 * Plans and reports for a company; prints one line of JSON. Arguments: people, rules. The account is the company as it was: some have changed, some
 * begin, some have left, two in a hundred are known to nobody.
 */

import { keepYoungGenerationSmall } from '../src/main/memory.ts';
import type { JoinedPerson } from '../src/model/source-person.ts';
import { adoptionReport } from '../src/provisioning/adoption.ts';
import { buildPlan } from '../src/provisioning/build-plan.ts';
import type { PlanInput } from '../src/provisioning/plan-input.ts';
import { aGroup, aLink, anInput, aTarget, wholeStore } from '../src/provisioning/plan-lab.contract.ts';
import type { TargetUser } from '../src/provisioning/target.ts';
import { rulesOrThrow } from '../src/rules/load-rules.ts';

keepYoungGenerationSmall(); // as the command does
const [people, rules] = process.argv.slice(2).map(Number) as [number, number];
const now = new Date('2026-11-21T12:00:00Z');
const timeZone = 'Europe/Berlin';
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
    department: `Department ${at % 60}`,
    location: places[at % places.length]!,
    hired_on: new Date(Date.UTC(2015, 0, 1 + (at % 4300))).toISOString().slice(0, 10),
    status: at % 331 === 0 ? 'terminated' : 'active',
    manager: at === 0 ? null : `person.${Math.floor((at - 1) / 7)}@example.com`,
  },
  from: {},
  groups: at % 9 === 0 ? ['Payment approvers', 'VPN'] : ['VPN'],
  active: true,
  absent: {},
});

const kinds: readonly ((at: number) => string)[] = [
  (at) =>
    `when: { department: { in: [Department ${at}, Department ${at + 1}] }, job_title: { matches: "(?i)payable" } }`,
  (at) => `when: { hired_on: { within_last: ${at + 10}d } }`,
  (at) => `cel: 'person.location in ["Berlin", "Leeds"] && person.department != "x${at}"'`,
  (at) => `when: { member_of: "Payment approvers", department: { not: Department ${at} } }`,
];
const file = `
version: 1
match: [employee_number, email]
map:
  first_name: givenName
  last_name: sn
  email: mail
  job_title: title
  employee_number: employee_number
  department: department
  location: location
  manager_email: { from: manager, lookup: mail }
groups:
  owned: { prefix: "Auto " }
  rules:
    - { name: departments, for_each: department, put_in: "Auto Dept: {department}", at_least: 3 }
${Array.from({ length: rules - 1 }, (_, at) => `    - name: rule ${at}\n      put_in: Auto Rule ${at}\n      ${kinds[at % kinds.length]!(at)}`).join('\n')}
leavers:
  when: { status: { eq: terminated } }
  wait: 0d
`;

const set = await rulesOrThrow({ read: async () => file, file: 'bench.yaml' });
const everybody = Array.from({ length: people }, aPerson);

function account(): PlanInput['target'] {
  const { people: evaluated, groups } = set.evaluate(everybody, { now, timeZone });
  const ids = new Map(groups.map(({ name }, at) => [name, `g${at}`]));
  const users = evaluated.flatMap(({ fields, groups: theirs }, at): TargetUser[] => {
    if (at % 100 === 7) return [];
    return [
      {
        id: String(1000 + at),
        status: at % 50 === 3 ? 'archived' : 'active',
        fields: at % 40 === 5 ? { ...fields, job_title: 'Trainee' } : fields,
        aliases: [],
        provisioningManaged: true,
        provisioningGuid: null,
        groupIds: theirs.slice(at % 60 === 1 ? 1 : 0).map(({ group }) => ids.get(group)!),
        archivedAt: null,
        lastSignIn: null,
      },
    ];
  });
  const unknown = users.slice(0, people / 50).map((user, at) => ({
    ...user,
    id: `u${at}`,
    fields: { ...user.fields, email: `nobody.${at}@example.com`, employee_number: null },
  }));
  const all = [...users, ...unknown];
  const members = Map.groupBy(
    all.flatMap(({ id, groupIds }) => groupIds.map((group) => ({ id, group }))),
    ({ group }) => group,
  );
  return aTarget(all, {
    groups: [...ids].map(([name, id]) =>
      aGroup(
        id,
        name,
        (members.get(id) ?? []).map((member) => member.id),
      ),
    ),
    account: { name: 'Acme', domains: ['example.com'], seats: null, admins: [] },
  });
}

const target = account();
const timed = <T>(work: () => T) => {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: Math.round(performance.now() - began), cpuMs: Math.round((user + system) / 1000), value };
};

const before = Math.round(process.memoryUsage().rss / 1024 / 1024);
const evaluated = timed(() => set.evaluate(everybody, { now, timeZone }));
const input: PlanInput = {
  ...anInput([], target, {
    now,
    timeZone,
    links: everybody.slice(0, people / 2).map((_, at) => ({ ...aLink(at), source: 'hr' })),
    scimObjects: wholeStore(target),
    sources: [{ name: 'hr', read: 'rd_1', people, state: 'complete', proof: 'trailer', readAt: now.toISOString() }],
  }),
  rules: { file: 'bench.yaml', digest: set.digest, commit: null, settings: set.settings },
  evaluation: evaluated.value,
};
const plan = timed(() => buildPlan(input).plan);
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
const report = timed(() => adoptionReport({ ...input, links: [], scimObjects: [] }));
console.log(
  JSON.stringify({
    people,
    rules,
    evaluate_ms: evaluated.ms,
    evaluate_cpu_ms: evaluated.cpuMs,
    plan_ms: plan.ms,
    plan_cpu_ms: plan.cpuMs,
    both_ms: evaluated.ms + plan.ms,
    before_mb: before,
    peak_mb: peakMb,
    steps: plan.value.steps.length,
    items: plan.value.items.length,
    adoption_report_ms: report.ms,
    adoption_report_cpu_ms: report.cpuMs,
    adoption_report_found: report.value.counts.found,
  }),
);
