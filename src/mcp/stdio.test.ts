import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aConnection } from '../store/contract/builders.ts';
import { fillMirror, rawGroup, rawUser } from '../store/contract/mirror.ts';
import { openStore } from '../store/store.ts';
import { tokenRoom } from '../tokens/tokens.ts';

/* The command as an agent’s host starts it, with the official client. */

const folder = mkdtempSync(join(tmpdir(), 'foreknow-mcp-stdio-'));
const bin = fileURLToPath(new URL('../../bin/foreknow.js', import.meta.url));

beforeAll(async () => {
  const store = await openStore({ folder });
  const connection = aConnection({ id: 'con_1', name: 'acme' });
  await store.createConnection(connection, []);
  await fillMirror(store, { users: [rawUser(1), rawUser(2)], groups: [rawGroup(8)] }, { connectionId: 'con_1' });
  const tokens = tokenRoom({ store, now: () => new Date(), newId: () => 'tok_1', tagged: async () => [] });
  await tokens.create({ name: 'helpdesk', scopes: ['directory'], fieldPolicy: { email: 'drop', name: 'drop' } });
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function agent(...args: readonly string[]): Promise<Client> {
  return agentWith({}, ...args);
}

async function agentWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [bin, 'mcp', '--data', folder, ...args],
      env: { ...getDefaultEnvironment(), ...env },
      stderr: 'inherit',
    }),
  );
  return client;
}

test('the operator reads everything that is kept, but asks KnowBe4 nothing', async () => {
  const client = await agent();
  const names = (await client.listTools()).tools.map(({ name }) => name);
  expect(names).toContain('list_training');
  expect(names).not.toContain('read_knowbe4');
  const answer = await client.callTool({ name: 'list_people', arguments: {} });
  expect(answer.structuredContent).toMatchObject({ connections: [{ connection: 'acme', total: 2 }] });
  expect(JSON.stringify(answer)).toContain('Lindqvist');
  await client.close();
}, 60_000);

test('a key’s scopes and field policy hold', async () => {
  const client = await agent('--as', 'helpdesk');
  expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('list_training');
  const answer = await client.callTool({ name: 'list_people', arguments: {} });
  expect(answer.structuredContent).toMatchObject({ connections: [{ connection: 'acme', total: 2 }] });
  expect(JSON.stringify(answer)).not.toMatch(/Lindqvist|@/);
  await client.close();
}, 60_000);

test('resources, prompts, completion, errors and calls that are taken back are the same as over HTTP', async () => {
  const client = await agent();
  const { resources } = await client.listResources();
  expect(resources).toMatchObject([{ uri: 'kb4://con_1/account', name: 'acme' }]);
  const { contents } = await client.readResource({ uri: 'kb4://acme/people/1' });
  expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ people: [{ id: '1' }] });
  await expect(client.readResource({ uri: 'kb4://acme/people/99' })).rejects.toMatchObject({ code: -32602 });
  const { messages } = await client.getPrompt({ name: 'quarterly_review' });
  expect(messages.map(({ content }) => content.type)).toEqual(['text', 'text', 'resource']);
  const ref = { type: 'ref/resource', uri: 'kb4://{connection}/people/{person}' } as const;
  const { completion } = await client.complete({ ref, argument: { name: 'person', value: 'lindq' } });
  expect(completion.values.length).toBeGreaterThan(0);
  const taken = new AbortController();
  const call = client.callTool({ name: 'list_people', arguments: {} }, { signal: taken.signal });
  taken.abort(new Error('not wanted any more'));
  await expect(call).rejects.toThrow('not wanted any more');
  const wrong = await client.callTool({ name: 'list_people', arguments: { question: 'nonsense' } });
  expect(wrong.isError).toBe(true);
  expect((await client.callTool({ name: 'list_people', arguments: {} })).isError).not.toBe(true);
  await client.close();
}, 60_000);

test('how much an answer holds is what the configuration file says', async () => {
  const file = join(folder, 'foreknow.yaml');
  writeFileSync(file, 'version: 1\nagents: { rows: 1 }\n');
  const client = await agentWith({ FOREKNOW_CONFIG: file });
  const { structuredContent } = await client.callTool({ name: 'list_people', arguments: { limit: 50 } });
  expect(structuredContent).toMatchObject({ connections: [{ total: 2, people: { length: 1 } }] });
  await client.close();
}, 60_000);
