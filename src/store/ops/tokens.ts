import type { ApiToken } from '../../tokens/token.ts';
import type { Op } from './op.ts';

export const createToken: Op<{ token: ApiToken; hash: string }, void> = {
  durable: true,
  run: async (session, { token, hash }) => {
    await session.run(
      `insert into api_tokens (id, name, hash, last_four, scopes, connections, created_at, expires_at, last_used_at,
         revoked_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      token.id,
      token.name,
      hash,
      token.lastFour,
      JSON.stringify(token.scopes),
      token.connections === null ? null : JSON.stringify(token.connections),
      token.createdAt,
      token.expiresAt,
      token.lastUsedAt,
      token.revokedAt,
    );
  },
};

export const revokeToken: Op<{ id: string; at: string }, boolean> = {
  durable: true,
  run: async (session, { id, at }) =>
    (await session.run('update api_tokens set revoked_at = ? where id = ? and revoked_at is null', at, id)) > 0,
};

export const touchToken: Op<{ id: string; at: string }, void> = {
  durable: false,
  run: async (session, { id, at }) => {
    await session.run('update api_tokens set last_used_at = ? where id = ?', at, id);
  },
};
