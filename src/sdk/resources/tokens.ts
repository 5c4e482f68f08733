import type { Body, CallOperation } from '../call.ts';
import { wholeList } from '../list.ts';
import type { CallOptions } from '../send.ts';

/** Tokens of this API. Secrets are in the answers of `create` and `rotate` alone. */
export const tokensOf = (call: CallOperation) => ({
  list: (options?: CallOptions) => wholeList(() => call('listTokens', {}, options)),
  create: (body: Body<'createToken'>, options?: CallOptions) => call('createToken', { body }, options),
  /** Another secret; the old one goes on for a day unless `overlap_seconds` says otherwise. */
  rotate: (id: string, body: Body<'rotateToken'> = {}, options?: CallOptions) =>
    call('rotateToken', { params: { id }, body }, options),
  /** Ends it, and every token that was derived from it. */
  revoke: (id: string, options?: CallOptions) => call('revokeToken', { params: { id } }, options),
  /** A token for one connection's data, for 15 minutes: see `client.account`. */
  forConnection: async (connection: string, options?: CallOptions): Promise<string> => {
    const body = { integrated_account_id: connection };
    return (await call('createIntegratedAccountToken', { body }, options)).integrated_account_token;
  },
});
