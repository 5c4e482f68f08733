import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { SourcePerson } from '../../model/source-person.ts';
import {
  type Asked,
  type Script,
  type ScriptedAnswer,
  type ScriptedEntry,
  scriptedLdap,
} from './contract/scripted-ldap.ts';
import { frames } from './frames.ts';
import { type LdapOptions, ldapSource } from './ldap-source.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const base = 'OU=Staff,DC=acme,DC=test';
const guidBytes = (at: number) =>
  Uint8Array.from({ length: 16 }, (_, byte) => (byte === 15 ? at : byte === 14 ? 255 : byte));
const person = (at: number, more: ScriptedEntry['attributes'] = {}): ScriptedEntry => ({
  dn: `CN=P${at},${base}`,
  attributes: { objectGUID: [guidBytes(at)], userAccountControl: ['512'], mail: [`p${at}@acme.test`], ...more },
});
const people = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => person(from + at));

async function readFrom(script: Script, more: Partial<LdapOptions> = {}) {
  const server = await scriptedLdap(script);
  closing.push(server.close);
  const source = ldapSource({
    name: 'ad',
    flavour: 'ad',
    url: server.url,
    bind: { dn: 'foreknow@acme.test', password: 'of the tests' },
    bases: [base],
    timeoutMs: 2000,
    ...more,
  });
  const read = await source.read({ keep: new Set(['mail']), signal: new AbortController().signal });
  const found: SourcePerson[] = [];
  let error: (Error & { code?: string; detail?: string }) | null = null;
  try {
    for await (const one of read.people) found.push(one);
  } catch (thrown) {
    error = thrown as Error;
  }
  return { people: found, error, proof: await read.done(), sent: server.sent() };
}
/** Pages in their order, each leading to the next. */
const inPages =
  (pages: readonly ScriptedAnswer[]) =>
  (asked: Asked): ScriptedAnswer => {
    const at = Number(asked.cookie ?? 0);
    return { cookie: at + 1 < pages.length ? String(at + 1) : '', ...pages[at]! };
  };

test('a page without entries is not the end while the server has a cookie', async () => {
  const { people: found, proof } = await readFrom({
    search: inPages([{ entries: people(0, 3) }, {}, {}, { entries: people(3, 5) }, {}]),
  });
  expect(found).toHaveLength(5);
  expect(proof).toEqual({ state: 'complete', words: '5 people in 5 pages, ended by the server.' });
});

test('a server that says nothing about pages proves nothing', async () => {
  const { people: found, proof } = await readFrom({ search: () => ({ entries: people(0, 3) }) });
  expect(found).toHaveLength(3);
  expect(proof).toMatchObject({ state: 'unproven', words: expect.stringContaining('did not mark the last page') });
});

test('parts of the tree that are elsewhere are not followed, and make it unproven; partitions of the domain are none', async () => {
  const own = [
    'ldap://ForestDnsZones.acme.test/DC=ForestDnsZones,DC=acme,DC=test',
    'ldap://DomainDnsZones.acme.test/DC=DomainDnsZones,DC=acme,DC=test',
    'ldaps://acme.test/CN=Configuration,DC=acme,DC=test',
  ];
  expect((await readFrom({ search: inPages([{ entries: people(0, 3), referrals: own }]) })).proof.state).toBe(
    'complete',
  );
  const child = ['ldap://child.acme.test/DC=child,DC=acme,DC=test'];
  expect((await readFrom({ search: inPages([{ entries: people(0, 3), referrals: child }]) })).proof).toMatchObject({
    state: 'unproven',
    words: expect.stringContaining('1 parts of the tree are on other servers'),
  });
});

test.each([
  [3, 'timeLimitExceeded'],
  [4, 'sizeLimitExceeded'],
  [10, 'referral'],
  [11, 'adminLimitExceeded'],
  [12, 'unavailableCriticalExtension'],
  [51, 'busy'],
  [99, 'another result'],
])('result %d (%s) after some pages is an incomplete read', async (code, name) => {
  const pages = [{ entries: people(0, 3) }, { entries: people(3, 5), code, cookie: '' }];
  const { error, proof } = await readFrom({ search: inPages(pages) });
  expect(error).toMatchObject({ code: 'source_rejected', detail: expect.stringContaining(name) });
  expect(proof.state).toBe('incomplete');
});

test.each(['silence', 'hang up', 'notice', 'garbage'] as const)(
  '%s in the middle is an incomplete read',
  async (what) => {
    const { error, proof } = await readFrom(
      { search: (asked) => (asked.cookie === null ? { entries: people(0, 3), cookie: '1' } : what) },
      { timeoutMs: 200 },
    );
    expect(error!.code).toMatch(/^source_(unreachable|invalid)$/);
    expect(proof.state).toBe('incomplete');
  },
);

test('a server that says that it closes the connection is believed at once', async () => {
  const { error } = await readFrom({ search: () => 'notice' }, { timeoutMs: 20_000 });
  expect(error).toMatchObject({ code: 'source_unreachable', detail: 'The directory closes the connection.' });
});

test('accounts of the domain itself are left out by their number too', async () => {
  // S-1-5-21-1-1-1-500 and -1104: the last four bytes, little-endian.
  const sid = (rid: number) =>
    Uint8Array.from([
      1,
      5,
      0,
      0,
      0,
      0,
      0,
      5,
      21,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      rid & 255,
      rid >> 8,
      0,
      0,
    ]);
  const entries = [person(1, { objectSid: [sid(500)] }), person(2, { objectSid: [sid(1104)] })];
  const { people: found, proof } = await readFrom({ search: inPages([{ entries }]) });
  expect(found.map(({ attributes }) => attributes.mail)).toEqual(['p2@acme.test']);
  expect(proof.state).toBe('complete');
});

test('somebody whose flags cannot be read is not shown, and does not count as gone', async () => {
  const entries = [...people(0, 2), person(7, { userAccountControl: [] })];
  const { people: found, proof } = await readFrom({ search: inPages([{ entries }]) });
  expect(found).toHaveLength(2);
  expect(proof).toMatchObject({
    state: 'unproven',
    words: expect.stringContaining('1 entries without objectGUID or userAccountControl'),
  });
});

const long = Array.from({ length: 7 }, (_, at) => `CN=G${at},OU=Groups,DC=acme,DC=test`);
const inPortions =
  (size: number) =>
  (asked: Asked): ScriptedAnswer => {
    const from = Number(/^memberof;range=(\d+)-\*$/.exec(asked.attributes[0] ?? '')?.[1] ?? 0);
    const to = Math.min(from + size, long.length);
    const range = `memberOf;range=${from}-${to === long.length ? '*' : to - 1}`;
    const attributes = { [range]: long.slice(from, to), ...(from === 0 ? { memberOf: [] } : {}) };
    if (from > 0) return { entries: [{ dn: asked.base, attributes }] };
    return { entries: [person(1, attributes)], cookie: '' };
  };

test.each([3, 6, 7])('a list that comes %d at a time is put together', async (size) => {
  const { people: found, proof } = await readFrom({ search: inPortions(size) });
  expect(found[0]!.groups).toEqual(['G0', 'G1', 'G2', 'G3', 'G4', 'G5', 'G6']);
  expect(proof.state).toBe('complete');
});

test('a list whose rest does not come is an incomplete read, and no shorter list', async () => {
  const {
    people: found,
    error,
    proof,
  } = await readFrom({
    search: (asked) => (asked.base === base ? inPortions(3)(asked) : { entries: [] }),
  });
  expect(found).toEqual([]);
  expect(error).toMatchObject({ code: 'source_invalid' });
  expect(proof.state).toBe('incomplete');
});

test('groups that are not read to their end stop the read before anybody is shown', async () => {
  const groups = 'OU=Groups,DC=acme,DC=test';
  const read = (answer: ScriptedAnswer) =>
    readFrom(
      { search: (asked) => (asked.base === groups ? answer : { entries: people(0, 2), cookie: '' }) },
      { groups: { by: 'search', bases: [groups] } },
    );
  const group = { dn: `CN=G,${groups}`, attributes: { cn: ['G'], member: [`cn=p1,${base}`] } };
  const whole = await read({ entries: [group], cookie: '' });
  expect(whole.people.map((one) => one.groups)).toEqual([[], ['G']]);
  for (const broken of [
    { entries: [group] },
    { entries: [group], code: 4 },
    { entries: [group], cookie: '', referrals: ['ldap://x.test/DC=x'] },
  ]) {
    const { people: found, proof } = await read(broken);
    expect(found).toEqual([]);
    expect(proof.state).toBe('incomplete');
  }
});

test('words that come before TLS begins are not believed', async () => {
  const forged = { code: 0, extra: Uint8Array.from([0x30, 0x0c, 2, 1, 2, 0x61, 7, 10, 1, 0, 4, 0, 4, 0]) };
  const { error, sent } = await readFrom({ startTls: forged }, { startTls: true });
  expect(error).toMatchObject({ code: 'source_invalid' });
  expect(sent).toBeLessThan(60);
});

test('a server that does not begin TLS gets no password', async () => {
  const { error, sent } = await readFrom({ startTls: { code: 2 } }, { startTls: true });
  expect(error).toMatchObject({ code: 'source_rejected', detail: expect.stringContaining('begin TLS') });
  expect(sent).toBeLessThan(30);
  const plain = await readFrom({ startTls: { code: 0 } }, { startTls: true, timeoutMs: 200 });
  expect(plain.error).toMatchObject({ code: 'source_unreachable' });
});

test('wherever the connection is cut, the read is not complete and shows nobody who is not there', async () => {
  const script = { search: inPages([{ entries: people(0, 4) }, { entries: people(4, 8) }, {}]) };
  const whole = await readFrom(script);
  expect(whole.proof.state).toBe('complete');
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.sent - 1 }), async (cutAfter) => {
      const { proof, people: found } = await readFrom({ ...script, cutAfter });
      expect(proof.state).toBe('incomplete');
      expect(whole.people.slice(0, found.length)).toEqual(found);
    }),
    { numRuns: 60 },
  );
});

test('messages are found however they arrive', () => {
  const body = fc.uint8Array({ minLength: 1, maxLength: 400 });
  const message = (bytes: Uint8Array) =>
    Buffer.concat([
      Buffer.from(bytes.length < 128 ? [0x30, bytes.length] : [0x30, 0x82, bytes.length >> 8, bytes.length & 255]),
      bytes,
    ]);
  fc.assert(
    fc.property(
      fc.array(body, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
      (bodies, sizes) => {
        const all = Buffer.concat(bodies.map(message));
        const found: Buffer[] = [];
        const feed = frames((frame) => void found.push(Buffer.from(frame)));
        for (let at = 0, turn = 0; at < all.length; turn += 1) {
          const to = at + sizes[turn % sizes.length]!;
          feed(all.subarray(at, to));
          at = to;
        }
        expect(found).toEqual(bodies.map(message));
      },
    ),
  );
});

test.each([
  ['what is no message', [0x31, 1, 0]],
  ['a length without an end', [0x30, 0x80, 0]],
  ['a length of 4 GB', [0x30, 0x84, 255, 255, 255, 255]],
])('%s is refused', (_, bytes) => {
  expect(() => frames(() => {})(Buffer.from(bytes))).toThrow(RangeError);
});
