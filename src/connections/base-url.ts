import { ForeknowError } from '../errors/errors.ts';

/**
 * Another address than KnowBe4's own, as it is stored: without a trailing slash and `/v1`.
 * @param allowed whether the operator allows such addresses: the token is sent there
 * @throws ForeknowError `host_not_allowed`, `invalid_request`
 */
export function parseBaseUrl(text: string, field: string, allowed: boolean): string {
  if (!allowed) {
    throw new ForeknowError('host_not_allowed', {
      detail: "Addresses other than KnowBe4's own are not allowed on this server.",
      hint: 'The operator can allow them with --allow-base-urls.',
      field,
    });
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw invalid(field, 'It is not a web address.');
  if (url.username !== '' || url.password !== '') throw invalid(field, 'It must not hold a user name or password.');
  if (url.search !== '' || url.hash !== '') throw invalid(field, 'It must not hold a query or a fragment.');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw invalid(field, 'It must begin with https, so that the token is not sent in the clear.');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/v1$/, '');
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

const invalid = (field: string, reason: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail: `The address in ${field} cannot be used. ${reason}`, field });
