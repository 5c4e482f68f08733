import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { filesHolding } from '../store/contract/temp-store.ts';
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';

/* Co-workers who are asked to connect an account, by mails that a real server takes. */

type Mail = { readonly to: readonly string[]; readonly subject: string; readonly text: string };

let emulator: Emulator;
let smtp: SMTPServer;
let mails: Mail[];
let refusesMail: boolean;
let folder: string;
let gateway: Gateway;
let now: Date;

beforeAll(async () => {
  emulator = await startEmulator({ people: 20, limits: false });
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => done(refusesMail ? new Error('no such user') : null),
    onData: async (stream, session, done) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      mails.push(
        read(
          Buffer.concat(chunks).toString('utf8'),
          session.envelope.rcptTo.map(({ address }) => address),
        ),
      );
      done();
    },
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
});
afterAll(async () => {
  await emulator.close();
  await new Promise<void>((resolve) => smtp.close(resolve));
});

beforeEach(async () => {
  now = new Date('2026-11-21T08:00:00.000Z');
  [mails, refusesMail] = [[], false];
  folder = mkdtempSync(join(tmpdir(), 'foreknow-invitations-'));
  gateway = await open();
});
afterEach(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

const notices: string[] = [];
const open = (options: Partial<GatewayOptions> = {}) =>
  openGateway({
    ...{ folder, allowBaseUrls: true, now: () => now, links: { publicUrl: 'https://gw.example.com' } },
    onNotice: ({ message }) => notices.push(message),
    notify: {
      mail: [],
      smtp: { host: '127.0.0.1', port: (smtp.server.address() as AddressInfo).port, from: 'foreknow@example.com' },
    },
    ...options,
  });

/** A mail of plain text as it was sent, its lines joined again. */
function read(raw: string, to: readonly string[]): Mail {
  const [head = '', ...body] = raw.split('\r\n\r\n');
  const isQuoted = /quoted-printable/i.test(head);
  const text = body.join('\r\n\r\n').replaceAll('\r\n', '\n');
  const plain = isQuoted
    ? text
        .replace(/=\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
  return { to, subject: /^Subject: (.*(?:\r\n[ \t].*)*)/m.exec(head)![1]!.replaceAll(/\r\n[ \t]/g, ' '), text: plain };
}

const caller = (from = '192.0.2.7') => ({ from, requestId: null });
const HOUR = 3_600_000;
const later = (ms: number): void => {
  now = new Date(now.getTime() + ms);
};
const good = () => ({
  ...{ region: emulator.region, baseUrl: emulator.url, reporting: emulator.reportingToken },
});
const invite = (address = 'priya@example.com') =>
  gateway.links.invite({ address, requester: 'Example Foods IT', tenant: 'Foods' }, null);
const secretIn = ({ text }: Mail): string => /link_token=(\S+)/.exec(text)![1]!;
const codeIn = ({ text }: Mail): string => /code (KB-\w{4}-\w{4})/.exec(text)![1]!;

describe('an invitation', () => {
  test('goes out by mail, in plain words: who asks, what for, what to do, until when, how to report', async () => {
    const made = await invite();
    expect(made.mailed).toBe(true);
    expect(made.link).toMatchObject({ state: 'open', address: 'priya@example.com', sentAt: now.toISOString() });
    expect(mails).toHaveLength(1);
    const [mail] = mails as [Mail];
    expect(mail.to).toEqual(['priya@example.com']);
    expect(mail.subject).toBe('Example Foods IT asks you to connect KnowBe4');
    expect(mail.text).toContain(`https://gw.example.com/connect-account?link_token=${made.secret}`);
    expect(mail.text).toContain(`https://gw.example.com/connect and type the code ${made.code}`);
    for (const words of [
      'gw.example.com',
      '(Foods)',
      'changes nothing there',
      '24 Nov 2026, 08:00 UTC',
      'Example Foods IT never sees the token',
      'Do not open the link. Ask Example Foods IT',
      'not affiliated with KnowBe4',
    ])
      expect(mail.text).toContain(words);
    expect(Math.max(...mail.text.split('\n').map((line) => line.length))).toBeLessThan(140);
  });

  test('connects by the link of the mail, and by the code as it may be typed', async () => {
    await invite();
    const { link } = await gateway.links.submit(secretIn(mails[0]!), good(), caller());
    expect(link).toMatchObject({ state: 'used', address: 'priya@example.com' });
    const second = await invite();
    expect(second.code).toMatch(/^KB-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/);
    const typed = ` ${codeIn(mails[1]!).toLowerCase().replaceAll('-', ' ')} `;
    const { secret } = await gateway.links.byCode(typed, caller());
    expect(secret).not.toBe(second.secret);
    expect(await gateway.links.byCode(second.code.slice(3), caller())).toEqual({ secret });
    expect((await gateway.links.open(secret)).id).toBe(second.link.id);
    await gateway.links.submit(secret, good(), caller());
    await expect(gateway.links.byCode(second.code, caller())).rejects.toMatchObject({ code: 'link_invalid' });
  });

  test('goes on by its code after the keys of the vault were renewed', async () => {
    const { code, link } = await invite();
    await gateway.vault.rotate();
    const { secret } = await gateway.links.byCode(code, caller());
    expect((await gateway.links.open(secret)).id).toBe(link.id);
  });

  test('is handed over where no mail can go out', async () => {
    expect(await invite('Priya of the third floor')).toMatchObject({ mailed: false, link: { sentAt: null } });
    refusesMail = true;
    expect((await invite()).mailed).toBe(false);
    expect(notices.at(-1)).toMatch(/^The mail of invitation lnk_\S+ could not be sent\.$/);
    await gateway.close();
    gateway = await open({ links: {} });
    const made = await invite();
    expect(made).toMatchObject({ mailed: false, url: `/connect-account?link_token=${made.secret}` });
    expect(mails).toEqual([]);
  });

  test('is sent again with a new link and a new code, and expires when it would have', async () => {
    const first = await invite();
    later(HOUR);
    const second = await gateway.links.resend(first.link.id, null);
    expect(second.link).toMatchObject({
      id: first.link.id,
      expiresAt: first.link.expiresAt,
      sentAt: now.toISOString(),
    });
    expect(mails).toHaveLength(2);
    await expect(gateway.links.open(first.secret)).rejects.toMatchObject({ code: 'link_invalid' });
    await expect(gateway.links.byCode(first.code, caller())).rejects.toMatchObject({ code: 'link_invalid' });
    await gateway.links.open(second.secret);
    await gateway.links.byCode(second.code, caller());
    later(71 * HOUR);
    expect((await gateway.links.get(first.link.id, null)).state).toBe('expired');
    await expect(gateway.links.resend(first.link.id, null)).rejects.toMatchObject({ code: 'link_expired' });
    await expect(gateway.links.byCode(second.code, caller())).rejects.toMatchObject({ code: 'link_invalid' });
  });

  test('is mailed to one address five times an hour', async () => {
    const { link } = await invite();
    for (let count = 0; count < 4; count += 1) await gateway.links.resend(link.id, null);
    for (const again of [() => gateway.links.resend(link.id, null), () => invite('Priya@Example.com')])
      await expect(again()).rejects.toMatchObject({ code: 'too_many_attempts' });
    await invite('jonas@example.com');
    expect(mails).toHaveLength(6);
  });

  test('leaves neither its link nor its code in the files of the store', async () => {
    const { secret, code } = await invite();
    const entry = (await gateway.links.byCode(code, caller())).secret;
    for (const hidden of [secret, entry, code, code.slice(3).replace('-', '')])
      expect(filesHolding(folder, hidden)).toEqual([]);
    expect(filesHolding(folder, 'Example Foods IT')).not.toEqual([]);
  });
});

describe('a wrong guess', () => {
  test('names nothing: wrong, used, revoked, expired and ended codes look alike', async () => {
    const [used, revoked, expired] = [await invite(), await invite(), await invite()];
    const { secret: makerSecret, token } = await gateway.tokens.create({ name: 'portal', scopes: ['connections'] });
    const maker = await gateway.tokens.verify(makerSecret);
    const ended = await gateway.links.invite({ address: 'jonas@example.com' }, maker);
    await gateway.tokens.revoke(token.id);
    await gateway.links.submit(used.secret, good(), caller());
    await gateway.links.revoke(revoked.link.id, null);
    const refusal = (code: string, at: string) =>
      gateway.links.byCode(code, caller(at)).then(
        () => null,
        ({ code: word, detail, hint, field }) => ({ word, detail, hint, field }),
      );
    const alike = await refusal('KB-2222-2222', '192.0.2.1');
    expect(alike).toMatchObject({ word: 'link_invalid' });
    for (const wrong of ['', 'KB', 'x'.repeat(10_000), 'KB-0O1I-0O1I', 'fkl_abc'])
      expect(await refusal(wrong, '198.51.100.1')).toEqual(alike);
    for (const { code } of [used, revoked, ended]) expect(await refusal(code, '203.0.113.1')).toEqual(alike);
    later(72 * HOUR);
    expect(await refusal(expired.code, '203.0.113.1')).toEqual(alike);
    for (const word of ['Foods', 'priya', 'jonas']) expect(JSON.stringify(alike)).not.toContain(word);
  });

  test('counts by network: ten an hour, then even the right code is not looked at', async () => {
    const { code } = await invite();
    const wrong = (from: string) => gateway.links.byCode('KB-2222-2222', caller(from));
    for (let host = 1; host <= 10; host += 1)
      await expect(wrong(`192.0.2.${host}`)).rejects.toMatchObject({ code: 'link_invalid' });
    await expect(wrong('192.0.2.99')).rejects.toMatchObject({ code: 'too_many_attempts', retryAfterMs: HOUR });
    await expect(gateway.links.byCode(code, caller('192.0.2.99'))).rejects.toMatchObject({ code: 'too_many_attempts' });
    await gateway.links.byCode(code, caller('198.51.100.9'));
    later(HOUR);
    await gateway.links.byCode(code, caller('192.0.2.99'));
  });

  test('is counted in the audit log by its network', async () => {
    await gateway.links.byCode('KB-2222-2222', caller()).catch(() => undefined);
    await gateway.close();
    gateway = await open();
    const entries = await gateway.audit.entries({ connectionIds: null, after: 0, limit: 9 });
    expect(entries.map(({ action }) => action)).toEqual(['login.failed']);
    expect(JSON.stringify(entries)).toContain('192.0.2.0/24');
    expect(JSON.stringify(entries)).not.toContain('2222');
  });
});

test('an invitation that ends soon is reminded of by itself', async () => {
  await invite();
  later(48 * HOUR);
  gateway.startWork({ scheduled: false });
  await expect.poll(() => mails.length, { timeout: 20_000 }).toBe(2);
  expect(mails[1]!.subject).toBe('Reminder: Example Foods IT asks you to connect KnowBe4');
  await gateway.links.open(secretIn(mails[1]!));
});
