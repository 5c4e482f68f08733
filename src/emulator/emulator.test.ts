import { afterEach, describe, expect, test } from 'vitest';
import { type Emulator, type EmulatorOptions, type Profile, startEmulator } from './index.ts';

const running: Emulator[] = [];
afterEach(async () => {
  for (const emulator of running.splice(0)) await emulator.close();
});

async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ people: 60, limits: false, ...options });
  running.push(emulator);
  return emulator;
}

type Said = { status: number; headers: Headers; text: string };
async function ask(
  emulator: Emulator,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Said> {
  const authorization = `Bearer ${emulator.reportingToken}`;
  const response = await fetch(`${emulator.url}${path}`, { method, headers: { authorization, ...headers } });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const read = async (emulator: Emulator, path: string) => JSON.parse((await ask(emulator, path)).text);

/** Every row of a list, by page number or cursor, as this profile has it. */
async function readAll(emulator: Emulator, path: string, profile: Profile): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  const join = path.includes('?') ? '&' : '?';
  let at = profile === 'next' || profile === 'hostile' ? 'cursor=true' : 'page=1';
  for (let page = 1; page < 200; page += 1) {
    const said = await ask(emulator, `${path}${join}per_page=50&${at}`);
    const found = JSON.parse(said.text);
    rows.push(...found);
    const next = said.headers.get('x-next-cursor');
    if (at.startsWith('cursor') ? !next : found.length === 0) return rows;
    at = at.startsWith('cursor') ? `cursor=${next}` : `page=${page + 1}`;
  }
  throw new Error('the list does not end');
}

describe('credentials', () => {
  test('every bad credential gets the same 401', async () => {
    const emulator = await start({ accounts: [{ name: 'Off Ltd', people: 5 }] });
    emulator.mutate({ kind: 'disable-token', account: 'Off Ltd' });
    const bad = [
      '',
      'Bearer',
      'Basic abc',
      'Bearer nobody',
      `Bearer ${emulator.accounts[1]!.reportingToken}`,
      emulator.reportingToken,
    ];
    const answers = await Promise.all(bad.map((authorization) => ask(emulator, '/v1/account', { authorization })));
    const elsewhere = await ask(emulator, '/eu/v1/account');
    for (const { status, text } of [...answers, elsewhere]) {
      expect({ status, text }).toEqual({
        status: 401,
        text: '{"error":"Unauthorized","message":"401 Unauthorized"}\n',
      });
    }
  });

  test('a token works in its own region alone', async () => {
    const emulator = await start({ region: 'eu', accounts: [{ name: 'Over There', people: 5, region: 'ca' }] });
    expect((await ask(emulator, '/v1/account')).status).toBe(200);
    expect((await ask(emulator, '/eu/v1/account')).status).toBe(200);
    expect((await ask(emulator, '/us/v1/account')).status).toBe(401);
    const authorization = `Bearer ${emulator.accounts[1]!.reportingToken}`;
    expect((await ask(emulator, '/v1/account', { authorization })).status).toBe(401);
    expect((await ask(emulator, '/ca/v1/account', { authorization })).status).toBe(200);
  });

  test('a bad token may be answered with 200, a wrong region with 404 or an empty list', async () => {
    const odd = await start({ switches: { badToken: '200-message', wrongRegion: '404' } });
    expect(await ask(odd, '/v1/users', { authorization: 'Bearer x' })).toMatchObject({
      status: 200,
      text: '{"message":"Invalid Token"}\n',
    });
    expect((await ask(odd, '/de/v1/users')).status).toBe(404);
    const empty = await start({ switches: { wrongRegion: 'empty' } });
    expect(await ask(empty, '/de/v1/users')).toMatchObject({ status: 200, text: '[]\n' });
  });
});

describe('transport', () => {
  test('headers and bodies are those of the service', async () => {
    const emulator = await start();
    const { headers, text } = await ask(emulator, '/v1/groups');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache, no-store');
    expect(headers.get('etag')).toMatch(/^W\/"[0-9a-f]{32}"$/);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('vary')).toBe('Origin');
    for (const name of ['total', 'per-page', 'link', 'retry-after', 'x-ratelimit-remaining'])
      expect(headers.has(name)).toBe(false);
    expect(text).toContain('"name":"Board \\u0026 assistants"');
    expect(text).toContain('"current_risk_score":0.0');
    expect(text.endsWith(']\n')).toBe(true);
  });

  test('unknown paths, other methods and other formats are refused', async () => {
    const emulator = await start();
    for (const path of ['/api/v1/users', '/v1/audit_log', '/v1/groups/81001/users', '/v1/users/abc', '/', '//']) {
      expect((await ask(emulator, path)).status).toBe(404);
    }
    expect((await ask(emulator, '/v1/users', {}, 'POST')).status).toBe(404);
    expect((await ask(emulator, '/v1/users', { accept: 'application/xml' })).status).toBe(406);
    expect((await ask(emulator, '/v1/users', { accept: 'text/html, */*;q=0.1' })).status).toBe(200);
  });

  test.each([
    ['empty', ''],
    ['error', '{"error":"Not Found"}\n'],
    ['errors', '{"errors":[{"status":404,"title":"Not Found"}]}\n'],
  ] as const)('an error body may be %s', async (errorBody, text) => {
    const emulator = await start({ switches: { errorBody } });
    expect((await ask(emulator, '/v1/users/1')).text).toBe(text);
  });

  test('an error body may be HTML', async () => {
    const { headers, text } = await ask(await start({ profile: 'hostile' }), '/v1/users/1');
    expect(headers.get('content-type')).toContain('text/html');
    expect(text).toMatch(/^<!DOCTYPE html>/);
  });
});

describe.each(['documented', 'recorded', 'next', 'hostile'] as const)('profile %s', (profile) => {
  test('every list, read to its end, is the truth', async () => {
    const emulator = await start({ profile, people: 130 });
    const truth = emulator.truth();
    const ids = (rows: readonly object[], key: string) =>
      rows.map((row) => Number((row as Record<string, unknown>)[key]));
    expect(ids(await readAll(emulator, '/v1/users', profile), 'id')).toEqual(ids(truth.users, 'id'));
    expect(ids(await readAll(emulator, '/v1/groups', profile), 'id')).toEqual(ids(truth.groups, 'id'));
    const enrollments = await readAll(emulator, '/v1/training/enrollments', profile);
    expect(ids(enrollments, 'enrollment_id')).toEqual(ids(truth.enrollments, 'enrollment_id'));
    const campaigns = await readAll(emulator, '/v1/training/campaigns?exclude_percentages=true', profile);
    expect(ids(campaigns, 'campaign_id')).toEqual(ids(truth.training_campaigns, 'campaign_id'));
    const test = truth.security_tests[3]!.pst_id;
    const recipients = await readAll(emulator, `/v1/phishing/security_tests/${test}/recipients`, profile);
    expect(ids(recipients, 'recipient_id')).toEqual(
      truth.recipients.filter((one) => one.pst_id === test).map((one) => one.recipient_id),
    );
  });
});

describe('lists', () => {
  test('rows are the truth, key by key and in order', async () => {
    const emulator = await start({ switches: { landingPage: 'underscore' } });
    const truth = emulator.truth();
    const all = async (path: string) => JSON.stringify(await read(emulator, path));
    expect(await all('/v1/users?per_page=500')).toBe(JSON.stringify(truth.users));
    expect(await all('/v1/groups?per_page=500')).toBe(JSON.stringify(truth.groups));
    expect(await all('/v1/phishing/campaigns?per_page=500')).toBe(JSON.stringify(truth.phishing_campaigns));
    expect(await all('/v1/phishing/security_tests?per_page=500')).toBe(JSON.stringify(truth.security_tests));
    expect(await all('/v1/training/policies')).toBe(JSON.stringify(truth.policies));
    expect(await all('/v1/training/store_purchases')).toBe(JSON.stringify(truth.store_purchases));
    const included = 'include_campaign_id=true&include_store_purchase_id=true&include_employee_number=true';
    const [first] = await read(emulator, `/v1/training/enrollments?per_page=1&${included}`);
    expect(JSON.stringify(first)).toBe(JSON.stringify(truth.enrollments[0]));
    expect(await read(emulator, '/v1/account')).toEqual(truth.account);
  });

  test('training campaigns come by ten unless percentages are left out, literally', async () => {
    const emulator = await start();
    expect(await read(emulator, '/v1/training/campaigns?per_page=500')).toHaveLength(10);
    expect(await read(emulator, '/v1/training/campaigns?per_page=500&exclude_percentages=1')).toHaveLength(10);
    const all = await read(emulator, '/v1/training/campaigns?per_page=500&exclude_percentages=true');
    expect(all).toHaveLength(17);
    expect(all[0]).not.toHaveProperty('completion_percentage');
  });

  test('people by status and by group, on two roads', async () => {
    const emulator = await start({ people: 200 });
    const { users, groups } = emulator.truth();
    const archived = await read(emulator, '/v1/users?status=archived&per_page=500');
    expect(archived).toEqual(users.filter((one) => one.status === 'archived'));
    const group = groups.find((one) => one.member_count > 20)!.id;
    const members = await read(emulator, `/v1/groups/${group}/members?per_page=500`);
    expect(members).toEqual(users.filter((one) => one.groups.includes(group)));
    expect(await read(emulator, `/v1/users?group_id=${group}&per_page=500`)).toEqual(members);
    const [expanded] = await read(emulator, `/v1/users?group_id=${group}&expand=group&per_page=1`);
    expect(expanded.groups.map((one: { id: number }) => one.id)).toEqual(members[0].groups);
    const active = await start({ people: 200, switches: { archivedWithoutStatus: false } });
    expect(await read(active, '/v1/users?per_page=500')).toHaveLength(users.length - archived.length);
  });

  test('enrollments by campaign, person, purchase and without archived people', async () => {
    const emulator = await start({ people: 200 });
    const { enrollments, users } = emulator.truth();
    const ids = async (query: string) =>
      (await read(emulator, `/v1/training/enrollments?per_page=500&${query}`)).map(
        (one: { enrollment_id: number }) => one.enrollment_id,
      );
    const wanted = (keep: (one: (typeof enrollments)[number]) => boolean) =>
      enrollments
        .filter(keep)
        .slice(0, 500)
        .map((one) => one.enrollment_id);
    const { campaign_id, store_purchase_id, user } = enrollments.at(-1)!;
    expect(await ids(`campaign_id=${campaign_id}`)).toEqual(wanted((one) => one.campaign_id === campaign_id));
    expect(await ids(`user_id=${user.id}`)).toEqual(wanted((one) => one.user.id === user.id));
    expect(await ids(`store_purchase_id=${store_purchase_id}`)).toEqual(
      wanted((one) => one.store_purchase_id === store_purchase_id),
    );
    const archived = new Set(users.filter((one) => one.status === 'archived').map((one) => one.id));
    expect(await ids('exclude_archived_users=true')).toEqual(wanted((one) => !archived.has(one.user.id)));
    expect(await ids('campaign_id=oops')).toEqual([]);
  });

  test('ids of an enrollment come only when asked for, a score only by campaign', async () => {
    const emulator = await start();
    const [plain] = await read(emulator, '/v1/training/enrollments?per_page=1');
    for (const key of ['campaign_id', 'store_purchase_id', 'score']) expect(plain).not.toHaveProperty(key);
    expect(plain.user).not.toHaveProperty('employee_number');
    const shown = emulator.truth().training_campaigns.find((one) => one.name === 'Annual training 2025')!.campaign_id;
    const rows = await read(emulator, `/v1/training/enrollments?per_page=100&campaign_id=${shown}`);
    expect(rows.some((one: { score?: number }) => (one.score ?? 0) >= 70)).toBe(true);
  });

  test('callback campaigns are served only when asked for', async () => {
    const emulator = await start();
    const truth = emulator.truth();
    const callback = '?campaign_type=callback';
    expect(await read(emulator, `/v1/phishing/campaigns${callback}`)).toEqual(truth.callback_campaigns);
    const id = truth.callback_tests[0]!.pst_id;
    expect((await ask(emulator, `/v1/phishing/security_tests/${id}`)).status).toBe(404);
    expect(await read(emulator, `/v1/phishing/security_tests/${id}${callback}`)).toHaveLength(1);
    const recipients = truth.callback_recipients.filter((one) => one.pst_id === id);
    expect(await read(emulator, `/v1/phishing/security_tests/${id}/recipients${callback}`)).toEqual(recipients);
  });
});

describe('details', () => {
  test('phishing details are an array of one, the others an object', async () => {
    const emulator = await start();
    const { users, groups, phishing_campaigns, security_tests, recipients, ...truth } = emulator.truth();
    const row = recipients[4]!;
    expect(await read(emulator, `/v1/users/${users[5]!.id}`)).toEqual(users[5]);
    expect(await read(emulator, `/v1/groups/${groups[5]!.id}`)).toEqual(groups[5]);
    expect(await read(emulator, `/v1/phishing/campaigns/${phishing_campaigns[1]!.campaign_id}`)).toEqual([
      phishing_campaigns[1],
    ]);
    const tests = await read(emulator, `/v1/phishing/campaigns/${phishing_campaigns[0]!.campaign_id}/security_tests`);
    expect(tests).toHaveLength(18);
    expect(await read(emulator, `/v1/phishing/security_tests/${security_tests[1]!.pst_id}`)).toHaveLength(1);
    expect(await read(emulator, `/v1/phishing/security_tests/${row.pst_id}/recipients/${row.recipient_id}`)).toEqual([
      row,
    ]);
    expect(await read(emulator, `/v1/training/store_purchases/7301`)).toEqual(truth.store_purchases[0]);
    expect(await read(emulator, `/v1/training/policies/911`)).toEqual(truth.policies[0]);
    const campaign = truth.training_campaigns[1]!;
    expect(await read(emulator, `/v1/training/campaigns/${campaign.campaign_id}`)).toMatchObject({
      completion_percentage: campaign.completion_percentage,
      content: [campaign.content],
    });
    const enrollment = truth.enrollments[7]!;
    expect(await read(emulator, `/v1/training/enrollments/${enrollment.enrollment_id}`)).toMatchObject({
      status: enrollment.status,
    });
  });

  test('histories show half a year, or two with full=true', async () => {
    const emulator = await start();
    const { groups, users } = emulator.truth();
    for (const path of ['/v1/account', `/v1/groups/${groups[0]!.id}`, `/v1/users/${users[0]!.id}`]) {
      const half = await read(emulator, `${path}/risk_score_history`);
      const full = await read(emulator, `${path}/risk_score_history?full=true`);
      expect([half.length, full.length]).toEqual([183, 730]);
      expect(full.slice(-183)).toEqual(half);
      expect(full.at(-1).date).toBe('2026-11-16');
    }
  });
});

describe('oddities by switch', () => {
  test('old spellings', async () => {
    const emulator = await start({ profile: 'recorded' });
    const [user] = await read(emulator, '/v1/users?per_page=1');
    expect(user).toHaveProperty('adi_manageable');
    expect(user).not.toHaveProperty('provisioning_guid');
    expect((await ask(emulator, '/v1/groups?per_page=500')).text).toContain('"group_type":"adi_managed_group"');
    const [test] = await read(emulator, '/v1/phishing/security_tests?per_page=1');
    expect(Object.keys(test)).toContain('landing_page');
    expect(test).not.toHaveProperty('qr_code_scanned_count');
    expect((await ask(emulator, '/v1/account')).headers.get('x-cache')).toBe('Miss from cloudfront');
  });

  test('everything at once', async () => {
    const emulator = await start({ profile: 'hostile' });
    const users = await read(emulator, '/v1/users?per_page=500');
    expect(new Set(users.map((one: { id: unknown }) => typeof one.id))).toEqual(new Set(['number', 'string']));
    const [purchase] = await read(emulator, '/v1/training/store_purchases?per_page=1');
    expect(purchase).toHaveProperty('store_purchased_id');
    const [policy] = await read(emulator, '/v1/training/policies?per_page=1');
    expect(policy.status).toBe('published');
    const campaigns = await read(emulator, '/v1/training/campaigns');
    expect(campaigns.some((one: { modules?: unknown }) => one.modules)).toBe(true);
    expect(campaigns.some((one: { content: unknown[] }) => Array.isArray(one.content[0]))).toBe(true);
    expect((await ask(emulator, '/v1/groups/81003/risk_score_history')).status).toBe(500);
    const said = await ask(emulator, '/v1/users?cursor=true&per_page=10');
    expect(said.headers.get('link')).toMatch(/^<\/v1\/users\?.*cursor=.+>; rel="next"$/);
    expect((await ask(emulator, '/v1/users?cursor=true&per_page=500')).headers.get('x-next-cursor')).toBe('');
  });

  test('trial and anonymised accounts', async () => {
    const emulator = await start({ accounts: [{ name: 'Try It', people: 40, type: 'trial', anonymised: true }] });
    const authorization = `Bearer ${emulator.accounts[1]!.reportingToken}`;
    const account = JSON.parse((await ask(emulator, '/v1/account', { authorization })).text);
    expect(Object.keys(account).sort()).toEqual(['admins', 'current_risk_score', 'domains', 'name', 'type']);
    expect((await ask(emulator, '/v1/users', { authorization })).text).toBe('[]\n');
  });

  test('the list moves while it is read', async () => {
    const emulator = await start({ switches: { mutateDuringPagination: true } });
    const before = emulator.truth().users.length;
    await read(emulator, '/v1/users?per_page=20&page=1');
    const { changes, users } = emulator.truth();
    expect(users).toHaveLength(before);
    expect(changes.filter((one) => one.stream === 'users').map((one) => one.kind)).toEqual(
      expect.arrayContaining(['deleted', 'created']),
    );
  });
});

describe('limits', () => {
  test('the documented ones hold on the injected clock, and 429 says nothing unless told to', async () => {
    let ms = 0;
    const clock = { now: () => ms };
    const emulator = await start({ limits: true, clock });
    for (let i = 0; i < 4; i += 1) expect((await ask(emulator, '/v1/account')).status).toBe(200);
    const refused = await ask(emulator, '/v1/account');
    expect(refused.status).toBe(429);
    expect(refused.headers.has('retry-after')).toBe(false);
    ms += 1000;
    expect((await ask(emulator, '/v1/account')).status).toBe(200);
    expect(emulator.requests()).toMatchObject({ total: 6, refused: 1, overLimit: 1, byEndpoint: { account: 6 } });
    emulator.addFault({ kind: 'rate-limited' });
    expect((await ask(emulator, '/v1/account')).status).toBe(429);
    expect(emulator.requests()).toMatchObject({ refused: 2, overLimit: 1 });
  });

  test('speed makes waiting shorter, and Retry-After says the seconds of the world', async () => {
    let ms = 0;
    const options = {
      limits: { perSecond: 9, perMinute: 2, perDay: 99 },
      speed: 100,
      switches: { limitHeaders: 'both' as const },
    };
    const emulator = await start({ ...options, clock: { now: () => ms } });
    for (let i = 0; i < 2; i += 1) await ask(emulator, '/v1/account');
    const refused = await ask(emulator, '/v1/account');
    expect(refused.headers.get('retry-after')).toBe('300');
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    ms += 3000;
    expect((await ask(emulator, '/v1/account')).status).toBe(200);
  });

  test('accounts do not share them', async () => {
    const emulator = await start({
      limits: { perSecond: 1, perMinute: 9, perDay: 9 },
      clock: { now: () => 0 },
      accounts: [{ name: 'Other', people: 5 }],
    });
    await ask(emulator, '/v1/account');
    const authorization = `Bearer ${emulator.accounts[1]!.reportingToken}`;
    expect((await ask(emulator, '/v1/account', { authorization })).status).toBe(200);
    expect((await ask(emulator, '/v1/account')).status).toBe(429);
  });
});

test('asked within the process it answers as over the network, and counts', async () => {
  const emulator = await start();
  const headers = { Authorization: `Bearer ${emulator.reportingToken}` };
  const path = '/v1/training/enrollments?cursor=true&per_page=5';
  const inside = await emulator.fetch(`${emulator.url}${path}`, { headers });
  const outside = await ask(emulator, path);
  expect(await inside.text()).toBe(outside.text);
  expect(inside.headers.get('x-next-cursor')).toBe(outside.headers.get('x-next-cursor'));
  expect((await emulator.fetch(`${emulator.url}/eu/v1/account`, { headers })).status).toBe(401);
  expect(emulator.requests().byStatus).toEqual({ 200: 2, 401: 1 });
  emulator.addFault({ kind: 'cut-connection' });
  await expect((await emulator.fetch(`${emulator.url}/v1/groups`, { headers })).text()).rejects.toThrow('terminated');
});

test('what happened since a change, without a copy of the whole truth', async () => {
  const emulator = await start();
  const user = emulator.truth().users[0]!.id;
  emulator.mutate({ kind: 'change-user', user, fields: { location: 'Roof' } });
  const [first] = emulator.changes(0);
  expect(first).toMatchObject({ seq: 1, stream: 'users', id: String(user), kind: 'changed' });
  expect(emulator.changes(1).some(({ seq }) => seq === 1)).toBe(false);
  expect(emulator.changes(0)).toEqual(emulator.truth().changes);
});

test('a service may change its ways, and another program may spend its budget', async () => {
  let ms = 0;
  const emulator = await start({ limits: { perSecond: 9, perMinute: 9, perDay: 9 }, clock: { now: () => ms } });
  emulator.mutate({
    kind: 'switch',
    switches: { pagination: 'cursor-required', cursorOn: 'all', provisioning: 'adi' },
  });
  expect((await ask(emulator, '/v1/users?page=1')).status).toBe(400);
  expect(await read(emulator, '/v1/users?cursor=true')).toEqual(
    expect.arrayContaining([expect.objectContaining({ adi_manageable: expect.anything() })]),
  );
  emulator.mutate({ kind: 'spend-elsewhere', requests: 7 });
  ms += 1000;
  expect((await ask(emulator, '/v1/account')).status).toBe(429);
});

test('what was deleted takes along what hangs on it', async () => {
  const emulator = await start();
  const { phishing_campaigns, training_campaigns, enrollments } = emulator.truth();
  const [phishing, training] = [phishing_campaigns[0]!.campaign_id, training_campaigns[0]!.campaign_id];
  const [single] = enrollments.filter((row) => row.campaign_id !== training);
  emulator.mutate({ kind: 'delete-campaign', campaign: phishing });
  emulator.mutate({ kind: 'delete-training', campaign: training });
  emulator.mutate({ kind: 'delete-enrollment', enrollment: single!.enrollment_id });
  const left = emulator.truth();
  expect(left.phishing_campaigns.map((row) => row.campaign_id)).not.toContain(phishing);
  expect(left.security_tests.filter((row) => row.campaign_id === phishing)).toEqual([]);
  expect(left.training_campaigns.map((row) => row.campaign_id)).not.toContain(training);
  expect(left.enrollments).toEqual(
    enrollments.filter((row) => row.campaign_id !== training && row.enrollment_id !== single!.enrollment_id),
  );
  expect((await ask(emulator, `/v1/training/campaigns/${training}`)).status).toBe(404);
  expect((await ask(emulator, `/v1/phishing/campaigns/${phishing}`)).status).toBe(404);
  expect(await read(emulator, `/v1/training/enrollments?campaign_id=${training}`)).toEqual([]);
});

test('options that make no sense are refused in words', async () => {
  await expect(startEmulator({ people: 0 })).rejects.toMatchObject({ code: 'config_invalid', field: 'people' });
  await expect(startEmulator({ speed: 0 })).rejects.toMatchObject({ code: 'config_invalid', field: 'speed' });
  await expect(startEmulator({ startAt: 'soon' })).rejects.toMatchObject({ code: 'config_invalid', field: 'startAt' });
});
