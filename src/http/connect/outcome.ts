import type { LinkPage, LinkResult } from '../../gateway/types.ts';
import type { Failure } from './failure.ts';
import type { Outcome } from './layout.ts';

/** The one integration of this gateway, by the name that programs know it under. */
export const INTEGRATION = 'knowbe4';

type ErrorType = Failure['errorType'] | 'invalid_integration';

/** What clients of connect pages wait for; `is_truto` is how they tell our messages from others. */
export const errorMessage = (error: string, errorType: ErrorType, accountId?: string) => ({
  ...{ result: 'error', is_truto: true, integration: INTEGRATION, error, error_type: errorType },
  ...(accountId === undefined ? {} : { integrated_account_id: accountId }),
});

export const successMessage = ({ connection }: LinkResult) => ({
  ...{ result: 'success', is_truto: true, integration: INTEGRATION, integrated_account_id: connection.id },
});

/** Where the browser goes on after success: the link's address with what happened, nothing secret. */
export function wayOn({ redirectUri }: LinkPage, result: LinkResult): string | null {
  if (redirectUri === null) return null;
  const url = new URL(redirectUri);
  url.searchParams.set('result', 'success');
  url.searchParams.set('integration', INTEGRATION);
  url.searchParams.set('integrated_account_id', result.connection.id);
  return url.href;
}

export const outcomeOf = (
  link: LinkPage | null,
  how: { readonly message?: Outcome['message']; readonly failure?: Failure | null; readonly goTo?: string | null },
): Outcome => ({
  message: how.message ?? null,
  onCancel: how.failure ? errorMessage(how.failure.title, how.failure.errorType, link?.connection?.id) : null,
  origins: link?.origins ?? [],
  goTo: how.goTo ?? null,
});
