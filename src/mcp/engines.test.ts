import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventUseCases } from '../gateway/events.ts';
import { mirroredGateway } from '../http/contract/mirrored.ts';
import { rawAccount, rawGroup, rawUser } from '../store/contract/mirror.ts';
import { type TestDatabase, testDatabase } from '../store/contract/test-database.ts';
import { operatorCaller } from './caller.ts';
import { createMcpServer } from './server.ts';

/* What agents ask, of both engines: the same questions have the same answers. */

const clock = () => new Date('2026-11-20T09:00:00.000Z');
const contents = {
  acme: {
    account: [rawAccount({})],
    groups: [rawGroup(7, { member_count: 30 }), rawGroup(8, { name: 'aa 100%' }), rawGroup(9, { status: 'archived' })],
    users: Array.from({ length: 30 }, (_, index) =>
      rawUser(index + 1, {
        first_name: ['Ånders', 'Zoe', 'ada', null][index % 4],
        groups: index % 3 === 0 ? [7] : [7, 8],
        department: index % 2 === 0 ? 'Sales' : null,
        status: index % 5 === 0 ? 'archived' : 'active',
        current_risk_score: index % 4 === 0 ? null : index * 3,
      }),
    ),
  },
};

type Side = { readonly client: Client; close(): Promise<void> };

async function opened(databaseUrl?: string): Promise<Side> {
  const { gateway: mirrored, store, close } = await mirroredGateway(contents, clock, databaseUrl);
  const gateway = { ...mirrored, events: eventUseCases({ store, now: clock }) };
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const caller = async () => operatorCaller;
  const server = createMcpServer({ gateway, version: '1', now: clock, withLive: false }, operatorCaller, caller);
  await server.connect(ours);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(theirs);
  return { client, close: () => client.close().then(close) };
}

let database: TestDatabase;
let sides: readonly [sqlite: Side, postgres: Side];
beforeAll(async () => {
  database = await testDatabase();
  sides = [await opened(), await opened(database.url)];
}, 60_000);
afterAll(async () => {
  for (const side of sides) await side.close();
  await database.remove();
});

const calls: readonly (readonly [tool: string, args: Readonly<Record<string, unknown>>])[] = [
  ['account_overview', {}],
  ['list_people', {}],
  ['list_people', { search: 'ZOE', limit: 3 }],
  ['list_people', { search: '%' }],
  ['list_people', { department: 'Sales', status: 'active' }],
  ['list_people', { question: 'risky', min_risk: 20 }],
  ['list_people', { question: 'overdue' }],
  ['list_people', { question: 'untrained', group: '8' }],
  ['list_people', { question: 'failed_test' }],
  ['list_people', { question: 'left_group' }],
  ['explain_person', { person: '3' }],
  ['explain_person', { person: 'ånders' }],
  ['explain_person', { person: '999' }],
  ['list_groups', {}],
  ['list_groups', { search: '0%' }],
  ['explain_group', { group: 'aa 100%' }],
  ['list_training', {}],
  ['list_phishing', {}],
  ['risk_trend', {}],
  ['risk_trend', { of: 'person', id: '3' }],
  ['list_changes', {}],
];

/** Cursors are sealed with each side’s own key. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replace(/\\?"next_cursor\\?":\\?"[^"\\]*\\?"/g, '"next_cursor":"there"')
      .replace(/"text":"(?:[^"\\]|\\.)*"/g, '"text":""'),
  );

test.each(calls)('%s %j', async (name, args) => {
  const [sqlite, postgres] = await Promise.all(
    sides.map(({ client }) => client.callTool({ name, arguments: { ...args, connection: 'acme' } })),
  );
  expect(plain(postgres?.structuredContent ?? postgres)).toEqual(plain(sqlite?.structuredContent ?? sqlite));
});

test.each([
  ['person', 'zo'],
  ['person', ''],
  ['group', '100%'],
  ['group', 'A'],
])('completion of a %s from %j', async (subject, value) => {
  const uri = `kb4://{connection}/${subject === 'person' ? 'people' : 'groups'}/{${subject}}`;
  const [sqlite, postgres] = await Promise.all(
    sides.map(({ client }) =>
      client.complete({
        ref: { type: 'ref/resource', uri },
        argument: { name: subject, value },
        context: { arguments: { connection: 'acme' } },
      }),
    ),
  );
  expect(sqlite!.completion.values.length).toBeGreaterThan(0);
  expect(postgres!.completion).toEqual(sqlite!.completion);
});
