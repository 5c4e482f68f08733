import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createWorld } from '../emulator/world/create.ts';
import type { JoinedPerson } from '../model/source-person.ts';
import { loadRules } from '../rules/load-rules.ts';
import { ran } from './ran.contract.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'foreknow-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const docs = readFileSync(join(root, 'docs/rules.md'), 'utf8');
const [whole, overlay] = [...docs.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!);
const halden = join(root, 'examples/rules/halden.yaml');
const rules = file('rules.yaml', whole!);
const people = file(
  'people.csv',
  `employee_number;mail;givenName;sn;title;department;manager;hired_on;employee_type;groups;account_disabled;location;building;floor
1;ceo@acme.test;Ada;Berg;CEO;MGT;;2010-01-01;employee;VPN;false;Oslo;A;9
2;ann@acme.test;Ann;Dahl;Accounts Payable Clerk;FIN;ceo@acme.test;2026-11-20;employee;VPN;false;Berlin;A;2
3;bo@acme.test;Bo;Foss;Clerk;FIN;ann@acme.test;2026-12-05;employee;VPN;true;Munich;;
4;cy@acme.test;Cy;Foss;Clerk;FIN;ann@acme.test;2026-12-05;employee;KB-Exempt;false;Munich;;
`,
);
const at = ['--at', '2026-11-21'];

test('the file of the guide is good, and its tests pass', async () => {
  const { code, stdout } = await ran(['rules', 'check', rules]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/rules\.yaml is good: 5 rules of groups, sha256:[\da-f]{12}\n$/),
  });
  expect(await ran(['rules', 'test', rules])).toEqual({
    code: 0,
    stdout: 'ok    payable clerk gets wire transfers\nok    service account stays out\n2 passed, 0 failed\n',
    stderr: '',
  });
});

test('the overlay of the guide lies over a base that has what it changes', async () => {
  const base = `version: 1
scope: { exclude: [ { member_of: X } ] }
map: { department: department }
groups: { owned: { prefix: "Auto " }, rules: [ { name: new hires, when: { hired_on: { within_last: 45d } }, put_in: Auto New } ] }
guards: { create_burst: 20% }`;
  file('base.yaml', base);
  const { code, stdout } = await ran(['rules', 'show', file('client.yaml', overlay!)]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/ {4}- member_of: Guests +# .*client\.yaml:3\n/);
  expect(stdout).toMatch(/^version: 1 +# .*base\.yaml:1\n/);
  expect(stdout).not.toContain('create_burst');
});

test('the example of the sample company is good, without a notice, and its tests pass', async () => {
  const checked = JSON.parse((await ran(['rules', 'check', halden, '--json'])).stdout);
  expect(checked).toMatchObject([{ notices: [], groups: expect.arrayContaining(['new hires', 'wire transfers']) }]);
  const { code, stdout } = await ran(['rules', 'test', halden, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ passed: 7, failed: 0 });
});

test('each rule of the example picks somebody of the sample company', async () => {
  const begin = Date.parse('2026-11-21T08:00:00Z');
  const world = createWorld({ name: 'Halden Foods', seed: 7, people: 1200, begin });
  const everybody = world.people.map(
    ({ user, joined }, index): JoinedPerson => ({
      key: `hr:${index}`,
      refs: [{ source: 'hr', sourceId: String(index) }],
      attributes: {
        employee_number: user.employee_number,
        first_name: user.first_name,
        last_name: user.last_name,
        email: user.email,
        job_title: user.job_title,
        department: user.department,
        location: user.location,
        manager: user.manager_email,
        employee_type: 'employee',
        hired_on: new Date(joined).toISOString().slice(0, 10),
      },
      ...{ from: {}, groups: [], active: true, absent: {} },
    }),
  );
  const loaded = await loadRules({ read: async (path) => readFileSync(path, 'utf8'), file: halden });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { groups, people: evaluated } = loaded.rules.evaluate(everybody, {
    now: new Date(begin),
    timeZone: 'Europe/Oslo',
  });
  expect(evaluated.filter(({ problems }) => problems.length > 0)).toEqual([]);
  const filled = new Set(groups.filter(({ members }) => members.size > 0).map(({ rule }) => rule));
  expect([...filled].toSorted()).toEqual(loaded.rules.groupRules.toSorted());
  expect(groups.length).toBeLessThan(60);
});

test('the form for editors is what the command prints, and takes what the rules take', async () => {
  const printed = JSON.parse((await ran(['rules', 'schema'])).stdout);
  expect(JSON.parse(readFileSync(join(root, 'docs/foreknow-rules.schema.json'), 'utf8'))).toEqual(printed);
  const validate = new Ajv2020({ strict: false }).compile(printed);
  const changes = overlay!.replace(/^guards:.*null.*\n/m, '');
  for (const text of [whole!, changes, readFileSync(halden, 'utf8')]) {
    validate(parse(text));
    expect(validate.errors).toBe(null);
  }
  for (const wrong of [
    'version: 2',
    'version: 1\nscop: {}',
    'version: 1\nscope: { include: { a: { eqq: b } } }',
    'version: 1\nmap: { emial: x }',
  ]) {
    expect(validate(parse(wrong))).toBe(false);
  }
});

test('what is wrong is told one a line with its place, and ends with 64', async () => {
  const wrong = file(
    'wrong.yaml',
    whole!.replace('job_title: { matches', 'jobtitel: { matches').replace('at_least: 3', 'at_leest: 3'),
  );
  const { code, stderr, stdout } = await ran(['rules', 'check', wrong]);
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toMatchInlineSnapshot(`
    "error: The rule file wrong.yaml has 2 problems.
      groups.rules[0].at_leest there is no at_leest here (wrong.yaml line 27, column 7). Is at_least meant?
      groups.rules[2].when.jobtitel jobtitel is no field that is mapped, and no attribute that is known (wrong.yaml line 33, column 56). Is job_title meant? If the sources have jobtitel, list it under attributes.
    hint: docs/rules.md says what may stand in it.
    "
  `);
  const json = JSON.parse((await ran(['rules', 'check', wrong, '--json'])).stderr);
  expect(json).toMatchObject({ code: 'rules_invalid', issues: [{ field: 'groups.rules[0].at_leest' }, {}] });
});

test('names are held against those of a file of people', async () => {
  const { stderr } = await ran(['rules', 'check', halden, '--people', people]);
  expect(stderr).not.toContain('hired_on');
  const thin = file('thin.yaml', 'version: 1\nmap: { email: mial }');
  expect((await ran(['rules', 'check', thin, '--people', people])).stderr).toContain('no source has mial');
});

test('a test that fails is told with what came, and ends with 1', async () => {
  const wrong = file('failing.yaml', `${whole!.replace('in: ["Auto Dept: Finance"', 'in: ["Auto Dept: Sales"')}`);
  const { code, stdout } = await ran(['rules', 'test', wrong]);
  expect(code).toBe(1);
  expect(stdout).toContain('FAIL  payable clerk gets wire transfers');
  expect(stdout).toContain('is not in Auto Dept: Sales; groups: Auto Dept: Finance');
});

describe('with people of a file', () => {
  test('explain tells every rule for the one who is called so', async () => {
    const { code, stdout } = await ran(['rules', 'explain', 'ann', rules, '--people', people, ...at]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Ann Dahl {2}file:2 {2}in scope, began 2026-11-20\nyes {2}scope\.include\n/);
    expect(stdout).toContain('yes  groups.wire transfers\n       ✓ department in Finance, Treasury: Finance\n');
    const json = JSON.parse((await ran(['rules', 'explain', '0', rules, '--people', people, '--json', ...at])).stderr);
    expect(json).toMatchObject({ code: 'not_found' });
    const gone = JSON.parse(
      (await ran(['rules', 'explain', 'bo@acme.test', rules, '--people', people, '--json', ...at])).stdout,
    );
    expect(gone).toMatchObject({
      key: 'file:3',
      in_scope: true,
      leaver: { rule: 'leavers.when' },
      fields: { manager_email: 'ann@acme.test' },
    });
    expect(await ran(['rules', 'explain', 'foss', rules, '--people', people])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Say which: file:3, file:4'),
    });
  });

  test('who tells whom a rule picks and who comes and goes', async () => {
    const { stdout } = await ran(['rules', 'who', 'new hires', rules, '--people', people, '--json', ...at]);
    expect(JSON.parse(stdout)).toEqual({
      rule: 'groups.new hires',
      now: [{ key: 'file:2', name: 'Ann Dahl', group: 'Auto New hires' }],
      enters: [{ key: 'file:3', name: 'Bo Foss', group: 'Auto New hires', on: '2026-12-05' }],
      leaves: [],
    });
    const text = (await ran(['rules', 'who', 'new hires', rules, '--people', people, ...at])).stdout;
    expect(text).toContain('groups.new hires picks 1 person\n');
    expect(text).toMatch(/Enter in the next 30 days\nON +NAME +KEY +GROUP\n2026-12-05 {2}Bo Foss/);
  });

  test('JSON does as well, and what is neither is refused', async () => {
    const json = file(
      'people.json',
      JSON.stringify([{ attributes: { mail: 'x@acme.test', employee_type: 'employee' }, groups: ['A'] }]),
    );
    expect((await ran(['rules', 'who', 'scope', rules, '--people', json])).stdout).toContain('x@acme.test');
    for (const text of ['[{}]', '[', '"a', '[{"attributes":{"a":{}}}]']) {
      const { code, stderr } = await ran(['rules', 'who', 'scope', rules, '--people', file('bad.json', text)]);
      expect({ text, code }).toEqual({ text, code: 64 });
      expect(stderr).toContain('--people');
    }
    expect((await ran(['rules', 'who', 'scope', rules, '--people', join(folder, 'gone.csv')])).stderr).toContain(
      'ENOENT',
    );
  });
});

test('without people they are those whom the sources last showed', async () => {
  const config = file(
    'sourced.yaml',
    `version: 1
connections: [ { name: acme, region: eu, reporting: { token: { env: T } } } ]
sources: [ { name: hr, kind: csv, from: ./people.csv, id: employee_number } ]
people: { from: [hr] }
rules: [ { file: rules.yaml, connection: acme } ]`,
  );
  const where = { readEnv: () => 'secret', dataFolder: join(folder, 'data') };
  expect(await ran(['keys', 'create', 'any'], where)).toMatchObject({ code: 0 });
  expect(await ran(['sources', 'read', 'hr', '--config', config], where)).toMatchObject({ code: 0, stderr: '' });
  const { stdout, stderr } = await ran(['rules', 'explain', 'ann', '--config', config, '--json', ...at], where);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({
    key: 'hr:2',
    in_scope: true,
    fields: { department: 'Finance', manager_email: 'ceo@acme.test' },
  });
});

test('without a file they are those of the configuration file, in the time zone of their connection', async () => {
  const config = file(
    'foreknow.yaml',
    `version: 1
connections: [ { name: acme, region: eu, time_zone: Pacific/Auckland, reporting: { token: { env: T } } } ]
rules: [ { file: zone.yaml, connection: acme } ]`,
  );
  file(
    'zone.yaml',
    `version: 1
groups: { owned: { prefix: A }, rules: [ { name: today, when: { hired_on: { within_last: 0d } }, put_in: A } ] }
tests: [ { name: the day of Auckland, person: { hired_on: 2026-11-22 }, in: [A] } ]`,
  );
  const readEnv = () => 'secret';
  const args = ['rules', 'test', '--config', config, '--at', '2026-11-21T23:00:00Z'];
  expect(await ran(args, { readEnv })).toMatchObject({ code: 0, stdout: expect.stringContaining('1 passed') });
  expect(await ran([...args, '--time-zone', 'UTC'], { readEnv })).toMatchObject({ code: 1 });
  expect(await ran(['rules', 'test'], { readEnv })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('No rule file is named'),
  });
});

describe('--client takes the rules of one of many clients', () => {
  file('msp/base.yaml', 'version: 1\nattributes: [dept]\nmap: { department: dept }\nguards: { archive_share: 1% }\n');
  file('msp/acme.yaml', 'extends: base.yaml\nguards: { archive_share: 3% }\n');
  file('msp/beta.yaml', 'extends: base.yaml\nmap: { email: mail }\nattributes: { add: [mail] }\n');
  const connection = (name: string, more: string) =>
    `  - { name: ${name}, region: eu, reporting: { token: { env: T } }, ${more} }\n`;
  const config = file(
    'msp/foreknow.yaml',
    `version: 1
connections:
${connection('acme-eu', 'tags: [acme, prod], time_zone: Europe/Oslo')}${connection('acme-us', 'tags: [acme], time_zone: Pacific/Auckland')}${connection('beta', 'tags: [prod]')}${connection('bare', 'tags: []')}rules:
  - { file: acme.yaml, connection: acme-eu }
  - { file: acme.yaml, connection: acme-us }
  - { file: beta.yaml, connection: beta }
`,
  );
  const msp = (...args: readonly string[]) => ran([...args, '--config', config], { readEnv: () => 'secret' });
  const named = (stdout: string) =>
    (JSON.parse(stdout) as { file: string; connections?: string[] }[]).map((one) => [
      one.file.replace(/^.*msp\//, ''),
      one.connections,
    ]);

  test('show prints them merged, each line with where it stands, and reads the same again', async () => {
    const { code, stdout } = await msp('rules', 'show', '--client', 'beta');
    expect({ code, stdout: stdout.replaceAll(`${folder}/`, '') }).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stdout": "# rules of beta
      version: 1           # msp/base.yaml:1
      attributes:          # msp/beta.yaml:3
        - dept             # msp/base.yaml:2
        - mail             # msp/beta.yaml:3
      map:                 # msp/beta.yaml:2
        department: dept   # msp/base.yaml:3
        email: mail        # msp/beta.yaml:2
      guards:              # msp/base.yaml:4
        archive_share: 1%  # msp/base.yaml:4
      ",
      }
    `);
    const again = file('again.yaml', stdout);
    const digests = [
      await msp('rules', 'check', '--client', 'beta', '--json'),
      await ran(['rules', 'check', again, '--json']),
    ].map((one) => (JSON.parse(one.stdout) as { digest: string }[])[0]!.digest);
    expect(digests[0]).toBe(digests[1]);
  });

  test('by the name of the connection or by a tag; those who share a file are told together', async () => {
    const show = async (client: string) => named((await msp('rules', 'show', '--client', client, '--json')).stdout);
    expect(await show('acme-us')).toEqual([['acme.yaml', ['acme-us']]]);
    expect(await show('acme')).toEqual([['acme.yaml', ['acme-eu', 'acme-us']]]);
    expect(await show('prod')).toEqual([
      ['acme.yaml', ['acme-eu']],
      ['beta.yaml', ['beta']],
    ]);
  });

  test('a client that is not there, or has no rules, is told', async () => {
    expect(await msp('rules', 'show', '--client', 'amce')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Is acme meant?'),
    });
    expect((await msp('rules', 'show', '--client', 'bare')).stderr).toContain('bare has no rules.');
    expect(await msp('rules', 'show', rules, '--client', 'beta')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('say different things'),
    });
  });

  test('of several files that are wrong each is told', async () => {
    const wrong = file(
      'msp/wrong.yaml',
      `version: 1
connections:
${connection('one', 'tags: []')}${connection('two', 'tags: []')}${connection('three', 'tags: []')}rules:
${['one', 'two', 'three'].map((name) => `  - { file: ${name}.yaml, connection: ${name} }\n`).join('')}`,
    );
    file('msp/one.yaml', 'version: 1\nscop: {}\n');
    file('msp/two.yaml', 'version: 1\n');
    file('msp/three.yaml', 'extends: base.yaml\nmap: { emial: dept }\n');
    const { code, stderr } = await ran(['rules', 'check', '--config', wrong], { readEnv: () => 'secret' });
    expect({ code, stderr }).toMatchInlineSnapshot(`
      {
        "code": 64,
        "stderr": "error: The rule file one.yaml has a problem. The rule file three.yaml has a problem.
        scop there is no scop here (one.yaml line 2, column 1). Is scope meant?
        map.emial there is no emial here (three.yaml line 2, column 8). Is email meant?
      hint: docs/rules.md says what may stand in it.
      ",
      }
    `);
  });

  test('who and explain, which take one file, say how to choose among several', async () => {
    const scope = ['rules', 'who', 'scope', '--people', people];
    expect((await msp(...scope)).stderr).toContain('or say --client');
    expect((await msp(...scope, '--client', 'beta')).stdout).toContain('scope picks 4 people');
  });
});

test('a file that the configuration names counts days as its connection does, however it is written', async () => {
  const config = file(
    'relative.yaml',
    `version: 1
connections: [ { name: acme, region: eu, time_zone: Pacific/Auckland, reporting: { token: { env: T } } } ]
rules: [ { file: zone.yaml, connection: acme } ]`,
  );
  const path = relative(process.cwd(), join(folder, 'zone.yaml'));
  const args = ['rules', 'test', path, '--config', config, '--at', '2026-11-21T23:00:00Z'];
  expect(await ran(args, { readEnv: () => 'secret' })).toMatchObject({ code: 0 });
});
