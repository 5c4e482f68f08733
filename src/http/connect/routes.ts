import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ForeknowError } from '../../errors/errors.ts';
import type { LinkCheck, LinkPage, LinkUseCases } from '../../gateway/types.ts';
import { addressOf, networkOf } from '../address.ts';
import { asForeknowError } from '../problem.ts';
import { serveAssets } from './assets.ts';
import { type Failure, failureOf } from './failure.ts';
import { formMain, type Typed, titleOf } from './form-page.ts';
import { closed, setPageHeaders } from './headers.ts';
import type { Html } from './html.ts';
import { documentOf, type Outcome } from './layout.ts';
import { codeMain, doneMain, endedNotice, noLinkNotice, noticeMain, unknownLinkNotice } from './other-pages.ts';
import { errorMessage, INTEGRATION, outcomeOf, successMessage, wayOn } from './outcome.ts';
import {
  missingIn,
  type Posted,
  pastedKeys,
  readForm,
  submissionOf,
  typedBefore,
  typedOf,
  withRegionOf,
} from './submission.ts';
import { consoleAddress } from './words.ts';

export type ConnectDoor = {
  readonly app: FastifyInstance;
  readonly links: Pick<LinkUseCases, 'open' | 'byCode' | 'check' | 'submit'>;
  /** Links that open nothing, a network and minute. */
  readonly failuresPerMinute: number;
  /** Host of the address that callers use; null: the one they ask for. */
  readonly publicHost: string | null;
  /** Called when a connection was made or changed. */
  readonly onChanged: () => void;
};

const BODY_LIMIT = 32 * 1024;
const ASK_AGAIN = 'Ask whoever sent you here for a new link.';

/** The pages on which somebody connects a KnowBe4 account: `/connect-account` with a link, `/connect` with a code. */
export function connectRoutes(door: ConnectDoor): void {
  void door.app.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: BODY_LIMIT },
      (_request, body, done) => done(null, readForm(body as string)),
    );
    const assets = serveAssets(app);
    const hide = { schema: { hide: true } };

    const show = (request: FastifyRequest, reply: FastifyReply, page: Shown) => {
      const { link, title, main, status = 200, outcome } = page;
      setPageHeaders(reply, link ?? closed);
      const host = hostOf(request, link);
      const text = documentOf({ title, main, host, ...(outcome === undefined ? {} : { outcome }) }, assets);
      return reply.code(status).type('text/html; charset=utf-8').send(text);
    };
    const hostOf = (request: FastifyRequest, link: LinkPage | null) =>
      link?.gatewayHost ?? door.publicHost ?? request.host;

    const unknownLinks = app.createRateLimit({
      ...{ max: door.failuresPerMinute, timeWindow: 60_000 },
      keyGenerator: (request) => networkOf(addressOf(request)),
    });
    app.setErrorHandler(async (error, request, reply) => {
      const known = asForeknowError(error);
      request.errorCode = known.code;
      if (known.status >= 500)
        request.log.error({ err: error, code: known.code, requestId: request.id }, 'page failed');
      const count = known.code === 'link_invalid' ? await unknownLinks(request) : null;
      const isTooMany = count !== null && !count.isAllowed && count.isExceeded;
      return show(request, reply, isTooMany ? { ...errorPage(tooMany), status: 429 } : errorPage(known));
    });

    const showForm = (request: FastifyRequest, reply: FastifyReply, at: AtForm) => {
      const { link, failure } = at;
      const main = formMain({ ...at, host: hostOf(request, link) });
      const title = failure === null ? titleOf(link) : `Error: ${titleOf(link)}`;
      return show(request, reply, {
        link,
        title,
        main,
        status: statusOf(failure),
        outcome: outcomeOf(link, { failure }),
      });
    };

    /** The link that a secret opens, or the page that says why it takes nothing any more. */
    const opened = async (request: FastifyRequest, reply: FastifyReply, secret: string): Promise<LinkPage | null> => {
      const link = await door.links.open(secret);
      if (link.state === 'open') return link;
      const main = endedNotice(link.state, link.requester);
      const message = errorMessage(`The link is ${link.state}.`, 'invalid_token');
      const title = 'This link does nothing any more';
      await show(request, reply, { link, title, main, status: 410, outcome: outcomeOf(link, { message }) });
      return null;
    };

    app.get('/connect-account', hide, async (request, reply) => {
      const query = request.query as Readonly<Record<string, unknown>>;
      if (typeof query.link_token !== 'string' || query.link_token === '') {
        return show(request, reply, { link: null, title: 'This page needs its link', main: noLinkNotice, status: 400 });
      }
      const link = await opened(request, reply, query.link_token);
      if (link === null) return reply;
      if (!wantsKnowBe4(query)) return show(request, reply, otherIntegration(link));
      return showForm(request, reply, { link, secret: query.link_token, typed: typedBefore(link), ...untried });
    });

    app.post('/connect-account', hide, async (request, reply) => {
      const posted = (request.body ?? {}) as Posted;
      const secret = posted.link ?? '';
      const link = await opened(request, reply, secret);
      if (link === null) return reply;
      const tried = await attempt(door.links, request, { link, secret, posted });
      if ('done' in tried) {
        door.onChanged();
        const goTo = wayOn(link, tried.done);
        // Without the script nobody waits for a message.
        if (goTo !== null && !isScripted(request)) {
          setPageHeaders(reply, link);
          return reply.redirect(goTo, 303);
        }
        const title = 'Connected';
        const outcome = outcomeOf(link, { message: successMessage(tried.done), goTo });
        return show(request, reply, { link, title, main: doneMain(tried.done, link, goTo), outcome });
      }
      return showForm(request, reply, { link, secret, ...tried });
    });

    // Forms of data that some programs send people to after connecting: this gateway asks for nothing more.
    app.get('/connect-account/post-connect', hide, async (request, reply) =>
      show(request, reply, {
        link: null,
        title: 'Nothing more to fill in',
        main: noticeMain('Nothing more to fill in', [
          'What this gateway needs was asked for when the account was connected. You can close this window.',
        ]),
      }),
    );

    app.get('/connect', hide, async (request, reply) =>
      show(request, reply, { link: null, title: 'Type your code', main: codeMain('', null) }),
    );

    app.post('/connect', hide, async (request, reply) => {
      const code = ((request.body ?? {}) as Posted).code?.trim() ?? '';
      try {
        const { secret } = await door.links.byCode(code, callerOf(request));
        const link = await opened(request, reply, secret);
        if (link === null) return reply;
        return showForm(request, reply, { link, secret, typed: typedBefore(link), ...untried });
      } catch (error) {
        const problem = codeProblem(asForeknowError(error));
        if (problem === null) throw error;
        const main = codeMain(code.slice(0, 40), problem);
        return show(request, reply, { link: null, title: `Error: ${problem.title}`, main, status: problem.status });
      }
    });
  });
}

type Shown = {
  readonly link: LinkPage | null;
  readonly title: string;
  readonly main: Html;
  readonly status?: number;
  readonly outcome?: Outcome;
};

type Tried = { readonly typed: Typed; readonly failure: Failure | null; readonly checked: LinkCheck | null };
type AtForm = Tried & { readonly link: LinkPage; readonly secret: string };

const untried = { failure: null, checked: null } as const;

/** Checks or uses what was posted; what is refused comes back as words for the page. */
async function attempt(
  links: ConnectDoor['links'],
  request: FastifyRequest,
  { link, secret, posted }: { readonly link: LinkPage; readonly secret: string; readonly posted: Posted },
): Promise<Tried | { readonly done: Awaited<ReturnType<LinkUseCases['submit']>> }> {
  const typed = typedOf(posted);
  const missing = missingIn(link, posted);
  if (missing !== null) return { typed, failure: missing, checked: null };
  const probed = posted.step === 'probe';
  const submission = submissionOf(link, posted, probed);
  try {
    if (!(posted.step === 'check' || (probed && isScripted(request)))) {
      return { done: await links.submit(secret, submission, callerOf(request)) };
    }
    const checked = await links.check(secret, submission, callerOf(request));
    return { typed: { ...typed, region: consoleAddress(checked.region) }, failure: null, checked };
  } catch (error) {
    const known = asForeknowError(error);
    if (known.code.startsWith('link_')) throw error;
    request.errorCode = known.code;
    if (known.code === 'internal') request.log.error({ err: error, requestId: request.id }, 'connecting failed');
    const [first = link.keys[0]!, ...others] = pastedKeys(link, posted);
    const failure = failureOf(known, [first, ...others], probed);
    return { typed: known.code === 'wrong_region' ? withRegionOf(typed, posted) : typed, failure, checked: null };
  }
}

/** The script of the page asks; it shows what a key opens before the key is used. */
const isScripted = (request: FastifyRequest): boolean => request.headers['x-connect-page'] !== undefined;

const callerOf = (request: FastifyRequest) => ({ from: addressOf(request), requestId: request.id });

/** A form that comes back is not a refusal of its own: what stands in it is not right, or cannot be told right now. */
const statusOf = (failure: Failure | null): number => (failure === null ? 200 : 422);

/** Programs may name the integrations that they want; there is one here. */
function wantsKnowBe4({ integration, integrations }: Readonly<Record<string, unknown>>): boolean {
  const named = [integration, integrations]
    .flat()
    .flatMap((value) => (typeof value === 'string' ? value.split(',') : []));
  const wanted = named.map((name) => name.trim().toLowerCase()).filter((name) => name !== '');
  return wanted.length === 0 || wanted.includes(INTEGRATION);
}

const otherIntegration = (link: LinkPage): Shown => {
  const title = 'This gateway connects KnowBe4 alone';
  const main = noticeMain(title, ['Another product was asked for. Go back to where you came from, and tell them.']);
  return {
    link,
    title,
    main,
    status: 400,
    outcome: outcomeOf(link, { message: errorMessage(title, 'invalid_integration') }),
  };
};

function codeProblem({ code }: ForeknowError) {
  if (code === 'link_invalid') {
    return {
      title: 'This code opens nothing',
      text: 'It was mistyped, was used already, or has expired. Compare it with what you were given, or ask for a new one.',
      status: 422,
    };
  }
  if (code !== 'too_many_attempts' && code !== 'rate_limited') return null;
  return {
    title: 'Too many codes were tried',
    text: 'Wait an hour, or use the link in the mail instead.',
    status: 429,
  };
}

const tooMany = new ForeknowError('rate_limited', { detail: 'Too many links that open nothing.' });

/** A page in the place of an error of the API. */
function errorPage(error: ForeknowError): Shown {
  if (error.code === 'link_invalid') {
    return { link: null, title: 'This link opens nothing here', main: unknownLinkNotice, status: error.status };
  }
  const state = ({ link_expired: 'expired', link_used: 'used', link_revoked: 'revoked' } as const)[
    error.code as 'link_used'
  ];
  if (state !== undefined) {
    const title = 'This link does nothing any more';
    return { link: null, title, main: endedNotice(state, 'whoever sent it'), status: 410 };
  }
  const [title, text] =
    error.status === 429
      ? ['Too many tries', 'Wait a few minutes, then try again.']
      : error.status >= 500
        ? ['Something broke on our side', `Nothing was kept. Try again in a minute. ${ASK_AGAIN}`]
        : ['This page cannot be shown', `What was sent to it cannot be read. ${ASK_AGAIN}`];
  return { link: null, title, main: noticeMain(title, [text]), status: error.status };
}
