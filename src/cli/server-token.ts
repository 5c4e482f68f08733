import type { Gateway } from '../gateway/gateway.ts';
import { scopes } from '../tokens/token.ts';

/** The name of the key that commands beside a server use; it lives as long as the server. */
const COMMANDS = 'commands beside the server';

/**
 * A key for commands run beside this server. Keys of servers that were killed are revoked: the folder is ours now.
 * @returns isFirstStart: nobody has ever made a key
 */
export async function issueCommandToken(gateway: Gateway): Promise<{ token: string; isFirstStart: boolean }> {
  const isFirstStart = (await gateway.tokens.list()).length === 0;
  await withdrawCommandTokens(gateway);
  const { secret } = await gateway.tokens.create({ name: COMMANDS, scopes });
  return { token: secret, isFirstStart };
}

export async function withdrawCommandTokens(gateway: Gateway): Promise<void> {
  const mine = (await gateway.tokens.list()).filter(({ name, revokedAt }) => name === COMMANDS && revokedAt === null);
  for (const { id } of mine) await gateway.tokens.revoke(id);
}
