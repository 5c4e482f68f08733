import { expect, test } from 'vitest';
import { readConfig } from './read-config.ts';
import type { ConfiguredCsv } from './sources.ts';

const read = (text: string) =>
  readConfig({
    text,
    streams: ['users'],
    readSecret: () => ({ value: 'canary-4711' }),
    resolvePath: (path) => (path.startsWith('/') ? path : `/etc/foreknow/${path}`),
  });

const good = (text: string) => {
  const result = read(text);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.config;
};

const problems = (text: string) => {
  const result = read(text);
  if ('config' in result) throw new Error('it was accepted');
  return result.problems.map(({ line, column, path, reason }) => `${line}:${column} ${path} ${reason}`);
};

const whole = `
version: 1
connections:
  - name: acme-eu
    region: eu
    mode: propose
    reporting: { token: { env: KB4 } }
    scim: { url: { env: KB4_SCIM_URL }, token: { env: KB4_SCIM } }
    product: { token: { file: product.key } }
    provisioning:
      every: 2h
      approvals: { expire_after: 12h }
      freeze: [{ from: 2026-12-20, until: 2027-01-06T06:00:00Z, reason: holidays }]
sources:
  - name: acme-ad
    kind: ldap
    flavour: ad
    url: ldaps://dc1.acme.test
    base: OU=Staff,DC=acme,DC=test
    bind: { dn: "CN=foreknow,DC=acme,DC=test", password: { env: AD_PASSWORD } }
    every: 1h
  - name: hr-drop
    kind: csv
    from: sftp://hr@files.acme.test/out/people_*.csv
    host_key: SHA256:abc
    key: { file: keys/hr }
    id: employee_number
    columns: { employee_number: Emp ID }
    active: { column: Status, is_not: [left] }
    complete_when: { trailer: "#END rows={rows}" }
  - { name: folder-drop, kind: csv, from: drop/*.csv, id: number }
  - name: hr-api
    kind: json
    url: https://hr.acme.test/people
    auth: { value: { env: HR } }
    id: id
    attributes: { email: work.mail }
    next: { path: meta.next, cursor_parameter: after }
  - { name: okta-push, kind: scim-in }
people: { from: [hr-drop, acme-ad], join: [employee_number, email], prefer: { hired_on: hr-drop, "*": acme-ad } }
rules: [{ file: rules/acme.yaml, connection: acme-eu }]
`;

test('sources, people and rules are read: secrets out of sight, paths from the file’s folder', () => {
  const { connections, sources, people, rules } = good(whole);
  expect(connections[0]).toMatchObject({
    product: { url: undefined },
    provisioning: {
      mode: 'propose',
      everyMinutes: 120,
      approvalsExpireMs: 43_200_000,
      freezes: [{ from: '2026-12-20T00:00:00.000Z', until: '2027-01-06T06:00:00.000Z', reason: 'holidays' }],
    },
  });
  expect(connections[0]!.scim?.token.reveal()).toBe('canary-4711');
  expect(sources.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    'acme-ad ldap',
    'hr-drop csv',
    'folder-drop csv',
    'hr-api json',
    'okta-push scim-in',
  ]);
  expect(sources[0]).toMatchObject({ base: ['OU=Staff,DC=acme,DC=test'], everyMinutes: 60 });
  expect(sources[1]).toMatchObject({
    from: 'sftp://hr@files.acme.test/out/people_*.csv',
    hostKeys: ['SHA256:abc'],
    key: { from: { file: '/etc/foreknow/keys/hr' } },
    active: { of: 'Status', is: undefined, isNot: ['left'] },
    completeWhen: { trailer: '#END rows={rows}' },
  });
  expect((sources[2] as ConfiguredCsv).from).toBe('/etc/foreknow/drop/*.csv');
  expect(people).toEqual({
    from: ['hr-drop', 'acme-ad'],
    join: ['employee_number', 'email'],
    prefer: { hired_on: 'hr-drop', '*': 'acme-ad' },
  });
  expect(rules).toEqual([{ file: '/etc/foreknow/rules/acme.yaml', connection: 'acme-eu' }]);
  expect(JSON.stringify(sources)).not.toContain('canary');
});

test('without people every source stands for itself', () => {
  const { people } = good(
    'version: 1\nsources: [{ name: a, kind: csv, from: upload, id: n }, { name: b, kind: scim-in }]',
  );
  expect(people).toEqual({ from: ['a', 'b'], join: [], prefer: {} });
});

test('what is wrong with a source is told with its place', () => {
  expect(
    problems(`version: 1
sources:
  - { name: hr, kind: csv, from: "sftp://hr@files.acme.test/x.csv", id: n }
  - { name: two, kind: csv, from: drop/x.csv, id: n, complete_when: { trailer: "#END {rows}", rows_file: "{file}.n" } }
  - { name: ad, kind: ldap, flavour: ad, url: ldaps://x, base: DC=x, bind: { dn: CN=x, password: hunter2 } }
  - { name: far, kind: csv, from: "sftp://hr:pw@files.acme.test/x.csv", host_key: SHA256:x, key: { env: K }, id: n }
  - { name: typo, kind: csv, from: upload, id: n, colums: { n: "Emp ID" } }
  - { name: either, kind: csv, from: upload, id: n, active: { column: Status } }
`),
  ).toEqual([
    '3:5 sources[0].host_key is needed for SFTP: ssh-keyscan HOST shows it, and somebody who runs the server confirms it',
    '3:5 sources[0].key is needed for SFTP, or password',
    '4:69 sources[1].complete_when must be exactly one proof',
    '5:98 sources[2].bind.password is a secret and must not stand in this file: write { env: NAME } or { file: PATH }',
    '6:35 sources[3].from must not hold a password: it belongs into password, as { env } or { file }',
    '7:51 sources[4].colums is not known; did you mean columns?',
    '8:61 sources[5].active must be a map with either is or is_not',
  ]);
});

test('people names sources that are there, and no two sources have one name', () => {
  expect(
    problems(`version: 1
sources:
  - { name: hr-drop, kind: csv, from: upload, id: n }
  - { name: hr-drop, kind: csv, from: upload, id: n }
people: { from: [hr-dorp], prefer: { "*": elsewhere } }
`),
  ).toEqual([
    '4:13 sources[1].name stands already in line 3',
    '5:18 people.from[0] is not the name of a source; did you mean hr-drop?',
    '5:43 people.prefer.* is not the name of a source',
  ]);
});
