import type { ApiToken } from './token.ts';

/** A new secret of a token; the old one goes on until a time, or ends at once. */
export type Rotation = {
  readonly id: string;
  readonly hash: string;
  readonly lastFour: string;
  /** null: the old secret ends now. */
  readonly previousUntil: string | null;
};

/** What can be changed of a token that is there. */
export type TokenFields = Pick<ApiToken, 'name' | 'settings' | 'expiresAt'>;

export type TokenStore = {
  /**
   * `hash` is SHA-256 of the secret, hex: the secret has 256 random bits, so a slow hash would add nothing.
   * @param expiredBefore derived tokens that had expired by then are dropped; absent: none are
   */
  createToken(token: ApiToken, hash: string, expiredBefore?: string): Promise<void>;
  /** By the present secret, or by the one before it. */
  findTokenByHash(hash: string): Promise<{ readonly token: ApiToken; readonly isPrevious: boolean } | null>;
  getToken(id: string): Promise<ApiToken | null>;
  listTokens(): Promise<readonly ApiToken[]>;
  /** False when there is none, or it was revoked. */
  rotateToken(rotation: Rotation): Promise<boolean>;
  revokeToken(id: string, at: string): Promise<boolean>;
  /** False when there is none, or it was revoked. */
  updateToken(id: string, fields: TokenFields): Promise<boolean>;
  touchToken(id: string, at: string): Promise<void>;
};
