import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createReportingClient, type ListRead, type Pagination, type ReportingClient } from '../client/index.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import { type FieldPolicy, strictestPolicy } from '../model/field-policy.ts';
import { endpoints } from '../reporting/endpoints.ts';
import { recordStreams } from '../store/row-tables.ts';
import { openStore } from '../store/store.ts';
import { streamNames } from '../sync/streams.ts';
import type { Scope } from '../tokens/token.ts';
import type { Read } from '../wire/records.ts';
import { openDoor } from './contract/door.ts';

/* KnowBe4's addresses over the whole gateway and the emulator, compared with what the emulator itself answers. */

const folder = mkdtempSync(join(tmpdir(), 'foreknow-knowbe4-'));
const everything: readonly Scope[] = ['directory', 'training', 'phishing.identified', 'risk'];
let emulator: Emulator;
let gateway: Gateway;
let door: Awaited<ReturnType<typeof openDoor>>;
let acme: string;
let live: string;
let mirror: string;

beforeAll(async () => {
  emulator = await startEmulator({ people: 130, limits: false });
  gateway = await openGateway({ folder, allowBaseUrls: true });
  door = await openDoor({ gateway, limits: { livePerTenSeconds: 100_000 } });
  acme = await connect('acme');
  await gateway.sync.run('acme', { level: 'full' });
  live = await accountToken('live');
  mirror = await accountToken('mirror');
}, 60_000);
afterAll(async () => {
  await door.close();
  await gateway.close();
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  emulator.clearFaults();
  emulator.resetRequests();
});

async function connect(name: string, limits: object = { perSecond: null, perMinute: null }): Promise<string> {
  const { connection } = await gateway.connections.connect({
    ...{ name, region: emulator.region, reportingToken: emulator.reportingToken, reportingUrl: emulator.url },
    settings: { limits, accountKey: name },
  });
  return connection.id;
}

async function accountToken(
  source: 'live' | 'mirror',
  own: { scopes?: readonly Scope[]; fieldPolicy?: FieldPolicy; connection?: string } = {},
): Promise<string> {
  const { connection = acme, scopes = everything, ...rest } = own;
  const made = { kind: 'account', connections: [connection], scopes, settings: { source }, expiresAt: null } as const;
  return (await gateway.tokens.derive({ ...made, ...rest }, null)).secret;
}

const answerOf = async (url: string, token: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}`, ...headers } });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
};
const direct = (path: string) => answerOf(`${emulator.url}/v1${path}`, emulator.reportingToken);
const through = (path: string, token: string, headers = {}) => answerOf(`${door.url}/v1${path}`, token, headers);
const jsonOf = ({ bytes }: { bytes: Buffer }) => JSON.parse(bytes.toString('utf8'));

/** Each of the 24 paths, with ids of the account. */
function everyPath(): readonly string[] {
  const truth = emulator.truth();
  const test = truth.recipients[0]!;
  const ids: Readonly<Record<string, readonly unknown[]>> = {
    users: [truth.users[0]!.id],
    groups: [truth.groups[0]!.id],
    campaigns: [truth.phishing_campaigns[0]!.campaign_id],
    security_tests: [test.pst_id],
    recipients: [test.recipient_id],
    store_purchases: [truth.store_purchases[0]!.store_purchase_id],
    policies: [truth.policies[0]!.policy_id],
    enrollments: [truth.enrollments[0]!.enrollment_id],
  };
  return endpoints.map((endpoint) =>
    endpoint
      .replace('/training/campaigns/:id', `/training/campaigns/${truth.training_campaigns[0]!.campaign_id}`)
      .replace(/(\w+)\/:\w+/g, (_, list: string) => `${list}/${String(ids[list]![0])}`),
  );
}

describe('live, without a field policy', () => {
  test('every path is answered with the bytes, the type and the cursors that KnowBe4 answers with', async () => {
    const paths = everyPath();
    expect(paths.length).toBe(24);
    const queried = paths.flatMap((path) => [
      path,
      `${path}?per_page=7&page=2`,
      `${path}?cursor=true&per_page=3&x=%C3%A9`,
    ]);
    const enrollments = (await direct('/training/enrollments?cursor=0&per_page=9')).headers.get('x-next-cursor')!;
    const more = [
      `/training/enrollments?cursor=${enrollments}&per_page=9`,
      '/users?status=archived&expand=group',
      '/users?per_page=abc&page=-1',
      '/training/enrollments?cursor=nonsense',
      '/users/1',
      '/phishing/security_tests?campaign_type=callback',
    ];
    for (const path of [...queried, ...more]) {
      const [wanted, got] = [await direct(path), await through(path, live)];
      expect([got.status, got.bytes.equals(wanted.bytes)], path).toEqual([wanted.status, true]);
      for (const name of ['content-type', 'x-next-cursor', 'link'])
        expect(got.headers.get(name), `${name} of ${path}`).toBe(wanted.headers.get(name));
      expect(got.headers.get('x-foreknow-source')).toBe('live');
      expect(got.headers.get('x-remote-request-id')).toEqual(expect.any(String));
    }
  }, 60_000);

  test('what KnowBe4 refuses comes as it came, pages of HTML too; its words are told apart from ours', async () => {
    for (const kind of ['server-error', 'html-error', 'error-body-200', 'html-body'] as const) {
      emulator.clearFaults();
      emulator.addFault({ kind, endpoint: 'groups', count: 'always' });
      const [wanted, got] = [await direct('/groups'), await through('/groups', live)];
      expect([kind, got.status, got.bytes.toString()]).toEqual([kind, wanted.status, wanted.bytes.toString()]);
      expect(got.headers.get('content-type')).toBe(wanted.headers.get('content-type'));
      expect(got.headers.get('x-foreknow-error')).toBeNull();
    }
  }, 60_000);

  test('links of KnowBe4 lead through the door, and work there', async () => {
    const other = await startEmulator({ people: 60, limits: false, profile: 'hostile', switches: { badToken: '401' } });
    const { connection } = await gateway.connections.connect({
      ...{ name: 'links', region: other.region, reportingToken: other.reportingToken, reportingUrl: other.url },
      settings: { limits: { perSecond: null, perMinute: null } },
    });
    const token = await accountToken('live', { connection: connection.id });
    const first = await through('/users?per_page=25&cursor=true', token);
    const [, target] = /<([^>]+)>; rel="next"/.exec(first.headers.get('link')!)!;
    expect(target).toMatch(/^\/v1\/users\?/);
    const second = await answerOf(door.url + target, token);
    expect(jsonOf(second).length).toBe(25);
    expect(jsonOf(second)[0].id).not.toBe(jsonOf(first)[0].id);
    await other.close();
  });

  test('the budget is told, and is what a call through the proxy would tell', async () => {
    const before = await through('/account', live);
    const after = await through('/account', live);
    expect(Number(before.headers.get('ratelimit-remaining')) - Number(after.headers.get('ratelimit-remaining'))).toBe(
      1,
    );
    const { budget } = await gateway.sync.status('acme');
    expect(Number(after.headers.get('ratelimit-limit'))).toBe(budget.limits.perDay);
  });

  test('a wait that is longer than clients wait is a 429 in the shape of the API, with the true time', async () => {
    const connection = await connect('slow', { perSecond: null, perMinute: 5 });
    const token = await accountToken('live', { connection });
    const answers = await Promise.all(Array.from({ length: 6 }, () => through('/account', token)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(jsonOf(answer).error).toBe('Rate limit exceeded');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(30);
      expect(answer.headers.get('x-foreknow-error')).toMatch(/rate_limited/);
      expect(answer.headers.get('ratelimit-remaining')).toBe('0');
    }
  });
});

const clientOf = (baseUrl: string, token: string, pagination: Pagination): ReportingClient =>
  createReportingClient({ region: emulator.region, baseUrl, token, limits: 'none', pagination });

/** Every list that the client has. */
function listsOf(client: ReportingClient): Readonly<Record<string, ListRead<{ id?: string }>>> {
  const truth = emulator.truth();
  const options = { perPage: 23, makeSure: true };
  const person = truth.users[3]!.id;
  const group = truth.users[0]!.groups[0]!;
  const test = truth.recipients[0]!.pst_id;
  const campaign = truth.phishing_campaigns[0]!.campaign_id;
  const { users, groups, phishing, training } = client;
  return {
    users: users.list({}, options),
    active: users.list({ status: 'active' }, options),
    archived: users.list({ status: 'archived' }, options),
    inGroup: users.list({ groupId: group }, options),
    expanded: users.list({ expandGroups: true }, options),
    groups: groups.list({}, options),
    activeGroups: groups.list({ status: 'active' }, options),
    members: groups.members(group, options),
    campaigns: phishing.campaigns.list({}, options),
    calls: phishing.campaigns.list({ campaignType: 'callback' }, options),
    testsOfCampaign: phishing.campaigns.securityTests(campaign, {}, options),
    tests: phishing.securityTests.list({}, options),
    phoneTests: phishing.securityTests.list({ campaignType: 'callback' }, options),
    recipients: phishing.recipients.list(test, {}, options),
    purchases: training.storePurchases.list(options),
    policies: training.policies.list(options),
    trainings: training.campaigns.list({}, options),
    withPercentages: training.campaigns.list({ withPercentages: true }, options),
    enrollments: training.enrollments.list({}, { perPage: 200, makeSure: true }),
    bare: training.enrollments.list(
      { includeCampaignId: false, includeStorePurchaseId: false, includeEmployeeNumber: false },
      { perPage: 300, makeSure: true },
    ),
    enrollmentsOfPerson: training.enrollments.list({ userId: person }, options),
    enrollmentsOfCampaign: training.enrollments.list({ campaignId: truth.training_campaigns[0]!.campaign_id }, options),
  };
}

/** The rows as they came in the modern spelling, in the order of their ids; the list was proven complete. */
async function readWhole(list: ListRead<{ id?: string }>): Promise<readonly unknown[]> {
  const rows: Read<{ id?: string }>[] = [];
  for await (const page of list.pages()) rows.push(...page.rows);
  expect(list.proof()).toMatchObject({ complete: true, badRows: 0, duplicates: 0 });
  return rows.toSorted((a, b) => Number(a.record.id) - Number(b.record.id)).map(({ raw }) => raw);
}

async function readAll(client: ReportingClient): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const read: Record<string, readonly unknown[]> = {};
  for (const [name, list] of Object.entries(listsOf(client))) read[name] = await readWhole(list);
  return read;
}

test.each(['page', 'auto'] as const)(
  'our own client reads of every list what it reads at KnowBe4, complete and proven, live and from the mirror (%s)',
  async (pagination) => {
    const wanted = await readAll(clientOf(emulator.url, emulator.reportingToken, 'page'));
    expect(wanted.users!.length).toBeGreaterThan(100);
    expect(wanted.recipients!.length).toBeGreaterThan(23);
    const gotLive = await readAll(clientOf(door.url, live, pagination));
    const gotMirror = await readAll(clientOf(door.url, mirror, pagination));
    for (const [name, rows] of Object.entries(wanted)) {
      expect(gotLive[name], `${name} live`).toEqual(rows);
      expect(gotMirror[name], `${name} from the mirror`).toEqual(rows);
    }
  },
  120_000,
);

const kept = [
  '/account',
  '/users',
  '/groups',
  '/training/store_purchases',
  '/training/policies',
  '/training/enrollments',
];
/** Paths that the mirror answers, and paths that it cannot answer as KnowBe4 would. */
function byMirror(path: string): boolean {
  if (/risk_score_history$/.test(path) || /recipients\/\d+$/.test(path)) return false;
  if (/^\/phishing/.test(path)) return !/(campaigns|security_tests)\/\d+$/.test(path);
  return kept.some((one) => path.startsWith(one));
}

describe('from the mirror', () => {
  test('nothing is asked of KnowBe4 for what is kept, its age is told, and it is printed as KnowBe4 prints it', async () => {
    for (const path of [...everyPath().filter(byMirror), '/training/campaigns?exclude_percentages=true']) {
      const asked = await direct(`${path}${path.includes('?') ? '&' : '?'}per_page=500`);
      emulator.resetRequests();
      const got = await through(path.endsWith('s') ? `${path}?per_page=500` : path, mirror);
      expect([got.status, got.headers.get('x-foreknow-source')], path).toEqual([200, 'mirror']);
      expect(Date.parse(got.headers.get('x-foreknow-as-of')!)).toBeGreaterThan(Date.now() - 3_600_000);
      expect(emulator.requests().total, path).toBe(0);
      // The emulator spells some keys as they were spelled before.
      if (!/security_tests$|training\/campaigns/.test(path))
        expect(got.bytes.toString(), path).toBe(asked.bytes.toString());
    }
  });

  test('what is not kept as KnowBe4 would answer it is read live: other paths, other parameters, other values', async () => {
    const paths = [
      ...everyPath().filter((path) => !byMirror(path)),
      ...['/users?expand=group', '/users?status=deleted', '/users?status=active&status=archived', '/users?email=x'],
      ...[
        '/users?page=0',
        '/users?group_id=999999',
        '/users/999999',
        '/training/enrollments?exclude_archived_users=true',
      ],
      ...['/training/enrollments?cursor=abc', '/training/enrollments?store_purchase_id=1', '/groups?per_page=x'],
    ];
    for (const path of paths) {
      const [wanted, got] = [await direct(path), await through(path, mirror)];
      expect([got.status, got.bytes.toString()], path).toEqual([wanted.status, wanted.bytes.toString()]);
      expect(got.headers.get('x-foreknow-source'), path).toBe('live');
    }
  });

  test('pages and cursors: 100 rows without a size, 500 at most, each row once', async () => {
    const sizes = async (query: string) => jsonOf(await through(`/training/enrollments${query}`, mirror)).length;
    expect([await sizes(''), await sizes('?per_page=9000'), await sizes('?per_page=500&page=99')]).toEqual([
      100, 500, 0,
    ]);
    for (const start of ['true', '0']) {
      const ids: number[] = [];
      for (let cursor: string | null = start; cursor !== null; ) {
        const page: Awaited<ReturnType<typeof through>> = await through(`/users?per_page=20&cursor=${cursor}`, mirror);
        ids.push(...jsonOf(page).map(({ id }: { id: number }) => id));
        cursor = page.headers.get('x-next-cursor');
      }
      expect([ids.length, new Set(ids).size]).toEqual([emulator.truth().users.length, ids.length]);
    }
    const cursor = (await through('/users?per_page=20&cursor=true', mirror)).headers.get('x-next-cursor')!;
    const elsewhere = await through(`/users?status=active&cursor=${cursor}`, mirror);
    expect([elsewhere.status, elsewhere.headers.get('x-foreknow-error')]).toEqual([400, 'invalid_cursor']);
  });

  test('what was never read to its end is read live, never shown as an empty list', async () => {
    const connection = await connect('new');
    const token = await accountToken('mirror', { connection });
    const empty = await through('/users?per_page=500', token);
    expect([empty.headers.get('x-foreknow-source'), jsonOf(empty).length]).toEqual([
      'live',
      emulator.truth().users.length,
    ]);
    await gateway.sync.run('new', { streams: ['account', 'groups', 'users', 'security_tests'] });
    const source = async (path: string) => (await through(path, token)).headers.get('x-foreknow-source');
    expect(await source('/users')).toBe('mirror');
    expect(await source('/training/enrollments')).toBe('live');
    expect(await source(everyPath().find((path) => path.endsWith('/recipients'))!)).toBe('live');
  });

  test('of a group, a campaign or a test that came after the last whole read nothing is said from the mirror', async () => {
    const connection = await connect('later');
    await gateway.sync.run('later');
    const token = await accountToken('mirror', { connection });
    const { id } = emulator.truth().groups.at(-1)!;
    const path = `/groups/${id}/members`;
    expect((await through(path, token)).headers.get('x-foreknow-source')).toBe('mirror');
    emulator.mutate({ kind: 'add-group', name: 'Brand new' });
    const added = emulator.truth().groups.at(-1)!;
    await gateway.sync.run('later', { streams: ['groups'] });
    expect((await through(`/groups/${added.id}`, token)).headers.get('x-foreknow-source')).toBe('mirror');
    expect((await through(`/groups/${added.id}/members`, token)).headers.get('x-foreknow-source')).toBe('live');
    expect((await through(`/users?group_id=${added.id}`, token)).headers.get('x-foreknow-source')).toBe('live');
  });
});

describe('who may ask for what', () => {
  const errorOf = (answer: Awaited<ReturnType<typeof through>>) => [answer.status, jsonOf(answer)];

  test('a bad key, an unknown path, another method and another format are answered as KnowBe4 answers them', async () => {
    const bad = await through('/users', 'fka_nothing');
    expect(errorOf(bad)).toEqual([401, { error: 'Unauthorized', message: '401 Unauthorized' }]);
    expect(jsonOf(bad)).toEqual(jsonOf(await answerOf(`${emulator.url}/v1/users`, 'nothing')));
    for (const path of ['/nothing', '/users/1/members', '/users/abc', '/users/1%2f2', '/groups/12345678901234567']) {
      const [wanted, got] = [await direct(path), await through(path, live)];
      expect(errorOf(got), path).toEqual(errorOf(wanted));
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const options = { method, headers: { authorization: `Bearer ${live}` } };
      expect((await fetch(`${door.url}/v1/users`, options)).status).toBe(404);
    }
    expect((await through('/users', live, { accept: 'text/csv' })).status).toBe(406);
    expect((await answerOf(`${emulator.url}/v1/users`, emulator.reportingToken, { accept: 'text/csv' })).status).toBe(
      406,
    );
  });

  test('nothing is sent for an address that could lead elsewhere', async () => {
    const statusOf = (path: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const options = { path: `/v1${path}`, headers: { authorization: `Bearer ${live}` } };
        httpRequest(door.url, options, (answer) => resolve(answer.resume().statusCode!))
          .on('error', reject)
          .end();
      });
    for (const path of [
      ...['/..', '/users/..', '/users/../account', '/users/%2e%2e', '/users//1', '//users', '/users/%252e%252e/x'],
      ...['/users%2f1', '/users/1%2faccount', '/users%5c1', '/https:%2f%2fexample.com', '/users/1%00', '/users/1%23x'],
    ])
      expect(await statusOf(path), path).toBe(404);
    expect(emulator.requests().total).toBe(0);
  });

  test('each path needs its scope, and recipients are for those who may see who they are', async () => {
    const allowed = async (...scopes: Scope[]) => {
      const token = await accountToken('live', { scopes });
      const paths = everyPath();
      const statuses = await Promise.all(paths.map(async (path) => (await through(path, token)).status));
      return paths.filter((_, index) => statuses[index] !== 403).map((path) => path.replace(/\d+/g, ':id'));
    };
    const directory = ['/account', '/users', '/users/:id', '/groups', '/groups/:id', '/groups/:id/members'];
    expect(await allowed('directory')).toEqual(directory);
    expect(await allowed('risk')).toEqual(
      ['/account', '/users/:id', '/groups/:id'].map((path) => `${path}/risk_score_history`),
    );
    expect((await allowed('training')).every((path) => path.startsWith('/training'))).toBe(true);
    expect((await allowed('phishing.aggregate')).some((path) => path.includes('recipients'))).toBe(false);
    expect((await allowed('phishing.aggregate')).length).toBe(5);
    expect((await allowed('phishing.identified')).length).toBe(7);
    expect(await allowed('proxy')).toEqual([]);
  });

  test('an API token for one connection works, one for several is told to be another, an agent’s is refused', async () => {
    const of = async (connections?: readonly string[]) =>
      (await gateway.tokens.create({ name: 'x', scopes: everything, ...(connections && { connections }) })).secret;
    const one = await through('/account', await of([acme]));
    expect(one.bytes.toString()).toBe((await direct('/account')).bytes.toString());
    const several = await through('/account', await of());
    expect([several.status, jsonOf(several).message]).toEqual([403, expect.stringContaining('account token')]);
    const maker = await gateway.tokens.verify(await of());
    const agent = await gateway.tokens.derive({ kind: 'mcp', connections: [acme] }, maker);
    expect((await through('/account', agent.secret)).status).toBe(403);
  });
});

describe('under a field policy', () => {
  test.each(['live', 'mirror'] as const)(
    'what is hidden is null, everything else is as it was (%s)',
    async (source) => {
      const token = await accountToken(source, { fieldPolicy: { email: 'mask', phone: 'drop' } });
      const wanted = jsonOf(await direct('/users?per_page=500')).map((user: Record<string, unknown>) => ({
        ...user,
        ...{ email: null, aliases: [], manager_email: null },
        ...{ phone_number: null, extension: null, mobile_phone_number: null },
      }));
      const got = await through('/users?per_page=500', token);
      expect(jsonOf(got)).toEqual(wanted);
      expect(got.headers.get('x-foreknow-source')).toBe(source);
      expect((await through('/users?email=x', token)).status).toBe(403);
    },
  );

  test.each(['live', 'mirror'] as const)(
    'no path tells anything of anybody to whom nothing is told (%s)',
    async (source) => {
      const token = await accountToken(source, { fieldPolicy: strictestPolicy });
      const truth = emulator.truth();
      const secrets = truth.users.flatMap((user) =>
        [user.email, user.manager_email, user.last_name, user.employee_number, user.phone_number].filter(
          (one) => one && one.length > 4,
        ),
      ) as string[];
      for (const path of everyPath()) {
        const got = await through(path, token);
        expect([200, 404], path).toContain(got.status);
        const text = got.bytes.toString();
        expect(
          secrets.find((one) => text.includes(`"${one}"`)),
          path,
        ).toBeUndefined();
      }
      emulator.addFault({ kind: 'html-error', endpoint: 'groups', count: 'always' });
      const failed = await through('/groups?page=0', token);
      expect([failed.status, jsonOf(failed).error]).toEqual([502, 'Bad Gateway']);
    },
  );
});

test('who was deleted is gone, and a new name stands in old rows too', async () => {
  const connection = await connect('changes');
  await gateway.sync.run('changes');
  const token = await accountToken('mirror', { connection });
  const [enrollment] = jsonOf(await through('/training/enrollments?per_page=1', token));
  const { id } = enrollment.user;
  const gone = emulator.truth().users.at(-1)!.id;
  emulator.mutate({ kind: 'change-user', user: id, fields: { last_name: 'Newly-Named' } });
  emulator.mutate({ kind: 'delete-user', user: gone });
  for (let run = 0; run < 2; run += 1) await gateway.sync.run('changes', { level: 'full' });
  for (const path of [
    `/training/enrollments/${enrollment.enrollment_id}`,
    `/training/enrollments?user_id=${id}&per_page=500`,
  ]) {
    const got = await through(path, token);
    expect(got.headers.get('x-foreknow-source')).toBe('mirror');
    expect(got.bytes.toString(), path).toBe((await direct(path)).bytes.toString());
    expect(got.bytes.toString()).toContain('Newly-Named');
  }
  emulator.resetRequests();
  const missing = await through(`/users/${gone}`, token);
  expect([missing.status, emulator.requests().total]).toEqual([404, 0]);
  expect(jsonOf(await through('/users?per_page=500', token)).map((user: { id: number }) => user.id)).not.toContain(
    gone,
  );
});

/** Keys and digests of every row that a mirror holds: two mirrors of one account are equal when these are. */
async function digestsIn(where: string, connectionId: string) {
  const store = await openStore({ folder: where, access: 'read' });
  const rows: Record<string, readonly string[]> = {};
  for (const stream of recordStreams) {
    const kept = await store.liveRows(connectionId, stream, null, 100_000);
    rows[stream] = kept.map(({ key, digest }) => `${key} ${digest}`);
  }
  await store.close();
  return rows;
}

test.each(['live', 'mirror'] as const)(
  'a second gateway that mirrors the account through the door of the first holds the same (%s)',
  async (source) => {
    const connection = await connect(`front ${source}`);
    await gateway.sync.run(connection, { level: 'full' });
    const token = await accountToken(source, { connection });
    emulator.resetRequests();
    const behind = mkdtempSync(join(tmpdir(), 'foreknow-behind-'));
    const second = await openGateway({ folder: behind, allowBaseUrls: true });
    await second.connections.connect({
      ...{ name: 'acme', region: emulator.region, reportingToken: token, reportingUrl: door.url },
      settings: { limits: { perSecond: null, perMinute: null } },
    });
    const run = await second.sync.run('acme', { level: 'full' });
    expect(run.streams.map(({ stream, status }) => [stream, status])).toEqual(
      streamNames.map((stream) => [stream, 'done']),
    );
    const [wanted, got] = [
      await digestsIn(folder, connection),
      await digestsIn(behind, (await second.connections.get('acme')).id),
    ];
    for (const stream of recordStreams) {
      expect(got[stream]!.length, stream).toBeGreaterThan(0);
      expect(got[stream], stream).toEqual(wanted[stream]);
    }
    // From the mirror a whole copy costs the account next to nothing.
    if (source === 'mirror') expect(emulator.requests().total).toBeLessThan(4);
    await second.close();
    rmSync(behind, { recursive: true, force: true });
  },
  60_000,
);
