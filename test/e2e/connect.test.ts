import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Fetch } from '../../src/client/transport/types.ts';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { type Gateway, openGateway } from '../../src/gateway/gateway.ts';
import { createLogger } from '../../src/http/logger.ts';
import { createServer as createDoor } from '../../src/http/server.ts';
import { hasBrowser, hostPage, openBrowser, serveHost } from '../browser/browser.ts';
import { freePort } from '../support/servers.ts';

/* Connecting an account as people and programs do it: a real browser, a gateway, the emulator, a receiver of webhooks and a mail server. */

const wait = { timeout: 60_000, interval: 200 };
const closing: (() => unknown)[] = [];
let browser: Browser;
let emulator: Emulator;
let host: Awaited<ReturnType<typeof serveHost>>;
let gateway: Gateway;
let url: string;
let context: BrowserContext;
let page: Page;
let admin: string;
let log: string;
let mails: { readonly to: readonly string[]; readonly text: string }[];
let deliveries: {
  readonly event_type?: string;
  readonly event?: string;
  readonly type?: string;
  readonly payload?: unknown;
}[];
let sinkUrl: string;

/** KnowBe4’s own hosts, played by the emulator, each region under its own address. */
const toEmulator: Fetch = (address, init) =>
  fetch(address.replace(/^https:\/\/(\w+)\.api\.knowbe4\.com/, `${emulator.url}/$1`), init as RequestInit) as never;

/** A receiver of webhooks that says 200 and keeps what came. */
async function startSink(): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    deliveries.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
}

/** A mail server that takes everything. */
async function startMail(): Promise<number> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({
          to: envelope.rcptTo.map(({ address }) => address),
          text: plainText(Buffer.concat(chunks).toString()),
        });
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  closing.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return (server.server.address() as AddressInfo).port;
}

/** Quoted-printable, as mails are written. */
const plainText = (mail: string): string =>
  mail
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

describe.skipIf(!hasBrowser)('an account is connected', () => {
  beforeAll(async () => {
    browser = await openBrowser();
    const region = 'eu';
    const accounts = [
      { name: 'Other Foods', people: 20, region },
      { name: 'Trial Foods', people: 20, region, type: 'trial' },
      { name: 'Quiet Foods', people: 20, region, anonymised: true },
    ] as const;
    const switches = { wrongRegion: '404' } as const;
    emulator = await startEmulator({ switches, people: 40, limits: false, region, accounts: [...accounts] });
    host = await serveHost(hostPage);
  });
  afterAll(async () => {
    await host.close();
    await emulator.close();
    await browser.close();
  });

  beforeEach(async () => {
    [log, mails, deliveries] = ['', [], []];
    const folder = mkdtempSync(join(tmpdir(), 'foreknow-connect-'));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    sinkUrl = await startSink();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    gateway = await openGateway({
      ...{ folder, fetch: toEmulator, webhooks: { allowHosts: ['127.0.0.1'] } },
      notify: { mail: [], smtp: { host: '127.0.0.1', port: await startMail(), from: 'foreknow@example.com' } },
      links: {
        publicUrl: `http://127.0.0.1:${port}`,
        requester: 'Priya Raman, Northwind GRC',
        allowedOrigins: [host.origin],
      },
    });
    closing.push(() => gateway.close());
    gateway.startWork();
    const stream = {
      write: (line: string) => {
        log += line;
      },
    };
    const door = await createDoor({ gateway, logger: createLogger({ level: 'debug', stream }), publicUrl: url });
    await door.listen({ host: '127.0.0.1', port });
    closing.push(() => door.close());
    admin = (await gateway.tokens.create({ name: 'test', scopes: ['admin'] })).secret;
    context = await browser.newContext();
    closing.push(() => context.close());
    page = await context.newPage();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  async function call(
    path: string,
    { token, method = 'GET', json }: { token: string; method?: string; json?: object },
  ) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = json === undefined ? null : JSON.stringify(json);
    const response = await fetch(url + path, { method, headers, body });
    const text = await response.text();
    return { status: response.status, text, body: text === '' ? null : JSON.parse(text) };
  }
  const key = () => emulator.accounts[0]!.reportingToken;
  const outcome = () => page.evaluate('outcome');

  async function linkToken(input: object = {}): Promise<string> {
    const made = await call('/link-token', {
      method: 'POST',
      token: admin,
      json: { tenant_id: 'halden', ...input },
    });
    expect(made.status, made.text).toBeLessThan(300);
    return made.body.link_token;
  }
  async function openPopUp(link: string): Promise<Page> {
    await page.goto(host.origin);
    const opened = context.waitForEvent('page');
    await page.evaluate(`popUp(${JSON.stringify(`${url}/connect-account?link_token=${link}&integration=knowbe4`)})`);
    const popUp = await opened;
    await popUp.waitForLoadState();
    return popUp;
  }
  async function fill(one: Page, fields: { key?: string; region?: string } = {}): Promise<void> {
    await one.fill('#region', fields.region ?? 'https://eu.knowbe4.com/ui/dashboard');
    await one.fill('#reporting', fields.key ?? key());
  }
  const go = (one: Page) => one.locator('button.primary').click();
  async function connect(one: Page): Promise<void> {
    await fill(one);
    await go(one);
    await one.locator('#checked').waitFor(wait);
    await go(one);
  }
  const usersWith = async (token: string) =>
    ((await call('/unified/user-directory/users?limit=500', { token })).body.result as unknown[] | undefined)?.length;
  const accountToken = async (id: string): Promise<string> => {
    const json = { integrated_account_id: id };
    return (await call('/integrated-account/token', { method: 'POST', token: admin, json })).body
      .integrated_account_token;
  };
  const people = () => emulator.accounts[0]!.people;

  test('through the pop-up: connected, told by webhook, read with the account’s token, removed', async () => {
    const hook = { target_url: sinkUrl, event_types: ['integrated_account:*'] };
    const made = await call('/webhook', { method: 'POST', token: admin, json: hook });
    expect(made.status, made.text).toBe(201);
    const link = await linkToken();
    const popUp = await openPopUp(link);
    expect(await popUp.textContent('main')).toContain('Priya Raman, Northwind GRC');
    await connect(popUp);
    await expect.poll(outcome, wait).toMatchObject({ result: 'success', is_truto: true, integration: 'knowbe4' });
    const { integrated_account_id: id } = (await outcome()) as { integrated_account_id: string };

    const account = await call(`/integrated-account/${id}`, { token: admin });
    expect(account.body).toMatchObject({ id, tenant_id: 'halden', status: 'active' });
    await expect.poll(() => JSON.stringify(deliveries), wait).toContain('integrated_account:active');
    expect(JSON.stringify(deliveries)).toContain(id);

    const own = await accountToken(id);
    await expect.poll(() => usersWith(own), wait).toBe(people());

    const removed = await call(`/integrated-account/${id}`, { method: 'DELETE', token: admin });
    expect(removed.status, removed.text).toBeLessThan(300);
    const after = await call('/unified/user-directory/users', { token: own });
    expect(after.status).toBeGreaterThanOrEqual(400);

    for (const secret of [link, key(), own]) {
      expect(log).not.toContain(secret);
      expect(JSON.stringify(deliveries)).not.toContain(secret);
    }
  }, 120_000);

  test('by a co-worker with the code of a mail, who is the only one to see the key', async () => {
    const json = { address: 'priya@example.com', tenant: 'halden' };
    const invited = await call('/api/v1/invitations', { method: 'POST', token: admin, json });
    expect(invited.status, invited.text).toBe(201);
    await expect.poll(() => mails.length, wait).toBe(1);
    expect(mails[0]!.to).toEqual(['priya@example.com']);
    const code = /KB-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(mails[0]!.text)![0];

    await page.goto(`${url}/connect`);
    await page.fill('#code', code.toLowerCase());
    await go(page);
    await page.locator('#reporting').waitFor(wait);
    await connect(page);
    await page.getByText('Your KnowBe4 account is connected').waitFor(wait);
    expect(await page.textContent('main')).toContain('You can close this window.');

    const [connection] = await gateway.connections.list();
    expect(connection).toMatchObject({ tenant: 'halden', state: 'active' });
    await expect.poll(async () => usersWith(await accountToken(connection!.id)), wait).toBe(people());
    const seen = await call('/api/v1/invitations', { token: admin });
    expect(seen.text).not.toContain(key());
    expect(log).not.toContain(code);

    // The same code once more, and the link of the mail: both were used up.
    await page.goto(`${url}/connect`);
    await page.fill('#code', code);
    await go(page);
    await page.getByText('This code opens nothing').waitFor(wait);
    const mailed = /http:\S+\/connect-account\?link_token=\S+/.exec(mails[0]!.text)![0];
    expect((await page.goto(mailed))!.status()).toBe(410);
    await page.getByText('This link was used already').waitFor(wait);
  }, 120_000);

  test('a wrong key, a wrong region and a closed window connect nothing and use nothing up', async () => {
    const link = await linkToken();
    const popUp = await openPopUp(link);
    await fill(popUp, { key: 'eyJhbGciOiJIUzI1NiJ9.e30.bm8' });
    await go(popUp);
    await popUp.getByRole('heading', { name: 'KnowBe4 refused this key' }).waitFor(wait);
    await fill(popUp, { region: 'https://training.knowbe4.com' });
    await go(popUp);
    await popUp.getByRole('heading', { name: 'There is nothing at this address' }).waitFor(wait);
    await popUp.getByRole('button', { name: 'Look in the other regions' }).click();
    await popUp.getByText('The token belongs to region eu, not us').waitFor(wait);
    await popUp.close();
    await expect.poll(outcome, wait).toBe('closed');
    expect(await gateway.connections.list()).toEqual([]);

    const again = await openPopUp(link);
    await connect(again);
    await expect.poll(outcome, wait).toMatchObject({ result: 'success' });
  }, 120_000);

  test('wrong product, trial, anonymised account and maintenance are told apart, and what the key can do', async () => {
    const one = await context.newPage();
    await one.goto(`${url}/connect-account?link_token=${await linkToken()}`);
    const panel = async (tokenOf: string) => {
      await fill(one, { key: tokenOf });
      await go(one);
      await one.locator('#checked').waitFor(wait);
      const text = await one.textContent('#checked');
      await one.getByText('Use another account or key').click();
      return text;
    };
    const productToken = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"scope":"public_kmsat"}').toString('base64url')}.bm8`;
    await fill(one, { key: productToken });
    await go(one);
    await one.getByRole('heading', { name: 'This is a key of another KnowBe4 product' }).waitFor(wait);

    const fault = { kind: 'maintenance', endpoint: 'account', count: 'always' } as const;
    emulator.addFault(fault);
    await fill(one);
    await go(one);
    await one.getByRole('heading', { name: 'KnowBe4 is in maintenance' }).waitFor(wait);
    emulator.clearFaults();

    expect(await panel(emulator.accounts[2]!.reportingToken)).toMatch(/Trial Foods.*trial account/s);
    expect(await panel(emulator.accounts[3]!.reportingToken)).toMatch(/Quiet Foods.*may be anonymised/s);
    expect(await panel(key())).toMatch(/Halden Foods.*seats · Europe.*Read training.*not with this key/s);
    expect(await gateway.connections.list()).toEqual([]);
  }, 120_000);

  test('a link connects once, and a second page with it is told so', async () => {
    const link = await linkToken();
    const [first, second] = [await context.newPage(), await context.newPage()];
    for (const one of [first, second]) await one.goto(`${url}/connect-account?link_token=${link}`);
    await connect(first);
    await first.getByText('Your KnowBe4 account is connected').waitFor(wait);
    await fill(second);
    await go(second);
    await second.getByText('This link was used already').waitFor(wait);
    expect(await gateway.connections.list()).toHaveLength(1);
    await openPopUp(link);
    await expect.poll(outcome, wait).toMatchObject({ result: 'error', error_type: 'invalid_token' });
  }, 120_000);

  test('reconnecting keeps the id of the account, and another company’s key is refused', async () => {
    const { region, reportingToken } = emulator;
    const { connection } = await gateway.connections.connect({ name: 'halden', region, reportingToken });
    const link = await linkToken({ tenant_id: undefined, integrated_account_id: connection.id });
    const one = await context.newPage();
    await one.goto(`${url}/connect-account?link_token=${link}`);
    await one.fill('#reporting', emulator.accounts[1]!.reportingToken);
    await go(one);
    await one.getByRole('heading', { name: 'This key opens another KnowBe4 account' }).waitFor(wait);
    await one.fill('#reporting', key());
    await go(one);
    await one.locator('#checked').waitFor(wait);
    await go(one);
    await one.getByText('Connected again').waitFor(wait);
    expect((await gateway.connections.list()).map(({ id }) => id)).toEqual([connection.id]);
  }, 120_000);
});
