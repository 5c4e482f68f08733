import { ForeknowError } from '../errors/errors.ts';

/** Whether the token of a connection may be sent to an address: KnowBe4's own hosts, and what the operator allows. */
export type IsAllowedUrl = (url: URL) => boolean;

/** https, under KnowBe4's domain, on the usual port. */
export const isKnowBe4Url = ({ protocol, hostname, port }: URL): boolean =>
  protocol === 'https:' && port === '' && /^(?:[a-z0-9-]+\.)*knowbe4\.com\.?$/i.test(hostname);

/**
 * An address as it is stored: without a trailing slash.
 * @throws ForeknowError `host_not_allowed`, `invalid_request`
 */
export function parseBaseUrl(text: string, field: string, isAllowed: IsAllowedUrl): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw invalid(field, 'It is not a web address.');
  if (url.username !== '' || url.password !== '') throw invalid(field, 'It must not hold a user name or password.');
  if (url.search !== '' || url.hash !== '') throw invalid(field, 'It must not hold a query or a fragment.');
  if (!isAllowed(url)) {
    throw new ForeknowError('host_not_allowed', {
      detail: `${url.host.slice(0, 100)} is none of KnowBe4's own hosts (https, under knowbe4.com), and is not allowed on this server.`,
      hint: 'The operator can allow it with --allow-host, or every host with --allow-base-urls.',
      field,
    });
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw invalid(field, 'It must begin with https, so that the token is not sent in the clear.');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

const invalid = (field: string, reason: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail: `The address in ${field} cannot be used. ${reason}`, field });
