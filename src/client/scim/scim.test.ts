import { describe, expect, test } from 'vitest';
import { isForeknowError } from '../../errors/errors.ts';
import { noLimits } from '../client.ts';
import { createLimiter } from '../transport/limiter.ts';
import { type ScimClientOptions, scimRefusalOf } from './ask.ts';
import { createScimClient } from './client.ts';
import { type Habits, json, scimService } from './service.contract.ts';

const TOKEN = 'sk-31f7-secret';

/** A service with habits, and a client whose waits only move the clock. */
function lab(habits: Partial<Habits> = {}, more: Partial<ScimClientOptions> = {}) {
  const service = scimService(habits);
  const clock = { now: Date.parse('2026-11-21T10:00:00Z') };
  const slept: number[] = [];
  const sleep = async (ms: number) => {
    slept.push(ms);
    clock.now += ms;
  };
  const now = () => clock.now;
  const world = { now, sleep, random: () => 0.5 };
  const clientOf = () =>
    createScimClient({
      ...{ tenantUrl: 'https://scim.example.com/scim/', token: TOKEN, fetch: service.fetch, ...world },
      limiter: createLimiter({ limits: noLimits, ...world }),
      ...more,
    });
  return { service, client: clientOf(), clientOf, clock, slept };
}

const person = (n: number | string, more = {}) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  externalId: `key-${n}`,
  userName: `person.${n}@example.com`,
  active: true,
  name: { givenName: 'Ada', familyName: `Number ${n}` },
  ...more,
});
const people = (count: number) => Array.from({ length: count }, (_, n) => ({ ...person(n), id: `u-${n}` }));

async function failure(promise: Promise<unknown>) {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(isForeknowError(error), String(error)).toBe(true);
  return error as import('../../errors/errors.ts').ForeknowError;
}

const methods = (service: ReturnType<typeof scimService>) => service.calls.map(({ method }) => method);

describe('creating', () => {
  test('asks first, makes once, and asks for both names at once as soon as that is known to work', async () => {
    const { client, service } = lab();
    const first = await client.users.create(person(1));
    expect(first).toMatchObject({ outcome: 'created', record: { id: 's-1', externalId: 'key-1' } });
    // Both names one by one, the POST, and three questions to find out about `or`.
    expect(methods(service)).toEqual(['GET', 'GET', 'POST', 'GET', 'GET', 'GET']);
    service.calls.length = 0;
    for (const n of [2, 3, 4]) await client.users.create(person(n));
    expect(methods(service)).toEqual(['GET', 'POST', 'GET', 'POST', 'GET', 'POST']);
    expect(service.calls[0]!.query).toBe('externalId eq "key-2" or userName eq "person.2@example.com"');
    expect(service.users.size).toBe(4);
  });

  test.each(['refused', 'nothing', 'everybody'] as const)('a filter with `or` that is %s is not used', async (or) => {
    const { client, service } = lab({ or });
    await client.users.create(person(1));
    service.calls.length = 0;
    await client.users.create(person(2));
    expect(methods(service)).toEqual(['GET', 'GET', 'POST']);
  });

  test('a user whose answer was lost is found, not made again', async () => {
    const { client, service } = lab();
    service.when(({ method }) => (method === 'POST' ? 'lost' : undefined));
    const made = await client.users.create(person(1));
    expect(made).toMatchObject({ outcome: 'created', record: { id: 's-1' } });
    expect(service.users.size).toBe(1);
  });

  test('a lost answer at a service that forgets externalId and lets names be taken twice: still one', async () => {
    const { client, service } = lab({ keepsExternalId: false, unique: false });
    service.when(({ method }) => (method === 'POST' ? 'lost' : undefined));
    await client.users.create(person(1));
    expect(service.users.size).toBe(1);
  });

  test('what never arrived is sent again', async () => {
    const { client, service, slept } = lab();
    let drops = 2;
    service.when(({ method }) => (method === 'POST' && drops-- > 0 ? 'dropped' : undefined));
    expect(await client.users.create(person(1))).toMatchObject({ outcome: 'created' });
    expect(service.users.size).toBe(1);
    expect(slept.length).toBe(2);
  });

  test('when nothing answers any more, the error says that it is open', async () => {
    const { client, service } = lab();
    let posted = false;
    service.when(({ method }) => {
      if (method === 'POST') posted = true;
      return posted ? 'dropped' : undefined;
    });
    const error = await failure(client.users.create(person(1)));
    expect(error).toMatchObject({ code: 'remote_unavailable', isOpen: true });
  });

  test('429s are waited for and are no doubt', async () => {
    const { client, service, clock } = lab();
    let refusals = 3;
    const start = clock.now;
    service.when(({ method }) =>
      method === 'POST' && refusals-- > 0 ? json(429, {}, { 'retry-after': '7' }) : undefined,
    );
    await client.users.create(person(1));
    expect(methods(service).filter((method) => method === 'POST')).toHaveLength(4);
    expect(clock.now - start).toBeGreaterThanOrEqual(21_000);
    expect(service.users.size).toBe(1);
  });

  test('Retry-After as a date is waited for', async () => {
    const { client, service, clock } = lab();
    const start = clock.now;
    const at = new Date(start + 45_000).toUTCString();
    let refusals = 1;
    service.when(({ method }) =>
      method === 'POST' && refusals-- > 0 ? json(429, {}, { 'retry-after': at }) : undefined,
    );
    await client.users.create(person(1));
    expect(clock.now - start).toBeGreaterThanOrEqual(45_000);
  });

  test('somebody else’s name is a conflict, and nothing is written', async () => {
    const { client, service } = lab();
    service.seed('users', [{ ...person(1), id: 'u-1', externalId: 'another' }]);
    expect(await failure(client.users.create(person(1)))).toMatchObject({ code: 'conflict' });
    service.seed('users', [{ ...person(1), id: 'u-1', externalId: undefined, title: 'Boss' }]);
    expect(await failure(client.users.create(person(1, { title: 'Clerk' })))).toMatchObject({ code: 'conflict' });
    service.seed('users', [{ ...person(1), id: 'u-1', userName: 'older@example.com' }]);
    expect(await failure(client.users.create(person(1)))).toMatchObject({
      code: 'conflict',
      detail: expect.stringContaining('another userName'),
    });
    service.seed('users', [
      { ...person(1), id: 'u-1', userName: 'older@example.com' },
      { ...person(2), id: 'u-2', userName: 'person.1@example.com' },
    ]);
    expect(await failure(client.users.create(person(1)))).toMatchObject({
      detail: expect.stringContaining('2 resources'),
    });
    expect(methods(service)).not.toContain('POST');
  });

  test('a name that only differs in letter case is found, also where letters are compared one by one', async () => {
    const { client, service } = lab({ filters: 'letter_by_letter', unique: false });
    service.seed('users', [{ ...person(1), id: 'u-1' }]);
    const made = await client.users.create(person(1, { externalId: 'key-1', userName: 'Person.1@Example.com' }));
    expect(made).toMatchObject({ outcome: 'found', record: { id: 'u-1' } });
  });

  test('where the service shows others than were asked for, nothing is believed and nothing written', async () => {
    const { client, service } = lab({ filters: 'ignored' });
    service.seed('users', people(3));
    expect(await failure(client.users.create(person('new')))).toMatchObject({ code: 'remote_invalid' });
    expect(methods(service)).not.toContain('POST');
  });

  test('an answer that is no list is no proof that nobody is there', async () => {
    const { client, service } = lab();
    service.when(({ method }) => (method === 'GET' ? json(200, { hello: 'there' }) : undefined));
    expect(await failure(client.users.create(person(1)))).toMatchObject({ code: 'remote_invalid' });
    service.when(({ method }) => (method === 'GET' ? json(200, { totalResults: 1, Resources: [] }) : undefined));
    expect(await failure(client.users.find({ userName: 'x' }))).toMatchObject({ code: 'remote_invalid' });
    expect(methods(service)).not.toContain('POST');
  });

  test('a search that answers 404 as SCIM has it found nobody; another 404 is an error', async () => {
    const { client, service } = lab();
    service.when(() => json(404, { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: 404 }));
    expect(await client.users.find({ userName: 'x@example.com' })).toEqual([]);
    service.when(() => new Response('<html>', { status: 404 }));
    expect(await failure(client.users.find({ userName: 'x@example.com' }))).toMatchObject({ code: 'remote_not_found' });
  });

  test('groups are made once by their name', async () => {
    const { client, service } = lab();
    service.when(({ method }) => (method === 'POST' ? 'lost' : undefined));
    const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'New hires' };
    expect(await client.groups.create(group)).toMatchObject({ record: { id: 's-1' } });
    expect(await client.groups.create(group)).toMatchObject({ outcome: 'found' });
    expect(service.groups.size).toBe(1);
  });
});

describe('lists', () => {
  const read = async (habits: Partial<Habits>, rows: number) => {
    const { client, service } = lab(habits);
    service.seed('users', people(rows));
    const list = client.users.list();
    const ids: string[] = [];
    for await (const { id } of list.records()) ids.push(id);
    return { ids, proof: list.proof(), service };
  };

  test.each([0, 1, 2, 99, 100, 101, 199, 200, 250])('%i rows are read whole', async (rows) => {
    const { ids, proof } = await read({}, rows);
    expect(ids).toEqual(people(rows).map(({ id }) => id));
    expect(proof).toMatchObject({ complete: true, why: null, rows, stated: rows });
  });

  test.each([
    { totals: 'page' },
    { totals: 'left' },
    { behindEnd: 'first_page' },
    { mostRows: 7 },
    { mostRows: 7, totals: 'page', behindEnd: 'first_page' },
  ] satisfies Partial<Habits>[])('a service that has %o is read whole', async (habits) => {
    for (const rows of [1, 7, 8, 250]) {
      const { ids, proof } = await read(habits, rows);
      expect(ids, `${rows} rows`).toHaveLength(rows);
      expect(proof.complete, `${rows} rows`).toBe(true);
    }
  });

  test('what cannot be whole is told as such', async () => {
    expect((await read({ totals: 'twice' }, 150)).proof).toMatchObject({ complete: false, why: 'fewer_than_stated' });
    expect((await read({ ignoresStart: true }, 150)).proof).toMatchObject({ complete: false, why: 'start_ignored' });
    expect((await read({ mostRows: 1 }, 3)).proof).toMatchObject({ complete: false, why: 'pages_of_one' });
  });

  test('a row that goes, comes or changes its place between two pages makes the read incomplete', async () => {
    for (const change of ['gone', 'came', 'moved'] as const) {
      const { client, service } = lab();
      service.seed('users', people(250));
      const list = client.users.list();
      let rows = 0;
      for await (const _ of list.records()) {
        rows += 1;
        if (rows !== 100) continue;
        const [[id, first]] = [...service.users] as [[string, Record<string, unknown>]];
        if (change !== 'came') service.users.delete(id);
        if (change === 'moved') service.users.set(id, first);
        if (change === 'came') {
          const kept = [...service.users];
          service.users.clear();
          for (const [key, row] of [['new', { ...person('new'), id: 'new' }] as const, ...kept])
            service.users.set(key, row);
        }
      }
      expect(list.proof().complete, change).toBe(false);
    }
  });

  test('a read that is left or fails is not complete', async () => {
    const { client, service } = lab();
    service.seed('users', people(250));
    const left = client.users.list();
    for await (const _ of left.records()) break;
    expect(left.proof()).toMatchObject({ complete: false, why: 'not_ended' });
    const failed = client.users.list();
    service.when((_, index) => (index > 2 ? json(400, {}) : undefined));
    await failure(
      (async () => {
        for await (const _ of failed.records());
      })(),
    );
    expect(failed.proof().complete).toBe(false);
  });
});

describe('changing', () => {
  const withOne = (habits: Partial<Habits> = {}) => {
    const made = lab(habits);
    made.service.seed('users', [
      { ...person(1), id: 'u-1', nickName: 'Addy', emails: [{ type: 'work', value: 'a@b.c' }] },
    ]);
    return made;
  };

  test('a PATCH holds the changed paths alone, in lower case, with real booleans', async () => {
    const { client, service } = withOne();
    await client.users.change('u-1', [{ op: 'replace', path: 'title', value: 'Clerk' }]);
    await client.users.setActive('u-1', false);
    expect(service.calls.map(({ method, body }) => [method, body])).toEqual([
      [
        'PATCH',
        {
          schemas: [expect.stringContaining('PatchOp')],
          Operations: [{ op: 'replace', path: 'title', value: 'Clerk' }],
        },
      ],
      [
        'PATCH',
        {
          schemas: [expect.stringContaining('PatchOp')],
          Operations: [{ op: 'replace', path: 'active', value: false }],
        },
      ],
    ]);
  });

  test.each([204, 'empty_200'] as const)('where the answer (%s) shows nothing, it is read again', async (patch) => {
    const { client, service } = withOne({ patch });
    const changed = await client.users.change('u-1', [{ op: 'replace', path: 'title', value: 'Clerk' }]);
    expect(changed).toMatchObject({ id: 'u-1', title: 'Clerk' });
    expect(methods(service)).toEqual(['PATCH', 'GET']);
  });

  test('a 412 is tried once more', async () => {
    const { client, service } = withOne();
    service.when((_, index) => (index === 0 ? json(412, {}) : undefined));
    expect(await client.users.change('u-1', [{ op: 'replace', path: 'title', value: 'Clerk' }])).toMatchObject({
      title: 'Clerk',
    });
    service.when(() => json(412, {}));
    expect(scimRefusalOf(await failure(client.users.setActive('u-1', false)))?.status).toBe(412);
    expect(methods(service)).toHaveLength(4);
  });

  test('an id that is stale is told as such, with what the service said', async () => {
    const { client } = withOne({ statusIsNumber: true });
    const error = await failure(client.users.setActive('gone/one', true));
    expect(error).toMatchObject({ code: 'remote_not_found' });
    expect(scimRefusalOf(error)).toEqual({ status: 404, scimType: null, detail: 'No such resource' });
  });

  test('a deactivation that does not show is no success', async () => {
    const { client, service } = withOne();
    service.when(({ method }) => (method === 'PATCH' ? json(200, { ...person(1), id: 'u-1' }) : undefined));
    expect(await failure(client.users.setActive('u-1', false))).toMatchObject({ code: 'remote_rejected' });
  });
});

describe('members', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, n) => `u-${n}`);
  const withGroup = (habits: Partial<Habits> = {}, members = 0) => {
    const made = lab(habits);
    made.service.seed('groups', [{ id: 'g-1', displayName: 'All', members: ids(members).map((value) => ({ value })) }]);
    return made;
  };
  const membersOf = ({ service }: ReturnType<typeof lab>) =>
    (service.groups.get('g-1')!.members as { value: string }[]).map(({ value }) => value);

  test('are added and removed by difference, in batches of a hundred', async () => {
    const made = withGroup({}, 300);
    const { refused } = await made.client.groups.changeMembers('g-1', { add: ['new-1', 'new-2'], remove: ids(150) });
    expect(refused).toEqual([]);
    expect(membersOf(made)).toEqual([...ids(300).slice(150), 'new-1', 'new-2']);
    const operations = made.service.calls.map(({ body }) => body!.Operations as { op: string; path: string }[]);
    expect(operations.map((batch) => batch.length)).toEqual([1, 100, 50]);
    expect(operations[1]![0]).toEqual({ op: 'remove', path: 'members[value eq "u-0"]' });
    expect(operations.flat().every(({ op }) => op !== 'replace')).toBe(true);
  });

  test('batches that are too large are halved, and grow back slowly', async () => {
    const made = withGroup({ mostOperations: 30 });
    await made.client.groups.changeMembers('g-1', { add: ids(200) });
    expect(membersOf(made)).toEqual(ids(200));
    const sizes = made.service.calls.map(({ body }) => (body!.Operations as { value: unknown[] }[])[0]!.value.length);
    expect(sizes.slice(0, 4)).toEqual([100, 50, 25, 32]);
  });

  test('the one that is refused is found and told; the others go through', async () => {
    const made = withGroup();
    made.service.when(({ body }) => (JSON.stringify(body).includes('"u-77"') ? json(400, {}) : undefined));
    const { refused } = await made.client.groups.changeMembers('g-1', { add: ids(120) });
    expect(refused.map(({ id }) => id)).toEqual(['u-77']);
    expect(membersOf(made)).toEqual(ids(120).filter((id) => id !== 'u-77'));
  });

  test('whoever is gone already is removed', async () => {
    const made = withGroup({ removesGone: 'noTarget' }, 4);
    const { refused } = await made.client.groups.changeMembers('g-1', { remove: ['u-1', 'somebody', 'u-3'] });
    expect(refused).toEqual([]);
    expect(membersOf(made)).toEqual(['u-0', 'u-2']);
  });

  test('a service that takes none at all is not asked about each of a thousand', async () => {
    const made = withGroup({ patch: 501 });
    await failure(made.client.groups.changeMembers('g-1', { add: ids(1000) }));
    expect(made.service.calls.length).toBe(1);
    const refusing = withGroup({ patch: 'refused_400' });
    await failure(refusing.client.groups.changeMembers('g-1', { add: ids(1000) }));
    expect(refusing.service.calls.length).toBeLessThan(20);
  });

  test('an answer that does not come halves as well, and one member who stays without is an error', async () => {
    const made = withGroup();
    made.service.when(({ body }) =>
      (body!.Operations as { value: unknown[] }[])[0]!.value.length > 20 ? 'dropped' : undefined,
    );
    await made.client.groups.changeMembers('g-1', { add: ids(50) });
    expect(membersOf(made)).toEqual(ids(50));
    made.service.when(() => 'dropped');
    expect(await failure(made.client.groups.changeMembers('g-1', { add: ['x'] }))).toMatchObject({
      code: 'remote_unavailable',
    });
  });

  test('one membership can be asked for where lists are cut', async () => {
    const { client } = withGroup({ membersShown: 2 }, 5);
    expect(await client.groups.hasMember('g-1', 'u-4')).toBe(true);
    expect(await client.groups.hasMember('g-1', 'u-9')).toBe(false);
  });
});

describe('the service as a whole', () => {
  test.each([401, 403])('after a %i nothing more is asked', async (status) => {
    const { client, service } = lab();
    service.when(() => json(status, {}));
    const code = status === 401 ? 'connection_unauthorized' : 'connection_forbidden';
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => failure(client.users.get(`u-${n}`))));
    expect(all.every((error) => error.code === code)).toBe(true);
    expect(service.calls.length).toBeLessThanOrEqual(4);
    service.when(() => undefined);
    await failure(client.users.get('u-1'));
    expect(service.calls.length).toBeLessThanOrEqual(4);
  });

  test('what is not offered is null, and stops nothing', async () => {
    const { client, service } = lab();
    service.seed('users', people(1));
    expect(await client.discovery.serviceProviderConfig()).toBeNull();
    service.when(({ path }) => (path === '/Schemas' ? json(403, {}) : undefined));
    expect(await client.discovery.schemas()).toBeNull();
    expect(await client.users.get('u-0')).toMatchObject({ id: 'u-0' });
  });

  test('so many calls at a time as was said, and no more', async () => {
    let [running, most] = [0, 0];
    const slow: ScimClientOptions['fetch'] = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return json(404, {});
    };
    const { client } = lab({}, { fetch: slow, concurrency: 3 });
    await Promise.all(Array.from({ length: 30 }, () => client.users.get('x')));
    expect(most).toBe(3);
  });

  test('ids may hold anything, the token is shown to the service alone', async () => {
    const { client, service } = lab();
    service.seed('users', [{ ...person(1), id: 'a b/c?d' }]);
    expect(await client.users.get('a b/c?d')).toMatchObject({ id: 'a b/c?d' });
    service.when(() => json(400, { detail: `your token ${TOKEN} and\n\u0007 more`, schemas: [] }));
    const error = await failure(client.users.create(person(1)));
    expect(JSON.stringify([error.detail, error.hint, error.remote])).not.toContain(TOKEN);
    expect(error.detail).toBe('The SCIM service answered with status 400: your token [redacted] and more.');
  });
});
