import { hash as digest, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { ForeknowError } from '../errors/errors.ts';
import type { Region } from '../wire/regions.ts';
import { type AccountState, createAccount, describeAccount, settleAt, switchOver } from './account.ts';
import { CONTROL_PATH, type Controls, control } from './control.ts';
import { type Fault, FaultBook } from './faults.ts';
import type { Service } from './gate.ts';
import type { AccountOptions, EmulatedAccount, EmulatorOptions, Surface } from './options.ts';
import type { runQuery } from './product/engine.ts';
import { isForProduct, serveProduct } from './product/serve-product.ts';
import type { Incoming, Reply } from './reply.ts';
import { type RequestCounts, RequestLog } from './requests.ts';
import { isScimMade, type ScimMade, scimByHand } from './scim/by-hand.ts';
import { catchUp } from './scim/windows.ts';
import { recentOf, serve } from './serve.ts';
import { profiles, type Switches } from './switches.ts';
import { instant } from './time.ts';
import { accountTruth, type GroundTruth, truthLines } from './truth.ts';
import { changeByHand, type HandMade } from './world/mutate.ts';
import type { Change } from './world/records.ts';

/** A change by hand. `account`: id or name, default the first one. */
export type Mutation = (
  | HandMade
  | ScimMade
  /** The key of one surface; default the Reporting API's. */
  | { kind: 'disable-token'; surface?: Surface }
  | { kind: 'enable-token'; surface?: Surface }
  /** Another program spends requests of the account's budget, until a limit refuses it; default the Reporting API's. */
  | { kind: 'spend-elsewhere'; requests: number; surface?: Surface }
  /** The service changes its ways: how it pages, spells or refuses. */
  | { kind: 'switch'; switches: Partial<Switches> }
) & { account?: string };

/** A running emulator: a test double with invented data, not affiliated with KnowBe4. */
export type Emulator = {
  /** `http://127.0.0.1:PORT`; a client asks `${url}/v1/users`. `${url}/eu` is the same server as region eu. */
  readonly url: string;
  /** The control API over HTTP, open to whoever reaches the port. */
  readonly controlUrl: string;
  /** Of the first account. */
  readonly reportingToken: string;
  /** Of the first account, too: what opens each surface, and where it answers. */
  readonly tokens: EmulatedAccount['tokens'];
  readonly addresses: EmulatedAccount['addresses'];
  readonly region: Region;
  readonly accounts: readonly EmulatedAccount[];
  requests(): RequestCounts;
  resetRequests(): void;
  /** @returns the fault's id */
  addFault(fault: Fault): string;
  clearFaults(): void;
  /** Moves the clock on and lets people live until the last full hour. */
  advance(ms: number): void;
  /** The world's time in milliseconds. */
  now(): number;
  /** @returns the id of the record that was changed, or of the account @throws ForeknowError `not_found` */
  mutate(mutation: Mutation): { id: number | string };
  /** @param account id or name, default the first one @throws ForeknowError `not_found` */
  truth(account?: string): GroundTruth;
  /** What happened after the change with this number, the oldest first; 0 = since the emulator started. Not a copy. */
  changes(after: number, account?: string): readonly Change[];
  /** Answers a call of `url` within this process, as if it had come over the network: for simulations of many requests. */
  fetch(url: string, init?: CallInit): Promise<Response>;
  /** Closes all connections at once. */
  close(): Promise<void>;
};

type CallInit = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

const SAMPLE_COMPANY = 'Halden Foods';
const BEGIN = '2026-11-16T09:00:00.000Z';

/**
 * Starts an emulator of the Reporting API on a port of this machine.
 * @throws ForeknowError `config_invalid` when an option makes no sense
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const begin = Date.parse(options.startAt ?? BEGIN);
  checkOptions(options, begin);
  const accounts = createAccounts(options, begin);
  const clock = worldClock(options, begin);
  const first = accounts[0]!;
  const faults = new FaultBook();
  const log = new RequestLog();
  const service: Service = { accounts, switches: first.switches, home: first.region, faults, now: clock.now };
  const stopping = new AbortController();
  const sleep = options.sleep ?? ((ms: number, signal: AbortSignal) => wait(ms, undefined, { signal }));
  const server = createServer({ keepAliveTimeout: 30_000 });
  const host = options.host ?? '127.0.0.1';
  await listen(server, options.port ?? 0, host);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  for (const account of accounts) settleAt(account, url, first.region);
  const controls = controlsOf(service, log, clock, url);
  let run: typeof runQuery | null = null;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith(CONTROL_PATH)) void control(controls, request, response);
    else void respond(request, response);
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const began = performance.now();
    const body = await bodyOf(request);
    if (body === null) {
      response.destroy();
      return;
    }
    const { method = 'GET', url: target = '/', headers } = request;
    const reply = await answered({ method, target, headers, body });
    await late(reply);
    if (!response.destroyed) send(response, reply, first.switches, began);
  }

  /** Of a call for GraphQL alone something is waited for: the library, which is loaded with the first. */
  function answered(incoming: Incoming): Reply | Promise<Reply> {
    if (!isForProduct(incoming.target, service.home)) return noted(incoming, serve(service, incoming));
    if (run) return noted(incoming, serveProduct(service, incoming, run));
    return import('./product/engine.ts').then((engine) => {
      run = engine.runQuery;
      return noted(incoming, serveProduct(service, incoming, run));
    });
  }

  function noted({ target }: Incoming, reply: Reply): Reply {
    log.note(recentOf(reply, target, service.now()), reply.overLimit ?? false);
    return reply;
  }

  async function late(reply: Reply): Promise<void> {
    const delayMs = (options.latencyMs ?? 0) + (reply.delayMs ?? 0);
    if (delayMs > 0) await sleep(delayMs, stopping.signal).catch(() => undefined);
  }

  return {
    url,
    controlUrl: `${url}${CONTROL_PATH}`,
    reportingToken: first.tokens.reporting,
    tokens: first.tokens,
    addresses: first.addresses,
    region: first.region,
    get accounts() {
      return accounts.map(describeAccount);
    },
    ...controls,
    now: clock.now,
    truth: (account) => accountTruth(accountNamed(accounts, account), clock.now()),
    changes: (after, account) => accountNamed(accounts, account).world.changes.slice(after),
    async fetch(address, init) {
      const { method = 'GET', headers = {}, body = '' } = init ?? {};
      const target = address.slice(url.length);
      const reply = await answered({ method, target, headers: lowerCased(headers), body });
      await late(reply);
      return responseOf(reply);
    },
    close: () => {
      stopping.abort();
      return shut(server);
    },
  };
}

function checkOptions(options: EmulatorOptions, begin: number): void {
  const wrong = (field: string, detail: string) => new ForeknowError('config_invalid', { detail, field });
  const { people = 1, speed = 1 } = options;
  if (!(Number.isInteger(people) && people >= 1 && people <= 1_000_000)) {
    throw wrong('people', 'The number of people is a whole number from 1 to 1,000,000.');
  }
  if (!(speed > 0)) throw wrong('speed', 'The speed is a number above 0.');
  if (Number.isNaN(begin)) throw wrong('startAt', 'The beginning of the world is an ISO time.');
}

/** Who says how lists are paged means all of them, unless `cursorOn` is said too. */
function createAccounts(options: EmulatorOptions, begin: number): AccountState[] {
  const base: Switches = {
    ...profiles[options.profile ?? 'documented'],
    ...(options.maxPerPage !== undefined && { maxPerPage: options.maxPerPage }),
    ...(options.switches?.pagination !== undefined && { cursorOn: 'all' as const }),
    ...options.switches,
  };
  const sample: AccountOptions = {
    name: SAMPLE_COMPANY,
    people: options.people ?? 1200,
    seed: options.seed ?? 7,
    region: options.region ?? 'us',
    ...(options.enrollments !== undefined && { enrollments: options.enrollments }),
    ...(options.provisioner !== undefined && { provisioner: options.provisioner }),
  };
  return [sample, ...(options.accounts ?? [])].map((account) =>
    createAccount({
      name: account.name,
      people: account.people ?? 60,
      seed: account.seed ?? options.seed ?? 7,
      region: account.region ?? sample.region!,
      token: account.reportingToken,
      enrollments: account.enrollments,
      provisioner: account.provisioner ?? 'other',
      switches: {
        ...base,
        ...(account.type !== undefined && { accountType: account.type }),
        ...(account.anonymised !== undefined && { anonymised: account.anonymised }),
      },
      limits: options.limits ?? true,
      surfaceLimits: options.surfaceLimits,
      begin,
    }),
  );
}

type WorldClock = { now(): number; advance(ms: number): void };

function worldClock({ clock = Date, speed = 1 }: EmulatorOptions, begin: number): WorldClock {
  const start = clock.now();
  let advanced = 0;
  return {
    now: () => begin + (clock.now() - start) * speed + advanced,
    advance: (ms) => {
      if (!(ms >= 0 && ms < 1e13)) {
        throw new ForeknowError('invalid_request', { detail: 'Time goes forward, by milliseconds.', field: 'ms' });
      }
      advanced += ms;
    },
  };
}

function controlsOf(service: Service, log: RequestLog, clock: WorldClock, url: string): Controls {
  const { accounts, faults, home } = service;
  return {
    describe: () => ({ url, region: home, now: instant(clock.now()), accounts: accounts.map(describeAccount) }),
    requests: () => log.counts(),
    resetRequests: () => log.reset(),
    addFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    advance: (ms) => {
      clock.advance(ms);
      for (const account of accounts) catchUp(account, clock.now());
    },
    mutate: ({ account: named, ...what }) => {
      const account = accountNamed(accounts, named);
      if (what.kind === 'disable-token' || what.kind === 'enable-token') {
        const surface = what.surface ?? 'reporting';
        if (what.kind === 'disable-token') account.disabled.add(surface);
        else account.disabled.delete(surface);
      } else if (what.kind === 'spend-elsewhere') {
        for (let n = 0; n < what.requests; n += 1) account.limiters[what.surface ?? 'reporting']?.take(clock.now());
      } else if (what.kind === 'switch') {
        switchOver(account, what.switches);
      } else if (isScimMade(what)) {
        return { id: scimByHand(account, what, clock.now()) };
      } else {
        catchUp(account, clock.now());
        return { id: changeByHand(account.world, what) };
      }
      return { id: account.id };
    },
    truthLines: (account) => truthLines(accountNamed(accounts, account), clock.now()),
  };
}

function accountNamed(accounts: readonly AccountState[], named: string | undefined): AccountState {
  const found = named === undefined ? accounts[0] : accounts.find(({ id, name }) => id === named || name === named);
  if (!found) throw new ForeknowError('not_found', { detail: `The emulator has no account "${named}".` });
  return found;
}

/** Statuses whose answers have no body. */
const bodiless: ReadonlySet<number> = new Set([204, 304]);

/** Headers as recorded in 2021; those of the delivery network where the switches ask for them. */
function send(response: ServerResponse, reply: Reply, switches: Switches, began: number): void {
  const body = Buffer.from(reply.body);
  const headers: Record<string, string | number> = {
    'Cache-Control': 'no-cache, no-store',
    Pragma: 'no-cache',
    Expires: 'Mon, 01 Jan 1990 00:00:00 GMT',
    Vary: 'Origin',
    ETag: `W/"${digest('md5', body)}"`,
    ...reply.headers,
    'X-Request-Id': randomUUID(),
    'X-Runtime': ((performance.now() - began) / 1000).toFixed(6),
  };
  if (reply.lost) {
    response.destroy();
    return;
  }
  const isEmpty = bodiless.has(reply.status);
  if (switches.deliveryHeaders && !isEmpty) {
    headers['Transfer-Encoding'] = 'chunked';
    headers.Via = '1.1 emulator (CloudFront)';
    headers['X-Cache'] = reply.status < 400 ? 'Miss from cloudfront' : 'Error from cloudfront';
  } else if (!isEmpty) headers['Content-Length'] = body.length;
  response.writeHead(reply.status, headers);
  if (!reply.cut) response.end(body);
  else response.write(body.subarray(0, body.length >> 1), () => response.destroy());
}

/** A longer body is nothing that any surface would take: the connection ends. */
const MOST_BODY = 1_000_000;

/** @returns null when it is too long, or when the caller went away */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  if (request.method === 'GET') {
    request.resume();
    return '';
  }
  let text = '';
  try {
    for await (const chunk of request.setEncoding('utf8')) {
      text += chunk;
      if (text.length > MOST_BODY) return null;
    }
  } catch {
    return null;
  }
  return text;
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** An answer that is cut breaks off in the middle of its body. */
function responseOf({ status, headers, body, cut, lost }: Reply): Response {
  if (lost) throw new TypeError('fetch failed');
  if (!cut) return new Response(bodiless.has(status) ? null : body, { status, headers });
  const half = new ReadableStream({
    start(stream) {
      stream.enqueue(new TextEncoder().encode(body.slice(0, body.length >> 1)));
      stream.error(new TypeError('terminated'));
    },
  });
  return new Response(half, { status, headers });
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

const shut = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
