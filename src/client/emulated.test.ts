import { afterEach, describe, expect, test } from 'vitest';
import { type Emulator, type EmulatorOptions, type Fault, type Profile, startEmulator } from '../emulator/index.ts';
import type { Read } from '../wire/records.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import { createReportingClient, type ReportingClientOptions } from './client.ts';
import type { ListRead } from './read-list.ts';

const profiles: readonly Profile[] = ['documented', 'recorded', 'next', 'hostile'];

let running: Emulator | null = null;
afterEach(() => running?.close());

async function lab(options: EmulatorOptions = {}, more: Partial<ReportingClientOptions> = {}) {
  const emulator = await startEmulator({ people: 60, limits: false, ...options });
  running = emulator;
  let skippedMs = 0;
  const client = createReportingClient({
    region: 'us',
    token: emulator.reportingToken,
    baseUrl: emulator.url,
    limits: 'none',
    now: () => Date.now() + skippedMs,
    sleep: async (ms) => {
      skippedMs += ms;
    },
    ...more,
  });
  return { emulator, client };
}

async function collect<R>(read: ListRead<R>): Promise<Read<R>[]> {
  const rows: Read<R>[] = [];
  for await (const page of read.pages()) rows.push(...page.rows);
  expect(read.proof()).toMatchObject({ complete: true, badRows: 0, duplicates: 0, rows: rows.length });
  return rows;
}

const byId = <R extends { id: string }>(rows: readonly R[]) => rows.toSorted((a, b) => Number(a.id) - Number(b.id));

/** The records of the truth, read by the same readers from its modern spelling. */
const recordsOf = (reader: (raw: unknown) => unknown, rows: readonly unknown[]) =>
  rows.map((raw) => (reader(raw) as Read<unknown>).record);

describe.each(profiles)('profile %s', (profile) => {
  test('every list is read whole and is what the account holds', async () => {
    const { client, emulator } = await lab({ profile, people: 640 });
    const truth = emulator.truth();
    expect((await collect(client.users.list())).length).toBeGreaterThan(500);
    const newer = profile === 'recorded';
    const pairs = [
      [await collect(client.users.list()), recordsOf(recordReaders.users, truth.users)],
      [await collect(client.groups.list()), recordsOf(recordReaders.groups, truth.groups)],
      [
        await collect(client.phishing.campaigns.list()),
        recordsOf(recordReaders.phishing_campaigns, truth.phishing_campaigns),
      ],
      ...(newer
        ? []
        : [
            [
              await collect(client.phishing.securityTests.list()),
              recordsOf(recordReaders.security_tests, truth.security_tests),
            ] as const,
          ]),
      [
        await collect(client.training.storePurchases.list()),
        recordsOf(recordReaders.store_purchases, truth.store_purchases),
      ],
      [await collect(client.training.enrollments.list()), recordsOf(recordReaders.enrollments, truth.enrollments)],
    ] as const;
    for (const [rows, expected] of pairs) {
      expect(byId(rows.map((row) => row.record) as { id: string }[])).toEqual(byId(expected as { id: string }[]));
    }
    const campaigns = await collect(client.training.campaigns.list());
    expect(campaigns.map((row) => row.record.id).toSorted()).toEqual(
      truth.training_campaigns.map((row) => String(row.campaign_id)).toSorted(),
    );
    expect(campaigns.length).toBeGreaterThan(10);
    const withPercentages = await collect(client.training.campaigns.list({ withPercentages: true }));
    expect(withPercentages).toHaveLength(campaigns.length);
    expect(withPercentages.some((row) => row.record.completionPercent !== null)).toBe(true);
    const policies = await collect(client.training.policies.list());
    expect(policies.map((row) => row.record.id)).toEqual(truth.policies.map((row) => String(row.policy_id)));
  });

  test('every detail is read, whether it comes as an object or as an array of one', async () => {
    const { client, emulator } = await lab({ profile });
    const truth = emulator.truth();
    const { account, users, groups, phishing, training } = client;
    expect((await account.get()).record).toMatchObject({ name: truth.account.name, domains: truth.account.domains });
    for (const { id } of truth.users.slice(0, 3)) expect((await users.get(id)).record.id).toBe(String(id));
    for (const { id } of truth.groups.slice(0, 3)) expect((await groups.get(id)).record.id).toBe(String(id));
    for (const { campaign_id: id } of truth.phishing_campaigns.slice(0, 3))
      expect((await phishing.campaigns.get(id)).record.id).toBe(String(id));
    for (const { pst_id: id } of truth.security_tests.slice(0, 3))
      expect((await phishing.securityTests.get(id)).record.id).toBe(String(id));
    for (const row of truth.recipients.slice(0, 3)) {
      expect((await phishing.recipients.get(row.pst_id, row.recipient_id)).record).toMatchObject({
        id: String(row.recipient_id),
        testId: String(row.pst_id),
      });
    }
    for (const { store_purchase_id: id } of truth.store_purchases.slice(0, 2))
      expect((await training.storePurchases.get(id)).record.id).toBe(String(id));
    for (const { policy_id: id } of truth.policies.slice(0, 2))
      expect((await training.policies.get(id)).record.id).toBe(String(id));
    for (const { campaign_id: id } of truth.training_campaigns.slice(0, 2))
      expect((await training.campaigns.get(id)).record.id).toBe(String(id));
    for (const { enrollment_id: id } of truth.enrollments.slice(0, 2)) {
      expect((await training.enrollments.get(id)).record).toMatchObject({
        id: String(id),
        campaignId: expect.any(String),
      });
    }
    await expect(users.get(999)).rejects.toMatchObject({ code: 'remote_not_found' });
  });

  test('lists inside others, filters and histories are read', async () => {
    const { client, emulator } = await lab({ profile, people: 140 });
    const truth = emulator.truth();
    const archived = await collect(client.users.list({ status: 'archived' }));
    expect(archived.length).toBe(truth.users.filter((user) => user.status === 'archived').length);
    expect(archived.length).toBeGreaterThan(0);
    const group = truth.groups.find((one) => one.member_count > 3)!;
    const members = await collect(client.groups.members(group.id));
    const filtered = await collect(client.users.list({ groupId: group.id, expandGroups: true }));
    expect(members.map((row) => row.record.id)).toEqual(filtered.map((row) => row.record.id));
    expect(members.map((row) => row.record.groupIds)).toEqual(filtered.map((row) => row.record.groupIds));
    expect(members.every((row) => row.record.groupIds!.includes(String(group.id)))).toBe(true);

    const test = truth.security_tests.find((one) => one.delivered_count > 3)!;
    const recipients = await collect(client.phishing.recipients.list(test.pst_id));
    expect(recipients.length).toBe(truth.recipients.filter((row) => row.pst_id === test.pst_id).length);
    const ofCampaign = await collect(client.phishing.campaigns.securityTests(test.campaign_id));
    expect(ofCampaign.map((row) => row.record.id)).toContain(String(test.pst_id));
    const callbacks = await collect(client.phishing.campaigns.list({ campaignType: 'callback' }));
    expect(callbacks.map((row) => row.record.id)).toEqual(
      truth.callback_campaigns.map((row) => String(row.campaign_id)),
    );
    expect(callbacks.every((row) => row.record.campaignType === 'callback')).toBe(true);

    const campaign = truth.training_campaigns.find((one) => one.status !== 'Created')!;
    const enrollments = await collect(client.training.enrollments.list({ campaignId: campaign.campaign_id }));
    expect(enrollments.length).toBe(truth.enrollments.filter((row) => row.campaign_id === campaign.campaign_id).length);

    for (const full of [false, true]) {
      const history = await collect(client.account.riskScoreHistory({ full }));
      expect(history.length).toBeGreaterThan(full ? 500 : 150);
    }
    expect((await collect(client.users.riskScoreHistory(truth.users[0]!.id))).length).toBeGreaterThan(0);
    expect((await collect(client.groups.riskScoreHistory(truth.groups[0]!.id))).length).toBeGreaterThan(0);
  });

  test('a page size below the asked one loses no row', async () => {
    const { client, emulator } = await lab({ profile, maxPerPage: 20 });
    expect(await collect(client.users.list())).toHaveLength(emulator.truth().users.length);
    expect(await collect(client.training.enrollments.list())).toHaveLength(emulator.truth().enrollments.length);
  });

  test('a wrong token is told from an empty account, and a wrong region ends in an error that names it', async () => {
    const { emulator } = await lab({ profile });
    const as = (token: string, baseUrl: string) =>
      createReportingClient({ region: 'eu', token, baseUrl, limits: 'none' });
    const wrongToken = as('not-this-one', emulator.url);
    await expect(wrongToken.account.get()).rejects.toMatchObject({
      code: 'connection_unauthorized',
      hint: expect.stringContaining('region'),
    });
    const users = wrongToken.users.list();
    await expect(users.pages().next()).rejects.toMatchObject({ code: 'connection_unauthorized' });
    expect(users.proof().complete).toBe(false);
    const error: unknown = await as(emulator.reportingToken, `${emulator.url}/eu`)
      .account.get()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ hint: expect.stringContaining('region') });
    expect(JSON.stringify(error)).not.toContain(emulator.reportingToken);
  });
});

describe('pagination switches', () => {
  for (const pagination of ['page', 'page+cursor', 'cursor-required', 'page-ignored'] as const) {
    for (const cursorStart of ['true', '0', 'both'] as const) {
      test(`${pagination}, lists begin with cursor ${cursorStart}`, async () => {
        const { client, emulator } = await lab({
          people: 90,
          switches: {
            pagination,
            cursorStart,
            cursorOn: 'all',
            cursorCarrier: cursorStart === 'both' ? 'Link' : 'X-Next-Cursor',
          },
          maxPerPage: 500,
        });
        const truth = emulator.truth();
        for (const perPage of [30, truth.users.length, 500]) {
          const rows: unknown[] = [];
          const read = client.users.list({}, { perPage });
          for await (const user of read) rows.push(user.id);
          expect(rows).toEqual(truth.users.map((user) => String(user.id)));
          expect(read.proof().complete).toBe(true);
        }
      });
    }
  }
});

describe('faults', () => {
  const mended: readonly Fault[] = [
    { kind: 'rate-limited', retryAfterS: 7 },
    { kind: 'rate-limited' },
    { kind: 'server-error', count: 2 },
    { kind: 'maintenance' },
    { kind: 'cut-connection' },
    { kind: 'truncated-json' },
    { kind: 'html-error' },
    { kind: 'empty-body' },
    { kind: 'error-body-200' },
    { kind: 'slow', delayMs: 5 },
  ];
  test.each(mended)('$kind passes, and the list is complete', async (fault) => {
    const { client, emulator } = await lab();
    emulator.addFault({ endpoint: 'users', nth: 2, ...fault });
    const read = client.users.list({}, { perPage: 20 });
    const ids: string[] = [];
    for await (const user of read) ids.push(user.id);
    expect(ids).toEqual(emulator.truth().users.map((user) => String(user.id)));
    const pages = Math.ceil(ids.length / 20);
    expect(read.proof()).toMatchObject({
      complete: true,
      requests: pages + (fault.kind === 'slow' ? 0 : (fault.count as number) || 1),
    });
  });

  const spoiling: readonly (Fault & { why: string })[] = [
    { kind: 'server-error', count: 'always', why: 'error' },
    { kind: 'truncated-json', count: 'always', why: 'error' },
    { kind: 'cut-connection', count: 'always', why: 'error' },
    { kind: 'error-body-200', count: 'always', why: 'error' },
    { kind: 'token-disabled', why: 'error' },
    { kind: 'row-duplicated', why: 'duplicate_rows' },
    { kind: 'row-inserted', why: 'duplicate_rows' },
    { kind: 'bad-row', why: 'bad_rows' },
    { kind: 'repeated-page', why: 'page_repeated' },
    { kind: 'page-retired', count: 'always', why: 'error' },
    { kind: 'page-ignored', count: 'always', why: 'page_repeated' },
  ];
  test.each(spoiling)('$kind in the middle of a list by page: no proof', async ({ why, ...fault }) => {
    const { client, emulator } = await lab({ switches: { pagination: 'page' } }, { pagination: 'page' });
    emulator.addFault({ endpoint: 'users', nth: 2, ...fault });
    const read = client.users.list({}, { perPage: 20 });
    let rows = 0;
    await (async () => {
      for await (const page of read.pages()) rows += page.rows.length;
    })().catch(() => undefined);
    expect(read.proof()).toMatchObject({ complete: false, why });
    expect(rows).toBe(read.proof().rows);
  });

  test('a cursor that leads to itself: no proof', async () => {
    const { client, emulator } = await lab({ profile: 'next' });
    emulator.addFault({ endpoint: 'users', kind: 'cursor-loop', nth: 2 });
    const read = client.users.list({}, { perPage: 20 });
    await expect(
      (async () => {
        for await (const user of read) expect(user.id).not.toBe('');
      })(),
    ).rejects.toMatchObject({ code: 'incomplete_read' });
    expect(read.proof()).toMatchObject({ complete: false, why: 'cursor_stuck' });
  });

  test('a history that answers 500 for ever costs two requests', async () => {
    const { client, emulator } = await lab({ profile: 'hostile' });
    const statuses: string[] = [];
    for (const group of emulator.truth().groups) {
      emulator.resetRequests();
      const read = client.groups.riskScoreHistory(group.id);
      await read
        .pages()
        .next()
        .catch((error: { code: string }) => statuses.push(`${error.code} ${emulator.requests().total}`));
    }
    expect(statuses).toEqual(['remote_unavailable 2']);
  });
});

test('the documented limits are never reached by a client with the safe ones', async () => {
  const clock = { ms: 0, now: () => clock.ms };
  const emulator = await startEmulator({ people: 60, limits: true, clock });
  running = emulator;
  const client = createReportingClient({
    region: 'us',
    token: emulator.reportingToken,
    baseUrl: emulator.url,
    now: () => clock.ms,
    sleep: async (ms) => {
      clock.ms += ms;
    },
  });
  for (let count = 0; count < 120; count += 1) await client.account.get();
  expect(emulator.requests().total).toBe(120);
  expect(clock.ms).toBeGreaterThan(120_000);
  expect(clock.ms).toBeLessThan(180_000);
});
