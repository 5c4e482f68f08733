import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';

const at = '2026-11-20T09:00:00.000Z';
const plain = aConnection();
const withEvents = aConnection({
  ...{ id: 'con_0000000000000002', name: 'beta', state: 'needs_reauth' },
  tokens: [...plain.tokens, { kind: 'events', fingerprint: '1b1b1b1b', createdAt: at }],
});
const fake = fakeGateway({ connections: [plain, withEvents] });
const token = fake.addToken({ scopes: ['proxy'] });
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor({ gateway: fake.gateway });
});
afterAll(() => door.close());

const get = async (path: string, as = token) => {
  const answer = await door.call(path, { token: as });
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.body;
};
type Tool = {
  readonly name: string;
  readonly resource: string;
  readonly method: string;
  readonly required: readonly string[];
  readonly query_schema: { readonly properties: object; readonly required: readonly string[] };
};
const tools = async (query = '', account = plain.id): Promise<readonly Tool[]> =>
  (await get(`/integrated-account/${account}/tools${query}`)).result;

describe('tools', () => {
  test('are resources of the proxy, named as Truto names them, each described and with its parameters', async () => {
    const all = await tools();
    const names = all.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        ...['list_all_knowbe4_users', 'get_single_knowbe4_user_by_id', 'list_all_knowbe4_groups'],
        ...['list_all_knowbe4_phishing_security_tests', 'get_single_knowbe4_training_enrollment_by_id'],
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const tool of all) {
      expect(tool, tool.name).toMatchObject({ description: expect.stringMatching(/^.{8,}\.$/), body_schema: null });
      expect(tool.name).toMatch(/^[a-z0-9_]{1,64}$/);
      expect(Array.isArray(tool.required), tool.name).toBe(true);
      expect(tool.required).toEqual(tool.query_schema.required);
      expect('id' in tool.query_schema.properties, tool.name).toBe(tool.method === 'get');
      expect(tool.required).toEqual(tool.method === 'get' ? ['id'] : []);
    }
  });

  test('are those that methods and tags name, joined by commas', async () => {
    const all = await tools();
    expect(await tools('?methods=read')).toEqual(all);
    expect(await tools('?methods=list,get&tags=')).toEqual(all);
    expect(new Set((await tools('?methods=list')).map(({ method }) => method))).toEqual(new Set(['list']));
    for (const methods of ['write', 'custom', 'create,update,delete', 'nothing'])
      expect(await tools(`?methods=${methods}`)).toEqual([]);
    const about = (await tools('?tags=training,phishing&methods=list')).map(({ resource }) => resource);
    expect(about).toContain('training/campaigns');
    expect(about).toContain('phishing/campaigns');
    expect(about).not.toContain('users');
  });

  test('of user events are there where the account has the key for them', async () => {
    const resources = (list: readonly Tool[]) => list.map(({ resource }) => resource);
    expect(resources(await tools())).not.toContain('events');
    expect(resources(await tools('', withEvents.id))).toContain('events');
    expect(resources((await get('/integration/knowbe4/tools')).result)).toContain('events');
  });
});

describe('capabilities', () => {
  test('of an account say what its keys open, and how it stands', async () => {
    const body = await get(`/integrated-account/${withEvents.id}/capabilities`);
    expect(body).toMatchObject({
      integration: { id: 'int_knowbe4', name: 'knowbe4' },
      account: { id: withEvents.id, status: 'needs_reauth', authentication_method: 'api_key', is_blocked: false },
      auth: { formats: ['api_key'] },
    });
    const users = body.proxy.find(({ resource }: { resource: string }) => resource === 'users');
    expect(users.methods).toMatchObject([
      { method: 'list', name: 'list_all_knowbe4_users', has_description: true, has_query_schema: true },
      { method: 'get', has_body_schema: false, has_response_schema: false },
    ]);
    expect(body.unified).toContainEqual(
      expect.objectContaining({ model: 'user-directory', resource: 'users', methods: ['list', 'get'] }),
    );
    const count = body.proxy.flatMap(({ methods }: { methods: unknown[] }) => methods).length;
    expect(body.ai_readiness).toEqual({ methods: count, described: count, tools: count });
    expect((await get(`/integrated-account/${plain.id}/capabilities`)).ai_readiness.tools).toBe(count - 4);
  });

  test('are asked for in part', async () => {
    const path = '/integration/int_knowbe4/capabilities';
    const all = await get(path);
    expect(all.account).toBeUndefined();
    expect(await get(`${path}?type=all&has_description=true`)).toEqual(all);
    expect(await get(`${path}?type=proxy`)).toEqual({ ...all, unified: [] });
    expect(await get(`${path}?type=unified`)).toEqual({ ...all, proxy: [] });
    const one = await get(`${path}?resource=groups&methods=list`);
    expect(one.proxy).toMatchObject([{ resource: 'groups', methods: [{ method: 'list' }] }]);
    expect(one.unified).toMatchObject([{ resource: 'groups', methods: ['list'] }]);
    expect(await get(`${path}?methods=write`)).toMatchObject({ proxy: [], unified: [] });
  });

  test('name nothing of the unified API that is not there', async () => {
    const { unified } = await get('/integration/knowbe4/capabilities');
    const named = unified.map(({ model, resource }: { model: string; resource: string }) => `${model}/${resource}`);
    expect(named).toEqual(
      expect.arrayContaining(['user-directory/users', 'user-directory/me', 'lms/courses', 'lms/users']),
    );
    for (const { model, resource, methods } of unified)
      for (const method of methods) {
        const path = `/unified/${model}/${resource}${method === 'get' && resource !== 'me' ? '/{id}' : ''}`;
        expect(door.document.paths[path], path).toHaveProperty('get');
      }
    for (const url of new Set<string>(unified.map((one: { docs_url: string }) => one.docs_url)))
      expect((await fetch(door.url + url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });
});

test('there is one environment, one integration, and the one within the other', async () => {
  for (const [path, id, query] of [
    ['/environment', 'default', 'name=Foreknow'],
    ['/integration', 'int_knowbe4', 'name=knowbe4&category[eq]=security'],
    ['/environment-integration', 'envint_knowbe4', 'integration_id=int_knowbe4&integration.name=knowbe4'],
  ]) {
    const list = await get(`${path}?next_cursor=&${query}`);
    expect(list).toMatchObject({ result: [{ id }], next_cursor: null, limit: 5000 });
    expect(await get(`${path}/${id}`)).toEqual(list.result[0]);
    expect((await door.call(`${path}/other`, { token })).body).toMatchObject({ statusCode: 404, error: 'Not Found' });
    expect((await door.call(`${path}?wrong=1`, { token })).status).toBe(400);
  }
  expect((await get('/integration?name=other')).result).toEqual([]);
  expect((await get('/integration/knowbe4')).id).toBe('int_knowbe4');
});

test('API tokens are shown to whoever may see them, without secrets and other kinds', async () => {
  const admin = fake.addToken({ scopes: ['admin'], name: 'admin' });
  fake.addToken({ kind: 'account', name: 'derived', parentId: 'tok_1', connections: [plain.id] });
  fake.addToken({ name: 'revoked', revokedAt: at });
  const { result } = await get('/api-token', admin);
  expect(result.map(({ name }: { name: string }) => name)).toEqual(['test', 'admin']);
  expect(JSON.stringify(result)).not.toContain(admin);
  expect(await get(`/api-token/${result[1].id}`, admin)).toEqual(result[1]);
  expect((await get('/api-token?name=admin', admin)).result).toEqual([result[1]]);
  const bound = fake.addToken({ scopes: ['admin'], name: 'bound', connections: [plain.id] });
  expect((await get('/api-token', bound)).result).toMatchObject([{ name: 'bound' }]);
  expect((await door.call(`/api-token/${result[1].id}`, { token: bound })).status).toBe(404);
});
