import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Actor } from '../audit/ports.ts';
import type { ConfiguredCsv } from '../config/sources.ts';
import { profiles } from '../scim/profile.ts';
import { type Gateway, type GatewayOptions, type Notice, openGateway } from './gateway.ts';
import type { ScimInCall } from './scim-in.ts';

let folder: string;
let gateway: Gateway;
let notices: Notice[];
let now: Date;

const csv = (name: string, changes: Partial<ConfiguredCsv> = {}): ConfiguredCsv => ({
  ...{ name, kind: 'csv', everyMinutes: 60, from: join(folder, 'drop', `${name}_*.csv`), hostKeys: [], id: 'id' },
  ...{ key: undefined, passphrase: undefined, password: undefined, encoding: undefined, delimiter: undefined },
  ...{ columns: { id: 'id', mail: 'mail', title: 'title' }, lists: undefined, groups: undefined, active: undefined },
  ...{
    completeWhen: { trailer: '#END {rows}', rowsFile: undefined, digestFile: undefined, rowCountColumn: undefined },
  },
  settleMs: 0,
  ...changes,
});

const open = async (options: Partial<GatewayOptions> = {}): Promise<Gateway> =>
  openGateway({
    folder: join(folder, 'data'),
    // Each look at the clock is a moment later.
    now: () => {
      now = new Date(now.getTime() + 1);
      return now;
    },
    onNotice: (notice) => notices.push(notice),
    sources: {
      sources: [csv('hr'), csv('ad'), csv('hand', { from: 'upload' })],
      people: { from: ['hr', 'ad'], join: ['mail'], prefer: { title: 'ad' } },
    },
    ...options,
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-sources-'));
  mkdirSync(join(folder, 'drop'));
  notices = [];
  now = new Date('2026-11-21T10:00:00Z');
  gateway = await open();
});
afterEach(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

/** People as `id title`; their address is made of the id. */
const put = (source: string, people: readonly string[], end = `#END ${people.length}`): void => {
  const rows = people.map((person) => {
    const [id, title = ''] = person.split(' ');
    return `${id},p${id}@example.com,${title},secret-pay`;
  });
  writeFileSync(join(folder, 'drop', `${source}_1.csv`), ['id,mail,title,pay', ...rows, end, ''].join('\n'));
};
const noPeople = { from: [], join: [], prefer: {} };
const ids = (from: number, count: number): string[] => Array.from({ length: count }, (_, at) => `${from + at} Clerk`);

const actor: Actor = { kind: 'operator', id: 'mara', name: null, door: 'cli', from: null, requestId: null };
const entries = async (): Promise<readonly string[]> =>
  (await gateway.audit.entries({ after: 0, limit: 100, connectionIds: null })).map(
    ({ action, target, outcome, details }) => `${action} ${target} ${outcome} ${JSON.stringify(details)}`,
  );

test('a source is read, and its people are those of the mapping alone', async () => {
  put('hr', ['7 Clerk', '8 Boss']);
  const read = await gateway.as(actor).sources.read('hr', 'a test');
  expect(read).toMatchObject({ state: 'kept', people: 2, by: 'a test' });
  expect(await gateway.sources.person('hr', '7')).toMatchObject({
    attributes: { id: '7', mail: 'p7@example.com', title: 'Clerk' },
  });
  expect(await gateway.sources.get('hr')).toMatchObject({
    ...{ name: 'hr', known: { people: 2, absent: 0 }, isReading: false, lastCompleteAt: read.endedAt },
    lastRead: { id: read.id },
  });
  expect(await entries()).toEqual([`source.read hr done {"read":"${read.id}","people":2,"state":"kept"}`]);
});

test('a name that is not there is told with the nearest', async () => {
  await expect(gateway.sources.read('hrr', 'x')).rejects.toMatchObject({ code: 'not_found', hint: 'Did you mean hr?' });
});

test('several sources make one person, each attribute from the one that is preferred', async () => {
  put('hr', ['7 Clerk', '9 Temp']);
  put('ad', ['7 Engineer']);
  for (const name of ['hr', 'ad']) await gateway.sources.read(name, 'x');
  const { people, basis } = await gateway.sources.joined();
  expect(people.map(({ key, attributes, refs }) => [key, attributes.title, refs.length])).toEqual([
    ['hr:7', 'Engineer', 2],
    ['hr:9', 'Temp', 1],
  ]);
  expect(basis).toMatchObject([
    { name: 'hr', people: 2, state: 'complete', proof: 'the trailer says 2 rows, and so many are there' },
    { name: 'ad', people: 1, state: 'complete' },
  ]);
});

test('the basis says how the newest read ended, whatever is known', async () => {
  put('hr', ids(1, 50));
  expect((await gateway.sources.joined()).basis).toMatchObject([
    { state: 'incomplete', proof: 'It was never read.' },
    {},
  ]);
  await gateway.sources.read('hr', 'x');
  put('hr', ids(1, 20));
  const wrong = await gateway.sources.read('hr', 'x');
  expect((await gateway.sources.joined()).basis[0]).toMatchObject({ read: wrong.id, state: 'quarantined', people: 20 });
  expect((await gateway.sources.read('hr', 'x')).state).toBe('superseded');
  expect((await gateway.sources.joined()).basis[0]).toMatchObject({ read: wrong.id, state: 'quarantined' });
  put('hr', ids(1, 20), '');
  await gateway.sources.read('hr', 'x');
  expect((await gateway.sources.joined()).basis[0]).toMatchObject({ state: 'incomplete' });
  expect((await gateway.sources.joined()).people).toHaveLength(50);
});

test('a quarantined read is told, shown as waiting, and let in by two different people', async () => {
  put('hr', ids(1, 50));
  await gateway.sources.read('hr', 'x');
  put('hr', ids(1, 20));
  const read = await gateway.sources.read('hr', 'x');
  expect(notices.at(-1)?.message).toContain('It shows 20 people, 30 fewer than before.');
  expect((await gateway.sources.list())[0]).toMatchObject({
    waiting: { id: read.id },
    known: { people: 50, absent: 0 },
  });
  const accept = (id: string, digest = read.digest!) =>
    gateway.as(actor).sources.accept(read.id, digest, { id, name: id });
  await expect(accept('op_1', 'sha256:0')).rejects.toMatchObject({ code: 'plan_stale' });
  expect(await accept('op_1')).toMatchObject({ state: 'quarantined', approvals: [{ by: 'op_1' }] });
  await expect(accept('op_1')).rejects.toMatchObject({ code: 'second_person_needed' });
  expect(await accept('op_2')).toMatchObject({ state: 'accepted', counts: true });
  await expect(accept('op_3')).rejects.toMatchObject({ code: 'conflict' });
  expect((await gateway.sources.get('hr')).known).toEqual({ people: 50, absent: 30 });
  const outcomes = (await entries()).map((entry) => entry.split(' ').filter((_, at) => at !== 1 && at < 3));
  expect(outcomes).toEqual([
    ['source.read_accepted', 'refused'],
    ['source.read_accepted', 'done'],
    ['source.read_accepted', 'refused'],
    ['source.read_accepted', 'done'],
    ['source.read_accepted', 'refused'],
  ]);
});

test('the strictest of the rule files says what looks wrong, and what rules read is kept', async () => {
  const rules = (name: string, guards: string): { file: string; connection: string } => {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(file, `version: 1\nmap: { email: mail, comment: pay }\nguards: ${guards}\n`);
    return { file, connection: name };
  };
  await gateway.close();
  gateway = await open({
    sources: { sources: [csv('hr', { columns: undefined })], people: { from: ['hr'], join: [], prefer: {} } },
    provisioning: {
      rules: [rules('one', '{ data: { changed: 90% } }'), rules('two', '{ data: { changed: 10% } }')],
    },
  });
  put('hr', ids(1, 50));
  await gateway.sources.read('hr', 'x');
  expect((await gateway.sources.person('hr', '1'))?.attributes).toEqual({ mail: 'p1@example.com', pay: 'secret-pay' });
  writeFileSync(
    join(folder, 'drop', 'hr_1.csv'),
    [
      'id,mail,pay',
      ...ids(1, 50).map((_, at) => `${at + 1},p${at + 1}@example.com,${at < 6 ? 'more' : 'secret-pay'}`),
      '#END 50',
      '',
    ].join('\n'),
  );
  expect((await gateway.sources.read('hr', 'x')).findings).toMatchObject([
    { guard: 'changed', attribute: 'pay', limit: 0.1 },
  ]);
});

test('a file that is handed in is read; a source that is a directory takes none', async () => {
  const content = () => Readable.from([Buffer.from('id,mail,title\n7,p7@example.com,Clerk\n#END 1\n')]);
  const upload = { content: content(), name: 'people.csv' };
  expect(await gateway.as(actor).sources.upload('hand', upload, 'x')).toMatchObject({ state: 'kept', people: 1 });
  expect(await gateway.sources.read('hand', 'x')).toMatchObject({ state: 'incomplete', error: { code: 'not_found' } });
});

test('somebody who was erased is gone, stays out of later reads, and is named nowhere', async () => {
  put('hr', ['7 Clerk', '8 Boss']);
  await gateway.sources.read('hr', 'x');
  expect(await gateway.as(actor).sources.erasePerson('hr', '7')).toBe(true);
  expect(await gateway.sources.person('hr', '7')).toBeNull();
  put('hr', ['7 Clerk', '8 Boss', '9 Temp']);
  expect(await gateway.sources.read('hr', 'x')).toMatchObject({ people: 2 });
  expect(await gateway.sources.person('hr', '7')).toBeNull();
  expect((await entries()).join('\n')).not.toMatch(/"7"| 7 /);
  await gateway.vault.rotate();
  expect(await gateway.sources.read('hr', 'x')).toMatchObject({ people: 2 });
});

test('who was erased and is let in again is shown by the next read', async () => {
  put('hr', ['7 Clerk', '8 Boss']);
  await gateway.sources.erasePerson('hr', '7');
  await gateway.sources.read('hr', 'x');
  expect(await gateway.sources.person('hr', '7')).toBeNull();
  expect(await gateway.as(actor).sources.readmitPerson('hr', '7')).toBe(true);
  expect(await gateway.as(actor).sources.readmitPerson('hr', '7')).toBe(false);
  await gateway.sources.read('hr', 'x');
  expect(await gateway.sources.person('hr', '7')).not.toBeNull();
});

test('a provider that pushes somebody anew who was erased sees no error and brings nobody back, until they are let in again', async () => {
  await gateway.close();
  gateway = await open({
    sources: { sources: [{ name: 'push', kind: 'scim-in', profile: 'okta' }], people: noPeople },
  });
  const call: ScimInCall = {
    ...{ source: 'push', profile: profiles.okta, base: 'https://gw.example/scim/v2/push', query: {} },
    kind: 'User',
  };
  const amara = {
    ...{ userName: 'amara@example.com', externalId: '00u1', title: 'Controller' },
    name: { givenName: 'Amara', familyName: 'Lindqvist' },
  };
  const push = async (user: object) => String((await gateway.scimIn.resources.create(call, user)).resource?.id);
  const known = async (id: string) => {
    await gateway.sources.read('push', 'x');
    return (await gateway.sources.person('push', id))?.attributes ?? null;
  };
  const id = await push(amara);
  expect(await known(id)).toMatchObject({ job_title: 'Controller' });
  expect(await gateway.as(actor).sources.erasePerson('push', id)).toBe(true);
  await expect(gateway.scimIn.resources.get(call, id)).rejects.toMatchObject({ status: 404 });

  const again = await push({ ...amara, userName: 'amara.okafor@example.com' });
  expect(again).not.toBe(id);
  expect([await known(id), await known(again)]).toEqual([null, null]);
  const query = { connectionIds: null, families: ['provisioning'], after: null, order: 'desc', limit: 1 } as const;
  expect((await gateway.events.page({ ...query, types: ['source.person_kept_out'] })).events).toMatchObject([
    { connectionId: '', data: { source: { name: 'push', kind: 'scim-in' }, person: { id: again } } },
  ]);

  expect(await gateway.as(actor).sources.readmitPerson('push', 'amara.okafor@example.com')).toBe(true);
  await expect(gateway.scimIn.resources.get(call, again)).rejects.toMatchObject({ status: 404 });
  const back = await push(amara);
  expect(await known(back)).toMatchObject({ email: 'amara@example.com', job_title: 'Controller' });
});

test('a source is forgotten whole', async () => {
  put('hr', ['7 Clerk', '8 Boss']);
  await gateway.sources.read('hr', 'x');
  expect(await gateway.as(actor).sources.forget('hr')).toBe(2);
  expect(await gateway.sources.get('hr')).toMatchObject({ known: { people: 0, absent: 0 }, lastRead: null });
  expect(await entries()).toEqual(['source.forgotten hr done {"people":2}']);
});

test('sources that are due are read by themselves, those that are handed files are not', async () => {
  put('hr', ['7 Clerk']);
  const { promise, resolve } = Promise.withResolvers<void>();
  await gateway.close();
  gateway = await open({
    onNotice: (notice) => {
      notices.push(notice);
      // The folder of `ad` has no file: the last of the two that are due.
      if (notice.message.includes('source ad')) resolve();
    },
  });
  gateway.startWork();
  await promise;
  const views = await gateway.sources.list();
  expect(views.map(({ name, lastRead }) => [name, lastRead?.state, lastRead?.by])).toEqual([
    ['hr', 'kept', 'schedule'],
    ['ad', 'incomplete', 'schedule'],
    ['hand', undefined, undefined],
  ]);
});
