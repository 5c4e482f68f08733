import { ForeknowError } from '../../errors/errors.ts';
import type { Invited, LinkUseCases, LinkView } from '../../gateway/types.ts';

const at = '2026-11-21T08:00:00.000Z';

const aLink = (fields: Partial<LinkView> = {}): LinkView => ({
  ...{ id: 'lnk_1', kind: 'invitation', task: 'new', makerId: null, requester: 'Example Foods', tenant: 'Foods' },
  ...{ name: null, tags: [], connectionId: null, keys: ['reporting'], region: 'eu', streamsOff: [] },
  ...{ context: {}, redirectUri: null, origins: [], address: 'priya@example.com', createdAt: at, expiresAt: at },
  ...{ openedAt: null, usedAt: null, revokedAt: null, resultConnectionId: null, sentAt: null, remindedAt: null },
  state: 'open',
  ...fields,
});

/** Of nobody. */
const secret = `fkl_${'0'.repeat(43)}`;
const url = `/connect-account?link_token=${secret}`;
const anInvitation = (fields: Partial<LinkView> = {}): Invited => ({
  ...{ link: aLink(fields), secret, url, code: 'KB-7QF4-92LM', mailed: false },
});

const none = async (): Promise<never> => {
  throw new ForeknowError('link_invalid', { detail: 'This link is not valid.' });
};

/** Links in memory that nobody opens. */
export const fakeLinks = (): LinkUseCases => ({
  create: async ({ redirectUri = null }) => ({ link: aLink({ kind: 'link_token', redirectUri }), secret, url }),
  invite: async ({ address }) => anInvitation({ address }),
  resend: async (id) => anInvitation({ id }),
  revoke: async (id) => aLink({ id, revokedAt: at, state: 'revoked' }),
  list: async () => [aLink()],
  get: async (id) => aLink({ id }),
  open: none,
  byCode: none,
  check: none,
  submit: none,
});
