import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import { aConnection, aState, con } from '../store/contract/builders.ts';
import { openStore } from '../store/store.ts';
import { openDoor } from './contract/door.ts';

let folder: string;
let gateway: Gateway;
let door: Awaited<ReturnType<typeof openDoor>>;
const { name } = aConnection();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-purge-'));
  const store = await openStore({ folder });
  await store.createConnection(aConnection(), []);
  await store.saveStreamState(aState());
  await store.close();
  gateway = await openGateway({ folder });
  door = await openDoor({ gateway });
});
afterEach(async () => {
  await door.close();
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

const isLeft = async () => {
  const store = await openStore({ folder, access: 'read' });
  const left = await store.hasLeftovers(con);
  await store.close();
  return left;
};

test('what a removed connection left behind is purged over the API by its id, by whoever reaches everything', async () => {
  const tokenWith = async (scope: 'admin' | 'directory', connections?: readonly string[]) => {
    const bound = connections === undefined ? {} : { connections };
    return (await gateway.tokens.create({ name: 'a test', scopes: [scope], ...bound })).secret;
  };
  const [admin, reader, bound] = [
    await tokenWith('admin'),
    await tokenWith('directory'),
    await tokenWith('admin', [con]),
  ];
  const remove = (token: string, connection: string, query = '?purge=true') =>
    door.call(`/api/v1/connections/${connection}${query}`, { method: 'DELETE', token });

  expect(await remove(admin, name, '')).toMatchObject({ status: 200, body: { id: con } });
  expect(await isLeft()).toBe(true);
  expect(await remove(admin, con, '')).toMatchObject({ status: 404 });
  expect(await remove(admin, name)).toMatchObject({ status: 404 });
  expect(await remove(reader, con)).toMatchObject({ status: 403, body: { code: 'scope_missing' } });
  expect(await remove(bound, con)).toMatchObject({ status: 403, body: { code: 'connection_not_allowed' } });
  expect(await isLeft()).toBe(true);

  expect(await remove(admin, con)).toMatchObject({ status: 200, body: { id: con } });
  expect(await isLeft()).toBe(false);
  expect(await remove(admin, con)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  const { body } = await door.call('/api/v1/audit?limit=100', { token: admin });
  expect(JSON.stringify(body)).toContain('connection.purged');
});
