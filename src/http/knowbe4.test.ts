import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createReportingClient, type ListRead, type Pagination, type ReportingClient } from '../client/index.ts';
import { startEmulator } from '../emulator/index.ts';
import type { Scope } from '../tokens/token.ts';
import type { Read } from '../wire/records.ts';
import { answerOf, type Bytes, everyScope, jsonOf, openKnowbe4Lab } from './contract/knowbe4-lab.contract.ts';

/* KnowBe4's addresses over the whole gateway and the emulator, compared with what the emulator itself answers. */

const lab = await openKnowbe4Lab();
const { emulator, gateway, door, acme, live, mirror, connect, accountToken, direct, through, everyPath } = lab;
beforeEach(lab.forget);
afterAll(lab.close);

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

  test('links of KnowBe4 lead through the door and work there; those that lead elsewhere are left out', async () => {
    const switches = { badToken: '401', cursorCarrier: 'both', cursorOn: 'all' } as const;
    const other = await startEmulator({ people: 60, limits: false, switches });
    const links = { to: '' };
    // As a service that writes whole addresses into its links.
    const front = createServer(async (request, response) => {
      const { authorization = '' } = request.headers;
      const answer = await fetch(other.url + request.url!, { headers: { authorization } });
      const link = answer.headers.get('link')?.replace('</', `<${links.to}/`);
      response.writeHead(answer.status, { 'content-type': 'application/json', ...(link && { link }) });
      response.end(await answer.text());
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
    const connection = await connect('links', undefined, { ...other, url });
    const token = await accountToken('live', { connection });
    links.to = url;
    const first = await through('/users?per_page=25&cursor=true', token);
    const [, target] = /<([^>]+)>; rel="next"/.exec(first.headers.get('link')!)!;
    expect(target).toMatch(/^\/v1\/users\?/);
    const second = await answerOf(door.url + target, token);
    expect(jsonOf(second).length).toBe(25);
    expect(jsonOf(second)[0].id).not.toBe(jsonOf(first)[0].id);
    links.to = 'https://elsewhere.example';
    expect((await through('/users?per_page=25&cursor=true', token)).headers.get('link')).toBeNull();
    front.closeAllConnections();
    front.close();
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

describe('who may ask for what', () => {
  const errorOf = (answer: Bytes) => [answer.status, jsonOf(answer)];

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
    const format = await through('/users', live, { accept: 'text/csv' });
    expect([format.status, format.headers.get('x-foreknow-error')]).toEqual([406, 'invalid_request']);
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
      (await gateway.tokens.create({ name: 'x', scopes: everyScope, ...(connections && { connections }) })).secret;
    const one = await through('/account', await of([acme]));
    expect(one.bytes.toString()).toBe((await direct('/account')).bytes.toString());
    await connect('one more');
    const several = await through('/account', await of());
    expect([several.status, jsonOf(several).message]).toEqual([403, expect.stringContaining('account token')]);
    const maker = await gateway.tokens.verify(await of());
    const agent = await gateway.tokens.derive({ kind: 'mcp', connections: [acme] }, maker);
    expect((await through('/account', agent.secret)).status).toBe(403);
  });
});
