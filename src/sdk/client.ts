import { type CallOperation, createCall } from './call.ts';
import { connectionsOf, syncOf } from './resources/connections.ts';
import { directoryOf } from './resources/directory.ts';
import { linksOf } from './resources/links.ts';
import { logsOf } from './resources/logs.ts';
import { peopleOf } from './resources/people.ts';
import { plansOf, provisioningOf } from './resources/plans.ts';
import { proxyOf } from './resources/proxy.ts';
import { sourcesOf } from './resources/sources.ts';
import { tokensOf } from './resources/tokens.ts';
import { webhooksOf } from './resources/webhooks.ts';
import type { ClientOptions } from './send.ts';

/** What an account token opens. */
export type AccountClient = ReturnType<typeof accountClient>;
/** A client of one gateway. */
export type Client = ReturnType<typeof createClient>;

/**
 * A client of a Foreknow gateway. Uses `fetch` alone. Every method takes options last: `signal`, `timeoutMs`, `idempotencyKey`.
 * Every error is an `ApiError`.
 */
export function createClient(options: ClientOptions) {
  const call = createCall(options);
  return {
    ...resourcesOfAccount(call),
    people: peopleOf(call),
    connections: connectionsOf(call),
    ...linksOf(call),
    ...syncOf(call),
    sources: sourcesOf(call),
    plans: plansOf(call),
    provisioning: provisioningOf(call),
    ...logsOf(call, options),
    webhooks: webhooksOf(call),
    tokens: tokensOf(call),
    /** Any operation of the API by its name, with the shapes of the OpenAPI document. */
    call,
    /** The same gateway with the token of one account: what `tokens.forConnection` gives. */
    account: (token: ClientOptions['token']): AccountClient => accountClient({ ...options, token }),
  };
}

const accountClient = (options: ClientOptions) => {
  const call = createCall(options);
  return { ...resourcesOfAccount(call), call };
};

const resourcesOfAccount = (call: CallOperation) => ({ ...directoryOf(call), proxy: proxyOf(call) });
