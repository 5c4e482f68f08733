import type { FastifyRequest } from 'fastify';
import type { Caller } from '../operators/operator.ts';
import { COMMAND_TOKEN } from '../tokens/token.ts';
import { tokenOf } from './authenticate.ts';

/** Where somebody proves who they are beside a token. What a command beside the server sends was typed on the terminal. */
export function callerOf(request: FastifyRequest): Caller {
  const { id, name, parentId } = tokenOf(request);
  return name === COMMAND_TOKEN ? 'terminal' : `token ${parentId ?? id}`;
}
