import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JoinedPerson } from '../model/source-person.ts';
import type { LoadedRules } from './load-rules.ts';
import type { Evaluation } from './rule-set.ts';
import { aPerson, evaluateOne, holds, options, rulesOf } from './rules.contract.ts';

const groupsOf = (rules: LoadedRules, attributes: Record<string, string | null>, over: Partial<JoinedPerson> = {}) =>
  evaluateOne(rules, attributes, over).groups.map(({ group }) => group);

const mapping = await rulesOf(`
version: 1
attributes: [mail, sn, title, department, manager, start, building, floor, region, branch, kind]
map:
  email: mail
  last_name: sn
  job_title: title
  department: { from: department, table: departments }
  division: { from: region, table: regions, otherwise: hold }
  location: { from: branch, table: regions, otherwise: blank }
  organization: { from: kind, table: regions, otherwise: Somewhere }
  manager_email: { from: manager, lookup: mail }
  manager_name: { from: manager, lookup: "{last_name} ({job_title})", otherwise: hold }
  employee_start_date: start
  custom_field_1: { cel: 'person.building + ", floor " + person.floor' }
  custom_field_2: { const: "Always" }
  custom_field_3: { cel: 'int(person.floor) > 3 ? "high" : ""' }
tables:
  departments: { FIN: Finance, "Fin & Ctrl": Finance }
  regions: { N: North }`);

describe('the mapping', () => {
  const rules = mapping;
  const boss = aPerson(
    { mail: 'Boss@acme.test', sn: 'Berg', title: 'Head', distinguishedName: 'CN=B,DC=a' },
    { key: 'ad:1' },
  );
  const made = (attributes: Record<string, string | readonly string[] | null>) =>
    rules.evaluate([boss, aPerson({ floor: '1', ...attributes }, { key: 'ad:2' })], options).people[1]!;

  test('takes attributes, tables, others’ fields, expressions and texts', () => {
    const { fields, problems, because } = made({
      ...{ mail: ' Ann@acme.test ', sn: 'Dahl', department: ' fin & CTRL ', region: 'n', branch: 'N', kind: 'x' },
      ...{ manager: 'cn=b, dc=a', start: '20261120', building: 'A', floor: '4', title: '  ' },
    });
    expect(problems).toEqual([]);
    expect(fields).toEqual({
      email: 'Ann@acme.test',
      last_name: 'Dahl',
      job_title: null,
      department: 'Finance',
      division: 'North',
      location: 'North',
      organization: 'Somewhere',
      manager_email: 'Boss@acme.test',
      manager_name: 'Berg (Head)',
      employee_start_date: '2026-11-20',
      custom_field_1: 'A, floor 4',
      custom_field_2: 'Always',
      custom_field_3: 'high',
    });
    expect(because).toMatchObject({ email: 'map.email', manager_name: 'map.manager_name' });
  });

  test('keeps, blanks, replaces or holds what a table lacks; nothing stays nothing', () => {
    expect(made({ department: 'Zoo', branch: 'Z', kind: 'Z' }).fields).toMatchObject({
      ...{ department: 'Zoo', location: null, organization: 'Somewhere', division: null, custom_field_3: null },
    });
    const held = made({ region: 'Z' });
    expect(held.problems).toEqual(['map.division: "Z" is not in the table regions']);
    expect(held.fields).not.toHaveProperty('division');
  });

  test('of several values it takes the first', () => {
    expect(made({ title: ['', 'Clerk', 'Buyer'] }).fields.job_title).toBe('Clerk');
  });

  test.each([
    [{ mail: 'no address' }, 'email', 'map.email: "no address" is no e-mail address'],
    [{ mail: 'a@b@c' }, 'email', 'map.email: "a@b@c" is no e-mail address'],
    [
      { start: '03/04/2026' },
      'employee_start_date',
      'map.employee_start_date: "03/04/2026" is no day that can be read with certainty',
    ],
    [{ floor: 'third' }, 'custom_field_3', 'map.custom_field_3: int() type error: cannot convert to int'],
    [{ manager: 'nobody' }, 'manager_name', 'map.manager_name: nobody is "nobody"'],
    [{ sn: 'x'.repeat(1001) }, 'last_name', `map.last_name: "${'x'.repeat(59)}…" is too long`],
  ])(
    'a value that cannot be worked out is a problem, and its field is left alone: %j',
    (attributes, field, problem) => {
      const person = made(attributes as Record<string, string>);
      expect(person.problems).toEqual([problem]);
      expect(person.fields).not.toHaveProperty(field);
    },
  );

  test('whoever may be two people is nobody’s manager', () => {
    const twin = aPerson({ employee_number: '7', mail: 'c@acme.test' }, { key: 'ad:3' });
    const other = aPerson({ employee_number: '7', mail: 'd@acme.test' }, { key: 'ad:4' });
    const person = rules.evaluate([aPerson({ manager: '7', floor: '1' }), twin, other], options).people[0]!;
    expect(person.problems).toEqual([
      'map.manager_name: "7" may be two people',
      'map.manager_email: "7" may be two people',
    ]);
  });
});

test('keys are those by which an account may be found', async () => {
  const rules = await rulesOf('version: 1\nmap: { email: mail, employee_number: number }');
  const guid = '3260b902-9f2c-4d5e-8a11-0c5de7b0aa01';
  const { keys } = evaluateOne(
    rules,
    {
      mail: 'Ann.Dahl@Acme.test',
      number: ' 0042 ',
      proxyAddresses: ['SMTP:ann.dahl@acme.test', 'smtp:Ann@acme.test', 'sip:ann@x', 'X500:/o=x', 'old@acme.test'],
      aliases: 'ann.berg@acme.test',
    },
    {
      refs: [
        { source: 'hr', sourceId: '0042' },
        { source: 'ad', sourceId: guid },
      ],
    },
  );
  expect(keys).toEqual({
    guid,
    employeeNumber: '0042',
    email: 'ann.dahl@acme.test',
    aliases: ['ann.berg@acme.test', 'ann@acme.test', 'old@acme.test'],
  });
  expect(evaluateOne(rules, { objectGUID: 'ABC' }).keys.guid).toBe('ABC');
});

describe('the scope', () => {
  test('is everybody without a word, and exclude wins', async () => {
    expect(evaluateOne(await rulesOf('version: 1'), {}).inScope).toBe(true);
    const rules = await rulesOf(`
version: 1
scope: { include: { status: { eq: a } }, exclude: [ { member_of: X }, { company: { eq: c } } ] }`);
    expect(evaluateOne(rules, { status: 'a' }).inScope).toBe(true);
    expect(evaluateOne(rules, { status: 'b' }).inScope).toBe(false);
    expect(evaluateOne(rules, { status: 'a' }, { groups: ['x'] }).inScope).toBe(false);
    expect(evaluateOne(rules, { status: 'a', company: 'C' }).inScope).toBe(false);
  });

  test('sees what the mapping made, and else what the sources have', async () => {
    const rules = await rulesOf(`
version: 1
map: { department: { from: dept, table: t } }
tables: { t: { FIN: Finance } }
scope: { include: { department: { eq: Finance }, dept: { eq: FIN } } }`);
    expect(evaluateOne(rules, { dept: 'FIN', department: 'Sales' }).inScope).toBe(true);
  });
});

describe('leavers', () => {
  test('are whom the rules say; since when is the day that said so', async () => {
    const rules = await rulesOf(`
version: 1
leavers: { when: { any: [ { status: { eq: terminated } }, { last_day: { before: today } } ] } }
attributes: [status, last_day, terminated_on]`);
    const leaver = (attributes: Record<string, string>) => evaluateOne(rules, attributes).leaver;
    expect(leaver({ status: 'active', last_day: '2026-11-21' })).toBe(null);
    expect(leaver({ last_day: '2026-11-20' })).toEqual({ since: '2026-11-20', rule: 'leavers.when' });
    expect(leaver({ status: 'Terminated', terminated_on: '2026-11-19' })).toEqual({
      since: '2026-11-19',
      rule: 'leavers.when',
    });
    expect(leaver({ status: 'Terminated', last_day: '2027-01-01' })?.since).toBe(null);
  });

  test('are nobody of whom it cannot be said, not even by denying what cannot be read', async () => {
    const rules = await rulesOf(`
version: 1
attributes: [last_day, note, floor]
scope: { exclude: [ { none: [ { floor: { at_least: 0 } } ] } ] }
leavers: { when: { any: [ { none: [ { last_day: { after: 2000-01-01 } } ] }, { note: { not: x } } ] } }`);
    const one = (attributes: Record<string, string>) => {
      const { inScope, leaver, problems } = evaluateOne(rules, {
        floor: '1',
        last_day: '2030-01-01',
        note: 'x',
        ...attributes,
      });
      return { inScope, hasLeft: leaver !== null, problems: problems.length };
    };
    expect(one({})).toEqual({ inScope: true, hasLeft: false, problems: 0 });
    expect(one({ note: 'y' })).toEqual({ inScope: true, hasLeft: true, problems: 0 });
    expect(one({ floor: '-1' })).toEqual({ inScope: false, hasLeft: false, problems: 0 });
    expect(one({ last_day: 'soon' })).toEqual({ inScope: true, hasLeft: false, problems: 1 });
    expect(one({ floor: 'third' })).toEqual({ inScope: true, hasLeft: false, problems: 1 });
    expect(one({ note: 'x'.repeat(2001) })).toEqual({ inScope: true, hasLeft: false, problems: 1 });
  });

  test('keep the groups that rules give them', async () => {
    const rules = await rulesOf(`
version: 1
leavers: { when: { account_disabled: { eq: true } } }
groups: { owned: { prefix: A }, rules: [ { name: r, for_each: department, put_in: "A {department}", at_least: 2 } ] }`);
    const people = [
      aPerson({ department: 'Finance' }, { key: 'x:1' }),
      aPerson({ department: 'Finance' }, { key: 'x:2', active: false }),
      aPerson({ department: 'Sales' }, { key: 'x:3' }),
      aPerson({ department: 'Sales' }, { key: 'x:4' }),
      aPerson({ department: 'Sales' }, { key: 'x:5', active: false }),
    ];
    const { groups } = rules.evaluate(people, options);
    // Of Finance only one stays: too small.
    expect(groups.map(({ name, members }) => [name, [...members]])).toEqual([
      ['A Sales', ['x:3', 'x:4', 'x:5']],
      ['A Other', ['x:1', 'x:2']],
    ]);
  });
});

test('the day they begin is what is mapped, or hired_on', async () => {
  const mapped = await rulesOf('version: 1\nmap: { employee_start_date: first_day }');
  expect(evaluateOne(mapped, { first_day: '1.12.2026' }).hiredOn).toBe('2026-12-01');
  const plain = await rulesOf('version: 1');
  expect(evaluateOne(plain, { hired_on: '2026-12-01T08:00:00Z' }).hiredOn).toBe('2026-12-01');
  expect(evaluateOne(plain, { hired_on: 'soon' })).toMatchObject({
    hiredOn: null,
    problems: ['joiners: hired_on is "soon", which is no day that can be read with certainty'],
  });
});

describe('groups', () => {
  test('that nobody is in are there too', async () => {
    const rules = await rulesOf(`
version: 1
groups:
  owned: { prefix: "Auto " }
  rules:
    - { name: r, when: { department: { eq: x } }, put_in: "Auto R", expect: { enrolled_in: New, within: 1d } }
    - { name: d, for_each: department, put_in: "Auto {department}" }`);
    expect(rules.evaluate([], options).groups).toEqual([
      { name: 'Auto R', rule: 'r', members: new Set(), expect: { enrolledIn: 'New', withinMs: 86_400_000 } },
    ]);
    expect(groupsOf(rules, { department: 'X' })).toEqual(['Auto R', 'Auto X']);
    expect(groupsOf(rules, {})).toEqual([]);
  });

  test('hold only who is in scope', async () => {
    const rules = await rulesOf(`
version: 1
scope: { include: { status: { eq: a } } }
groups: { owned: { prefix: "A" }, rules: [ { name: r, when: { department: { exists: true } }, put_in: "A" } ] }`);
    expect(groupsOf(rules, { department: 'x', status: 'b' })).toEqual([]);
    expect(groupsOf(rules, { department: 'x', status: 'a' })).toEqual(['A']);
  });

  test('for each value are one, whatever its letters’ case and blanks; most people’s spelling names it', async () => {
    const rules = await rulesOf(`
version: 1
groups: { owned: { prefix: "A " }, rules: [ { name: r, for_each: [department, city], put_in: "A {department} {city}" } ] }`);
    const people = [
      ['FINANCE', 'Oslo'],
      ['Finance ', 'Oslo'],
      ['Finance', 'OSLO'],
      ['Finance', 'Oslo'],
      ['R\t&\n D', 'Oslo'],
      ['Finance', null],
    ].map(([department, city]) => aPerson({ department: department!, city: city! }));
    const { groups } = rules.evaluate(people, options);
    expect(groups.map(({ name, members }) => [name, members.size])).toEqual([
      ['A Finance Oslo', 4],
      ['A R & D Oslo', 1],
    ]);
  });

  test('with names over 64 letters are shortened, always alike and never alike for two', async () => {
    const rules = await rulesOf(`
version: 1
groups: { owned: { prefix: "Auto " }, rules: [ { name: r, for_each: department, put_in: "Auto {department}" } ] }`);
    const long = 'Directorate for International Supply Chain and Warehouse Automation ';
    const [one, other, folded] = [`${long}A`, `${long}B`, `${long.toUpperCase()}a`].map(
      (department) => groupsOf(rules, { department })[0]!,
    );
    expect(one).toMatch(/^Auto Directorate for International Supply Chain and Wareh~[\da-f]{6}$/);
    expect([...one!].length).toBeLessThanOrEqual(64);
    expect(other).not.toBe(one);
    expect(folded!.slice(-6)).toBe(one!.slice(-6));
  });

  test('of leaders hold who reports to them, over as many levels as asked, not the leader', async () => {
    const rules = await rulesOf(`
version: 1
map: { email: mail, last_name: sn, manager_email: { from: manager, lookup: mail } }
groups:
  owned: { prefix: "Auto " }
  rules: [ { name: teams, for_each: manager_chain, levels: 2, put_in: "Auto Org: {leader.last_name}" } ]`);
    const person = (key: string, sn: string | null, manager: string | null) =>
      aPerson(
        { mail: `${key}@a.test`, sn, manager: manager === null ? null : `${manager}@a.test` },
        { key: `x:${key}` },
      );
    const people = [
      person('top', 'Berg', null),
      person('mid', 'Dahl', 'top'),
      person('low', 'Berg', 'mid'),
      person('end', 'Foss', 'low'),
      person('own', 'Self', 'own'),
      person('odd', 'Odd', 'blank'),
      person('blank', null, 'top'),
    ];
    const groups = (everybody: readonly JoinedPerson[]) =>
      Object.fromEntries(
        rules.evaluate(everybody, options).groups.map(({ name, members }) => [name, [...members].toSorted()]),
      );
    expect(groups(people)).toEqual({
      // Two leaders of one name: the key that comes first keeps it.
      'Auto Org: Berg': ['x:end'],
      'Auto Org: Berg (top)': ['x:blank', 'x:low', 'x:mid', 'x:odd'],
      'Auto Org: Dahl': ['x:end', 'x:low'],
    });
    expect(groups(people.toReversed())).toEqual(groups(people));
  });

  test('of several rules about one person are named once each, with the rule that came first', async () => {
    const rules = await rulesOf(`
version: 1
groups:
  owned: { prefix: "A " }
  rules:
    - { name: all, for_each: department, put_in: "A {department}" }
    - { name: fin, when: { department: { eq: Finance } }, put_in: "A finance" }`);
    expect(evaluateOne(rules, { department: 'Finance' }).groups).toEqual([{ group: 'A Finance', rule: 'all' }]);
    expect(rules.notices.map(({ words }) => words)).toContain('may be the same group as one of all');
  });
});

const lawful = await rulesOf(`
version: 1
scope: { exclude: [ { department: { eq: None } } ] }
map: { email: mail, last_name: sn, department: department, manager_email: { from: manager, lookup: mail } }
leavers: { when: { account_disabled: { eq: true } } }
groups:
  owned: { prefix: "A " }
  rules:
    - { name: each, for_each: department, put_in: "A {department}", at_least: 2 }
    - { name: teams, for_each: manager_chain, levels: 3, put_in: "A Team {leader.last_name}" }
    - { name: new, when: { hired_on: { within_last: 30d } }, put_in: "A New" }
    - { name: under, when: { reports_to: p1@a.test }, put_in: "A Under" }`);

test('law: whatever the sources say of somebody, they are evaluated', async () => {
  const rules = await rulesOf(`
version: 1
attributes: [a, manager]
map:
  email: a
  custom_date_1: a
  department: { from: a, table: t, otherwise: hold }
  manager_email: { from: manager, lookup: "{a}" }
  comment: { cel: 'person.a + lists.a.join(",") + (int(person.a) > 1 ? "x" : "y")' }
tables: { t: { x: y } }
scope: { exclude: [ { a: { matches: "(a|b)+$" } }, { a: { within_last: 3d } }, { cel: 'days_since(person.a) > 3' } ] }
leavers: { when: { a: { above: 3, exactly: x }, none: [ { a: { before: today } }, { reports_to: x } ] } }
groups:
  owned: { prefix: A }
  rules:
    - { name: v, for_each: a, put_in: "A{a}", at_least: 2 }
    - { name: l, for_each: manager_chain, put_in: "A{leader.a}" }`);
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('x', '2026-11-20', '5', 'a@b.c', '__proto__', ' ', 'aaab'),
  );
  const value = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.constant(null));
  fc.assert(
    fc.property(fc.array(fc.record({ a: value, manager: value }, { requiredKeys: [] }), { maxLength: 6 }), (all) => {
      const people = all.map((attributes, at) => aPerson(attributes, { key: `x:${at}`, groups: ['__proto__'] }));
      const { people: evaluated, groups } = rules.evaluate(people, options);
      expect(evaluated.length).toBe(people.length);
      for (const { name } of groups) {
        expect(name.startsWith('A')).toBe(true);
        expect([...name].length).toBeLessThanOrEqual(64);
      }
      for (const { person } of evaluated) expect(rules.explain(person.key, people, options).length).toBe(9);
    }),
    { numRuns: 150 },
  );
});

describe('laws', () => {
  const rules = lawful;
  const somebody = fc.record({
    sn: fc.constantFrom('Berg', 'berg ', 'Dahl', ''),
    department: fc.constantFrom('Finance', 'FINANCE', 'Sales', 'None', ''),
    hired_on: fc.constantFrom('2026-11-20', '2026-01-01', '', 'x'),
    manager: fc.integer({ min: 0, max: 9 }).map((at) => `p${at}@a.test`),
    active: fc.boolean(),
  });
  const company = fc
    .array(somebody, { minLength: 1, maxLength: 10 })
    .map((all) =>
      all.map(({ active, ...attributes }, at) =>
        aPerson({ ...attributes, mail: `p${at}@a.test` }, { key: `x:${at}`, active }),
      ),
    );
  const plain = ({ people, groups }: Evaluation) => ({
    people: people
      .map((one) => ({ ...one, groups: [...one.groups] }))
      .toSorted((a, b) => (a.person.key < b.person.key ? -1 : 1)),
    groups: groups
      .map((group) => ({ ...group, members: [...group.members].toSorted() }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  });

  test('the order of the people does not matter', () => {
    fc.assert(
      fc.property(
        company.chain((people) =>
          fc.tuple(fc.constant(people), fc.shuffledSubarray(people, { minLength: people.length })),
        ),
        ([people, shuffled]) => {
          expect(plain(rules.evaluate(shuffled, options))).toEqual(plain(rules.evaluate(people, options)));
        },
      ),
    );
  });

  test('what somebody is to have does not depend on those who are not their leaders', () => {
    fc.assert(
      fc.property(company, fc.nat(9), (people, at) => {
        const one = people[at % people.length]!;
        const leaders = new Set<JoinedPerson>();
        for (let next: JoinedPerson | undefined = one; next !== undefined && !leaders.has(next); ) {
          leaders.add(next);
          const called: unknown = next.attributes.manager;
          next = people.find(({ attributes }) => attributes.mail === called);
        }
        const of = (everybody: readonly JoinedPerson[]) => {
          const { groups, ...rest } = rules.evaluate(everybody, options).people.find(({ person }) => person === one)!;
          return { ...rest, groups: groups.filter(({ rule }) => rule === 'new' || rule === 'under') };
        };
        expect(of(people.filter((person) => leaders.has(person)))).toEqual(of(people));
      }),
    );
  });

  test('groups and people say the same of who is where', () => {
    fc.assert(
      fc.property(company, (people) => {
        const { people: evaluated, groups } = rules.evaluate(people, options);
        const byPerson = evaluated.flatMap(({ person, groups: own }) =>
          own.map(({ group }) => `${group}|${person.key}`),
        );
        const byGroup = groups.flatMap(({ name, members }) => [...members].map((key) => `${name}|${key}`));
        expect(byPerson.toSorted()).toEqual(byGroup.toSorted());
        expect(new Set(byPerson).size).toBe(byPerson.length);
      }),
    );
  });

  test('an expression of a table and the same in CEL pick the same people', async () => {
    const text = fc.constantFrom('Finance', 'finance', 'Fin', 'Sales', '', 'Finance & Co');
    await fc.assert(
      fc.asyncProperty(text, text, async (a, b) => {
        const attributes = { a, b };
        expect(await holds(`{ cel: 'person.a.contains("Fin") && person.b == "Sales"' }`, attributes)).toBe(
          a.includes('Fin') && b === 'Sales',
        );
        expect(await holds('{ a: { contains: fin }, none: [ { b: { eq: sales } } ] }', attributes)).toBe(
          a.toLowerCase().includes('fin') && b.toLowerCase() !== 'sales',
        );
      }),
      { numRuns: 40 },
    );
  });
});
