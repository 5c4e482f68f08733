import type { Gateway } from '../gateway/gateway.ts';
import { COMMAND_TOKEN, scopes } from '../tokens/token.ts';

/**
 * A key for commands run beside this server, which lives as long as it does. Keys of servers that were killed are revoked: the folder is ours now.
 * @returns isFirstStart: nobody has ever made a key
 */
export async function issueCommandToken(gateway: Gateway): Promise<{ token: string; isFirstStart: boolean }> {
  const isFirstStart = (await gateway.tokens.list()).length === 0;
  await withdrawCommandTokens(gateway);
  const { secret } = await gateway.tokens.create({ name: COMMAND_TOKEN, scopes, forCommands: true });
  return { token: secret, isFirstStart };
}

export async function withdrawCommandTokens(gateway: Gateway): Promise<void> {
  const mine = (await gateway.tokens.list()).filter(
    ({ name, revokedAt }) => name === COMMAND_TOKEN && revokedAt === null,
  );
  for (const { id } of mine) await gateway.tokens.revoke(id);
}
