import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditRoom } from '../audit/audit.ts';
import type { Actor } from '../audit/ports.ts';
import { isForeknowError } from '../errors/errors.ts';
import { COMMAND_TOKEN } from '../tokens/token.ts';
import type { VerifiedToken } from '../tokens/tokens.ts';
import { addressOf } from './address.ts';
import { tokenOf } from './authenticate.ts';

/** Who a request's acts are written under. */
export function actorOf(request: FastifyRequest): Actor {
  const { id, name } = tokenOf(request);
  const where = { from: addressOf(request), requestId: request.id };
  // Nobody but the server itself can make a token of this name: its holder is a command beside it.
  return name === COMMAND_TOKEN
    ? { kind: 'operator', id: operatorOf(request), name: null, door: 'cli', ...where }
    : { kind: 'token', id, name, door: 'http', ...where };
}

/** Who asks for something, as it stands beside it: a token, or the user who runs a command. */
export function authorOf(request: FastifyRequest): string {
  const { kind, id, name } = actorOf(request);
  return kind === 'token' ? `token ${name}` : id;
}

/** Whose token something is made with that dies with it; null for a command beside the server, whose token lives as long as the server. */
export function makerOf(request: FastifyRequest): VerifiedToken | null {
  const token = tokenOf(request);
  return token.name === COMMAND_TOKEN ? null : token;
}

/** The user that a command says it runs as. */
function operatorOf({ headers }: FastifyRequest): string {
  const said = headers['x-foreknow-operator'];
  return typeof said === 'string' && /^[\w.@\\+-]{1,64}$/.test(said) ? said : 'unknown';
}

/** Writes down changes that were refused because the token may not make them. */
export function auditRefusals(app: FastifyInstance, audit: Pick<AuditRoom, 'refusedAtDoor'>): void {
  app.addHook('onError', async (request, _reply, error) => {
    if (request.token === null || request.method === 'GET' || request.method === 'HEAD') return;
    if (!isForeknowError(error) || error.status !== 403) return;
    const { operationId } = (request.routeOptions.schema ?? {}) as { operationId?: string };
    await audit.refusedAtDoor(actorOf(request), { operation: operationId ?? null }, error).catch((cause: unknown) => {
      request.log.error({ err: cause, requestId: request.id }, 'refusal not written');
    });
  });
}
