import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { loadRules, rulesOrThrow } from './load-rules.ts';
import { aPerson, evaluateOne, inLine, load, options, problemsOf, readFrom, rulesOf } from './rules.contract.ts';

test('without a word a file means the careful defaults', async () => {
  const { settings } = await rulesOf('version: 1');
  expect(settings).toEqual({
    match: ['provisioning_guid', 'employee_number', 'email', 'alias'],
    ownedPrefix: null,
    joiners: { leadDays: 0, need: ['email'], otherwise: 'hold' },
    movers: { leaveOldGroupsAfterDays: 0 },
    // biome-ignore lint/suspicious/noThenProperty: the file's word; it holds a text and is never awaited
    leavers: { absentReads: 2, waitDays: 0, then: 'archive' },
    // biome-ignore lint/suspicious/noThenProperty: the file's word; it holds a text and is never awaited
    rehires: { then: 'restore' },
    situations: {},
    guards: {
      source_shrink: { share: 0.05, people: 5 },
      archive_share: { share: 0.02, people: 3 },
      group_shrink: { share: 0.3, people: 5 },
      create_burst: { share: 0.1 },
      data: { blank: 0.05, changed: 0.2 },
      protected: [],
    },
    approval: {
      ...{ create: 1, update: 1, restore: 1, archive: 1, group_create: 1, group_rename: 1, member_add: 1 },
      ...{ member_remove: 1, tripped_guard: 2 },
    },
    fourEyes: false,
  });
});

test('what the file says of settings holds', async () => {
  const { settings } = await rulesOf(`
version: 1
match: [email]
map: { email: mail, last_name: sn }
joiners: { lead: 2w, need: [email, last_name], otherwise: skip }
movers: { leave_old_groups_after: 14d }
leavers: { absent: { archive_after: 3 complete reads }, wait: 5d, then: hold }
rehires: { then: hold }
situations: { found: ask, unscoped: archive }
guards:
  source_shrink: { share: 10%, people: 20 }
  archive_share: 0.5%
  data: { blank: 1% }
  create_burst: 25%
  protected: [ceo@acme.test, Board]
approval: { auto: [member_add], two: [archive, create], four_eyes: true }`);
  expect(settings).toMatchObject({
    match: ['email'],
    joiners: { leadDays: 14, need: ['email', 'last_name'], otherwise: 'skip' },
    movers: { leaveOldGroupsAfterDays: 14 },
    // biome-ignore lint/suspicious/noThenProperty: the file's word; it holds a text and is never awaited
    leavers: { absentReads: 3, waitDays: 5, then: 'hold' },
    // biome-ignore lint/suspicious/noThenProperty: the file's word; it holds a text and is never awaited
    rehires: { then: 'hold' },
    situations: { found: 'ask', unscoped: 'archive' },
    guards: {
      source_shrink: { share: 0.1, people: 20 },
      archive_share: { share: 0.005, people: 3 },
      create_burst: { share: 0.25 },
      data: { blank: 0.01, changed: 0.2 },
      protected: ['ceo@acme.test', 'Board'],
    },
    approval: { member_add: 0, archive: 2, create: 2, update: 1, tripped_guard: 2 },
    fourEyes: true,
  });
});

test('every problem is told at once, with line, column and the nearest right name', async () => {
  const text = `version: 2
scop: {}
match: [emial, email]
map:
  emial: mail
  email: { from: mail, table: x, lookup: y }
  department: { from: department, table: departmnts }
  division: { cel: 'person.title' , const: x }
  location: { otherwise: keep }
  manager_email: { from: manager, lookup: mail, otherwise: keep }
  manager_name: { from: manager, lookup: "{manager_email}" }
  job_title: { cel: '1 +' }
  comment: { cel: 'lists.groups' }
tables:
  departments: { FIN: Finance, fin: Financial }
groups:
  owned: { prefix: "Auto " }
  rules:
    - { name: a, put_in: "Auto {department", when: { department: { eq: x } } }
    - { name: b, put_in: "Dept {department}", for_each: department }
    - { name: c, put_in: "Auto X", for_each: department }
    - { name: d, put_in: "Auto {leader.last_name}", when: { department: { eq: x } } }
    - { name: e, put_in: "Auto E" }
    - { name: f, put_in: "Auto F", levels: 2, when: { department: { eq: x } } }
    - { name: g, put_in: "Auto G", when: { department: { eq: x } }, expect: { enrolled_in: y } }
joiners: { lead: 3, need: [employee_start_date], otherwise: wait }
leavers: { absent: { archive_after: 1 complete reads }, then: delete }
guards: { archive_share: 200%, protected: ceo@acme.test }
approval: { auto: [tripped_guard], one: [archive], two: [archive, delete] }
tests:
  - { name: t, person: {} }
  - { person: { department: { a: b } }, in: ["Dept X"], fields: { foo: x } }
`;
  expect(await problemsOf(text)).toMatchInlineSnapshot(`
    [
      "1:10 version must be 1",
      "2:1 scop there is no scop here · Is scope meant?",
      "3:9 match[0] must be one of provisioning_guid, employee_number, email, alias · Is email meant?",
      "5:3 map.emial there is no emial here · Is email meant?",
      "6:10 map.email has both table and lookup",
      "7:42 map.department.table there is no table departmnts · Is departments meant?",
      "8:13 map.division needs one of from, cel, const",
      "9:13 map.location needs one of from, cel, const",
      "10:43 map.manager_email.lookup a lookup cannot keep what names somebody: write blank, hold or a text",
      "11:42 map.manager_name.lookup manager_email is looked up itself: it cannot be taken from another",
      "12:25 map.job_title.cel Unexpected token: EOF",
      "13:19 map.comment.cel must be a text; it is a list<string>",
      "15:16 tables.departments fin and FIN are the same, letters folded",
      "19:26 groups.rules[0].put_in a { has no }",
      "20:26 groups.rules[1].put_in does not begin with "Auto " · Only groups of groups.owned.prefix are ever touched.",
      "21:26 groups.rules[2].put_in put_in and for_each do not fit · Write {department} in put_in: else all values meet in one group.",
      "22:26 groups.rules[3].put_in put_in and for_each do not fit · Write for_each: manager_chain.",
      "23:7 groups.rules[4] needs when, cel or for_each · Who is to be in the group?",
      "24:7 groups.rules[5] levels needs for_each: manager_chain",
      "25:77 groups.rules[6].expect needs within",
      "26:18 joiners.lead must be a number of days such as 3d or 2w · Write 3d.",
      "26:21 joiners.need needs employee_start_date, which is not mapped: every joiner would be held · Write map.employee_start_date.",
      "26:61 joiners.otherwise must be one of hold, skip",
      "27:37 leavers.absent.archive_after must be 2 to 30 complete reads, such as: 2 complete reads",
      "27:63 leavers.then must be one of archive, hold",
      "28:26 guards.archive_share must be a share such as 2%",
      "28:43 guards.protected must be a list · Write [ceo@acme.test].",
      "29:20 approval.auto[0] a guard that tripped needs somebody who looks · Put it under one or two.",
      "29:58 approval.two[0] archive stands twice under approval",
      "29:67 approval.two[1] must be one of create, update, restore, archive, group_create, group_rename, member_add, member_remove, tripped_guard",
      "31:24 tests[0].person the test expects nothing · Write in, not_in, situation, fields or held.",
      "32:5 tests[1] needs name",
    ]
  `);
});

test.each([
  ['', '1:1  must be a map with version'],
  ['[]', '1:1  must be a map with version'],
  ['a: [', 'is not indented as YAML needs it'],
  ['a: "b', 'a character is missing'],
  ['version: 1\nversion: 1', 'the key stands twice'],
  ['? [a]\n: b', 'a name in a map must be a text'],
  ['version: 1\nmap: *nothing', 'names an alias that is not there'],
  [`version: 1\nextends: gone.yaml`, '2:10 extends gone.yaml cannot be read (ENOENT)'],
  [`version: 1\nextends: []`, 'must be the path of a rule file'],
  [`version: 1\nextends: acme.yaml`, 'comes back to this file'],
  ['version: 1\ngroups: { owned: { prefix: " Auto" } }', 'must be the beginning of names of up to 40 letters'],
  [
    'version: 1\ngroups: { owned: { prefix: "Auto " }, rules: [ { name: a, cel: "true", put_in: "Auto " } ] }',
    'does not begin with "Auto "',
  ],
  ['scope: {}', 'is missing · Write version: 1.'],
  [`version: 1\ntests: ${'['.repeat(60)}${']'.repeat(60)}`, '2:51  is nested more than 40 levels deep'],
])('%j is refused', async (text, words) => {
  expect((await problemsOf(text)).join('\n')).toContain(words);
});

test('aliases that grow beyond measure are refused', async () => {
  const lines = Array.from({ length: 12 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`);
  const problems = await problemsOf(`version: 1\na0: &a0 [x]\n${lines.join('\n')}`);
  expect(problems).toEqual(['6:22  has more than 12,000 parts']);
});

test('of thousands of problems those of the beginning are told', async () => {
  const problems = await problemsOf(`version: 1\n${Array.from({ length: 3000 }, (_, at) => `k${at}: 1`).join('\n')}`);
  expect(problems.length).toBe(101);
  expect(problems[0]).toMatch(/^2:1 k0 there is no k0 here/);
  expect(problems[100]).toBe('101:1  is not the last problem: the others are told once these are mended');
});

test('an error names files as seen from the one that was read', async () => {
  const read = readFrom({
    '/etc/foreknow/rules/acme.yaml': 'extends: ../base.yaml',
    '/etc/foreknow/base.yaml': 'scop: {}',
  });
  const error = await rulesOrThrow({ read, file: '/etc/foreknow/rules/acme.yaml' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'rules_invalid', detail: 'The rule file acme.yaml has 2 problems.' });
  expect((error as ForeknowError).issues.map(({ reason }) => reason)).toEqual([
    'there is no scop here (../base.yaml line 1, column 1). Is scope meant?',
    'is missing (acme.yaml line 1, column 1). Write version: 1.',
  ]);
});

test.each(['', '# to be filled', 'hello', '- a', '---'])('a file that others extend is one: %j', async (base) => {
  const result = await load('version: 1\nextends: ../base.yaml', { 'base.yaml': base });
  expect('problems' in result && result.problems.map(({ file, words }) => [file, words])).toEqual([
    ['base.yaml', 'is empty, or no rule file'],
  ]);
});

test('what the reader says of a file is told', async () => {
  const read = () => Promise.reject(new ForeknowError('not_found', { detail: 'Not for you.', hint: 'Ask.' }));
  const result = await loadRules({ read, file: 'f' });
  expect('problems' in result && result.problems.map(inLine)).toEqual(['1:1  Not for you. · Ask.']);
});

test('names of attributes are those that the file declares, where it declares them', async () => {
  const scope = 'scope: { include: { badge_colour: { eq: red } } }';
  expect((await rulesOf(`version: 1\n${scope}`)).notices.map(inLine)).toContain(
    '2:21 scope.include.badge_colour badge_colour is taken for an attribute of the sources · List it under attributes when it is.',
  );
  expect(await problemsOf(`version: 1\nattributes: [badge_color]\n${scope}`)).toEqual([
    '3:21 scope.include.badge_colour badge_colour is not among attributes · Is badge_color meant?',
  ]);
  expect(await problemsOf('version: 1\nscope: { include: { emploee_type: { eq: x } } }')).toEqual([
    '2:21 scope.include.emploee_type emploee_type is no field that is mapped, and no attribute that is known · Is employee_type meant? If the sources have emploee_type, list it under attributes.',
  ]);
});

test('names are held against what the sources really have, where somebody has looked', async () => {
  const files = readFrom({ f: 'version: 1\nmap: { email: mal }\nscope: { include: { email: { exists: true } } }' });
  const result = await loadRules({ read: files, file: 'f', known: new Set(['mail', 'sn']) });
  expect('problems' in result && result.problems.map(inLine)).toEqual([
    '2:15 map.email no source has mal · Is mail meant?',
  ]);
});

test('attributes name all that has to be kept of the sources', async () => {
  const rules = await rulesOf(`
version: 1
match: [email]
map:
  email: mail
  employee_start_date: start
  manager_email: { from: boss, lookup: work_mail }
  comment: { cel: 'person.building' }
scope: { include: { kind: { eq: a } }, exclude: [ { any: [ { cel: 'person.floor == "1"' } ] } ] }
attributes: [building, kind, floor, work_mail, mail, boss, start]`);
  for (const name of ['mail', 'start', 'boss', 'work_mail', 'building', 'kind', 'floor', 'dn']) {
    expect(rules.attributes).toContain(name);
  }
  expect(rules.attributes).not.toContain('aliases');
});

test('the digest is that of the meaning: not of layout, comments, order of keys or tests', async () => {
  const one = await rulesOf('version: 1\nmap: { email: mail, last_name: sn }');
  const same = await rulesOf(
    '# x\nmap:\n  last_name: "sn"\n  email: mail\nversion: 1\ntests: [ { name: t, person: {}, situation: absent } ]',
  );
  const other = await rulesOf('version: 1\nmap: { email: mail, last_name: cn }');
  expect(one.digest).toMatch(/^sha256:[\da-f]{64}$/);
  expect(same.digest).toBe(one.digest);
  expect(other.digest).not.toBe(one.digest);
});

describe('a file that extends another', () => {
  const base = `version: 1
scope:
  include: { employee_type: { in: [employee] } }
  exclude: [ { member_of: Exempt }, { email: { ends_with: "@svc.test" } } ]
map:
  email: mail
  department: { from: department, table: departments }
tables: { departments: { FIN: Finance } }
groups:
  owned: { prefix: "Auto " }
  rules:
    - { name: one, when: { department: { eq: Finance } }, put_in: "Auto One" }
    - { name: two, when: { department: { eq: Sales } }, put_in: "Auto Two" }
guards: { protected: [ceo@acme.test] }
`;
  const over = `extends: ../base.yaml
scope: { exclude: { drop: [ { member_of: Exempt } ], add: [ { member_of: Guests } ] } }
map: { department: department, last_name: sn }
tables: { departments: null }
groups:
  rules:
    drop: [two]
    add: [ { name: three, for_each: department, put_in: "Auto {department}" } ]
guards: { protected: { add: [cfo@acme.test] }, archive_share: 1% }
`;

  test('changes what it names, and each line keeps its origin', async () => {
    const rules = await rulesOf(over, { 'base.yaml': base });
    expect(rules.show().map(({ text, file, line }) => `${text} # ${file}:${line}`)).toMatchInlineSnapshot(`
      [
        "version: 1 # base.yaml:1",
        "scope: # rules/acme.yaml:2",
        "  include: # base.yaml:3",
        "    employee_type: # base.yaml:3",
        "      in: # base.yaml:3",
        "        - employee # base.yaml:3",
        "  exclude: # rules/acme.yaml:2",
        "    - email: # base.yaml:4",
        "        ends_with: "@svc.test" # base.yaml:4",
        "    - member_of: Guests # rules/acme.yaml:2",
        "map: # rules/acme.yaml:3",
        "  email: mail # base.yaml:6",
        "  department: department # rules/acme.yaml:3",
        "  last_name: sn # rules/acme.yaml:3",
        "tables: {} # rules/acme.yaml:4",
        "groups: # rules/acme.yaml:5",
        "  owned: # base.yaml:10",
        "    prefix: "Auto " # base.yaml:10",
        "  rules: # rules/acme.yaml:6",
        "    - name: one # base.yaml:12",
        "      when: # base.yaml:12",
        "        department: # base.yaml:12",
        "          eq: Finance # base.yaml:12",
        "      put_in: Auto One # base.yaml:12",
        "    - name: three # rules/acme.yaml:8",
        "      for_each: department # rules/acme.yaml:8",
        "      put_in: "Auto {department}" # rules/acme.yaml:8",
        "guards: # rules/acme.yaml:9",
        "  protected: # rules/acme.yaml:9",
        "    - ceo@acme.test # base.yaml:14",
        "    - cfo@acme.test # rules/acme.yaml:9",
        "  archive_share: 1% # rules/acme.yaml:9",
      ]
    `);
    expect(rules.groupRules).toEqual(['one', 'three']);
    expect(rules.settings.guards.protected).toEqual(['ceo@acme.test', 'cfo@acme.test']);
  });

  test('replaces an entry of the mapping as a whole', async () => {
    const rules = await rulesOf('extends: ../base.yaml\nmap: { department: { const: Acme } }', { 'base.yaml': base });
    expect(evaluateOne(rules, { department: 'FIN' }).fields.department).toBe('Acme');
  });

  test('is told what there is not to drop, to take away or to add twice, in the file where it stands', async () => {
    const wrong = `extends: ../base.yaml
groups: { rules: { drop: [tow], add: [ { name: one, put_in: "Auto 1" } ] } }
tables: { department: null }
guards: { protected: { drop: [x@acme.test] } }`;
    const result = await load(wrong, { 'base.yaml': base });
    expect('problems' in result && result.problems.map((one) => `${one.file} ${inLine(one)}`)).toMatchInlineSnapshot(`
      [
        "rules/acme.yaml 2:27 groups.rules.drop there is nothing like it to drop · Is two meant?",
        "rules/acme.yaml 2:40 groups.rules.add there is already one with the name one · Drop it first: drop: [one]",
        "rules/acme.yaml 3:11 tables.department there is no department to take away · Is departments meant?",
        "rules/acme.yaml 4:31 guards.protected.drop there is nothing like it to drop · Is ceo@acme.test meant?",
      ]
    `);
  });

  test('tells problems of the file below as that file’s', async () => {
    const result = await load('extends: ../base.yaml', {
      'base.yaml': base.replace('email: mail', 'email: { form: mail }'),
    });
    expect('problems' in result && result.problems.map(({ file, line }) => `${file}:${line}`)).toContain('base.yaml:6');
  });

  test('may itself be extended, up to a limit, and never in a circle', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`rules/${at}.yaml`, at === 11 ? 'version: 1' : `extends: ${at + 1}.yaml`]),
    );
    expect((await problemsOf('extends: 0.yaml', files)).join()).toContain('more than 8 files in a row');
    expect(await problemsOf('extends: 6.yaml', files)).toEqual([]);
    const circle = { 'rules/a.yaml': 'extends: b.yaml', 'rules/b.yaml': 'extends: ./a.yaml' };
    expect((await problemsOf('extends: a.yaml', circle)).join()).toContain('comes back to this file');
  });

  test('shows rules that, read again, mean the same', async () => {
    const rules = await rulesOf(over, { 'base.yaml': base });
    const again = await rulesOf(
      rules
        .show()
        .map(({ text }) => text)
        .join('\n'),
    );
    expect(again.digest).toBe(rules.digest);
  });
});

test('texts that YAML would take for something else are shown so that they stay texts', async () => {
  const odd = [
    'null',
    'NULL',
    '~',
    '- a',
    'a: b',
    '# c',
    '*x',
    '007',
    'true',
    '2026-11-20',
    'a\nb',
    '"',
    "'",
    '@',
    'é',
    ' a ',
  ];
  const tables = odd.map((text, at) => `  t${at}: { ${JSON.stringify(text)}: ${JSON.stringify(text)} }`);
  const rules = await rulesOf(`version: 1\ntables:\n${tables.join('\n')}`);
  const lines = rules.show().map(({ text }) => text);
  expect((await rulesOf(lines.join('\n'))).digest).toBe(rules.digest);
  expect(lines).toContain('    "null": "null"');
});

const words = fc.string({ unit: 'grapheme', maxLength: 12 });

test('law: what is shown and read again means the same', async () => {
  const text = words.filter((word) => word.trim() !== '');
  const file = fc.record({
    tables: fc.dictionary(
      words.filter((word) => word !== '__proto__'),
      fc.dictionary(text, text, { maxKeys: 3 }),
      { maxKeys: 3 },
    ),
    protect: fc.array(text, { maxLength: 3 }),
    tests: fc.array(fc.record({ name: text, person: fc.dictionary(text, fc.oneof(text, fc.array(words))) }), {
      maxLength: 3,
    }),
  });
  await fc.assert(
    fc.asyncProperty(file, async ({ tables, protect, tests }) => {
      const json = JSON.stringify({
        version: 1,
        tables: Object.fromEntries(Object.entries(tables).map(([name, table], at) => [`${name}${at}`, table])),
        guards: { protected: protect },
        tests: tests.map((one) => ({ ...one, situation: 'absent' })),
      });
      const result = await load(json);
      // Keys of a table that are the same, letters folded, are refused.
      if ('problems' in result) return;
      const again = await rulesOf(
        result.rules
          .show()
          .map((line) => line.text)
          .join('\n'),
      );
      expect(again.digest).toBe(result.rules.digest);
      expect(again.show().map((line) => line.text)).toEqual(result.rules.show().map((line) => line.text));
    }),
    { numRuns: 100 },
  );
});

test('law: whatever stands in a file, it is rules or a list of problems; the strict form throws rules_invalid alone', async () => {
  const keys = fc.constantFrom(
    ...[
      'version',
      'scope',
      'include',
      'exclude',
      'match',
      'map',
      'email',
      'tables',
      'groups',
      'owned',
      'prefix',
      'rules',
      'name',
    ],
    ...[
      'put_in',
      'when',
      'cel',
      'any',
      'none',
      'eq',
      'in',
      'matches',
      'tests',
      'person',
      'extends',
      'leavers',
      'guards',
      'approval',
    ],
    ...[
      'add',
      'drop',
      '__proto__',
      'constructor',
      'toString',
      'hired_on',
      'within_last',
      'for_each',
      'at_least',
      'attributes',
    ],
  );
  const value = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.oneof(
        words,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        keys,
        fc.constantFrom('person.x == "1"', '(a', '1d'),
      ),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.array(fc.tuple(keys, tie('tree')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
    ),
  })).tree;
  const garbage = fc.oneof(
    value.map((tree) => JSON.stringify(tree)),
    value.map((tree) => JSON.stringify({ version: 1, ...(tree as object) })),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          'version: 1',
          'map:',
          '  email: mail',
          '- a',
          ' ',
          '&a',
          '*a',
          '{',
          ']',
          ': x',
          '\t',
          '? ',
          '|',
        ),
        { maxLength: 12 },
      )
      .map((lines) => lines.join('\n')),
  );
  await fc.assert(
    fc.asyncProperty(garbage, async (text) => {
      const read = readFrom({ f: text });
      const strict = await rulesOrThrow({ read, file: 'f' }).then(
        () => 'rules',
        (error: unknown) =>
          isForeknowError(error) && error.code === 'rules_invalid' && error.issues.length > 0 ? 'problems' : error,
      );
      const result = await loadRules({ read, file: 'f' });
      expect(strict).toBe('rules' in result ? 'rules' : 'problems');
      if ('rules' in result) result.rules.evaluate([aPerson({ email: 'a@b.test' })], options);
    }),
    { numRuns: 500 },
  );
});

test('no name reaches beyond the person', async () => {
  const rules = await rulesOf(`
version: 1
attributes: [constructor, toString, __proto__]
map: { email: constructor, last_name: { cel: 'person.toString + person.constructor' }, first_name: { from: __proto__ } }
scope: { include: { constructor: { exists: false }, toString: { exists: false } } }`);
  const person = evaluateOne(rules, {});
  expect(person).toMatchObject({
    inScope: true,
    fields: { email: null, last_name: null, first_name: null },
    problems: [],
  });
});
