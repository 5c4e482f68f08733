import { afterAll, beforeAll, expect, test } from 'vitest';
import { rawAccount, rawGroup, rawUser } from '../store/contract/mirror.ts';
import { type TestDatabase, testDatabase } from '../store/contract/test-database.ts';
import { openDoor } from './contract/door.ts';
import { mirroredGateway } from './contract/mirrored.ts';

type Side = { get(path: string): Promise<{ status: number; body: unknown }>; close(): Promise<void> };

const clock = () => new Date('2026-11-20T09:00:00.000Z');
const names = ['Ånders', 'Zoe', 'ada', 'Ben', '_under', 'Émile', '李', 'ben', null];
const people = Array.from({ length: 30 }, (_, index) =>
  rawUser(index + 1, {
    first_name: names[index % names.length],
    groups: index % 3 === 0 ? [7] : [7, 8],
    department: index % 2 === 0 ? 'Sales' : null,
    status: index % 5 === 0 ? 'archived' : 'active',
    current_risk_score: index % 4 === 0 ? null : index / 7,
    last_sign_in: index % 6 === 0 ? '2026-10-01T00:00:00.000Z' : null,
  }),
);
const contents = {
  acme: {
    account: [rawAccount({ admins: [{ id: 3, first_name: 'A', last_name: 'B', email: 'a@example.com' }] })],
    groups: [rawGroup(7, { member_count: 30 }), rawGroup(8, { name: 'aa' }), rawGroup(9, { status: 'archived' })],
    users: people,
    removedUsers: ['25'],
  },
  beta: { account: [rawAccount({ name: 'Beta' })], users: [rawUser(1, { first_name: 'Beta' })] },
};

async function opened(databaseUrl?: string): Promise<Side> {
  const mirrored = await mirroredGateway(contents, clock, databaseUrl);
  const door = await openDoor({ gateway: mirrored.gateway, now: clock });
  const bound = {
    name: 'test',
    scopes: ['directory', 'risk', 'training', 'phishing.identified'] as const,
    connections: ['con_1'],
  };
  const { secret } = await mirrored.gateway.tokens.create(bound);
  return {
    get: (path) => door.call(path, { token: secret }),
    close: async () => {
      await door.close();
      await mirrored.close();
    },
  };
}

let database: TestDatabase;
let sides: readonly [sqlite: Side, postgres: Side];
beforeAll(async () => {
  database = await testDatabase();
  sides = [await opened(), await opened(database.url)];
});
afterAll(async () => {
  for (const side of sides) await side.close();
  await database.remove();
});

const sorts = ['id', 'created_at', 'updated_at', 'first_name', 'name', 'status', 'last_login_at', 'last_active_at'];
const users = '/unified/user-directory/users?limit=7';
const persons = '/api/v1/people?connection_id=con_1&limit=7';
const queries = [
  ...sorts.flatMap((by) => ['asc', 'desc'].map((order) => `${users}&sort_by[${by}]=${order}`)),
  ...['asc', 'desc'].map((order) => `${persons}&sort_by[risk_score]=${order}`),
  `${users}&group_id=8`,
  `${users}&first_name=%C3%85nders`,
  `${users}&status=inactive`,
  `${users}&x_deleted=show`,
  `${users}&name[like]=a%25`,
  `${persons}&search=BEN`,
  `${persons}&search=%25`,
  '/unified/user-directory/groups?limit=2&sort_by[name]=asc',
  '/unified/user-directory/users/3',
  '/unified/user-directory/users/25',
  '/unified/user-directory/users/3%00',
  '/unified/user-directory/roles?limit=9',
  '/unified/user-directory/organizations?limit=9',
];

test.each(queries)('both engines answer %s alike, page by page', async (query) => {
  const [sqlite, postgres] = await Promise.all(sides.map((side) => everyPage(side, query)));
  expect(postgres).toEqual(sqlite);
});

/** Every page of a list, without what is each side's own: cursors are sealed with its key, requests are numbered. */
async function everyPage({ get }: Side, query: string): Promise<readonly unknown[]> {
  const pages: unknown[] = [];
  for (let cursor = ''; pages.length < 20; ) {
    const { status, body } = await get(cursor === '' ? query : `${query}&next_cursor=${encodeURIComponent(cursor)}`);
    expect([200, 404]).toContain(status);
    const text = JSON.stringify(body).replace(/"(next_cursor|prev_cursor|request_id)":"[^"]*"/g, '"$1":"there"');
    pages.push({ status, body: JSON.parse(text) });
    cursor = (body as { next_cursor?: string | null }).next_cursor ?? '';
    if (cursor === '') break;
  }
  return pages;
}
