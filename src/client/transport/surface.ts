import { isObject } from '../../wire/reporting/read.ts';
import type { TokenFacts } from './token.ts';

/** One of KnowBe4's APIs, as far as its answers and its words differ from those of the others. */
export type Surface = {
  readonly name: string;
  /** Products whose tokens it takes, as tokens name them; null where tokens are not known to name any. */
  readonly products: readonly NonNullable<TokenFacts['product']>[] | null;
  /** Where its token is made in the console. */
  readonly madeAt: string;
  /** What a 403 may mean. */
  readonly forbiddenHint: string;
  /** Said besides, where a failure of the server may be none. */
  readonly failureHint?: string;
  /** A body that says the limits are exceeded, whatever the status. */
  readonly isLimitText?: (text: string) => boolean;
  /** What a successful status with this body means after all; null: it is an answer. */
  readonly errorInside: (body: unknown, text: string) => 'connection_unauthorized' | 'remote_invalid' | null;
};

const errorKeys = new Set(['message', 'error', 'errors', 'status', 'code']);

/** Status 200 with nothing but a message: seen for a bad key in 2021. Taken for data it would mean an empty account. */
function messageInside(body: unknown, text: string): ReturnType<Surface['errorInside']> {
  if (!isObject(body)) return null;
  const keys = Object.keys(body);
  const isMessage = keys.every((key) => errorKeys.has(key)) && keys.some((key) => /^(message|errors?)$/.test(key));
  if (!isMessage) return null;
  return /token|unauthori[sz]ed|api key|credential/i.test(text) ? 'connection_unauthorized' : 'remote_invalid';
}

/**
 * GraphQL answers 200 with `errors`, which are for the caller, unless they refuse the caller. How a refused token looks is not
 * documented: both the usual code and the usual words are known.
 */
function refusalInside(body: unknown): ReturnType<Surface['errorInside']> {
  if (!isObject(body)) return null;
  if (!Array.isArray(body.errors)) return messageInside(body, JSON.stringify(body));
  const isRefusal = body.errors.some((error: unknown) => {
    if (!isObject(error)) return false;
    const code = isObject(error.extensions) ? error.extensions.code : undefined;
    return (
      code === 'UNAUTHENTICATED' || /^(unauthenticated|unauthori[sz]ed|invalid token)\b/i.test(String(error.message))
    );
  });
  return isRefusal && (body.data === undefined || body.data === null) ? 'connection_unauthorized' : null;
}

const planHint =
  'The plan may lack API access (Platinum or Diamond has it), or the account allows other addresses only.';

export const surfaces = {
  reporting: {
    name: 'Reporting API',
    products: ['reporting'],
    madeAt: 'Account Settings → Account Integrations → API → Reporting API',
    forbiddenHint: planHint,
    errorInside: messageInside,
  },
  /** Over its limits the body says "Limit Exceeded", and a bad key gets "Internal Server Error" (public client code, 2024). */
  events: {
    name: 'User Event API',
    products: null,
    madeAt: 'the User Event API Management Console',
    forbiddenHint: planHint,
    failureHint: 'A wrong key is answered like this too: check that it is one of the User Event API, for this region.',
    isLimitText: (text) => /limit exceeded/i.test(text),
    errorInside: messageInside,
  },
  product: {
    name: 'Product API',
    products: ['ksat', 'phisher', 'passwordiq', 'securitycoach'],
    madeAt: 'Account Settings → API → Product API',
    forbiddenHint:
      'The plan may lack the Product API (Diamond or SAT Advanced has it), or the token may not read this.',
    errorInside: refusalInside,
  },
  scim: {
    name: 'SCIM',
    products: null,
    madeAt: 'Account Settings → User Management → User Provisioning',
    forbiddenHint: 'User provisioning may be switched off in the account.',
    errorInside: messageInside,
  },
} as const satisfies Record<string, Surface>;

export type SurfaceName = keyof typeof surfaces;
