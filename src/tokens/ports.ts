import type { ApiToken } from './token.ts';

export type TokenStore = {
  /** `hash` is SHA-256 of the secret, hex: the secret has 256 random bits, so a slow hash would add nothing. */
  createToken(token: ApiToken, hash: string): Promise<void>;
  findTokenByHash(hash: string): Promise<ApiToken | null>;
  listTokens(): Promise<readonly ApiToken[]>;
  revokeToken(id: string, at: string): Promise<boolean>;
  touchToken(id: string, at: string): Promise<void>;
};
