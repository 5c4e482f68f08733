import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import { type FieldPolicy, strictestPolicy } from '../model/field-policy.ts';
import { openDoor } from './contract/door.ts';
import { type Document, type Known, type Step, walk } from './contract/walk.ts';

/*
 * Everything that can be hidden of people is given a value that can be found again, in a mirrored account, and every address of the
 * door is asked with tokens that may read all and are told nothing.
 */
let emulator: Emulator;
let gateway: Gateway;
let folder: string;
let door: Awaited<ReturnType<typeof openDoor>>;
let sink: Server;
const arrivals = new Map<string, string[]>();

/** Begins whatever a policy can hide, also in an address and in capitals; too long for the random part of an id. */
const PLANTED = /zqvkwj/i;

/** What a person is called for a while; `round` tells old values from new ones. */
const plantedFields = (id: number, round: string) => ({
  first_name: `Zqvkwjf${round}${id}`,
  last_name: `Zqvkwjl${round}${id}`,
  email: `Zqvkwje.${round}${id}@halden.example`,
  aliases: [`zqvkwja.${round}${id}@halden.example`],
  employee_number: `zqvkwjn-${round}${id}`,
  phone_number: `+zqvkwjp-${round}${id}`,
  extension: `zqvkwjx${round}${id}`,
  mobile_phone_number: `+zqvkwjm-${round}${id}`,
  location: `Zqvkwjo ${round}${id}`,
  manager_name: `Zqvkwjb Zqvkwjc ${round}${id}`,
  manager_email: `zqvkwjd.${round}${id}@halden.example`,
  comment: `zqvkwji ${round}${id}`,
  custom_field_1: `zqvkwjk ${round}${id}`,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foreknow-policy-'));
  emulator = await startEmulator({ people: 24, limits: false });
  sink = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const kept = arrivals.get(request.url!) ?? [];
    arrivals.set(request.url!, [...kept, Buffer.concat(chunks).toString('utf8')]);
    response.end('Thank you, Zqvkwj');
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  gateway = await openGateway({ folder, allowBaseUrls: true, webhooks: { allowHosts: ['127.0.0.1'] } });
  gateway.startWork({ scheduled: false });
  door = await openDoor({ gateway });
  plant('x');
  const { region, reportingToken } = emulator.accounts[0]!;
  const settings = { limits: { perSecond: null, perMinute: null } };
  await gateway.connections.connect({ name: 'acme', region, reportingUrl: emulator.url, reportingToken, settings });
  await gateway.sync.run('acme', { level: 'full' });
  for (const [name, fieldPolicy] of Object.entries({ open: undefined, hidden: strictestPolicy })) {
    const token = await tokenOf(fieldPolicy);
    const { port } = sink.address() as AddressInfo;
    for (const format of ['plain', 'cloudevents', 'truto']) {
      const url = `http://127.0.0.1:${port}/${name}-${format}`;
      const made = await door.call('/api/v1/webhooks', { method: 'POST', token, json: { url, format, names: true } });
      expect(made.status).toBe(201);
    }
  }
  // One that both walkers may see.
  await door.call('/integrated-account/acme/mcp', {
    ...{ method: 'POST', token: await tokenOf(strictestPolicy), json: { name: 'agent' } },
  });
  await door.call('/api/v1/invitations', {
    ...{ method: 'POST', token: await tokenOf(strictestPolicy), json: { address: 'zqvkwjt@halden.example' } },
  });
  plant('y');
  const [first, second] = emulator.truth().users;
  emulator.mutate({ kind: 'archive-user', user: first!.id });
  emulator.mutate({ kind: 'delete-user', user: second!.id });
  emulator.advance(20 * 86_400_000);
  await gateway.sync.run('acme', { level: 'full' });
}, 180_000);
afterAll(async () => {
  await door.close();
  await gateway.close();
  await emulator.close();
  sink.closeAllConnections();
  sink.close();
  await rm(folder, { recursive: true, force: true });
});

function plant(round: string): void {
  for (const { id } of emulator.truth().users)
    emulator.mutate({ kind: 'change-user', user: id, fields: plantedFields(id, round) });
}

const tokenOf = async (fieldPolicy?: FieldPolicy): Promise<string> =>
  (await gateway.tokens.create({ name: 'walker', scopes: ['admin'], ...(fieldPolicy && { fieldPolicy }) })).secret;

const people = () => emulator.truth().users;

/** Ids of KnowBe4's own addresses. */
function reportingPlaces(): Record<string, readonly string[]> {
  const truth = emulator.truth();
  const { pst_id: test, recipient_id: recipient } = truth.recipients.find(({ ip }) => ip !== null)!;
  return {
    '/v1/users/': [String(people()[0]!.id)],
    '/v1/groups/': [String(truth.groups[0]!.id)],
    '/v1/phishing/campaigns/': [String(truth.phishing_campaigns[0]!.campaign_id)],
    '/v1/phishing/security_tests/': [String(test)],
    [`/v1/phishing/security_tests/${test}/recipients/`]: [String(recipient)],
    '/v1/training/store_purchases/': [String(truth.store_purchases[0]!.store_purchase_id)],
    '/v1/training/policies/': [String(truth.policies[0]!.policy_id)],
    '/v1/training/campaigns/': [String(truth.training_campaigns[0]!.campaign_id)],
    '/v1/training/enrollments/': [String(truth.enrollments[0]!.enrollment_id)],
  };
}

/** Addresses that stand for many, places that no list of the door fills, and lists that have to be asked for something. */
const known = (directory: string): Known => ({
  places: {
    '/proxy/': [
      ...['users', `users/${people()[0]!.id}`, 'groups', 'account', 'phishing/security_tests', 'training/enrollments'],
    ],
    // Closed to tokens of the API.
    ...{ '/api/v1/sources/': ['hr-drop'], '/api/v1/source-reads/': ['rd_1'] },
    // Closed to tokens with a field policy.
    ...{ '/api/v1/plans/': ['pl_1'], '/api/v1/plans/pl_1/diff/': ['pl_2'] },
    ...{ '/scim/v2/': ['okta'], '/scim/v2/okta/Users/': ['1'], '/scim/v2/okta/Groups/': ['1'] },
    ...{ '/scim/v2/okta/Schemas/': ['1'], '/scim/v2/okta/ResourceTypes/': ['1'] },
    '/custom/': ['users', `users/${people()[0]!.id}`, 'account'],
    ...{ '/unified/': ['user-directory'], '/unified/user-directory/': ['roles'] },
    '/unified/user-directory/roles/': ['kb4%3Aadmin', 'knowbe4'],
    '/unified/user-directory/roles/meta/': ['list'],
    '/unified/user-directory/roles/kb4%3Aadmin/meta/': ['get'],
    '/unified/user-directory/roles/knowbe4/meta/': ['get'],
    ...{ '/unified/meta/': ['user-directory'], '/unified/meta/user-directory/': ['knowbe4'] },
    ...reportingPlaces(),
  },
  queries: {
    '/api/v1/connections/{id}/provisioning/explain': 'who=nobody',
    '/workos/directory_users': `directory=${directory}`,
    '/workos/directory_groups': `directory=${directory}`,
  },
});

async function walked(token: string): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const directory = (await door.call('/workos/directories', { token })).body.data[0].id;
  for await (const step of walk(door.document as unknown as Document, door.call, token, known(directory)))
    steps.push(step);
  // What WorkOS has is served at the root as well, where the document does not name it.
  for (const { path, url } of steps.filter((step) => step.path.startsWith('/workos/'))) {
    const atRoot = url.slice('/workos'.length);
    const answer = await fetch(door.url + atRoot, { headers: { authorization: `Bearer ${token}` } });
    const { status, headers } = answer;
    steps.push({
      path: path.slice('/workos'.length),
      url: atRoot,
      answer: { status, headers, text: await answer.text(), body: null },
    });
  }
  return steps;
}

let openly: Promise<readonly Step[]> | null = null;
const walkedOpenly = (): Promise<readonly Step[]> => {
  openly ??= tokenOf().then(walked);
  return openly;
};

/** What stands in a text, and in whatever of it may be base64, as cursors are. */
function opened(text: string): string {
  const hidden = [...text.matchAll(/[\w+/-]{16,}/g)].map(([code]) => Buffer.from(code, 'base64url').toString('utf8'));
  return [text, ...hidden].join('\n');
}

const told = ({ answer }: Step): string =>
  opened(`${answer.text}\n${[...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n')}`);

const clients = (): readonly string[] =>
  emulator
    .truth()
    .recipients.flatMap(({ ip, ip_location: place }) =>
      [ip, place].filter((one) => typeof one === 'string' && one.length > 6),
    ) as string[];

test('no address of the door tells what the policy of a token hides, in any form, old values and cursors included', {
  timeout: 120_000,
}, async () => {
  const open = await walkedOpenly();
  const telling = new Set(open.filter((step) => PLANTED.test(told(step))).map(({ path }) => path));
  // The walk sees what there is to see where nothing is hidden.
  for (const path of [
    ...['/unified/user-directory/users', '/unified/user-directory/users/{id}', '/api/v1/people', '/api/v1/people/{id}'],
    ...['/v1/users', '/v1/users/{id}', '/v1/training/enrollments'],
    ...['/api/v1/changes', '/api/v1/events', '/workos/events', '/workos/directory_users', '/directory_users'],
  ])
    expect([...telling]).toContain(path);

  const addresses = clients();
  expect(addresses.length).toBeGreaterThan(0);
  const hidden = await walked(await tokenOf(strictestPolicy));
  expect(hidden.length).toBe(open.length);
  for (const step of hidden) {
    const text = told(step);
    expect(
      PLANTED.exec(text)?.[0],
      `${step.url} tells ${text.slice(Math.max(0, text.search(PLANTED) - 80)).slice(0, 160)}`,
    ).toBeUndefined();
    const client = /^\/(unified|proxy|v1)\/|changes|events/.test(step.path);
    if (client)
      expect(
        addresses.find((one) => text.includes(`"${one}"`)),
        step.url,
      ).toBeUndefined();
  }
  // Plans tell of people field by field: such tokens are refused there. Nothing else is kept back by refusing to answer.
  const ofPlans = ({ path }: Step) => /^\/api\/v1\/(plans|work-items|connections\/\{id\}\/provisioning)/.test(path);
  const statuses = (steps: readonly Step[]) =>
    steps.filter((step) => !ofPlans(step)).map(({ path, answer }) => `${answer.status} ${path}`);
  expect(statuses(hidden)).toEqual(statuses(open));
  const refused = hidden.filter(ofPlans);
  expect(refused.length).toBeGreaterThan(5);
  for (const { url, answer } of refused) expect(answer.status, url).toBe(403);
});

test('nor do KnowBe4’s own addresses where they are answered from the mirror', { timeout: 60_000 }, async () => {
  const { id } = await gateway.connections.get('acme');
  const token = async (fieldPolicy?: FieldPolicy) =>
    (
      await gateway.tokens.derive(
        {
          ...{ kind: 'account', connections: [id], settings: { source: 'mirror' } },
          scopes: ['directory', 'training', 'phishing.identified', 'risk'],
          ...(fieldPolicy && { fieldPolicy }),
        },
        null,
      )
    ).secret;
  const paths = Object.entries(door.document.paths).filter(([path]) => path.startsWith('/v1/'));
  const own = { paths: Object.fromEntries(paths) } as unknown as Document;
  const steps = async (secret: string): Promise<readonly Step[]> => {
    const seen: Step[] = [];
    for await (const step of walk(own, door.call, secret, { places: reportingPlaces(), queries: {} })) seen.push(step);
    return seen;
  };
  const open = await steps(await token());
  const mirrored = open.filter(({ answer }) => answer.headers.get('x-foreknow-source') === 'mirror');
  const tells = mirrored.filter((step) => PLANTED.test(told(step))).map(({ path }) => path);
  expect(tells).toEqual(expect.arrayContaining(['/v1/users', '/v1/training/enrollments', '/v1/groups/{id}/members']));
  const hidden = await steps(await token(strictestPolicy));
  expect(hidden.map(({ answer }) => answer.status)).toEqual(open.map(({ answer }) => answer.status));
  for (const step of hidden) {
    expect(PLANTED.test(told(step)), step.url).toBe(false);
    expect(
      clients().find((one) => step.answer.text.includes(`"${one}"`)),
      step.url,
    ).toBeUndefined();
  }
});

test('a policy that hides one field keeps back nothing else', { timeout: 120_000 }, async () => {
  const open = await walkedOpenly();
  const shown = await walked(await tokenOf({ phone: 'drop' }));
  const lost = new Set(
    open.flatMap(({ path, answer }, index) =>
      // Which tokens there are to see is another thing for each token.
      path === '/api/v1/tokens' ? [] : [...lostKeys(answer.body, shown[index]!.answer.body)],
    ),
  );
  const phones = ['phones', 'phone_number', 'mobile_phone_number', 'extension', 'answer'];
  // A key that tells nothing of a person belongs into `told` of model/field-keys.ts.
  expect([...lost].filter((key) => !phones.includes(key))).toEqual([]);
});

/** Keys under which something stood that is gone. */
function* lostKeys(before: unknown, now: unknown, key = ''): Generator<string> {
  if (before === null || typeof before !== 'object') {
    if (before != null && now === null) yield key;
    return;
  }
  const members = Object.entries(before);
  const isGone = now === null || typeof now !== 'object' || (members.length > 0 && Object.keys(now).length === 0);
  if (isGone) yield key;
  else
    for (const [name, value] of members) {
      if (Object.hasOwn(now, name))
        yield* lostKeys(value, (now as Record<string, unknown>)[name], Array.isArray(before) ? key : name);
    }
}

test('deliveries tell no more than the token that made their endpoint was told', { timeout: 60_000 }, async () => {
  const bodies = (name: string) =>
    ['plain', 'cloudevents', 'truto'].flatMap((format) => arrivals.get(`/${name}-${format}`) ?? []);
  await vi.waitFor(() => expect(bodies('hidden').length).toBe(bodies('open').length), {
    timeout: 50_000,
    interval: 200,
  });
  const types = new Set(bodies('hidden').map((body) => JSON.parse(body).type));
  for (const type of ['user.updated', 'user.deleted', 'user.archived']) expect([...types]).toContain(type);
  for (const name of ['hidden', 'open']) {
    const told = (arrivals.get(`/${name}-truto`) ?? []).map((body) => JSON.parse(body).event);
    expect(told).toEqual(expect.arrayContaining(['record:updated', 'record:deleted']));
  }
  expect(bodies('open').filter((body) => PLANTED.test(body)).length).toBeGreaterThan(0);
  for (const body of bodies('hidden')) expect(PLANTED.exec(opened(body))?.[0], body.slice(0, 500)).toBeUndefined();
});

describe('what is hidden cannot be asked by', () => {
  const hiding = async (policy: FieldPolicy) => {
    const token = await tokenOf(policy);
    return async (path: string) => {
      const { status, body } = await door.call(path, { token });
      return [status, body.code ?? body.details?.code ?? null, body.field ?? body.details?.field ?? null];
    };
  };

  test.each([
    ['/unified/user-directory/users?emails[like]=zq', 'emails'],
    ['/unified/user-directory/users?username=a', 'username'],
    ['/unified/user-directory/users?name[like]=a', 'name'],
    ['/unified/user-directory/users?sort_by[emails]=asc', 'sort_by[emails]'],
    ['/unified/user-directory/users?sort_by=-name', 'sort_by'],
    ['/unified/user-directory/users?sort_by=username:desc', 'sort_by'],
    ['/unified/user-directory/users?truto_key_by=username', 'truto_key_by'],
    ['/unified/user-directory/users/zq%40halden.example', 'id'],
    ['/api/v1/people?search=amara', 'search'],
    ['/api/v1/people?manager_email=x', 'manager_email'],
    ['/api/v1/people?sort_by[email]=asc', 'sort_by[email]'],
    ['/api/v1/people/zq@halden.example', 'id'],
    ['/proxy/users?email=x', 'email'],
    ['/proxy/users?q[email]=x', 'q'],
  ])('%s', async (path, field) => {
    const ask = await hiding({ email: 'mask' });
    expect(await ask(path)).toEqual([403, 'field_hidden', field]);
  });

  test('other fields and lists of what is nobody can be', async () => {
    const mail = await hiding({ email: 'drop' });
    for (const path of [
      '/unified/user-directory/users?first_name=x',
      '/unified/user-directory/groups?name[like]=a&sort_by[name]=asc',
      '/api/v1/people?location=x',
      '/unified/user-directory/users?truto_exclude_fields=emails',
    ])
      expect((await mail(path))[0], path).toBe(200);
    const place = await hiding({ location: 'drop' });
    expect(await place('/api/v1/people?location=x')).toEqual([403, 'field_hidden', 'location']);
    expect((await place('/api/v1/people?search=x'))[0]).toBe(200);
  });
});

test('a token without a policy gets the very bytes, one with a policy the masked field alone differs', async () => {
  const path = '/api/v1/people?limit=3';
  const open = await door.call(path, { token: await tokenOf() });
  const masked = await door.call(path, { token: await tokenOf({ phone: 'drop' }) });
  const without = { ...open.body, result: open.body.result.map((one: object) => ({ ...one, phones: [] })) };
  expect(masked.body).toEqual(without);
  const bytes = Buffer.byteLength(masked.text);
  expect(Number(masked.headers.get('content-length'))).toBe(bytes);
  const head = await door.call(path, { method: 'HEAD', token: await tokenOf({ phone: 'drop' }) });
  expect([head.status, Number(head.headers.get('content-length')), head.text]).toEqual([200, bytes, '']);
});

test('an endpoint that is told more is not shown to a token that is told less', async () => {
  const list = async (policy?: FieldPolicy) =>
    (await door.call('/api/v1/webhooks', { token: await tokenOf(policy) })).body.result.map(
      ({ url }: { url: string }) => new URL(url).pathname,
    );
  expect((await list()).toSorted()).toEqual([
    '/hidden-cloudevents',
    '/hidden-plain',
    '/hidden-truto',
    '/open-cloudevents',
    '/open-plain',
    '/open-truto',
  ]);
  expect((await list({ email: 'mask' })).toSorted()).toEqual(['/hidden-cloudevents', '/hidden-plain', '/hidden-truto']);
});
