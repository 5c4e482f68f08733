import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { SMTPServer } from 'smtp-server';
import { expect, test } from 'vitest';
import { startEmulator } from '../emulator/index.ts';
import { openGateway } from '../gateway/gateway.ts';
import { fileOf, type Row, RULES } from '../gateway/provisioning-lab.contract.ts';
import type { Plan } from '../provisioning/plan.ts';
import { openDoor } from './contract/door.ts';
import { createLogger } from './logger.ts';

/* Everything that provisioning is told in secret, in one loop from the sources to KnowBe4 and back; then it is looked for wherever something is kept or told. */

const OPERATOR_SECRET = 'six purple kestrels';
const GUESS = 'nine wrong kestrels';
const SOURCE_KEY = 'kestrel-key-of-the-source';
const PUSHED_PASSWORD = 'kestrel-pushed-password';
const UNMAPPED = 'kestrel-salary-91000';
const WRONG_TOKEN = 'kestrel-token-that-nobody-gave';

const every = { connectionIds: null, limit: 1000 } as const;

/** Every byte below a folder, as text of one byte a letter. */
function bytesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}

async function smtpServer(take: (mail: string) => void) {
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
    onData: async (stream, _session, done) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      take(Buffer.concat(chunks).toString('utf8'));
      done();
    },
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  return { server, port: (server.server.address() as AddressInfo).port };
}

/** An HR system that lets its key in, and says it back to whoever has another path. */
async function hrServer() {
  const server = createServer((request, response) => {
    const isRight = request.headers['x-key'] === SOURCE_KEY && request.url === '/people';
    response.writeHead(isRight ? 200 : 500, { 'content-type': 'application/json' });
    response.end(isRight ? '[]' : JSON.stringify({ error: `bad key ${String(request.headers['x-key'])}` }));
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('nothing that was told in secret stands in a log, the store, an event, the audit log, an error or a mail', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-secrets-'));
  const data = join(folder, 'data');
  mkdirSync(join(folder, 'drop'));
  writeFileSync(join(folder, 'acme.yaml'), RULES);
  const said: string[] = [];
  const say = (text: unknown): void => void said.push(typeof text === 'string' ? text : JSON.stringify(text));
  const mail = await smtpServer(say);
  const hr = await hrServer();
  const emulator = await startEmulator({
    ...{ people: 30, limits: false, provisioner: 'none', switches: { scimSeats: 'allow' } },
  });
  let shift = 0;
  const now = () => new Date(Date.now() + shift);
  const bare = {
    ...{ everyMinutes: null, hostKeys: [], key: undefined, passphrase: undefined, password: undefined },
    ...{ encoding: undefined, delimiter: undefined, columns: undefined, lists: undefined, groups: undefined },
    ...{ active: undefined, settleMs: 0 },
  };
  const json = (name: string, path: string) => ({
    ...{
      name,
      kind: 'json' as const,
      url: hr.url + path,
      id: 'id',
      attributes: { email: 'email' },
      everyMinutes: null,
    },
    auth: { header: 'x-key', value: { from: { env: 'HR_KEY' }, reveal: () => SOURCE_KEY } },
    ...{ ca: undefined, items: undefined, next: undefined, pageSize: undefined, groups: undefined, active: undefined },
    completeWhen: undefined,
  });
  const gateway = await openGateway({
    ...{ folder: data, allowBaseUrls: true, vaultKeys: randomBytes(32).toString('base64url'), now, onNotice: say },
    notify: { mail: ['it@example.com'], smtp: { host: '127.0.0.1', port: mail.port, from: 'foreknow@example.com' } },
    links: { publicUrl: 'https://foreknow.example.com/' },
    provisioning: { rules: [{ file: join(folder, 'acme.yaml'), connection: 'acme' }] },
    sources: {
      sources: [
        {
          ...{ ...bare, name: 'hr', kind: 'csv', from: 'upload', id: 'id' },
          completeWhen: {
            ...{ trailer: '#END rows={rows}', rowsFile: undefined, digestFile: undefined, rowCountColumn: undefined },
          },
        },
        json('crm', '/people'),
        json('broken', '/elsewhere'),
        { name: 'push', kind: 'scim-in', profile: undefined },
      ],
      people: { from: ['hr'], join: [], prefer: {} },
    },
  });
  const logger = createLogger({ level: 'trace', stream: { write: say } });
  const door = await openDoor({ gateway, now, logger });
  const { tokens, addresses, region, reportingToken } = emulator;
  const { secret: token } = await gateway.tokens.create({
    name: 'loop',
    scopes: ['admin', 'provisioning', 'connections', 'directory', 'write'],
  });
  const call = async (method: string, path: string, body?: unknown, bearer = token) => {
    const answer = await door.call(path, { method, token: bearer, ...(body === undefined ? {} : { json: body }) });
    say(answer.text);
    return answer;
  };
  const page = async (path: string, form?: Readonly<Record<string, string>>, cookie = '') => {
    const answer = await fetch(door.url + path, {
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      ...{ redirect: 'manual', headers: { cookie } },
    });
    const text = await answer.text();
    say(text);
    return { text, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
  };

  // Keys.
  const settings = { limits: { perSecond: null, perMinute: null, perDay: null, scimPerSecond: null } };
  await gateway.connections.connect({ name: 'acme', region, reportingToken, reportingUrl: emulator.url, settings });
  await gateway.connections
    .addKey('acme', 'scim', { token: WRONG_TOKEN, url: addresses.scim })
    .catch((error: unknown) => say(String(error)));
  for (const kind of ['scim', 'product'] as const) {
    await gateway.connections.addKey('acme', kind, { token: tokens[kind], url: addresses[kind] });
  }
  await gateway.sync.run('acme', { level: 'full' });

  // Somebody who decides, with a one-time code.
  const { totpUri } = await gateway.operators.add(
    { name: 'priya', secret: OPERATOR_SECRET, totp: true },
    null,
    'terminal',
  );
  const seed = new URL(totpUri!).searchParams.get('secret')!;
  const codes: string[] = [];
  const code = (): string => {
    shift += 60_000;
    const made = new TOTP({ secret: Secret.fromBase32(seed) }).generate({ timestamp: now().getTime() });
    codes.push(made);
    return made;
  };
  await page('/login', { name: 'priya', secret: GUESS, code: '000000' });
  const { cookie } = await page('/login', { name: 'priya', secret: OPERATOR_SECRET, code: code() });
  const session = decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1));
  expect(session.length).toBeGreaterThan(20);

  // Sources: a file with a column that no rule reads, an API with a key, a provider that pushes passwords.
  const rowOf = (user: (typeof people)[number]): Row => ({
    ...{ id: user.employee_number!, manager: '', employee_number: user.employee_number!, email: user.email },
    ...{ first_name: user.first_name!, last_name: user.last_name!, job_title: user.job_title! },
    ...{ department: user.department!, status: 'here' },
  });
  const people = emulator
    .truth()
    .users.filter(({ status, employee_number: number, department }) => status === 'active' && number && department);
  const upload = (rows: readonly Row[]) => {
    const [head, ...lines] = fileOf(rows).trimEnd().split('\n');
    const wide = [`${head},"salary"`, ...lines.slice(0, -1).map((line) => `${line},"${UNMAPPED}"`), lines.at(-1)];
    return call('POST', '/api/v1/sources/hr/upload', { content: `${wide.join('\n')}\n`, name: 'people.csv' });
  };
  const rows = people.map(rowOf);
  expect((await upload(rows)).body).toMatchObject({ state: 'kept' });
  await call('POST', '/api/v1/sources/hr/upload', { content: `id,salary\n"${UNMAPPED}`, name: 'broken.csv' });
  await call('POST', '/api/v1/sources/crm/read');
  await call('POST', '/api/v1/sources/broken/read');
  const { secret: pushToken } = await gateway.scimIn.tokens.create('push');
  const pushed = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'pushed@example.com' };
  await call('POST', '/scim/v2/push/Users', { ...pushed, password: PUSHED_PASSWORD }, pushToken);
  await call('POST', '/scim/v2/push/Users', { ...pushed, password: { deep: PUSHED_PASSWORD } }, pushToken);
  await call('GET', '/scim/v2/push/Users', undefined, WRONG_TOKEN);

  // Taken over, planned, approved on the page and by the API, applied, seen, undone.
  const { provisioning } = gateway;
  const { id: connectionId } = (await gateway.connections.list())[0]!;
  await provisioning.setMode('acme', 'propose');
  const say303 = async ({ id, digest }: Plan) => {
    const shown = await page(`/plans/${id}`, undefined, cookie);
    const csrf = /name="csrf" value="([^"]+)"/.exec(shown.text)![1]!;
    const form = { csrf, digest, act: 'approve_all', reason: 'Looked at.', code: code() };
    await page(`/plans/${id}`, { ...form, secret: GUESS }, cookie);
    await page(`/plans/${id}`, { ...form, secret: OPERATOR_SECRET, code: code() }, cookie);
    expect((await provisioning.plan(id)).plan.state).toBe('approved');
    return csrf;
  };
  const window = async () => {
    shift += 20 * 60_000;
    emulator.advance(20 * 60_000);
    await gateway.sync.run('acme', { level: 'directory' });
  };
  const apply = (id: string) => provisioning.applyNow(id, 'priya', AbortSignal.timeout(60_000));
  const adoption = await provisioning.build('acme', { kind: 'adoption' }, 'test');
  const csrf = await say303(adoption);
  await apply(adoption.id);
  emulator.mutate({ kind: 'scim-test-mode', on: false });
  await provisioning.confirmAdoption('acme', AbortSignal.timeout(60_000));
  await window();
  const department = rows[5]!.department === 'Sales' ? 'Finance' : 'Sales';
  await upload(rows.map((row, at) => (at === 4 ? { ...row, job_title: 'Team Coach', department } : row)));
  const plan = await provisioning.build('acme', {}, 'test');
  expect(plan.steps.length).toBeGreaterThan(0);
  const approving = (secret: string) =>
    call('POST', `/api/v1/plans/${plan.id}/approve`, {
      ...{ digest: plan.digest, operator: { name: 'priya', secret, code: code() } },
    });
  expect((await approving(GUESS)).status).toBe(401);
  expect((await approving(OPERATOR_SECRET)).status).toBe(200);
  emulator.addFault({ kind: 'token-disabled', path: '/scim/v2', nth: 2 });
  say(await apply(plan.id));
  emulator.clearFaults();
  await provisioning.resume('acme');
  const application = await apply(plan.id);
  expect(application.state).toBe('applied');
  await window();
  const undo = (await call('POST', `/api/v1/plan-applications/${application.id}/undo`)).body;
  const at = `/api/v1/connections/${connectionId}/provisioning`;
  const operator = () => ({ name: 'priya', secret: OPERATOR_SECRET, code: code() });
  for (const [path, body] of [
    [`/api/v1/plans/${undo.id}/reject`, () => ({ reason: 'Not now.', operator: operator() })],
    [`${at}/pause`, null],
    [`${at}/stop`, null],
    [`${at}/resume`, () => ({ operator: operator() })],
    [`${at}/attest`, () => ({ attested: 'renames_keep', words: 'Tried it.', operator: operator() })],
    [`/api/v1/plans/${plan.id}/apply`, null],
  ] as const) {
    expect((await call('POST', path, body?.())).status, path).toBe(path.endsWith('apply') ? 409 : 200);
  }
  const [read] = (await call('GET', '/api/v1/source-reads')).body.result;
  for (const path of [
    ...[
      '/api/v1/plans',
      `/api/v1/plans/${plan.id}`,
      `/api/v1/plans/${plan.id}/steps`,
      `/api/v1/plans/${plan.id}/items`,
    ],
    ...[`/api/v1/plans/${plan.id}/diff/${undo.id}`, at, `${at}/adoption`, `${at}/drift`, '/api/v1/work-items'],
    ...[`${at}/explain?who=${encodeURIComponent(rows[4]!.email)}`, `/api/v1/source-reads/${read.id}`],
    ...['/api/v1/sources', '/api/v1/sources/hr', `/api/v1/connections/${connectionId}`],
  ]) {
    expect((await call('GET', path)).status, path).toBe(200);
  }
  say(await gateway.audit.entries({ connectionIds: null, after: 0, limit: 1000 }));
  say(await gateway.events.page({ ...every, families: [], types: [], after: null, order: 'asc' }));
  await call('GET', '/metrics');
  await door.close();
  await gateway.close();
  await emulator.close();
  await new Promise((closed) => mail.server.close(() => closed(null)));
  await new Promise((closed) => hr.server.close(closed));

  const told = said.join('\n');
  const kept = bytesBelow(data);
  rmSync(folder, { recursive: true, force: true });
  // The look is one that finds what is there.
  expect(told).toContain(plan.id);
  expect(told).toContain('waits for');
  expect(kept).toContain(plan.id);
  expect(kept).toContain('Team Coach');
  const secrets = {
    ...{
      reportingToken,
      scim: tokens.scim,
      product: tokens.product,
      token,
      pushToken,
      session,
      seed,
      wrong: WRONG_TOKEN,
    },
    ...{ operator: OPERATOR_SECRET, guess: GUESS, source: SOURCE_KEY, password: PUSHED_PASSWORD, unmapped: UNMAPPED },
  };
  const forms = (secret: string): readonly string[] => [
    ...[secret, encodeURIComponent(secret), new URLSearchParams({ a: secret }).toString().slice(2)],
    ...[Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('hex')],
  ];
  const isIn = (text: string) =>
    Object.entries(secrets).flatMap(([name, secret]) =>
      forms(secret).some((form) => text.includes(form)) ? [name] : [],
    );
  expect({ told: isIn(told), kept: isIn(kept) }).toEqual({ told: [], kept: [] });
  // What a page shows to its own reader alone.
  expect(kept).not.toContain(csrf);
  for (const one of codes) expect(kept).not.toContain(`"${one}"`);
});
