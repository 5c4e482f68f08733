import type { FastifyRequest } from 'fastify';
import { ForeknowError } from '../errors/errors.ts';
import { tokenOf } from './authenticate.ts';

/** @throws ForeknowError `connection_not_allowed` */
export function mayConnect(request: FastifyRequest): void {
  if (tokenOf(request).connections === null) return;
  throw new ForeknowError('connection_not_allowed', {
    detail: 'The token is bound to named connections and cannot make new ones.',
    hint: 'Use a token that reaches all connections.',
  });
}

/**
 * Whoever could name another account's key would spend that account's requests.
 * @throws ForeknowError `connection_not_allowed`
 */
export function mayShareBudget(request: FastifyRequest, wanted: string | undefined, present: string | undefined): void {
  if (wanted === undefined || wanted === present || tokenOf(request).connections === null) return;
  throw new ForeknowError('connection_not_allowed', {
    detail: 'The token is bound to named connections and cannot choose whose request budget one of them shares.',
    hint: 'Leave account_key out, or use a token that reaches all connections.',
    field: 'settings.account_key',
  });
}
