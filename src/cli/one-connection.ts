import { ForeknowError } from '../errors/errors.ts';

/** @throws ForeknowError `invalid_request` in the command line's words when a list needs one connection */
export function oneConnectionOnly(connectionIds: readonly string[]): void {
  if (connectionIds.length === 1) return;
  throw connectionIds.length === 0
    ? new ForeknowError('not_found', { detail: 'There is no connection yet.', hint: 'Make one with foreknow connect.' })
    : new ForeknowError('invalid_request', {
        detail: '--connection is missing: there are several connections, and ids may repeat among them.',
        hint: 'foreknow connections lists their names.',
        field: '--connection',
      });
}
