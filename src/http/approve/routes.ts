import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../audit/ports.ts';
import { ForeknowError } from '../../errors/errors.ts';
import type { DecisionUseCases } from '../../gateway/deciding.ts';
import type { OperatorUseCases } from '../../gateway/operators.ts';
import type { ProvisioningUseCases } from '../../gateway/provisioning-types.ts';
import type { ConnectionUseCases } from '../../gateway/types.ts';
import type { Caller, Operator } from '../../operators/operator.ts';
import { csrfOf, isCsrf, sessionHash } from '../../operators/secret.ts';
import { addressOf, networkOf } from '../address.ts';
import { assetUrls } from '../connect/assets.ts';
import { closed, setPageHeaders } from '../connect/headers.ts';
import type { Html } from '../connect/html.ts';
import { documentOf } from '../connect/layout.ts';
import { noticeMain } from '../connect/other-pages.ts';
import { asForeknowError } from '../problem.ts';
import { listMain, loginMain, type Problem } from './pages.ts';
import { planMain, STEPS, titleOf } from './plan-page.ts';

export type ApproveDoor = {
  readonly app: FastifyInstance;
  readonly operators: Pick<OperatorUseCases, 'session'>;
  readonly plans: Pick<ProvisioningUseCases, 'plans' | 'plan' | 'steps' | 'items'>;
  readonly connections: Pick<ConnectionUseCases, 'list'>;
  /** The use cases bound to who decides: what they do is written down. */
  readonly as: (actor: Actor) => {
    readonly operators: Pick<OperatorUseCases, 'login' | 'logout'>;
    readonly decisions: Pick<DecisionUseCases, 'approve' | 'reject'>;
  };
  /** Address that callers use; null: the one they ask for. */
  readonly publicUrl: string | null;
  readonly now: () => Date;
};

const BODY_LIMIT = 256 * 1024;
const COOKIE = 'foreknow_operator';
const ALL = 1_000_000;
/** Open plans that are listed. */
const PLANS = 100;
const LIST = '/plans';
/** Tries to sign in, a network and minute, whatever the names: each costs some tenths of a second of the machine. */
const SIGN_INS = 30;
const tooFast: Problem = { title: 'Too many tries at once', text: 'Wait a minute, then try again.' };
const PLAN = /^\/plans\/[\w-]{1,100}$/;

/** The pages on which people approve plans: `/login`, `/plans` and `/plans/ID`. They need no script. */
export function approveRoutes(door: ApproveDoor): void {
  void door.app.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: BODY_LIMIT },
      (_request, body, done) => done(null, new URLSearchParams(body as string)),
    );
    const assets = assetUrls();
    const hide = { schema: { hide: true } };
    const show = (request: FastifyRequest, reply: FastifyReply, title: string, main: Html, status = 200) => {
      setPageHeaders(reply, closed);
      reply.header('cache-control', 'no-store');
      const host = door.publicUrl === null ? request.host : new URL(door.publicUrl).host;
      const text = documentOf({ title, main, host, isScripted: false }, assets);
      return reply.code(status).type('text/html; charset=utf-8').send(text);
    };
    app.setErrorHandler(async (error, request, reply) => {
      const known = asForeknowError(error);
      request.errorCode = known.code;
      if (known.status >= 500) request.log.error({ err: error, requestId: request.id }, 'page failed');
      const [title, text] =
        known.status === 404
          ? ['There is no such plan', 'It may have been dropped, or the address is not whole.']
          : known.status >= 500
            ? ['Something broke on our side', 'Nothing was decided. Try again in a minute.']
            : ['This page cannot be shown', known.detail];
      return show(request, reply, title, noticeMain(title, [text]), known.status);
    });
    const signIns = app.createRateLimit({
      ...{ max: SIGN_INS, timeWindow: 60_000 },
      keyGenerator: (request) => networkOf(addressOf(request)),
    });
    app.addHook('preHandler', async (request, reply) => {
      if (request.method !== 'POST' || isOwnPage(request, door.publicUrl)) return;
      const title = 'This form came from elsewhere';
      return show(request, reply, title, noticeMain(title, ['Open the plan here and decide on its own page.']), 403);
    });

    app.get('/login', hide, async (request, reply) => {
      const to = placeIn((request.query as Readonly<Record<string, unknown>>).to);
      return show(request, reply, 'Sign in to decide', loginMain(to, '', null));
    });

    app.post('/login', hide, async (request, reply) => {
      const posted = formOf(request);
      const [to, name] = [placeIn(posted.get('to')), (posted.get('name') ?? '').trim().slice(0, 64)];
      const pace = await signIns(request);
      if (!pace.isAllowed && pace.isExceeded) {
        return show(request, reply, `Error: ${tooFast.title}`, loginMain(to, name, tooFast), 429);
      }
      try {
        const { operators } = door.as(unknownPerson(request));
        const { token, expiresAt } = await operators.login(
          { name, ...secretIn(posted) },
          `page ${networkOf(addressOf(request))}`,
        );
        setCookie(reply, request, door.publicUrl, token, expiresAt);
        return reply.redirect(to, 303);
      } catch (error) {
        const problem = { ...problemOf(asForeknowError(error)), title: 'You are not signed in' };
        return show(request, reply, `Error: ${problem.title}`, loginMain(to, name, problem), 422);
      }
    });

    app.post('/logout', hide, async (request, reply) => {
      const session = await sessionOf(door, request);
      if (session !== null && isCsrf(session.token, formOf(request).get('csrf') ?? '')) {
        await door.as(personOf(request, session.operator)).operators.logout(session.token);
        setCookie(reply, request, door.publicUrl, '', new Date(0).toISOString());
      }
      return reply.redirect('/login', 303);
    });

    const showPlan = async (
      request: FastifyRequest,
      reply: FastifyReply,
      { operator, token }: Session,
      problem: Problem | null,
    ) => {
      const { id } = request.params as { id: string };
      const view = await door.plans.plan(id);
      const posted = formOf(request);
      const page = {
        ...view,
        connection: (await namesOf(door))(view.plan.connectionId),
        steps: await door.plans.steps(id, { limit: ALL }),
        items: await door.plans.items(id, { limit: ALL }),
        ...{ after: afterIn(request), operator, csrf: csrfOf(token), problem, now: door.now() },
        kept: { steps: new Set(posted.getAll('step').slice(0, STEPS)), reason: reasonIn(posted) },
      };
      const title = problem === null ? titleOf(page) : `Error: ${problem.title}`;
      return show(request, reply, title, planMain(page), problem === null ? 200 : 422);
    };

    app.get(LIST, hide, async (request, reply) => {
      const session = await sessionOf(door, request);
      if (session === null) return reply.redirect('/login', 303);
      const plans = await door.plans.plans({ connectionIds: null, states: [...open], limit: PLANS });
      const { operator, token } = session;
      const page = { plans, nameOf: await namesOf(door), operator: operator.name, csrf: csrfOf(token) };
      return show(request, reply, 'Plans', listMain(page));
    });

    app.get('/plans/:id', hide, async (request, reply) => {
      const session = await sessionOf(door, request);
      if (session === null) return reply.redirect(loginFor(request), 303);
      return showPlan(request, reply, session, null);
    });

    app.post('/plans/:id', hide, async (request, reply) => {
      const session = await sessionOf(door, request);
      if (session === null) return reply.redirect(loginFor(request), 303);
      const posted = formOf(request);
      const { id } = request.params as { id: string };
      if (!isCsrf(session.token, posted.get('csrf') ?? '')) {
        return showPlan(request, reply, session, { title: 'The page was too old', text: 'Decide once more.' });
      }
      try {
        await decide(door, request, session, id, posted);
        return await reply.redirect(`/plans/${encodeURIComponent(id)}`, 303);
      } catch (error) {
        const known = asForeknowError(error);
        if (known.status >= 500 || known.status === 404) throw error;
        return showPlan(request, reply, session, problemOf(known));
      }
    });
  });
}

const open = ['blocked', 'waiting', 'approved', 'applying'] as const;

/** Names of connections by their ids. */
async function namesOf({ connections }: ApproveDoor): Promise<(id: string) => string> {
  const names = new Map((await connections.list()).map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}

type Session = { readonly operator: Operator; readonly token: string };

/** The secret is asked for with each decision: an open page alone decides nothing. */
async function decide(
  door: ApproveDoor,
  request: FastifyRequest,
  { operator, token }: Session,
  id: string,
  posted: URLSearchParams,
): Promise<void> {
  const { decisions } = door.as(personOf(request, operator));
  const from: Caller = `session ${sessionHash(token)?.slice(0, 16)}`;
  const decider = { proof: { name: operator.name, ...secretIn(posted) }, from };
  const reason = reasonIn(posted) || null;
  const digest = posted.get('digest') ?? '';
  const act = posted.get('act');
  if (act === 'approve_all') await decisions.approve(id, { digest, steps: null, reason }, decider);
  else if (act === 'approve_steps') {
    await decisions.approve(id, { digest, steps: posted.getAll('step').slice(0, STEPS), reason }, decider);
  } else if (act === 'reject' && reason !== null) await decisions.reject(id, reason, decider);
  else throw refusalOf(act);
}

const refusalOf = (act: string | null) =>
  new ForeknowError('invalid_request', {
    detail: act === 'reject' ? 'Say why you refuse the plan.' : 'Choose what to do.',
    field: act === 'reject' ? 'reason' : 'act',
  });

const problemOf = ({ code, detail, hint }: ForeknowError): Problem => ({
  title: 'Nothing was decided',
  // On a page nobody runs commands.
  text: [detail, code === 'operator_refused' ? 'Try again.' : hint].filter(Boolean).join(' '),
});

const formOf = ({ body }: FastifyRequest): URLSearchParams =>
  body instanceof URLSearchParams ? body : new URLSearchParams();

const reasonIn = (posted: URLSearchParams): string => (posted.get('reason') ?? '').trim().slice(0, 500);

const secretIn = (posted: URLSearchParams) => ({
  secret: (posted.get('secret') ?? '').slice(0, 1024),
  code: (posted.get('code') ?? '').trim().slice(0, 20) || null,
});

/** Only pages of ours are gone on to. */
const placeIn = (to: unknown): string => (typeof to === 'string' && PLAN.test(to) ? to : LIST);

const loginFor = ({ params }: FastifyRequest): string =>
  `/login?to=${encodeURIComponent(`/plans/${(params as { id: string }).id}`)}`;

function afterIn({ query }: FastifyRequest): number {
  const { after } = query as Readonly<Record<string, unknown>>;
  return typeof after === 'string' && /^\d{1,9}$/.test(after) ? Number(after) : -1;
}

/** Browsers say where a form comes from; what says nothing carries the form's own secret all the same. */
function isOwnPage({ headers, host }: FastifyRequest, publicUrl: string | null): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  // Pages that tell no referrer post with the origin `null`.
  const { origin = 'null' } = headers;
  if (origin === 'null') return true;
  const hosts = [host, ...(publicUrl === null ? [] : [new URL(publicUrl).host])];
  return URL.canParse(origin) && hosts.includes(new URL(origin).host);
}

async function sessionOf({ operators }: ApproveDoor, { headers }: FastifyRequest): Promise<Session | null> {
  const token = cookieIn(headers.cookie ?? '');
  const operator = token === null ? null : await operators.session(token);
  return operator === null ? null : { operator, token: token! };
}

function cookieIn(header: string): string | null {
  const pairs = header.split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? null;
}

function setCookie(
  reply: FastifyReply,
  { protocol }: FastifyRequest,
  publicUrl: string | null,
  token: string,
  expiresAt: string,
): void {
  const isSecure = protocol === 'https' || publicUrl?.startsWith('https:') === true;
  const until = new Date(expiresAt).toUTCString();
  reply.header(
    'set-cookie',
    `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Expires=${until}${isSecure ? '; Secure' : ''}`,
  );
}

const personOf = (request: FastifyRequest, { id, name }: Operator): Actor => ({
  ...{ kind: 'person', id, name, door: 'http', from: addressOf(request), requestId: request.id },
});

/** Somebody who has not proved who they are. */
const unknownPerson = (request: FastifyRequest): Actor => ({
  ...{ kind: 'person', id: 'unknown', name: null, door: 'http', from: addressOf(request), requestId: request.id },
});
