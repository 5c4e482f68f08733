import type { Rotation, TokenFields } from '../../tokens/ports.ts';
import type { ApiToken } from '../../tokens/token.ts';
import type { Op } from './op.ts';

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

export const createToken: Op<{ token: ApiToken; hash: string; expiredBefore: string }, void> = {
  durable: true,
  run: async (session, { token, hash, expiredBefore }) => {
    // Account tokens come by the quarter of an hour.
    if (token.parentId !== null)
      await session.run('delete from api_tokens where parent_id is not null and expires_at < ?', expiredBefore);
    await session.run(
      `insert into api_tokens (id, kind, name, hash, last_four, scopes, connections, tags, field_policy, parent_id, settings,
         created_at, expires_at, last_used_at, revoked_at, previous_until) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      token.id,
      token.kind,
      token.name,
      hash,
      token.lastFour,
      JSON.stringify(token.scopes),
      json(token.connections),
      json(token.tags),
      json(token.fieldPolicy),
      token.parentId,
      JSON.stringify(token.settings),
      token.createdAt,
      token.expiresAt,
      token.lastUsedAt,
      token.revokedAt,
      token.previousUntil,
    );
  },
};

export const rotateToken: Op<Rotation, boolean> = {
  durable: true,
  run: async (session, { id, hash, lastFour, previousUntil }) =>
    (await session.run(
      `update api_tokens set previous_hash = ${previousUntil === null ? 'null' : 'hash'}, hash = ?, last_four = ?,
         previous_until = ? where id = ? and revoked_at is null`,
      hash,
      lastFour,
      previousUntil,
      id,
    )) > 0,
};

export const revokeToken: Op<{ id: string; at: string }, boolean> = {
  durable: true,
  run: async (session, { id, at }) =>
    (await session.run('update api_tokens set revoked_at = ? where id = ? and revoked_at is null', at, id)) > 0,
};

export const updateToken: Op<{ id: string; fields: TokenFields }, boolean> = {
  durable: true,
  run: async (session, { id, fields: { name, settings, expiresAt } }) =>
    (await session.run(
      'update api_tokens set name = ?, settings = ?, expires_at = ? where id = ? and revoked_at is null',
      name,
      JSON.stringify(settings),
      expiresAt,
      id,
    )) > 0,
};

export const touchToken: Op<{ id: string; at: string }, void> = {
  durable: false,
  run: async (session, { id, at }) => {
    await session.run('update api_tokens set last_used_at = ? where id = ?', at, id);
  },
};
