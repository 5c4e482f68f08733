import { describe, expect, test } from 'vitest';
import { aPerson, inLine, options, problemsOf, rulesOf } from './rules.contract.ts';

const noticesOf = async (text: string) => (await rulesOf(text)).notices.map(inLine);

describe('checks', () => {
  const head =
    'version: 1\nscope: { include: { status: { eq: a } } }\nleavers: { when: { account_disabled: { eq: true } } }\n';

  test.each([
    [2, true],
    [200, true],
    [201, false],
  ])('of %i values that nothing else of a condition allows: %s', async (many, isTold) => {
    const values = Array.from({ length: many }, (_, at) => `Town ${at}`).join(', ');
    const rule = `{ name: a, when: { city: { in: [${values}], ends_with: x } }, put_in: "Auto A" }`;
    const notices = await noticesOf(`${head}\ngroups: { owned: { prefix: "Auto " }, rules: [ ${rule} ] }`);
    expect(notices.some((one) => one.includes('can never hold'))).toBe(isTold);
  });

  test('tell what is worth a look', async () => {
    expect(
      await noticesOf(`${head}
map: { email: mail, department: { from: department, table: used } }
tables: { used: { FIN: Finance }, idle: { a: b } }
groups:
  owned: { prefix: "Auto " }
  rules:
    - { name: a, when: { department: { in: [FIN, Sales] } }, put_in: "Auto A" }
    - { name: b, when: { city: { eq: Oslo, not: oslo } }, put_in: "Auto B" }
    - { name: c, when: { city: { eq: Oslo, starts_with: B } }, put_in: "Auto C" }
    - { name: d, when: { grade: { above: 5, below: 5 } }, put_in: "Auto D" }
    - { name: e, when: { hired_on: { after: 2026-05-01, before: 2026-04-01 } }, put_in: "Auto E" }
    - { name: f, when: { status: { eq: b } }, put_in: "Auto F" }
    - { name: g, when: { city: { in: [Oslo, Bergen], ends_with: n } }, put_in: "Auto G" }
    - { name: h, when: { city: { eq: x } }, put_in: "Auto ${'long '.repeat(14)}" }
    - { name: i, for_each: city, put_in: "Auto ${'long '.repeat(10)}{city}" }
    - { name: j, for_each: department, put_in: "Auto Dept {department}" }
    - { name: k, when: { city: { eq: x } }, put_in: "Auto Dept Sales" }
guards: { archive_share: 30%, data: { blank: 50% } }
approval: { auto: [archive], one: [tripped_guard] }`),
    ).toMatchInlineSnapshot(`
      [
        "6:41 tables.idle no mapping uses the table idle",
        "10:44 groups.rules[0].when.department.in department is never FIN: the table makes it Finance · Write Finance.",
        "11:38 groups.rules[1].when.city.eq can never hold: no value of city meets all that is asked of it",
        "12:38 groups.rules[2].when.city.eq can never hold: no value of city meets all that is asked of it",
        "13:26 groups.rules[3].when.grade grade is taken for an attribute of the sources · List it under attributes when it is.",
        "13:42 groups.rules[3].when.grade.above can never hold: the bounds of grade leave nothing",
        "14:45 groups.rules[4].when.hired_on.after can never hold: the bounds of hired_on leave nothing",
        "15:40 groups.rules[5].when.status.eq can never hold: no value of status meets all that is asked of it",
        "17:53 groups.rules[7].put_in may be the same group as one of i · Both would fill it.",
        "17:53 groups.rules[7].put_in is longer than 64 letters · It is called Auto long long long long long long long long long long lo~f49e9e at KnowBe4.",
        "18:42 groups.rules[8].put_in leaves 9 letters for values · Longer names are shortened.",
        "20:53 groups.rules[10].put_in may be the same group as one of j · Both would fill it.",
        "21:9 guards.protected is empty while archive happens by itself: only console admins are safe",
        "21:11 guards.archive_share is loosened to 30 % · Over 10 % it hardly guards anything: a person can release what is right.",
        "21:39 guards.data.blank is loosened to 50 % · Over 20 % it hardly guards anything: a person can release what is right.",
        "22:13 approval.auto archive happens without anybody who looks",
        "22:30 approval.one one person alone releases what a guard stopped",
      ]
    `);
  });

  test('a value that a table makes of another, or of itself, may well come', async () => {
    const notices = await noticesOf(`${head}
map: { email: mail, department: { from: department, table: t } }
tables: { t: { FIN: Finance, Finance: finance, A: B, B: C } }
groups:
  owned: { prefix: "Auto " }
  rules: [ { name: a, when: { department: { in: [finance, B, C, A] } }, put_in: "Auto A" } ]`);
    expect(notices).toEqual([
      '9:49 groups.rules[0].when.department.in department is never A: the table makes it B · Write B.',
    ]);
  });

  test('a file that says little is told what that means', async () => {
    expect(await noticesOf('version: 1')).toEqual([
      '1:1 map has no email: nobody can be created',
      '1:1 scope is missing: everybody of the sources is meant',
      '1:1 leavers.when is missing: only who is absent from the sources counts as gone',
    ]);
  });

  test('two rules cannot fill one group, need what is mapped, nor fill what is protected', async () => {
    expect(
      await problemsOf(`${head}
map: { email: mail }
joiners: { need: [email, manager_email] }
groups:
  owned: { prefix: "Auto " }
  rules:
    - { name: a, when: { city: { eq: x } }, put_in: "Auto A" }
    - { name: b, when: { city: { eq: y } }, put_in: "auto A" }
    - { name: c, when: { city: { eq: y } }, put_in: "Auto a " }
    - { name: A, when: { city: { eq: y } }, put_in: "Auto D" }
guards: { protected: [AUTO D] }`),
    ).toEqual(
      [
        '6:9 joiners.need needs manager_email, which is not mapped: every joiner would be held · Write map.manager_email.',
        '11:56 groups.rules[1].put_in does not begin with "Auto " · Only groups of groups.owned.prefix are ever touched.',
        '12:56 groups.rules[2].put_in fills the same group as a · Make one rule of them, with any: for the different people.',
        '13:56 groups.rules[3].put_in there are two rules with the name A',
        '14:24 guards.protected[0] AUTO D is filled by a rule: it cannot be protected too',
      ].map((line) => expect.stringContaining(line.split(' ').slice(1).join(' '))),
    );
  });
});

const file = `
version: 1
scope: { include: { employee_type: { in: [employee] } }, exclude: [ { email: { ends_with: "@svc.test" } } ] }
map:
  email: mail
  department: { from: dept, table: departments }
  manager_email: { from: manager, lookup: mail }
  last_name: sn
tables: { departments: { FIN: Finance } }
leavers: { when: { status: { eq: terminated } } }
groups:
  owned: { prefix: "Auto " }
  rules:
    - { name: departments, for_each: department, put_in: "Auto {department}", at_least: 5 }
    - { name: new hires, when: { hired_on: { within_last: 10d } }, put_in: "Auto New" }
    - { name: soon, when: { hired_on: { within_next: 7d } }, put_in: "Auto Soon" }
    - { name: under, when: { reports_to: boss@x.test }, put_in: "Auto Under" }
    - { name: cel, cel: 'person.department == "Finance"', put_in: "Auto Cel" }
`;

describe('tests in the file', () => {
  const results = async (tests: string) =>
    (await rulesOf(`${file}tests:\n${tests}`))
      .test(options)
      .map(({ passed, failures }) => (passed ? 'passed' : failures));

  test('see the mapped person, fix the clock and leave sizes out', async () => {
    expect(
      await results(`
  - { name: a, person: { department: FIN, hired_on: 2026-05-01 }, at: 2026-05-10, in: [Auto Finance, "auto new", Auto Cel], not_in: [Auto Soon] }
  - { name: b, person: { dept: FIN }, fields: { department: Finance, email: null } }
  - { name: c, person: { email: a@svc.test }, situation: unscoped }
  - { name: d, person: { employee_type: guest }, situation: unscoped }
  - { name: e, person: { status: terminated }, situation: terminated }
  - { name: f, person: { employee_type: employee }, situation: absent }
  - { name: g, person: { email: "not one" }, held: true }
  - { name: h, person: { manager: boss@x.test }, others: [ { email: boss@x.test } ], in: [Auto Under], fields: { manager_email: boss@x.test } }`),
    ).toEqual(Array.from({ length: 8 }, () => 'passed'));
  });

  test('say what was expected and what came', async () => {
    expect(
      await results(`
  - { name: a, person: { department: FIN }, in: [Auto Sales], not_in: [Auto Finance], situation: terminated, fields: { department: FIN, comment: x } }
  - { name: b, person: { email: "not one" }, situation: absent }
  - { name: c, person: { department: FIN }, held: true }`),
    ).toEqual([
      [
        'is not in Auto Sales; groups: Auto Finance, Auto Cel',
        'is in Auto Finance',
        'is absent, not terminated',
        'department is "Finance", not "FIN"',
        'comment is not mapped, not "x"',
      ],
      ['map.email: "not one" is no e-mail address'],
      ['nothing holds them'],
    ]);
  });
});

describe('explain and who', () => {
  const people = [
    aPerson({ mail: 'boss@x.test', sn: 'Berg', employee_type: 'employee', hired_on: '2020-01-01' }, { key: 'hr:1' }),
    aPerson(
      {
        mail: 'ann@x.test',
        sn: 'Dahl',
        dept: 'FIN',
        manager: 'boss@x.test',
        employee_type: 'employee',
        hired_on: '2026-11-14',
      },
      { key: 'hr:2' },
    ),
    aPerson({ mail: 'bo@x.test', sn: 'Foss', employee_type: 'employee', hired_on: '2026-11-30' }, { key: 'hr:3' }),
    aPerson({ mail: 'svc@svc.test', employee_type: 'employee', hired_on: '2026-11-14' }, { key: 'hr:4' }),
  ];

  test('every rule is told for one person, true or false, with the value that decided', async () => {
    const rules = await rulesOf(file);
    const lines = rules
      .explain('hr:2', people, options)
      .map(
        ({ rule, holds, because }) =>
          `${holds ? '+' : '-'} ${rule}: ${because.map((one) => `${one.holds ? '' : 'not '}${one.test} [${one.value ?? ''}]`).join('; ')}`,
      );
    expect(lines).toMatchInlineSnapshot(`
      [
        "+ scope.include: employee_type in employee [employee]",
        "- scope.exclude: not any: email ends_with @svc.test [ann@x.test]",
        "- leavers.when: not status eq terminated []",
        "+ map.email: from mail [ann@x.test]",
        "+ map.last_name: from sn [Dahl]",
        "+ map.department: dept [FIN]; from dept by table departments [Finance]",
        "+ map.manager_email: manager [boss@x.test]; mail of whom manager names [boss@x.test]",
        "+ groups.departments: department [Finance]; put in [Auto Other]",
        "+ groups.new hires: hired_on within_last 10d [2026-11-14]; put in [Auto New]",
        "- groups.soon: not hired_on within_next 7d [2026-11-14]; not put in []",
        "+ groups.under: reports_to boss@x.test [hr:1]; put in [Auto Under]",
        "+ groups.cel: person.department == "Finance" [department = "Finance"]; put in [Auto Cel]",
      ]
    `);
    const service = rules.explain('hr:4', people, options);
    expect(service.find(({ rule }) => rule === 'scope.exclude')).toEqual({
      rule: 'scope.exclude',
      holds: true,
      because: [{ test: 'any: email ends_with @svc.test', holds: true, value: 'svc@svc.test' }],
    });
    expect(service.find(({ rule }) => rule === 'groups.new hires')?.holds).toBe(false);
    expect(rules.explain('hr:9', people, options)).toEqual([]);
  });

  test('what a rule picks now, and who comes and goes in the next 30 days', async () => {
    const rules = await rulesOf(file);
    expect(rules.who('new hires', people, options)).toEqual({
      rule: 'groups.new hires',
      now: [{ key: 'hr:2', name: 'Dahl', group: 'Auto New' }],
      enters: [{ key: 'hr:3', name: 'Foss', group: 'Auto New', on: '2026-11-30' }],
      leaves: [
        { key: 'hr:2', name: 'Dahl', group: 'Auto New', on: '2026-11-25' },
        { key: 'hr:3', name: 'Foss', group: 'Auto New', on: '2026-12-11' },
      ],
    });
    expect(rules.who('groups.soon', people, options)).toMatchObject({
      now: [],
      enters: [{ key: 'hr:3', on: '2026-11-23' }],
      leaves: [{ key: 'hr:3', on: '2026-12-01' }],
    });
    expect(rules.who('scope', people, options).now.map(({ key }) => key)).toEqual(['hr:1', 'hr:2', 'hr:3']);
    expect(rules.who('leavers', people, options).now).toEqual([]);
    expect(() => rules.who('new hire', people, options)).toThrow(
      expect.objectContaining({ code: 'not_found', hint: 'Is new hires meant?' }),
    );
  });

  test('an expression of the mapping that looks at the clock moves people too', async () => {
    const rules = await rulesOf(`
version: 1
attributes: [mail, first]
map: { email: mail, division: { cel: 'days_since(person.first) < 3 ? "New" : "Old"' } }
groups: { owned: { prefix: A }, rules: [ { name: new, when: { division: { eq: New } }, put_in: A } ] }`);
    const one = aPerson({ mail: 'a@x.test', first: '2026-11-20' }, { key: 'hr:1' });
    expect(rules.who('new', [one], options)).toMatchObject({
      now: [{ key: 'hr:1' }],
      enters: [],
      leaves: [{ on: '2026-11-23' }],
    });
  });
});
