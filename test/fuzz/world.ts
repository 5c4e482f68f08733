import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../../src/emulator/index.ts';
import { type Gateway, openGateway } from '../../src/gateway/gateway.ts';
import { type Conformance, conformanceOf, type OpenApi } from '../../src/http/contract/conformance.ts';
import { createLogger } from '../../src/http/logger.ts';
import { createServer } from '../../src/http/server.ts';
import { profiles } from '../../src/scim/profile.ts';
import { type Scope, scopes } from '../../src/tokens/token.ts';

/** A caller. `secret` null: without a token. */
export type Role = {
  readonly name: string;
  readonly secret: string | null;
  readonly bound: boolean;
  /** Empty for one who has no valid token of the API. */
  readonly scopes: readonly Scope[];
  /** Has the token of a source that providers push to. */
  readonly pushes?: boolean;
};

export type Parameter = { readonly name: string; readonly in: string };
export type Schema = {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
  readonly examples?: readonly unknown[];
  readonly required?: readonly string[];
  readonly minItems?: number;
  readonly format?: string;
};
/** An operation of the server's own OpenAPI document. */
export type Operation = {
  readonly path: string;
  readonly method: string;
  /** The scope that it needs; null: any valid token. */
  readonly scope: Scope | null;
  readonly query: readonly string[];
  readonly body: Schema | null;
};

/** A server with two mirrored accounts, tokens of every kind, and what must never be in an answer. */
export type World = {
  readonly port: number;
  readonly folder: string;
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly conforms: Conformance;
  readonly roles: () => readonly Role[];
  /** Ids and names that exist, of every kind. */
  readonly known: () => readonly string[];
  /** Ids of users and groups that were pushed to the source `push`. */
  readonly pushed: () => readonly string[];
  /** Cursors that the server gave. */
  readonly cursors: () => readonly string[];
  /** A cursor of events that nothing follows, as long as nothing happens. */
  readonly endOfLog: () => string;
  readonly secrets: Set<string>;
  /** What tells of the other connection to a token that is bound to the first. */
  readonly beta: () => readonly string[];
  readonly reportingToken: string;
  /** One that no account has. */
  readonly madeUpToken: string;
  /** Addresses asked of KnowBe4 that are none of its own: an id that became a path. */
  readonly strayCalls: () => readonly string[];
  /** Lines of the log that hold a secret. */
  readonly leaks: () => readonly string[];
  /** Puts back what the last inputs took away: connections, tokens. @returns how much was mended */
  heal(): Promise<number>;
  close(): Promise<void>;
};

type Emulated = Awaited<ReturnType<typeof startEmulator>>;
export const noLimits = { limits: { perSecond: null, perMinute: null, perDay: null } };
const many = 1e9;

/** @param databaseUrl of an empty Postgres database; without one the store is SQLite */
export async function createWorld(databaseUrl?: string): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-fuzz-'));
  const emulator = await startEmulator({
    people: 60,
    limits: false,
    accounts: [{ name: 'Beta Works', people: 40, seed: 23, region: 'eu' }],
  });
  const strayCalls: string[] = [];
  const fetch = onlyTo(emulator, (address) => strayCalls.length < 20 && strayCalls.push(address));
  const sources = {
    sources: [{ name: 'push', kind: 'scim-in', profile: undefined }],
    people: { from: [], join: [], prefer: {} },
  } as const;
  const gateway = await openGateway({ folder, fetch, sources, ...(databaseUrl ? { databaseUrl } : {}) });
  const accounts = { acme: emulator.accounts[0]!, beta: emulator.accounts[1]! };
  const vaultKey = readFileSync(join(folder, 'vault.key'), 'utf8').trim();
  const secrets = new Set([vaultKey, accounts.acme.reportingToken, accounts.beta.reportingToken, madeUpToken]);
  for (const name of ['acme', 'beta'] as const) await connectAndSync(gateway, name, accounts[name]);

  const leaks: string[] = [];
  const stream = {
    write: (line: string) => {
      if (leaks.length < 20 && [...secrets].some((secret) => line.includes(secret))) leaks.push(line);
    },
  };
  const app = await createServer({
    gateway,
    logger: createLogger({ level: 'info', stream }),
    limits: { readsPerMinute: many, livePerTenSeconds: many, failuresPerMinute: many, waitMs: 100 },
    // Whatever a caller writes into the headers of proxies is read.
    trustProxy: true,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const document = (await (await globalThis.fetch(`${url}/api/v1/openapi.json`)).json()) as OpenApi;

  let roles = await makeRoles(gateway, secrets);
  const look = () => lookAround(gateway, url, roles.find(({ name }) => name === 'admin')!.secret!);
  const pushed = await pushSome(gateway);
  let seen = await look();

  return {
    port: Number(new URL(url).port),
    folder,
    operations: operationsOf(document),
    schemas: document.components.schemas as Readonly<Record<string, Schema>>,
    conforms: conformanceOf(document),
    roles: () => roles,
    known: () => seen.known,
    pushed: () => pushed,
    cursors: () => seen.cursors,
    endOfLog: () => seen.endOfLog,
    secrets,
    beta: () => seen.beta,
    reportingToken: accounts.acme.reportingToken,
    madeUpToken,
    strayCalls: () => strayCalls,
    leaks: () => leaks,
    async heal() {
      let [mended, gone] = [0, 0];
      for (const name of ['acme', 'beta'] as const) {
        const how = await healConnection(gateway, name, accounts[name]);
        mended += how === 'well' ? 0 : 1;
        gone += how === 'gone' ? 1 : 0;
      }
      const live = new Set((await gateway.tokens.list()).flatMap((one) => (one.revokedAt === null ? one.name : [])));
      const lost = roles.some(({ name, secret }) => secret !== null && !deadRoles.has(name) && !live.has(name));
      if (gone > 0 || lost) {
        roles = await makeRoles(gateway, secrets);
        seen = await look();
        mended += 1;
      }
      return mended;
    },
    async close() {
      await app.close();
      await gateway.close();
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Words, numbers and what else the proxy hands on in a part of a path: nothing that leads elsewhere. Whether KnowBe4 has such an
 * address is for it to say.
 */
const ownAddress = /^\/v1(\/(?!\.+(\/|\?|$))([\w.~-]|%40|%2B)+)+(\?[^#\s]*)?$/;

/**
 * KnowBe4's hosts lead to the emulator; no other address answers, and nothing leaves this machine.
 * @param onStray told of addresses that KnowBe4 does not have
 */
export const onlyTo =
  (emulator: Emulated, onStray: (address: string) => void = () => undefined) =>
  async (url: string, init?: { headers?: Readonly<Record<string, string>> }): Promise<Response> => {
    const [, region, path] = /^https:\/\/(\w\w)\.api\.knowbe4\.com(\/.*)$/.exec(url) ?? [];
    if (region === undefined) return new Response('{"error":"not found"}', { status: 404 });
    if (!ownAddress.test(path!)) onStray(path!);
    return emulator.fetch(`${emulator.url}/${region}${path}`, init);
  };

type Account = { readonly region: string; readonly reportingToken: string };

async function connectAndSync(gateway: Gateway, name: string, { region, reportingToken }: Account): Promise<void> {
  await gateway.connections.connect({ name, region, reportingToken, settings: noLimits });
  await gateway.sync.run(name, { level: 'full' });
}

/** Ids, names and cursors, as the server tells them. */
async function lookAround(gateway: Gateway, url: string, secret: string) {
  const lists: { next_cursor?: string; has_more?: boolean; result?: { id?: string }[] }[] = [];
  const read = async (path: string) => {
    const answer = await fetch(url + path, { headers: { authorization: `Bearer ${secret}` } });
    return (await answer.json()) as (typeof lists)[number];
  };
  for (const path of ['/unified/user-directory/users?limit=5&integrated_account_id=acme', '/api/v1/people?limit=5']) {
    lists.push(await read(path));
  }
  let events = await read('/api/v1/events?limit=1000');
  while (events.has_more) events = await read(`/api/v1/events?limit=1000&after=${events.next_cursor}`);
  const connections = await gateway.connections.list();
  const beta = connections.find(({ name }) => name === 'beta')!;
  return {
    known: [
      ...connections.flatMap(({ id, name }) => [id, name]),
      ...lists.flatMap(({ result }) => (result ?? []).flatMap(({ id }) => id ?? [])),
      ...(await gateway.sync.runs('acme', 3)).map(({ id }) => id),
    ],
    cursors: lists.flatMap(({ next_cursor: cursor }) => cursor ?? []),
    endOfLog: events.next_cursor!,
    // Not its id: that is among what is sent, and comes back where it was stored as a label.
    beta: beta.account!.domains,
  };
}

/** @returns how the connection was found: `gone` means that it is another one now */
async function healConnection(gateway: Gateway, name: string, account: Account): Promise<'well' | 'changed' | 'gone'> {
  const all = await gateway.connections.list();
  const here = all.filter(({ region }) => region === account.region);
  const [first, ...others] = here.toSorted((one, other) => (one.name === name ? -1 : other.name === name ? 1 : 0));
  for (const { id } of others) await gateway.connections.remove(id, { purge: true });
  if (first === undefined) {
    await connectAndSync(gateway, name, account);
    return 'gone';
  }
  if (first.name === name && first.state === 'active' && first.pausedAt === null) return 'well';
  await gateway.connections.update(first.id, { name, tags: [], settings: noLimits });
  await gateway.connections.resume(first.id);
  await gateway.connections.replaceToken(first.id, { reportingToken: account.reportingToken });
  return 'changed';
}

const deadRoles = new Set(['revoked', 'made up', 'provider']);
const madeUpKey = `fk_${'A'.repeat(43)}`;
const madeUpToken = 'made-up-reporting-token';

/** Callers with each scope, with all, bound to one connection, and without a valid token. */
async function makeRoles(gateway: Gateway, secrets: Set<string>): Promise<readonly Role[]> {
  const made = async (name: string, wanted: readonly Scope[], connections?: readonly string[]): Promise<Role> => {
    const { secret } = await gateway.tokens.create({ name, scopes: wanted, ...(connections ? { connections } : {}) });
    secrets.add(secret);
    return { name, secret, bound: connections !== undefined, scopes: wanted };
  };
  const acme = await gateway.connections.get('acme');
  const revoked = { ...(await made('revoked', scopes)), scopes: [] };
  const found = (await gateway.tokens.list()).findLast(({ name, revokedAt }) => name === 'revoked' && !revokedAt);
  await gateway.tokens.revoke(found!.id);
  const provider = await gateway.scimIn.tokens.create('push', { rotate: true });
  secrets.add(provider.secret);
  return [
    { name: 'provider', secret: provider.secret, bound: false, scopes: [], pushes: true },
    { name: 'nobody', secret: null, bound: false, scopes: [] },
    { name: 'made up', secret: madeUpKey, bound: false, scopes: [] },
    revoked,
    await made('admin', scopes),
    await made('bound admin', scopes, [acme.id]),
    await made('bound reader', ['directory', 'training', 'phishing.identified', 'risk'], [acme.id]),
    ...(await Promise.all(scopes.filter((scope) => scope !== 'admin').map((scope) => made(scope, [scope])))),
  ];
}

/** Somebody to ask about. @returns ids */
async function pushSome({ scimIn: { resources } }: Gateway): Promise<readonly string[]> {
  const at = { source: 'push', profile: profiles.entra, base: 'http://localhost/scim/v2/push', query: {} };
  const ids: string[] = [];
  for (const userName of ['ada@example.com', 'ben@example.com']) {
    const { resource } = await resources.create({ ...at, kind: 'User' }, { userName, externalId: userName });
    ids.push((resource as { id: string }).id);
  }
  const group = { displayName: 'Sales', externalId: 'sales', members: ids.map((value) => ({ value })) };
  const { resource } = await resources.create({ ...at, kind: 'Group' }, group);
  return [...ids, (resource as { id: string }).id];
}

type Documented = {
  readonly parameters?: readonly Parameter[];
  readonly description?: string;
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
};

function operationsOf(document: OpenApi): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]): Operation => {
      const { parameters = [], description = '', requestBody } = one as Documented;
      return {
        path,
        method: method.toUpperCase(),
        scope: (/Needs the scope `([\w.]+)`\.$/.exec(description)?.[1] ?? null) as Scope | null,
        query: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
        body: Object.values(requestBody?.content ?? {})[0]?.schema ?? null,
      };
    }),
  );
}
