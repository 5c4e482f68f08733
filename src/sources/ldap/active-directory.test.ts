import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { canonicalGuid } from '../../lib/guid.ts';
import type { SourcePerson } from '../../model/source-person.ts';
import { domain, type Samba, startSamba, takenPorts } from './contract/samba.ts';
import { entry } from './contract/slapd.ts';
import { type LdapOptions, ldapSource } from './ldap-source.ts';

const PEOPLE = 60;
const NORMAL = 512;
const NO_PASSWORD = 32;
const DISABLED = 2;
const staff = `OU=Staff,${domain}`;
const groupsOu = `OU=Groups,${domain}`;
const personDn = (at: number) => `CN=Person ${at},${staff}`;
const groupDn = (name: string) => `CN=${name},${groupsOu}`;

const user = (at: number) =>
  entry(personDn(at), {
    objectClass: 'user',
    sAMAccountName: `p${at}`,
    givenName: `Given ${at}`,
    sn: `Number ${at}`,
    mail: `p${at}@acme.test`,
    employeeNumber: `E${at}`,
    userAccountControl: String(NORMAL + NO_PASSWORD + (at === 3 ? DISABLED : 0)),
    ...(at === 0 ? {} : { manager: personDn(Math.floor(at / 10)) }),
    // 1 July 2027, in ticks of 100 ns since 1601; 0 is never.
    accountExpires: at === 4 ? '134588736000000000' : '0',
    ...(at === 5 ? { proxyAddresses: ['SMTP:p5@acme.test', 'smtp:five@acme.test'] } : {}),
  });
const group = (name: string, members: readonly string[]) =>
  entry(groupDn(name), { objectClass: 'group', sAMAccountName: name, member: members });

const world = [
  entry(staff, { objectClass: 'organizationalUnit' }),
  entry(groupsOu, { objectClass: 'organizationalUnit' }),
  ...Array.from({ length: PEOPLE }, (_, at) => user(at)),
  entry(`CN=PC1,${staff}`, { objectClass: 'computer', sAMAccountName: 'PC1$', userAccountControl: '4128' }),
  entry(`CN=A guest,${staff}`, { objectClass: 'contact', mail: 'guest@other.test' }),
  group('Wire transfers', [personDn(1), personDn(2)]),
  group('Finance', [groupDn('Wire transfers'), personDn(6)]),
  group('Company', [groupDn('Finance')]),
].join('\n');
/** The one is put into the other when both are there. */
const circle = `dn: ${groupDn('Finance')}\nchangetype: modify\nadd: member\nmember: ${groupDn('Company')}\n`;

const taken = inject('samba') ? await takenPorts() : [];
if (taken.length > 0) console.log(`Tests against Active Directory are left out: port ${taken.join(', ')} is in use.`);

describe.skipIf(!inject('samba') || taken.length > 0)('Active Directory', () => {
  let samba: Samba;
  beforeAll(async () => {
    samba = await startSamba();
    samba.load(world);
    samba.load(circle);
  }, 110_000);
  afterAll(() => samba?.stop());

  const source = (more: Partial<LdapOptions> = {}) =>
    ldapSource({
      name: 'ad',
      flavour: 'ad',
      url: samba.url,
      ca: samba.ca,
      bind: samba.reader,
      bases: [staff],
      ...more,
    });
  const readAll = async (options: Partial<LdapOptions> = {}, keep: readonly string[] = ['mail']) => {
    const read = await source(options).read({ keep: new Set(keep), signal: new AbortController().signal });
    const people: SourcePerson[] = [];
    for await (const person of read.people) people.push(person);
    return { people, proof: await read.done() };
  };
  const byMail = (people: readonly SourcePerson[], at: number) =>
    people.find(({ attributes }) => attributes.mail === `p${at}@acme.test`)!;

  test('people are read in pages, without computers and contacts, and the end proves it', async () => {
    const { people, proof } = await readAll({ pageSize: 25 });
    expect(proof).toEqual({ state: 'complete', words: '60 people in 3 pages, ended by the server.' });
    expect(people.map(({ attributes }) => attributes.mail).toSorted()).toEqual(
      Array.from({ length: PEOPLE }, (_, at) => `p${at}@acme.test`).toSorted(),
    );
  });

  test('below the domain itself the built-in accounts stay out, and its own partitions are no doubt', async () => {
    const { people, proof } = await readAll({ bases: [domain] }, ['sAMAccountName']);
    expect(people.map(({ attributes }) => attributes.sAMAccountName)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(Administrator|Guest|krbtgt|DC1\$|PC1\$)$/)]),
    );
    expect(people).toHaveLength(PEOPLE + 1);
    expect(proof.state).toBe('complete');
  });

  test('the id is objectGUID as the directory writes it', async () => {
    const { people } = await readAll({}, ['mail', 'objectGUID', 'objectSid']);
    const one = byMail(people, 1);
    expect(canonicalGuid(one.sourceId)).toBe(one.sourceId);
    expect(one.attributes.objectGUID).toBe(one.sourceId);
    expect(one.attributes.objectSid).toMatch(/^S-1-5-21-\d+-\d+-\d+-\d{4,}$/);
    expect(new Set(people.map(({ sourceId }) => sourceId)).size).toBe(PEOPLE);
  });

  test('whoever is disabled says so', async () => {
    const { people } = await readAll();
    expect(people.filter(({ active }) => !active)).toEqual([byMail(people, 3)]);
  });

  test('times are ISO, and never is nothing', async () => {
    const { people } = await readAll({}, ['mail', 'accountExpires', 'whenChanged']);
    expect(byMail(people, 4).attributes.accountExpires).toBe('2027-07-01T00:00:00.000Z');
    expect(byMail(people, 5).attributes.accountExpires).toBeNull();
    expect(byMail(people, 5).attributes.whenChanged).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  });

  test('a manager is found among the people by the DN, and lists stay lists', async () => {
    const { people } = await readAll({}, ['mail', 'dn', 'manager', 'proxyAddresses']);
    const byDn = new Map(people.map(({ attributes }) => [attributes.dn, attributes.mail]));
    expect(byDn.get(byMail(people, 25).attributes.manager as string)).toBe('p2@acme.test');
    expect(byMail(people, 0).attributes.manager).toBeNull();
    expect([byMail(people, 5).attributes.proxyAddresses].flat().toSorted()).toEqual([
      'SMTP:p5@acme.test',
      'smtp:five@acme.test',
    ]);
  });

  test('groups are those of memberOf, nested ones where that is asked for, also in a circle', async () => {
    const direct = await readAll();
    expect(byMail(direct.people, 1).groups).toEqual(['Wire transfers']);
    expect(byMail(direct.people, 6).groups).toEqual(['Finance']);
    const nested = await readAll({ groups: { nested: true, bases: [groupsOu] } });
    expect(byMail(nested.people, 1).groups).toEqual(['Company', 'Finance', 'Wire transfers']);
    const bySearch = await readAll({ groups: { by: 'search', nested: true, bases: [groupsOu] } });
    expect(bySearch.people.map(({ sourceId, groups }) => [sourceId, groups])).toEqual(
      nested.people.map(({ sourceId, groups }) => [sourceId, groups]),
    );
  });

  test('a person who is moved and renamed keeps the id', async () => {
    const before = byMail((await readAll()).people, 7);
    samba.load(
      `dn: ${personDn(7)}\nchangetype: modrdn\nnewrdn: CN=Somebody else\ndeleteoldrdn: 1\nnewsuperior: ${groupsOu}\n`,
    );
    const after = byMail((await readAll({ bases: [staff, groupsOu] }, ['mail', 'dn'])).people, 7);
    expect(after.sourceId).toBe(before.sourceId);
    expect(after.attributes.dn).toContain('Somebody else');
  });

  test('why a bind is refused is told, and the password is not', async () => {
    const read = async (bind: LdapOptions['bind']) => {
      const error = await readAll({ bind }).catch((thrown: unknown) => thrown as Error & { detail: string });
      return error instanceof Error ? error : new Error('was let in');
    };
    const wrong = await read({ dn: samba.reader.dn, password: 'Wrong-4711' });
    expect(wrong).toMatchObject({ code: 'source_unauthorized' });
    expect(`${JSON.stringify(wrong)} ${wrong.stack}`).not.toContain('4711');
  });
});
