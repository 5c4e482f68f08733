import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { SourcePerson } from '../../model/source-person.ts';
import { entry, limited, personDn, personEntry, reader, type Slapd, startSlapd, suffix } from './contract/slapd.ts';
import { type LdapOptions, ldapSource } from './ldap-source.ts';

const PEOPLE = 5000;
const photo = Uint8Array.from([255, 216, 255, 0, 1, 2]);

const special = [
  entry(`cn=Zoë\\, Große,ou=people,${suffix}`, {
    objectClass: 'inetOrgPerson',
    cn: 'Zoë, Große',
    sn: 'Große',
    uid: 'zoe',
    mail: ['zoe@acme.test', 'zg@acme.test'],
    manager: `UID=p1, OU=people, ${suffix}`,
    jpegPhoto: photo,
    description: 'left',
  }),
  entry(`cn=Printers,ou=people,${suffix}`, { objectClass: 'device', cn: 'Printers' }),
  entry(`cn=Finance,ou=groups,${suffix}`, {
    objectClass: 'groupOfNames',
    cn: 'Finance',
    member: [personDn(1), personDn(2)],
  }),
  entry(`cn=Payables,ou=groups,${suffix}`, { objectClass: 'groupOfNames', cn: 'Payables', member: [personDn(3)] }),
  entry(`cn=Company,ou=groups,${suffix}`, {
    objectClass: 'groupOfNames',
    cn: 'Company',
    // Each in the other, and one in itself.
    member: [`cn=Finance,ou=groups,${suffix}`, `cn=Circle,ou=groups,${suffix}`],
  }),
  entry(`cn=Circle,ou=groups,${suffix}`, {
    objectClass: 'groupOfNames',
    cn: 'Circle',
    member: [`cn=Company,ou=groups,${suffix}`, `cn=Circle,ou=groups,${suffix}`, personDn(4)],
  }),
  entry(`cn=unix,ou=groups,${suffix}`, {
    objectClass: 'posixGroup',
    cn: 'unix',
    gidNumber: '100',
    memberUid: ['p1', 'zoe'],
  }),
].join('\n');

const hasSlapd = inject('slapd');

describe.skipIf(!hasSlapd)('OpenLDAP', () => {
  let slapd: Slapd;
  beforeAll(async () => {
    const people = Array.from({ length: PEOPLE }, (_, at) =>
      personEntry(at, at === 0 ? { userPassword: 'canary-4711' } : {}),
    ).join('\n');
    slapd = await startSlapd(`${people}\n${special}`);
  });
  afterAll(() => slapd?.stop());

  const source = (more: Partial<LdapOptions> = {}) =>
    ldapSource({
      name: 'directory',
      flavour: 'openldap',
      url: slapd.secure,
      ca: slapd.ca,
      bind: reader,
      bases: [`ou=people,${suffix}`],
      groups: { bases: [`ou=groups,${suffix}`] },
      ...more,
    });
  const readAll = async (
    options: Partial<LdapOptions> = {},
    keep: readonly string[] = ['mail', 'sn'],
    each: (count: number) => unknown = () => undefined,
    signal = new AbortController().signal,
  ) => {
    const read = await source(options).read({ keep: new Set(keep), signal });
    const people: SourcePerson[] = [];
    const error = await (async () => {
      for await (const person of read.people) await each(people.push(person));
      return null;
    })().catch((thrown: unknown) => thrown as Error & { code: string; detail: string });
    return { people, error, proof: await read.done() };
  };
  const zoe = (people: readonly SourcePerson[]) => people.find(({ attributes }) => attributes.cn === 'Zoë, Große')!;

  test('everybody is read in pages, and the server’s end proves it', async () => {
    const { people, proof, error } = await readAll();
    expect(error).toBeNull();
    expect(proof).toEqual({ state: 'complete', words: '5001 people in 11 pages, ended by the server.' });
    expect(people).toHaveLength(PEOPLE + 1);
    expect(new Set(people.map(({ sourceId }) => sourceId)).size).toBe(PEOPLE + 1);
    expect(people[0]!.sourceId).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
  });

  test('a page that ends exactly with the last person is the last one', async () => {
    const { people, proof } = await readAll({ pageSize: PEOPLE + 1 });
    expect(people).toHaveLength(PEOPLE + 1);
    expect(proof.state).toBe('complete');
  });

  test('only what is wanted is given out: nothing as null, one as text, several as a list', async () => {
    const { people } = await readAll({}, ['cn', 'mail', 'title', 'hired_on', 'jpegPhoto', 'dn', 'manager']);
    expect(zoe(people).attributes).toEqual({
      cn: 'Zoë, Große',
      mail: ['zoe@acme.test', 'zg@acme.test'],
      title: null,
      jpegPhoto: Buffer.from(photo).toString('base64'),
      dn: `cn=Zoë\\, Große,ou=people,${suffix}`,
      manager: personDn(1),
    });
  });

  test('a manager is found among the people by the DN', async () => {
    const { people } = await readAll({}, ['dn', 'manager', 'mail', 'cn']);
    const byDn = new Map(people.map(({ attributes }) => [attributes.dn, attributes.mail]));
    expect(byDn.get(zoe(people).attributes.manager as string)).toBe('p1@acme.test');
  });

  test('a password is not given out, whoever asks for it', async () => {
    const { people } = await readAll({ filter: '(uid=p0)' }, ['mail', 'userPassword', 'USERPASSWORD']);
    expect(people.map(({ attributes }) => attributes)).toEqual([{ mail: 'p0@acme.test' }]);
  });

  test('our names stand for theirs', async () => {
    const { people } = await readAll({ attributes: { email: 'mail', number: 'employeeNumber' } }, ['email', 'number']);
    expect(people[7]!.attributes).toEqual({ email: 'p7@acme.test', number: 'E7' });
  });

  test('groups are those that name the person, also by their uid', async () => {
    const { people } = await readAll({}, ['uid']);
    const groups = new Map(people.map((person) => [person.attributes.uid, person.groups]));
    expect(groups.get('p1')).toEqual(['Finance', 'unix']);
    expect(groups.get('p3')).toEqual(['Payables']);
    expect(groups.get('zoe')).toEqual(['unix']);
    expect(groups.get('p5')).toEqual([]);
  });

  test('groups in groups count where that is asked for, and groups that contain each other end it', async () => {
    const { people } = await readAll({ groups: { bases: [`ou=groups,${suffix}`], nested: true } }, ['uid']);
    const groups = new Map(people.map((person) => [person.attributes.uid, person.groups]));
    expect(groups.get('p1')).toEqual(['Circle', 'Company', 'Finance', 'unix']);
    expect(groups.get('p4')).toEqual(['Circle', 'Company']);
    expect(groups.get('p3')).toEqual(['Payables']);
  });

  test('a filter narrows down who is read', async () => {
    const { people } = await readAll({ filter: '(& (departmentNumber=D7)\n  (!(title=Clerk 0)) )' });
    expect(people).toHaveLength(
      Array.from({ length: PEOPLE }, (_, at) => at).filter((at) => at % 40 === 7 && at % 7 !== 0).length,
    );
  });

  test('an attribute can say who works here', async () => {
    const { people } = await readAll({ active: { of: 'description', isNot: ['Left'] } }, ['cn']);
    expect(people.filter(({ active }) => !active)).toEqual([zoe(people)]);
  });

  test('bases that overlap show nobody twice', async () => {
    const { people, proof } = await readAll({ bases: [suffix, `ou=people,${suffix}`] });
    expect(people).toHaveLength(PEOPLE + 1);
    expect(proof.state).toBe('complete');
  });

  test('StartTLS protects as ldaps does', async () => {
    const { people, proof } = await readAll({ url: slapd.plain.replace('127.0.0.1', 'localhost'), startTls: true });
    expect(people).toHaveLength(PEOPLE + 1);
    expect(proof.state).toBe('complete');
  });

  test.each([
    [
      'by a CA that is not the own one',
      () => ({ ca: undefined }),
      /certificate of localhost:\d+ does not hold: [A-Z_]+/,
    ],
    [
      'for another name',
      () => ({ url: slapd.secure.replace('localhost', '127.0.0.1') }),
      /does not hold: ERR_TLS_CERT_ALTNAME_INVALID/,
    ],
    [
      'for another name, with StartTLS',
      () => ({ url: slapd.plain, startTls: true }),
      /does not hold: ERR_TLS_CERT_ALTNAME_INVALID/,
    ],
  ])('a certificate %s ends it before a password is sent', async (_, options, words) => {
    const { error, proof, people } = await readAll(options() as Partial<LdapOptions>);
    expect(error).toMatchObject({ code: 'source_unreachable', detail: expect.stringMatching(words) });
    expect(people).toEqual([]);
    expect(proof.state).toBe('incomplete');
  });

  test('a limit of the server is an incomplete read, after some pages too', async () => {
    const { error, proof, people } = await readAll({ bind: limited, pageSize: 30, groups: { by: 'none' } });
    expect(error).toMatchObject({ code: 'source_rejected', detail: expect.stringContaining('sizeLimitExceeded (4)') });
    expect(people.length).toBeGreaterThan(0);
    expect(people.length).toBeLessThanOrEqual(100);
    expect(proof.state).toBe('incomplete');
  });

  test('a password that is wrong is told, and never shown', async () => {
    const { error, proof } = await readAll({ bind: { dn: reader.dn, password: 'not-this-one-4711' } });
    expect(error).toMatchObject({ code: 'source_unauthorized' });
    expect(`${JSON.stringify(error)} ${error!.stack} ${String(error!.cause)} ${proof.words}`).not.toContain('4711');
  });

  test('an empty password is not sent: it would be a bind as nobody', async () => {
    const { error } = await readAll({ bind: { dn: reader.dn, password: '' } });
    expect(error).toMatchObject({ code: 'source_unauthorized', field: 'bind.password' });
  });

  test('a base that is not there is an incomplete read', async () => {
    const { error, proof } = await readAll({ bases: [`ou=staff,${suffix}`] });
    expect(error).toMatchObject({ code: 'source_rejected', detail: expect.stringContaining('noSuchObject') });
    expect(proof.state).toBe('incomplete');
  });

  test('nobody at all is never taken for a proof', async () => {
    const { people, proof } = await readAll({ filter: '(mail=nobody@acme.test)' });
    expect(people).toEqual([]);
    expect(proof).toMatchObject({ state: 'unproven', words: expect.stringContaining('nobody was found') });
  });

  test('people whose id cannot be read make it unproven', async () => {
    const { people, proof } = await readAll({ id: 'employeeNumber' });
    expect(people).toHaveLength(PEOPLE);
    expect(proof).toMatchObject({
      state: 'unproven',
      words: expect.stringContaining('1 entries without employeeNumber'),
    });
  });

  test('a read that is cancelled is incomplete', async () => {
    const stop = new AbortController();
    const { error, proof } = await readAll({}, ['mail'], (count) => count === 700 && stop.abort(), stop.signal);
    expect(error).toMatchObject({ code: 'aborted' });
    expect(proof.state).toBe('incomplete');
  });

  test('a reader who stops early has an incomplete read', async () => {
    const read = await source().read({ keep: new Set(['mail']), signal: new AbortController().signal });
    for await (const _ of read.people) break;
    expect(await read.done()).toMatchObject({ state: 'incomplete' });
  });

  test('a test says how many there are, what they have, and shows a few', async () => {
    const { ok, words, sample } = await source().test(new AbortController().signal);
    expect(ok).toBe(true);
    expect(words.join('\n')).toMatch(
      /signed in\.\n5001 people in 11 pages, ended by the server\.\nAttributes of the first 100: .*mail 100/,
    );
    expect(sample).toHaveLength(3);
    expect(sample[0]!.attributes).toMatchObject({ mail: 'p0@acme.test', dn: personDn(0) });
    expect(words.join()).toContain('userPassword 1');
    expect(JSON.stringify(sample)).not.toMatch(/4711|NDcxMQ/);
    expect(sample[0]!.attributes).not.toHaveProperty('userPassword');
    const refused = await source({ bind: { dn: reader.dn, password: 'wrong' } }).test(new AbortController().signal);
    expect(refused).toMatchObject({ ok: false, sample: [] });
    expect(refused.words.join()).toContain('refuses the credentials');
  });

  test('a server that is killed in the middle leaves an incomplete read', async () => {
    const own = await startSlapd(Array.from({ length: 3000 }, (_, at) => personEntry(at)).join('\n'));
    const { error, proof, people } = await readAll(
      { url: own.secure, ca: own.ca, pageSize: 100, groups: { by: 'none' } },
      ['mail'],
      (count) => (count === 250 ? own.kill() : undefined),
    );
    expect(error).toMatchObject({ code: 'source_unreachable' });
    expect(people.length).toBeLessThan(3000);
    expect(proof).toMatchObject({ state: 'incomplete' });
  });
});

test('passwords are not read', async () => {
  const options: LdapOptions = { name: 'x', flavour: 'ad', url: 'ldaps://h.test', bind: reader, bases: [suffix] };
  for (const name of [
    'userPassword',
    'UNICODEPWD',
    'sambaNTPassword',
    'ms-Mcs-AdmPwd',
    'userPassword;binary',
    'krbPrincipalKey',
  ]) {
    expect(() => ldapSource({ ...options, attributes: { x: name } })).toThrow(
      expect.objectContaining({ code: 'config_invalid', field: 'attributes' }),
    );
  }
  expect(() =>
    ldapSource({ ...options, attributes: { x: 'pwdLastSet', y: 'msDS-UserPasswordExpiryTimeComputed' } }),
  ).not.toThrow();
});

test.each(['ldap://dc1.acme.test', 'ldap://10.0.0.1', 'ldap://localhost.acme.test'])(
  '%s without TLS is refused',
  (url) => {
    const options: LdapOptions = { name: 'x', flavour: 'ad', url, bind: reader, bases: [suffix] };
    expect(() => ldapSource(options)).toThrow(expect.objectContaining({ code: 'config_invalid', field: 'url' }));
    expect(() => ldapSource({ ...options, startTls: true })).not.toThrow();
  },
);

test.each([
  ['brackets that do not close', '(mail=*'],
  ['two filters', '(mail=*)(sn=*)'],
  ['no attribute', '(=x)'],
  ['escaped bytes that would be sent as other letters', '(sn=Gro\\c3\\9fe)'],
  ['nothing', ' '],
])('a filter with %s is refused', (_, filter) => {
  const options: LdapOptions = {
    name: 'x',
    flavour: 'openldap',
    url: 'ldaps://h.test',
    bind: reader,
    bases: [suffix],
    filter,
  };
  expect(() => ldapSource(options)).toThrow(expect.objectContaining({ code: 'config_invalid', field: 'filter' }));
});
