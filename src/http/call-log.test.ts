import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { noteUpstream } from '../calls/context.ts';
import { ForeknowError } from '../errors/errors.ts';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';

const acme = aConnection();
const beta = aConnection({ id: 'con_0000000000000002', name: 'beta' });
const { gateway, addToken, noted } = fakeGateway({ connections: [acme, beta] });
const reader = addToken({ id: 'tok_reader', scopes: ['directory', 'proxy'] });
let door: Awaited<ReturnType<typeof openDoor>>;
const directory = {
  listGroups: vi.fn(async () => ({
    result: [],
    next_cursor: null,
    prev_cursor: null,
    result_count: 0,
    x_freshness: { source: 'mirror', as_of: null },
  })),
} as unknown as typeof gateway.directory;
beforeAll(async () => {
  door = await openDoor({ gateway: { ...gateway, directory }, limits: { failuresPerMinute: 1000, waitMs: 0 } });
});
afterEach(() => void noted.splice(0));
afterAll(() => door.close());

const last = () => vi.waitFor(() => (noted.length === 1 ? noted[0]! : expect.unreachable()));

test('a call is remembered with its connection, resource, outcome and times', async () => {
  await door.call('/unified/user-directory/groups?integrated_account_id=beta&limit=5', {
    ...{ token: reader, headers: { 'x-request-id': 'r-77' } },
  });
  expect(await last()).toMatchObject({
    ...{ type: 'unified', tokenId: 'tok_reader', requestId: 'r-77', connectionId: beta.id },
    ...{ resource: 'user-directory/groups', method: 'list', verb: 'GET', status: 200, error: null },
    ...{ upstreamMs: null, resultCount: 0, needsReauth: false, tool: null },
    durationMs: expect.toSatisfy((ms: number) => ms > 0),
  });
});

test('time spent on KnowBe4 is noted, and a refused token', async () => {
  const asked = vi.spyOn(gateway.proxy, 'reporting').mockImplementation(async () => {
    noteUpstream(40);
    noteUpstream(2.5);
    throw new ForeknowError('connection_unauthorized', { detail: 'Refused.' });
  });
  await door.call('/proxy/users/77?integrated_account_id=acme', { token: reader });
  expect(await last()).toMatchObject({
    ...{ type: 'proxy', connectionId: acme.id, resource: 'users/{id}', method: 'get', status: 401 },
    ...{ error: 'connection_unauthorized', upstreamMs: 42.5, needsReauth: true, resultCount: null },
  });
  asked.mockRestore();
});

test('a POST that reads is told as what it is', async () => {
  await door.call('/proxy/graphql?integrated_account_id=acme', {
    ...{ method: 'POST', token: reader, json: { query: '{ account { displayName } }' } },
  });
  expect(await last()).toMatchObject({ resource: 'graphql', method: 'query', verb: 'POST', connectionId: acme.id });
});

test('nothing that a person is called by is remembered: neither query nor what stands in an address', async () => {
  for (const path of [
    '/proxy/users/amara.okafor@example.com/okafor?search=amara&integrated_account_id=acme',
    '/custom/groups/okafor/members?name=okafor&integrated_account_id=acme',
    '/unified/user-directory/nothing/okafor?integrated_account_id=acme',
  ]) {
    await door.call(path, { token: reader });
  }
  await vi.waitFor(() => expect(noted).toHaveLength(2));
  expect(noted.map(({ resource }) => resource)).toEqual(['users/{id}/{id}', 'groups/{id}/members']);
  expect(JSON.stringify(noted)).not.toMatch(/okafor|amara/);
});

test('of messages of agents method, tool and client are remembered', async () => {
  const agent = addToken({ id: 'tok_agent', kind: 'mcp', scopes: ['directory'], connections: [beta.id] });
  const send = (message: object) =>
    fetch(`${door.url}/mcp`, {
      method: 'POST',
      headers: { authorization: `Bearer ${agent}`, accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    });
  await send({
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'agent', version: '2.1' } },
  });
  expect(await last()).toMatchObject({
    ...{ type: 'mcp', method: 'initialize', clientName: 'agent', clientVersion: '2.1', connectionId: beta.id },
  });
  noted.splice(0);
  await send({ method: 'tools/call', params: { name: 'no_such_tool', arguments: { who: 'okafor' } } });
  expect(await last()).toMatchObject({ method: 'tools/call', tool: 'no_such_tool', clientName: null });
});

test('calls without a valid token, and those that administer, are not among them', async () => {
  await door.call('/unified/user-directory/groups', { token: 'fk_wrong' });
  await door.call('/api/v1/connections', { token: addToken({ scopes: ['connections'] }) });
  await door.call('/unified/user-directory/groups?integrated_account_id=acme', { token: reader });
  expect(await last()).toMatchObject({ status: 200, type: 'unified' });
});
