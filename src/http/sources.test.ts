import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDoor } from './contract/door.ts';
import { aConnection, fakeGateway } from './contract/fake-gateway.ts';

const acme = aConnection();
const { gateway, addToken } = fakeGateway({ connections: [acme] });
const upload = vi.spyOn(gateway.sources, 'upload');
let door: Awaited<ReturnType<typeof openDoor>>;
let token: string;
beforeAll(async () => {
  door = await openDoor({ gateway, limits: { waitMs: 50 } });
  token = addToken({ scopes: ['sync', 'connections'] });
});
afterAll(() => door.close());

const call = (path: string, method = 'GET', json?: unknown, secret = token) =>
  door.call(`/api/v1/${path}`, { method, token: secret, ...(json === undefined ? {} : { json }) });

test('sources and their reads are told, and what is not there is 404', async () => {
  expect((await call('sources')).body.result[0]).toMatchObject({ name: 'hr-drop', waiting: { state: 'quarantined' } });
  expect((await call('sources/hr-drop')).body).toMatchObject({ known: { people: 100, absent: 1 }, every_minutes: 60 });
  expect((await call('source-reads?source=hr-drop')).body.result).toHaveLength(1);
  expect((await call('source-reads/rd_1')).body.findings[0]).toMatchObject({ guard: 'source_shrink', limit: 0.05 });
  for (const path of ['sources/nobody', 'source-reads/rd_9']) expect((await call(path)).status).toBe(404);
});

test('a token that is bound to connections sees none of them', async () => {
  const bound = addToken({ scopes: ['admin'], connections: [acme.id] });
  for (const [path, method] of [
    ...([
      ['sources', 'GET'],
      ['sources/hr-drop', 'GET'],
      ['source-reads', 'GET'],
      ['source-reads/rd_1', 'GET'],
    ] as const),
    ...([
      ['sources/hr-drop/read', 'POST'],
      ['sources/hr-drop', 'DELETE'],
      ['sources/hr-drop/people/7', 'DELETE'],
    ] as const),
  ]) {
    const answer = await call(path, method, undefined, bound);
    expect([path, method, answer.status, answer.body.code]).toEqual([path, method, 403, 'connection_not_allowed']);
  }
});

test('a file is handed in as text or in base64, with what proves it', async () => {
  const content = 'id,name\n7,Jörg\n';
  const seen: string[] = [];
  upload.mockImplementation(async (_, { content: stream, name, rows }) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    seen.push(`${Buffer.concat(chunks).toString('utf8')} ${name} ${rows}`);
    return (await gateway.sources.reads(null, 1))[0]!;
  });
  expect((await call('sources/hr-drop/upload', 'POST', { content, rows: 1 })).status).toBe(200);
  const coded = { content: Buffer.from(content).toString('base64'), encoding: 'base64', name: 'p.csv' };
  expect((await call('sources/hr-drop/upload', 'POST', coded)).status).toBe(200);
  expect(seen).toEqual([`${content} upload.csv 1`, `${content} p.csv undefined`]);
  for (const bad of [{}, { content: '' }, { content, rows: -1 }, { content, sha256: 'x' }, { content, more: 1 }]) {
    expect((await call('sources/hr-drop/upload', 'POST', bad)).status).toBe(400);
  }
});

test('a read that takes longer than a call may wait is answered as far as it has come', async () => {
  const { promise, resolve } = Promise.withResolvers<never>();
  vi.spyOn(gateway.sources, 'read').mockReturnValueOnce(promise);
  const answer = await call('sources/hr-drop/read', 'POST');
  expect([answer.status, answer.body.id]).toEqual([202, 'rd_1']);
  resolve(undefined as never);
});
