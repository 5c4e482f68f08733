import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { usersSpec } from '../directory/users.ts';
import { rawAccount, rawUser } from '../store/contract/mirror.ts';
import { openDoor } from './contract/door.ts';
import { mirroredGateway } from './contract/mirrored.ts';
import { metaHtml } from './unified-meta.ts';

let mirrored: Awaited<ReturnType<typeof mirroredGateway>>;
let door: Awaited<ReturnType<typeof openDoor>>;
let token: string;
beforeAll(async () => {
  mirrored = await mirroredGateway({ acme: { account: [rawAccount()], users: [rawUser(1)] } });
  door = await openDoor({ gateway: mirrored.gateway });
  token = (await mirrored.gateway.tokens.create({ name: 'test', scopes: ['directory'] })).secret;
});
afterAll(async () => {
  await door.close();
  await mirrored.close();
});
const get = (path: string) => door.call(`/unified${path}`, { token });

test('a method’s schemas hold for its records, and name its parameters', async () => {
  const { body: meta, status } = await get('/user-directory/users/knowbe4/meta/list');
  expect(status).toBe(200);
  expect(meta).toEqual((await get('/user-directory/users/meta/list')).body);
  expect(Object.keys(meta.query_schema.properties)).toEqual(expect.arrayContaining(Object.keys(usersSpec.filters)));
  expect(JSON.stringify(meta)).not.toContain('$ref');
  const validate = new Ajv2020({ strict: false, formats: { 'date-time': true } }).compile(meta.schema);
  const [user] = (await get('/user-directory/users')).body.result;
  expect(validate(user), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...user, id: 7 })).toBe(false);
});

test('a page for the browser holds texts, and no marks of theirs', () => {
  expect(metaHtml('<b>&"', [])).toContain('&lt;b&gt;&amp;&quot;');
});

test('what can be changed says what it takes, customs included', async () => {
  const { body: created } = await get('/user-directory/users/meta/create');
  expect(Object.keys(created.body_schema.properties)).toEqual(expect.arrayContaining(['emails', 'groups', 'status']));
  expect(created.x_description).toContain('observe_mode');
  const { body: removed } = await get('/user-directory/groups/meta/remove-user');
  expect(Object.keys(removed.body_schema.properties)).toEqual(expect.arrayContaining(['group_id', 'user_id']));
});

test('what is not there is not found, whatever it is called', async () => {
  for (const path of [
    '/user-directory/users/meta/explode',
    '/user-directory/users/meta/toString',
    '/user-directory/none/meta/list',
    '/user-directory/me/meta/list',
    '/crm/users/meta/list',
    '/lms/courses/meta/create',
    '/user-directory/users/okta/meta/list',
    '/meta/crm/knowbe4',
    '/meta/user-directory/okta',
  ]) {
    const { status, body } = await get(path);
    expect([path, status, body.details?.code]).toEqual([path, 404, 'not_found']);
  }
});

test('a model is told whole: every route of it, as JSON, as Markdown and as HTML', async () => {
  for (const model of ['user-directory', 'lms']) {
    const { body } = await get(`/meta/${model}/knowbe4`);
    const told = body.resources.flatMap(({ resource, methods }: { resource: string; methods: { method: string }[] }) =>
      methods.map(({ method }) => `${resource} ${method}`),
    );
    const verbs: Record<string, string> = { get: 'list', post: 'create', patch: 'update', delete: 'delete' };
    const routes = Object.entries(door.document.paths).flatMap(([path, operations]) => {
      const [, resource, rest = ''] = new RegExp(`^/unified/${model}/([\\w-]+)(?:/(.+))?$`).exec(path) ?? [];
      if (resource === undefined) return [];
      return Object.keys(operations).map((verb) =>
        rest === '{id}' || rest === ''
          ? `${resource} ${verb === 'get' && (rest !== '' || resource === 'me') ? 'get' : verbs[verb]}`
          : `${resource} ${rest}`,
      );
    });
    expect(told.toSorted()).toEqual([...new Set(routes)].toSorted());
    const page = await get(`/meta/${model}/knowbe4?format=md`);
    expect(page.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    for (const { resource } of body.resources) expect(page.text).toContain(`\n## ${resource}\n`);
    const html = await get(`/meta/${model}/knowbe4?format=html`);
    expect(html.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(html.text.replace(/<\/?(html|meta|title|pre|!doctype)[^>]*>/g, '')).not.toContain('<');
  }
});
