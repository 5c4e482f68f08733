import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';

const acme = aConnection({ id: 'con_1', name: 'acme' });
const other = aConnection({ id: 'con_2', name: 'other' });
const mcp = '/integrated-account/con_1/mcp';

let fake: ReturnType<typeof fakeGateway>;
let door: Awaited<ReturnType<typeof openDoor>>;
let now: Date;
let admin: string;
beforeEach(async () => {
  fake = fakeGateway({ connections: [acme, other] });
  now = new Date();
  door = await openDoor({ gateway: fake.gateway, now: () => now, publicUrl: 'https://gateway.example/' });
  admin = fake.addToken({ scopes: ['admin'], name: 'admin' });
});
afterEach(() => door.close());

const send = (method: string, path: string, json?: unknown, token = admin) => door.call(path, { method, token, json });
const made = async (fields: object = {}, token = admin) => {
  const { status, body } = await send('POST', mcp, { name: 'agent', ...fields }, token);
  expect([status, body.message]).toEqual([201, undefined]);
  return body;
};
/** Messages of another protocol, which the document of the door does not describe. */
const ask = (path: string, message: object, token?: string) =>
  fetch(door.url + path, {
    ...{ method: 'POST', body: JSON.stringify(message) },
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
const toolsOf = async (path: string, token?: string): Promise<readonly string[]> => {
  const answer = await ask(path, { method: 'tools/list', id: 1 }, token);
  if (answer.status !== 200) return [String(answer.status)];
  const { result } = (await answer.json()) as { result: { tools: readonly { name: string }[] } };
  return result.tools.map(({ name }) => name).toSorted();
};

test('a token of MCP is made for one account; its secret and address are told this once', async () => {
  const body = await made({ config: { methods: ['read'], tags: ['training'] } });
  expect(body).toMatchObject({
    ...{ name: 'agent', config: { methods: ['read'], tags: ['training'], require_api_token_auth: false } },
    ...{ token: expect.stringMatching(/^fkm_/), url: `https://gateway.example/mcp/${body.token}` },
  });
  const { token, url, ...rest } = body;
  expect((await send('GET', `${mcp}/${body.id}`)).body).toEqual({ ...rest, last_used_at: null });
  const list = await send('GET', `${mcp}?next_cursor=`);
  expect(list.body).toEqual({ result: [{ ...rest, last_used_at: null }], next_cursor: null, limit: 5000 });
  expect(list.text).not.toContain(token);
  expect(await fake.gateway.tokens.verify(token)).toMatchObject({ kind: 'mcp', connections: ['con_1'] });
  expect(Date.parse(body.expires_at) - Date.now()).toBeGreaterThan(89 * 86_400_000);
});

test('its address is that of the call where nobody says another', async () => {
  const plain = await openDoor({ gateway: fake.gateway });
  const { body } = await plain.call(mcp, { method: 'POST', token: admin, json: { name: 'agent' } });
  expect(body.url).toBe(`${plain.url}/mcp/${body.token}`);
  await plain.close();
});

describe('its tools', () => {
  test('are those that methods and tags name, and whatever tells which accounts there are', async () => {
    const all = await toolsOf(new URL((await made()).url).pathname);
    expect(all).toContain('list_people');
    expect(await toolsOf(new URL((await made({ config: { methods: ['read'] } })).url).pathname)).toEqual(all);
    const training = (await toolsOf(
      new URL((await made({ config: { tags: ['training'] } })).url).pathname,
    )) as string[];
    expect(training).toContain('list_connections');
    expect(training).toContain('list_training');
    expect(training).not.toContain('list_people');
    const one = await made({ config: { methods: ['explain_person'] } });
    expect(await toolsOf(new URL(one.url).pathname)).toEqual(['explain_person', 'list_connections']);
    const call = { method: 'tools/call', id: 2, params: { name: 'list_people', arguments: {} } };
    const refused = await (await ask(new URL(one.url).pathname, call)).text();
    expect(refused).toContain('list_people');
    expect(refused).not.toContain('structuredContent');
  });

  test('have to be some: a filter that leaves none is refused', async () => {
    const risky = fake.addToken({ scopes: ['connections', 'risk'] });
    for (const [config, token] of [
      [{ methods: ['write'] }, admin],
      [{ methods: ['custom', 'create'] }, admin],
      [{ tags: ['tickets'] }, admin],
      [{ tags: ['training'] }, risky],
    ] as const) {
      const { status, body } = await send('POST', mcp, { name: 'agent', config }, token);
      expect([status, body.details.field], JSON.stringify(config)).toEqual([400, 'config']);
    }
    const { id } = await made();
    expect((await send('PATCH', `${mcp}/${id}`, { config: { tags: ['tickets'] } })).status).toBe(400);
    expect((await send('POST', mcp, { name: 'agent', config: { methods: [] } })).status).toBe(400);
  });
});

test('with require_api_token_auth it works only beside an API token that reaches the account', async () => {
  const { url, token } = await made({ config: { require_api_token_auth: true } });
  const { pathname } = new URL(url);
  expect(await toolsOf(pathname)).toEqual(['401']);
  expect(await toolsOf(pathname, fake.addToken({ connections: ['con_2'] }))).toEqual(['401']);
  expect(await toolsOf(pathname, (await made()).token)).toEqual(['401']);
  expect(await toolsOf('/mcp', token)).toEqual(['401']);
  expect(await toolsOf(pathname, fake.addToken({ connections: ['con_1'] }))).toContain('list_people');
  expect(await toolsOf(`${pathname}/mcp`, admin)).toContain('list_people');
});

test('it takes another name, other tools and another expiry', async () => {
  const { id, url } = await made({ config: { tags: ['training'] } });
  const expires_at = new Date(Date.now() + 86_400_000).toISOString();
  const { body } = await send('PATCH', `${mcp}/${id}`, { name: 'helpdesk', config: { tags: ['risk'] }, expires_at });
  expect(body).toMatchObject({ id, name: 'helpdesk', config: { tags: ['risk'] }, expires_at });
  expect(body.token).toBeUndefined();
  expect(await toolsOf(new URL(url).pathname)).toContain('risk_trend');
  expect(await toolsOf(new URL(url).pathname)).not.toContain('list_training');
  const soon = new Date(Date.now() + 30_000).toISOString();
  expect((await send('PATCH', `${mcp}/${id}`, { expires_at: soon })).body.details.field).toBe('expires_at');
  expect((await send('PATCH', `${mcp}/${id}`, { scopes: ['admin'] })).status).toBe(400);
});

test('what has ended is not there any more', async () => {
  const first = await made({ expires_at: new Date(Date.now() + 120_000).toISOString() });
  const second = await made();
  expect((await send('DELETE', `${mcp}/${second.id}`)).body).toEqual({ id: second.id });
  expect(await toolsOf(new URL(second.url).pathname)).toEqual(['401']);
  expect((await send('DELETE', `${mcp}/${second.id}`)).status).toBe(404);
  const ids = async () => (await send('GET', mcp)).body.result.map(({ id }: { id: string }) => id);
  expect(await ids()).toEqual([first.id]);
  const maker = fake.addToken({ scopes: ['connections', 'risk'], id: 'tok_maker' });
  const third = await made({}, maker);
  expect(await ids()).toHaveLength(2);
  await fake.gateway.tokens.revoke('tok_maker');
  expect(await ids()).toEqual([first.id]);
  expect((await send('GET', `${mcp}/${third.id}`)).status).toBe(404);
  now = new Date(Date.now() + 121_000);
  expect(await ids()).toEqual([]);
});

test('no token can see, change or end one that may more than itself, nor one of another account', async () => {
  const { id } = await made();
  const lesser = fake.addToken({ scopes: ['connections', 'risk'] });
  expect((await send('GET', mcp, undefined, lesser)).body.result).toEqual([]);
  for (const [method, body] of [
    ['GET', undefined],
    ['PATCH', { config: { tags: ['risk'] } }],
    ['DELETE', undefined],
  ] as const)
    for (const [path, token] of [
      [`${mcp}/${id}`, lesser],
      [`/integrated-account/con_2/mcp/${id}`, admin],
      [`${mcp}/tok_none`, admin],
    ] as const)
      expect((await send(method, path, body, token)).status, `${method} ${path}`).toBe(404);
  const own = await made({}, lesser);
  expect((await send('PATCH', `${mcp}/${own.id}`, { name: 'mine' }, lesser)).body.name).toBe('mine');
  const account = fake.addToken({ kind: 'account', connections: ['con_1'], parentId: 'tok_maker' });
  expect((await send('GET', mcp, undefined, account)).status).toBe(401);
});
