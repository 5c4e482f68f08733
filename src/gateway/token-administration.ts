import { type Acting, nothingMore, onlyOne, type StoreWrites } from './acting.ts';
import type { TokenUseCases } from './types.ts';

const created: StoreWrites = {
  createToken: ({ token: { id, kind, name, scopes, connections, tags, fieldPolicy, parentId, expiresAt } }) => ({
    target: id,
    connectionId: onlyOne(connections),
    details: { kind, name, scopes, connections, tags, fieldPolicy, parentId, expiresAt },
  }),
};

/** The use cases of tokens, with what changes something written into the audit log. */
export function administeredTokens(tokens: TokenUseCases, act: Acting): TokenUseCases {
  return {
    ...tokens,
    create: (input, maker) => act({ action: 'token.created' }, () => tokens.create(input, maker), { writes: created }),
    derive: (input, maker) => act({ action: 'token.created' }, () => tokens.derive(input, maker), { writes: created }),
    rotate: (id, overlapSeconds) =>
      act({ action: 'token.rotated', target: id.slice(0, 100) }, () => tokens.rotate(id, overlapSeconds), {
        writes: { rotateToken: ({ previousUntil }) => ({ details: { previousUntil } }) },
      }),
    update: (id, patch, by) =>
      act({ action: 'token.updated', target: id.slice(0, 100) }, () => tokens.update(id, patch, by), {
        writes: {
          updateToken: ({ fields: { name, settings, expiresAt } }) => ({ details: { name, settings, expiresAt } }),
        },
      }),
    revoke: (id) =>
      act({ action: 'token.revoked', target: id.slice(0, 100) }, () => tokens.revoke(id), {
        writes: { revokeToken: nothingMore },
      }),
  };
}
