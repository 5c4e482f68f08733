import { ForeknowError } from '../errors/errors.ts';

/**
 * The one connection that a unified call is about.
 * @throws ForeknowError `invalid_request` naming `integrated_account_id` when there are several
 */
export function oneConnection(connectionIds: readonly string[]): string {
  if (connectionIds.length === 1) return connectionIds[0]!;
  throw new ForeknowError('invalid_request', {
    detail:
      connectionIds.length === 0
        ? 'The token reaches no connection.'
        : 'integrated_account_id is missing: the token reaches several connections, and ids may repeat among them.',
    hint: 'Send integrated_account_id=CONNECTION_ID.',
    field: 'integrated_account_id',
  });
}

export const notFound = (what: string, id: string): ForeknowError =>
  new ForeknowError('not_found', {
    detail: `There is no ${what} ${id} in this connection.`,
    hint: 'Ids are KnowBe4’s own; a record that is new there appears after the next sync.',
  });
