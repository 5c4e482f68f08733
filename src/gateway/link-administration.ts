import type { LinkView } from '../links/links.ts';
import { type Acting, nothingMore, type StoreWrites } from './acting.ts';
import type { LinkUseCases } from './types.ts';

const created: StoreWrites = {
  createLink: ({ link: { id, kind, task, connectionId, keys, tenant, expiresAt } }) => ({
    ...{ target: id, connectionId },
    details: { kind, task, keys, tenant, expiresAt },
  }),
};

/**
 * The use cases of connect links, with what changes something written into the audit log. What is done with a link by who
 * opened it is written there by itself.
 */
export function administeredLinks(links: LinkUseCases, act: Acting): LinkUseCases {
  const on = <T>(id: string, action: string, work: () => Promise<T>, writes: StoreWrites): Promise<T> =>
    act({ action, target: id.slice(0, 100) }, work, { writes });
  return {
    ...links,
    create: (input, maker) => act({ action: 'link.created' }, () => links.create(input, maker), { writes: created }),
    invite: (input, maker) => act({ action: 'link.created' }, () => links.invite(input, maker), { writes: created }),
    resend: (id, maker) => on(id, 'link.resent', () => links.resend(id, maker), { renewLink: nothingMore }),
    revoke: (id, maker): Promise<LinkView> =>
      on(id, 'link.revoked', () => links.revoke(id, maker), { revokeLink: nothingMore }),
  };
}
