import { expect, test } from 'vitest';
import { failure, lab, people, person } from './lab.contract.ts';
import { type Habits, json } from './service.contract.ts';

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

test('a filter goes with every page', async () => {
  const { client, service } = lab({ mostRows: 2 });
  service.seed('users', [...people(5), { ...person(9), id: 'u-9' }]);
  const filter = 'externalId eq "key-9"';
  const list = client.users.list({ filter });
  const ids: string[] = [];
  for await (const { id } of list.records()) ids.push(id);
  expect(ids).toEqual(['u-9']);
  expect(list.proof()).toMatchObject({ complete: true, rows: 1 });
  expect(service.calls.map(({ query }) => query)).toEqual([filter, filter]);
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

test('a row that comes twice, or has no id, makes the read incomplete; so does one that has not begun', async () => {
  const { client, service } = lab();
  service.seed('users', people(150));
  const twice = client.users.list();
  expect(twice.proof()).toMatchObject({ complete: false, why: 'not_ended' });
  let rows = 0;
  for await (const _ of twice.records()) {
    rows += 1;
    if (rows !== 100) continue;
    // Somebody comes at the front as the first one goes to the end: the pages still fit together.
    const [first, ...others] = [...service.users];
    service.users.clear();
    service.seed('users', [{ ...person('new'), id: 'new' }]);
    for (const [key, row] of [...others, first!]) service.users.set(key, row);
  }
  expect(twice.proof()).toMatchObject({ complete: false, why: 'came_twice' });
  service.users.set('nameless', { userName: 'nameless@example.com' });
  const nameless = client.users.list();
  for await (const _ of nameless.records());
  expect(nameless.proof()).toMatchObject({ complete: false, why: 'no_id' });
});
