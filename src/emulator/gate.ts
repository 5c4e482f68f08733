import { isRegion, type Region } from '../wire/regions.ts';
import type { AccountState } from './account.ts';
import type { Fault, FaultBook, FaultKind } from './faults.ts';
import type { Surface } from './options.ts';
import { html, type Incoming, jsonType, type Reply } from './reply.ts';
import { catchUp } from './scim/windows.ts';
import type { Switches } from './switches.ts';

export type Service = {
  readonly accounts: readonly AccountState[];
  /** What is done for calls whose account is not known. */
  readonly switches: Switches;
  readonly home: Region;
  readonly faults: FaultBook;
  now(): number;
};

/** How a surface says what is wrong: each of the four has bodies of its own. */
export type Voice = {
  fail(status: number, text: string, headers?: Readonly<Record<string, string>>): Reply;
  /** The same for a missing, malformed, unknown or disabled key and for another surface's. */
  refuseKey(): Reply;
  /** A good key in another region. */
  refuseRegion(): Reply;
  overLimit(headers: Readonly<Record<string, string>>): Reply;
  /** An error that says 200. */
  errorWith200(): Reply;
};

/** What a call must pass before it is answered. */
export type Gate = {
  readonly surface: Surface;
  readonly endpoint: string;
  readonly region: Region;
  readonly voice: (switches: Switches, endpoint: string) => Voice;
  /** Whether another format than JSON is refused with 406. */
  readonly jsonAlone?: boolean;
};

/** `/eu/v1/users` is the same server as region eu; without a region it is the first account's. */
export function splitRegion(pathname: string, home: Region): { region: Region; path: string } {
  const [, first = '', rest] = /^\/([^/]+)(\/.*)$/.exec(pathname) ?? [];
  return rest !== undefined && isRegion(first) ? { region: first, path: rest } : { region: home, path: pathname };
}

/** Key, region, format, limits, faults, in this order; whoever passes them is answered. */
export function pass(
  service: Service,
  incoming: Incoming,
  { surface, endpoint, region, voice, jsonAlone }: Gate,
  answer: (account: AccountState, fault: Fault | null, now: number) => Reply,
): Reply {
  const account = accountOf(service, surface, incoming.headers.authorization);
  if (!account) return voice(service.switches, endpoint).refuseKey();
  if (account.region !== region) return voice(service.switches, endpoint).refuseRegion();
  if (jsonAlone && !acceptsJson(incoming.headers.accept)) {
    return voice(service.switches, endpoint).fail(406, 'Not Acceptable');
  }
  const now = service.now();
  const say = voice(account.switches, endpoint);
  const limited = checkLimits(account, surface, now, say);
  if (limited.refused) return limited.refused;
  catchUp(account, now);
  const fault = service.faults.meet(endpoint, incoming.target, now);
  const reply = (fault && spoiled[fault.kind]?.(say, endpoint, fault)) ?? answer(account, fault, now);
  return finish({ ...reply, headers: { ...limited.headers, ...reply.headers } }, fault);
}

function accountOf(
  { accounts }: Service,
  surface: Surface,
  authorization: string | undefined,
): AccountState | undefined {
  const token = /^Bearer ([^\s]+)$/.exec(authorization ?? '')?.[1];
  return accounts.find((account) => account.tokens[surface] === token && !account.disabled.has(surface));
}

const acceptsJson = (accept: string | undefined): boolean =>
  accept === undefined || /(^|[,\s])(\*\/\*|application\/\*|application\/json)/.test(accept);

type Limited = { refused: Reply | null; headers: Record<string, string> };

function checkLimits({ limiters, switches }: AccountState, surface: Surface, now: number, say: Voice): Limited {
  const limiter = limiters[surface];
  const verdict = limiter?.take(now) ?? { allowed: true as const, remaining: 0 };
  const headers: Record<string, string> = {};
  const counts = limiter && (switches.limitHeaders === 'X-RateLimit' || switches.limitHeaders === 'both');
  if (counts) headers['X-RateLimit-Remaining'] = String(verdict.allowed ? verdict.remaining : 0);
  if (verdict.allowed) return { refused: null, headers };
  if (switches.limitHeaders === 'Retry-After' || switches.limitHeaders === 'both') {
    headers['Retry-After'] = String(Math.ceil(verdict.retryAfterMs / 1000));
  }
  return { refused: { ...say.overLimit(headers), overLimit: true }, headers };
}

type Spoiled = (say: Voice, endpoint: string, fault: Fault) => Reply;

/** Faults that replace the answer. */
const spoiled: Partial<Record<FaultKind, Spoiled>> = {
  'rate-limited': (say, _, { retryAfterS }) =>
    say.overLimit({ ...(retryAfterS !== undefined && { 'Retry-After': String(retryAfterS) }) }),
  'server-error': (say) => say.fail(500, 'Internal Server Error'),
  maintenance: (say) => say.fail(503, 'Service Unavailable'),
  'html-error': (_, endpoint) => html(endpoint, 502, 'Bad Gateway'),
  'html-body': (_, endpoint) => html(endpoint, 200, 'Sign in'),
  'error-body-200': (say) => say.errorWith200(),
  'empty-body': (_, endpoint) => ({ endpoint, status: 200, headers: jsonType, body: '' }),
  'token-disabled': (say) => say.refuseKey(),
  'too-large': (say) => say.fail(413, 'Payload Too Large'),
  'not-implemented': (say) => say.fail(501, 'Not Implemented'),
};

/** Faults that spoil an answer on its way out. */
function finish(reply: Reply, fault: Fault | null): Reply {
  if (fault?.kind === 'cut-connection') return { ...reply, cut: true };
  if (fault?.kind === 'lost-answer') return { ...reply, lost: true };
  if (fault?.kind === 'truncated-json') return { ...reply, body: reply.body.slice(0, reply.body.length >> 1) };
  if (fault?.kind === 'slow') return { ...reply, delayMs: fault.delayMs ?? 2000 };
  return reply;
}
