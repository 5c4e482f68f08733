import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { aPlan } from '../provisioning/contract/builders.ts';
import { COMMAND_TOKEN } from '../tokens/token.ts';
import { openDoor } from './contract/door.ts';
import { aConnection, aHold, aRun, fakeGateway, TRUTO_ENDPOINT } from './contract/fake-gateway.ts';
import { PRIYAS_SECRET, priya } from './contract/fake-operators.ts';

const acme = aConnection();
const { gateway, addToken, written } = fakeGateway({ connections: [acme], runs: [aRun()], holds: [aHold()] });
const admin = addToken({ scopes: ['admin'], name: 'mara' });
addToken({ id: 'tok_victim' });
addToken({ id: 'tok_agent', kind: 'mcp', connections: [acme.id] });
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor({ gateway, limits: { failuresPerMinute: 1000, waitMs: 0 } });
});
afterEach(() => void written.splice(0));
afterAll(() => door.close());

const byPriya = { name: priya.name, secret: PRIYAS_SECRET };
const bodies: Readonly<Record<string, unknown>> = {
  createInvitation: { address: 'priya@example.com' },
  createLinkToken: { tenant_id: 'foods' },
  connect: { name: 'gamma', region: 'us', reporting_token: 'made-up-token' },
  updateConnection: { tags: ['emea'] },
  replaceToken: { reporting_token: 'made-up-token' },
  putKey: { token: 'made-up-token' },
  proxyGraphql: { query: 'mutation { change }' },
  createIntegratedAccountToken: { integrated_account_id: acme.id },
  importIntegratedAccount: {
    tenant_id: 'delta',
    context: { name: 'delta', api_token: 'made-up-token', region: 'us' },
  },
  bulkDeleteIntegratedAccounts: { ids: ['con_delta'] },
  updateOwnIntegratedAccount: { tags: ['emea'] },
  updateIntegratedAccount: { tags: ['emea'] },
  updateCredentials: { api_token: 'made-up-token' },
  refreshCredentials: { id: acme.id },
  createMcpToken: { name: 'agent' },
  updateMcpToken: { name: 'helpdesk' },
  createToken: { name: 'reports', scopes: ['risk'] },
  uploadToSource: { content: 'id\n7\n' },
  buildPlan: {},
  comparePlans: { rules: { file: 'draft.yaml', text: 'version: 1' } },
  approvePlan: { digest: aPlan().digest, operator: byPriya },
  rejectPlan: { reason: 'Not this week', operator: byPriya },
  attestProvisioning: { attested: 'test_mode_on', operator: byPriya },
  configureProvisioning: { mode: 'propose', operator: byPriya },
  resumeProvisioning: { operator: byPriya },
  confirmAdoption: { operator: byPriya },
  decideWorkItem: { choice: 'ignore', operator: byPriya },
  acceptSourceRead: { digest: 'sha256:1', operator: byPriya },
  createWebhook: { url: 'https://hooks.example.com/in' },
  updateWebhook: { state: 'paused' },
  replayWebhook: { dead: true },
  createTrutoWebhook: { target_url: 'https://hooks.example.com/in', event_types: ['record:*'] },
  updateTrutoWebhook: { is_active: false },
  testTrutoWebhook: { id: TRUTO_ENDPOINT },
  createSyncJobCronTrigger: {
    ...{ sync_job_id: 'directory', integrated_account_id: acme.id, cron_expression: '*/30 * * * *' },
  },
  updateSyncJobCronTrigger: { status: 'inactive' },
  createSyncJobRun: { sync_job_id: 'directory', integrated_account_id: acme.id },
};
/** Called by who has the secret of an intake, which is nobody's administrative act; the others only read. */
const notAdministrative = new Set(['receiveWebhook', 'batchRequest']);
const ofAgents = (path: string) => path.startsWith('/mcp');
/** Data that providers push: what becomes of it is told where it is applied. */
const ofProviders = (path: string) => path.startsWith('/scim/');
/** Changes of the directory: refused, whoever asks, and written down as refused. */
const neverDone = (path: string) => path.startsWith('/unified/');
/** Last, because it takes the others' connection away. */
const last = ['removeConnection'];

test('every call that changes something leaves an entry: who, what, by which door, from where', async () => {
  const calls = Object.entries(door.document.paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({
        path,
        method,
        id: (one as { operationId?: string }).operationId!,
      })),
    )
    .filter(
      ({ path, method, id }) =>
        method !== 'get' && !notAdministrative.has(id) && !neverDone(path) && !ofAgents(path) && !ofProviders(path),
    )
    .toSorted((one, other) => last.indexOf(one.id) - last.indexOf(other.id));
  expect(calls.length).toBeGreaterThan(12);
  for (const { path, method, id } of calls) {
    written.splice(0);
    const target = (id === 'deleteIntegratedAccount' ? path.replace('{id}', 'con_gamma') : path)
      .replace(/tokens\/\{id\}/, 'tokens/tok_victim')
      .replace(/holds\/\{id\}/, 'holds/hold_1')
      .replace(/^\/webhook\/\{id\}/, `/webhook/${TRUTO_ENDPOINT}`)
      .replace(/^\/sync-job-run\/\{id\}/, `/sync-job-run/${aRun().id}`)
      .replace(/^\/sync-job-cron-trigger\/\{id\}/, `/sync-job-cron-trigger/${acme.id}:directory`)
      .replace(/v1\/plans(\/compare)?$/, `v1/plans$1?connection_id=${acme.id}`)
      .replace(/plans\/\{id\}/, `plans/${aPlan().id}`)
      .replace(/plan-applications\/\{id\}/, 'plan-applications/app_1')
      .replace(/work-items\/\{id\}/, 'work-items/wi_1')
      .replace(/sources\/\{name\}/, 'sources/hr-drop')
      .replace('{kind}', 'scim')
      .replace('{tokenId}', 'tok_agent')
      .replace(/account\/me$/, `account/me?integrated_account_id=${acme.id}`)
      .replace(/^\/(proxy|custom)\/\{path\}/, '/$1/events/77')
      .replace(/\{\w+\}/, acme.id)
      .replace(/\{\w+\}/g, '77');
    const answer = await door.call(target, {
      method: method.toUpperCase(),
      token: admin,
      headers: { 'x-request-id': `of-${id}` },
      ...(bodies[id] === undefined ? {} : { json: bodies[id] }),
    });
    expect([id, answer.status]).toEqual([id, expect.toSatisfy((status: number) => status < 300)]);
    // What takes several steps says first that it was begun.
    expect([id, written.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'begun')]).toEqual([
      id,
      ['done'],
    ]);
    expect(written.at(-1)).toMatchObject({
      actor: { kind: 'token', name: 'mara', door: 'http', from: '127.0.0.1', requestId: `of-${id}` },
      outcome: 'done',
    });
    expect(JSON.stringify(written)).not.toContain('made-up-token');
    expect(JSON.stringify(written)).not.toContain('"77"');
  }
});

test('a change that the token may not make is written as refused', async () => {
  const reader = addToken({ scopes: ['directory'], name: 'reader' });
  expect((await door.call('/api/v1/vault/rotate', { method: 'POST', token: reader })).status).toBe(403);
  expect(written).toMatchObject([
    {
      actor: { name: 'reader' },
      action: 'request.refused',
      outcome: 'refused',
      error: 'scope_missing',
      details: { operation: 'rotateVault' },
    },
  ]);
  expect((await door.call('/api/v1/audit', { token: reader })).status).toBe(403);
  expect(written).toHaveLength(1);
});

test('commands beside the server are written under the user who ran them, and nobody else can say who they are', async () => {
  const commands = addToken({ scopes: ['admin'], name: COMMAND_TOKEN });
  const headers = { 'x-foreknow-operator': 'jonas' };
  const create = (token: string, name: string) =>
    door.call('/api/v1/tokens', { method: 'POST', token, headers, json: { name, scopes: ['risk'] } });
  await create(commands, 'one');
  await create(admin, 'two');
  expect(written.map(({ actor: { kind, id, door: by } }) => [kind, id, by])).toEqual([
    ['operator', 'jonas', 'cli'],
    ['token', expect.stringMatching(/^tok_/), 'http'],
  ]);
});

test('the log is read page by page with the scope audit, and streamed as NDJSON and CSV', async () => {
  const auditor = addToken({ scopes: ['audit'] });
  for (const name of ['a', 'b', 'c']) {
    await door.call('/api/v1/tokens', { method: 'POST', token: admin, json: { name, scopes: ['risk'] } });
  }
  const page = await door.call('/api/v1/audit?limit=2', { token: auditor });
  expect(page.body).toMatchObject({ next_after: 2, has_more: true });
  expect(page.body.result).toMatchObject([
    { seq: 1, action: 'token.created' },
    { seq: 2, action: 'token.created' },
  ]);
  const rest = await door.call('/api/v1/audit?limit=2&after=2', { token: auditor });
  expect(rest.body).toMatchObject({ next_after: 3, has_more: false });

  const file = (format: string) =>
    fetch(`${door.url}/api/v1/audit?format=${format}`, { headers: { authorization: `Bearer ${auditor}` } });
  const ndjson = await file('ndjson');
  expect(ndjson.headers.get('content-type')).toContain('application/x-ndjson');
  const lines = (await ndjson.text()).trimEnd().split('\n');
  for (const [index, line] of lines.entries()) {
    door.conforms.schema('AuditEntry', JSON.parse(line));
    expect(JSON.parse(line).seq).toBe(index + 1);
  }
  expect(lines).toHaveLength(3);
  const csv = await file('csv');
  expect(csv.headers.get('content-disposition')).toContain('foreknow-audit.csv');
  expect((await csv.text()).trimEnd().split('\r\n')).toHaveLength(4);
});
