import type { Body, CallOperation, Query } from '../call.ts';
import { wholeList } from '../list.ts';
import type { CallOptions } from '../send.ts';

/** Asking somebody else to connect an account: links for a program's own users, invitations for co-workers. */
export const linksOf = (call: CallOperation) => ({
  links: {
    /** A token for the page `/connect-account?link_token=…`, good for one connection. */
    create: async (body: Body<'createLinkToken'>, options?: CallOptions): Promise<string> =>
      (await call('createLinkToken', { body }, options)).link_token,
  },
  invitations: {
    /** Link and code are in this answer alone. */
    create: (body: Body<'createInvitation'>, options?: CallOptions) => call('createInvitation', { body }, options),
    list: (query: Query<'listInvitations'> = {}, options?: CallOptions) =>
      wholeList(() => call('listInvitations', { query }, options)),
    get: (id: string, options?: CallOptions) => call('getInvitation', { params: { id } }, options),
    /** A new link and a new code; the old ones end. */
    resend: (id: string, options?: CallOptions) => call('resendInvitation', { params: { id } }, options),
    revoke: (id: string, options?: CallOptions) => call('revokeInvitation', { params: { id } }, options),
  },
});
