import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import type { SourcePerson } from '../model/source-person.ts';
import {
  entry,
  makeCertificates,
  personDn,
  personEntry,
  reader,
  startSlapd,
  suffix,
} from '../sources/ldap/contract/slapd.ts';
import type { Proof } from '../sources/source.ts';
import { openSource } from './open-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'foreknow-open-source-'));
const seen: (string | undefined)[] = [];
let server: Server;
let url: string;
beforeAll(async () => {
  makeCertificates(folder);
  const file = (name: string) => readFileSync(join(folder, name));
  server = createServer({ key: file('server.key'), cert: file('server.pem') }, (request, response) => {
    seen.push(request.headers.authorization);
    response.end(JSON.stringify({ data: [{ id: 7, mail: 'ada@acme.test' }], total: 1 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://localhost:${(server.address() as AddressInfo).port}/people`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** What a source of a configuration file gives, as it is opened by the gateway. */
async function readSources(text: string, keep: readonly string[], secret = 'Bearer of-the-tests') {
  const result = readConfig({
    text: `version: 1\nsources:\n${text}`,
    streams: [],
    readSecret: () => ({ value: secret }),
    resolvePath: (path) => join(folder, path),
  });
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  const deps = { store: null, spoolFolder: folder, now: () => new Date(0), egress: {} };
  const source = await openSource(result.config.sources[0]!, deps);
  const people: SourcePerson[] = [];
  let error: unknown = null;
  let proof: Proof;
  try {
    const read = await source.read({ keep: new Set(keep), signal: new AbortController().signal });
    try {
      for await (const person of read.people) people.push(person);
    } catch (thrown) {
      error = thrown;
    }
    proof = await read.done();
  } finally {
    await source.close?.();
  }
  return { people, proof, error };
}

const json = (more: string) =>
  `  - { name: hr, kind: json, url: "${url}", items: data, id: id, attributes: { email: mail }, complete_when: { total: total }${more} }`;

test('JSON is read over HTTPS with a CA of its own and the secret of the settings', async () => {
  const { people, proof } = await readSources(json(', ca: ca.pem, auth: { value: { env: HR } }'), ['email']);
  expect(people).toEqual([{ sourceId: '7', attributes: { email: 'ada@acme.test' }, groups: [], active: true }]);
  expect(proof.state).toBe('complete');
  expect(seen).toEqual(['Bearer of-the-tests']);
});

test('a server whose certificate does not hold is sent nothing', async () => {
  seen.length = 0;
  const { error, proof } = await readSources(json(', auth: { value: { env: HR } }'), ['email']);
  expect(error).toMatchObject({ code: 'source_unreachable', detail: expect.stringMatching(/UNABLE_TO_VERIFY|CERT/) });
  expect(proof.state).toBe('incomplete');
  expect(seen).toEqual([]);
});

test.skipIf(!inject('slapd'))('a directory is read as the settings say', async () => {
  const group = (cn: string, member: string) =>
    entry(`cn=${cn},ou=groups,${suffix}`, { objectClass: 'groupOfNames', cn, member });
  const slapd = await startSlapd(
    [
      ...[0, 1, 2].map((at) => personEntry(at, at === 2 ? { description: 'left' } : {})),
      group('Finance', personDn(0)),
      group('Hidden', personDn(1)),
      group('All', `cn=Finance,ou=groups,${suffix}`),
    ].join('\n'),
  );
  try {
    writeFileSync(join(folder, 'ldap.pem'), slapd.ca);
    const { people, proof } = await readSources(
      `
  - name: directory
    kind: ldap
    flavour: openldap
    url: ${slapd.secure}
    ca: ldap.pem
    base: ou=people,${suffix}
    bind: { dn: "${reader.dn}", password: { env: LDAP } }
    attributes: { email: mail }
    groups: { from: search, base: "ou=groups,${suffix}", filter: (!(cn=Hidden)), nested: true }
    active: { attribute: description, is_not: [left] }
    filter: (employeeNumber=E*)`,
      ['email'],
      reader.password,
    );
    expect(people.map(({ attributes, active, groups }) => [attributes.email, active, groups.join()])).toEqual([
      ['p0@acme.test', true, 'All,Finance'],
      ['p1@acme.test', true, ''],
      ['p2@acme.test', false, ''],
    ]);
    expect(proof.state).toBe('complete');
  } finally {
    await slapd.stop();
  }
});
