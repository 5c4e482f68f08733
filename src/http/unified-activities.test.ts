import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Emulator } from '../emulator/index.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Scope } from '../tokens/token.ts';
import { openDoor } from './contract/door.ts';
import { openEmulated } from './contract/emulated.contract.ts';

const path = '/unified/user-directory/activities';
let ms = Date.parse('2026-11-20T09:00:00.000Z');
let close: () => Promise<void>;
let emulator: Emulator;
let gateway: Gateway;
let door: Awaited<ReturnType<typeof openDoor>>;
let archived: string;
let signedIn: string;

beforeAll(async () => {
  const now = () => new Date(ms);
  ({ emulator, gateway, close } = await openEmulated({ people: 60, now }));
  const sync = () => gateway.sync.run('acme', { level: 'directory', streams: ['account', 'groups', 'users'] });
  await sync();
  ms += 3_600_000;
  // Scores move with time.
  emulator.advance(2 * 86_400_000);
  const [one, other] = emulator.truth().users.filter(({ status }) => status === 'active');
  archived = String(one!.id);
  signedIn = String(other!.id);
  emulator.mutate({ kind: 'archive-user', user: one!.id });
  const fields = { last_sign_in: '2026-11-20T09:30:00.000Z' };
  emulator.mutate({ kind: 'change-user', user: other!.id, fields });
  await sync();
  door = await openDoor({ gateway, now });
}, 60_000);
afterAll(async () => {
  await door.close();
  await close();
});

const tokenOf = async (...scopes: readonly Scope[]) => (await gateway.tokens.create({ name: 'test', scopes })).secret;
type Activity = {
  id: string;
  action: string;
  entity: string;
  actor: { type: string; user: { id: string } | null };
  created_at: string;
};
const list = async (query: string, token: string): Promise<{ result: Activity[]; next_cursor: string | null }> => {
  const { status, body } = await door.call(`${path}?${query}`, { token });
  expect(status).toBe(200);
  return body;
};

test('sign-ins are told of who signed in, at their time, and what a sync found of nobody', async () => {
  const token = await tokenOf('directory');
  const { result } = await list('limit=500', token);
  const login = result.find(({ action, entity }) => action === 'login' && entity === signedIn)!;
  expect(login).toMatchObject({
    actor: { type: 'user', user: { id: signedIn } },
    created_at: '2026-11-20T09:30:00.000Z',
  });
  expect(result.find(({ action }) => action === 'user_deactivated')).toMatchObject({
    ...{ entity: archived, entity_type: 'user', actor: { type: 'system', user: null } },
    created_at: '2026-11-20T10:00:00.000Z',
  });
  for (const one of result) expect((await door.call(`${path}/${one.id}`, { token })).body).toEqual(one);
  expect((await door.call(`${path}/none`, { token })).status).toBe(404);
});

test('risk scores are told with the scope risk alone', async () => {
  const actions = async (token: string, query = '') => (await list(query, token)).result.map(({ action }) => action);
  expect(await actions(await tokenOf('directory'))).not.toContain('risk_score_changed');
  expect(await actions(await tokenOf('directory'), 'action=risk_score_changed')).toEqual([]);
  const both = await tokenOf('directory', 'risk');
  expect(new Set(await actions(both, 'action[]=risk_score_changed'))).toEqual(new Set(['risk_score_changed']));
});

test('pages lead from the newest to the oldest, each once; times bound them', async () => {
  const token = await tokenOf('directory', 'risk');
  const all = (await list('limit=500', token)).result.map(({ id }) => id);
  const paged: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof list>> = await list(`limit=1&next_cursor=${cursor}`, token);
    paged.push(...page.result.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  expect(paged).toEqual(all);
  const oldest = (await list('limit=500&sort_by[created_at]=asc', token)).result.map(({ id }) => id);
  expect(oldest).toEqual(all.toReversed());
  expect((await list('created_at[gt]=2026-11-20T10:00:00.000Z', token)).result).toEqual([]);
  expect((await list('created_at[gte]=2026-11-20T10:00:00.000Z&limit=500', token)).result).toHaveLength(all.length);
  const wrong = await door.call(`${path}?action=sneeze`, { token });
  expect(wrong.status).toBe(400);
});
