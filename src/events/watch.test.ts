import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTempStore, type TempStore } from '../store/contract/temp-store.ts';
import type { Standing } from './findings.ts';
import { mailer } from './mail.ts';
import type { AlertMail } from './mail-text.ts';
import { watchConnection } from './watch.ts';

const con = 'con_aaaaaaaaaaaaaaaa';
const start = Date.UTC(2026, 2, 2, 8);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const well: Standing = {
  connection: { id: con, name: 'acme' },
  ...{ isRead: true, changedAt: 0, refused: null, streams: [], refusals: 0, dead: [], late: [], silent: [] },
  budget: { left: 900, perDay: 2000, reserve: 400 },
};

describe('watching a connection', () => {
  let temp: TempStore;
  let time: number;
  let ids: number;
  let mails: AlertMail[];
  let failures: string[];
  let isMailDown: boolean;
  beforeEach(async () => {
    temp = await openTempStore();
    [time, ids, mails, failures, isMailDown] = [start, 0, [], [], false];
  });
  afterEach(() => temp.remove());

  const look = (standing: Partial<Standing> = {}) =>
    watchConnection(
      {
        store: temp.store,
        sendMail: async (mail) => {
          if (isMailDown) throw new Error('250 secret');
          mails.push(mail);
        },
        newId: () => {
          ids += 1;
          return `alr_${ids}`;
        },
        now: () => new Date(time),
        onFailure: (_id, message) => failures.push(message),
      },
      { ...well, ...standing },
    );
  const open = async () =>
    (await temp.store.alerts({ connectionIds: null, open: true, limit: 99 })).map(
      ({ kind, subject }) => `${kind} ${subject}`,
    );
  const told = async () =>
    (await temp.store.changes({ connectionIds: null, after: 0, limit: 99 })).map(({ kind }) => kind);
  const users = (ageMs: number) => ({
    ...{ stream: 'users', since: time - ageMs, limitMs: 2 * HOUR },
    lastRefreshedAt: new Date(time - ageMs).toISOString(),
  });

  test('a stream that is read too seldom opens one alert, and closes it when it is read again', async () => {
    await look({ streams: [users(2 * HOUR)] });
    expect(await open()).toEqual([]);
    for (let times = 0; times < 3; times += 1) await look({ streams: [users(2 * HOUR + 1)] });
    expect(await open()).toEqual(['stream_stale users']);
    await look({ streams: [users(MINUTE)] });
    await look({ streams: [users(MINUTE)] });
    expect(await open()).toEqual([]);
    expect(await told()).toEqual(['connection.stale', 'connection.fresh_again']);
  });

  test('a connection that is paused or refused or was just resumed, is not called stale for it, nor fresh', async () => {
    await look({ streams: [users(3 * HOUR)], isRead: false });
    await look({ streams: [users(3 * HOUR)], changedAt: time - HOUR });
    expect(await open()).toEqual([]);
    await look({ streams: [users(3 * HOUR)] });
    await look({ streams: [users(3 * HOUR)], isRead: false });
    expect(await open()).toEqual(['stream_stale users']);
  });

  test('an alert about a stream that was switched off goes without a word', async () => {
    await look({ streams: [users(3 * HOUR)] });
    await look({ streams: [] });
    expect(await open()).toEqual([]);
    expect(await told()).toEqual(['connection.stale']);
  });

  test('a refused token is an alert; the log knows it already', async () => {
    await look({ refused: { code: 'connection_unauthorized', detail: 'KnowBe4 refused the token.' }, isRead: false });
    expect(await open()).toEqual(['token_refused ']);
    await look();
    expect(await open()).toEqual([]);
    expect(await told()).toEqual([]);
  });

  test('a budget is low below half of the reserve, and well again with the whole of it', async () => {
    const left = (requests: number) => look({ budget: { left: requests, perDay: 2000, reserve: 400 } });
    await left(200);
    expect(await open()).toEqual([]);
    await left(199);
    await left(399);
    expect(await open()).toEqual(['budget_low ']);
    await left(400);
    expect(await open()).toEqual([]);
    expect(await told()).toEqual(['connection.budget_low', 'connection.budget_recovered']);
    await look({ budget: null });
    expect(await open()).toEqual([]);
  });

  test('refusals that our own count does not explain mean that somebody else uses the account', async () => {
    await look({ refusals: 2 });
    expect(await open()).toEqual(['budget_eaten_by_others ']);
    await look();
    expect(await told()).toEqual(['connection.budget_eaten_by_others', 'connection.budget_recovered']);
  });

  test('many deliveries given up are an alert for their endpoint, until none is', async () => {
    const dead = (deliveries: number) => look({ dead: [{ endpointId: 'ep_1', deliveries }] });
    await dead(9);
    expect(await open()).toEqual([]);
    await dead(10);
    await dead(1);
    expect(await open()).toEqual(['deliveries_dead ep_1']);
    await look();
    expect(await open()).toEqual([]);
  });

  test('steps that are not visible in time are an alert for their plan, until none is; the log knows it already', async () => {
    const late = { planId: 'pl_7Q2K8MNP', steps: 2, since: '2026-03-02T07:20:00.000Z', hint: 'Test Mode is on.' };
    await look({ late: [late, { ...late, planId: 'pl_other' }] });
    expect((await open()).toSorted()).toEqual(['steps_late pl_7Q2K8MNP', 'steps_late pl_other']);
    expect(mails.map(({ subject }) => subject)).toEqual(['[foreknow] acme: what was sent is not visible in time']);
    expect(mails[0]!.text).toContain('2 steps of plan pl_7Q2K8MNP, sent from 2026-03-02T07:20:00.000Z on, are not');
    expect(mails[0]!.text).toContain('Test Mode is on.');
    await look({ late: [late] });
    expect(await open()).toEqual(['steps_late pl_7Q2K8MNP']);
    await look();
    expect(await open()).toEqual([]);
    expect(await told()).toEqual([]);
  });

  test('a campaign that enrols nobody is an alert for its group, which stays while it cannot be told', async () => {
    const silent = { campaign: 'New hire', group: 'Auto New', people: 1, since: '2026-03-01T07:20:00.000Z' };
    await look({ silent: [silent] });
    await look({ silent: null });
    expect(await open()).toEqual(['campaign_silent New hire / Auto New']);
    expect(mails[0]!.text).toContain('"New hire" has not enrolled 1 person of "Auto New"');
    await look();
    expect(await open()).toEqual([]);
  });

  test('mails once about everything of a kind, and not again within an hour', async () => {
    const stale = (...streams: readonly string[]) =>
      look({ streams: streams.map((stream) => ({ ...users(3 * HOUR), stream })) });
    await stale('users', 'groups');
    expect(mails).toHaveLength(1);
    expect(mails[0]!.subject).toBe('[foreknow] acme: its mirror is stale');
    expect(mails[0]!.text).toContain('users was last read at');
    expect(mails[0]!.text).toContain('groups was last read at');
    time += 30 * MINUTE;
    await stale('users', 'groups', 'recipients');
    expect(mails).toHaveLength(1);
    time += 31 * MINUTE;
    await stale('users', 'groups', 'recipients');
    expect(mails).toHaveLength(2);
    expect(mails[1]!.text).not.toContain('groups');
    await look({ refusals: 1, streams: [] });
    expect(mails).toHaveLength(3);
  });

  test('a flapping state makes one mail an hour', async () => {
    for (let minutes = 0; minutes < 120; minutes += 1) {
      time = start + minutes * MINUTE;
      await look({ refusals: minutes % 2 });
    }
    expect(mails).toHaveLength(2);
  });

  test('a mail that cannot be sent is tried again with the next look', async () => {
    isMailDown = true;
    await look({ refusals: 1 });
    expect(failures).toEqual(['A mail about acme could not be sent: the mail server could not be reached.']);
    isMailDown = false;
    await look({ refusals: 1 });
    expect(mails).toHaveLength(1);
  });
});

test('mail goes to everybody through a real server, with the login that was given', async () => {
  const received: { from: string; to: string[]; body: string; user: unknown }[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 'pass-1' ? done(null, { user: username }) : done(new Error('no')),
    onData: (stream, { envelope, user }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        received.push({ from, to, body: Buffer.concat(chunks).toString(), user });
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const smtp = { host: '127.0.0.1', port, user: 'foreknow', password: 'pass-1', from: 'foreknow@example.com' };
  const mail = ['it@example.com', 'security@example.com'];
  try {
    await mailer({ mail, smtp: { ...smtp, requireTls: false } })!({
      subject: 'acme: stale',
      text: 'users was last read\n',
    });
    expect(received).toMatchObject([{ from: 'foreknow@example.com', to: mail, user: 'foreknow' }]);
    expect(received[0]!.body).toMatch(/^Subject: acme: stale\r$/m);
    expect(received[0]!.body).toContain('users was last read');
    // A password goes over TLS alone, unless the operator says otherwise.
    await expect(mailer({ mail, smtp })!({ subject: 's', text: 't' })).rejects.toThrow();
    expect(received).toHaveLength(1);
  } finally {
    await new Promise<void>((done) => server.close(() => done()));
  }
  expect(mailer({ mail: [], smtp })).toBeNull();
});
