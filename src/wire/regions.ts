/** The five regions and their hosts. Source: developer.knowbe4.com/rest/reporting as of 25 Sep 2025; no others are known. */
export const regions = ['us', 'eu', 'ca', 'uk', 'de'] as const;
export type Region = (typeof regions)[number];

export const isRegion = (text: string): text is Region => (regions as readonly string[]).includes(text);

/** Base address of the Reporting API, without a trailing slash and without `/v1`. */
export const reportingUrl = (region: Region): string => `https://${region}.api.knowbe4.com`;

/** Host of the console, as people see it in the address bar. */
export const consoleHost = (region: Region): string =>
  region === 'us' ? 'training.knowbe4.com' : `${region}.knowbe4.com`;

/** Base address of the User Event API, without a trailing slash. US and EU are seen in client code, the others follow the pattern. */
export const eventsUrl = (region: Region): string =>
  region === 'us' ? 'https://api.events.knowbe4.com' : `https://api-${region}.events.knowbe4.com`;

/** Where GraphQL of the Product API, PhishER, PasswordIQ and SecurityCoach is asked: at the console's own host. */
export const graphqlUrl = (region: Region): string => `https://${consoleHost(region)}/graphql`;

/**
 * The region of an account address as people paste it: a console, API or events address, with or without scheme and path.
 * @returns null when the address names no region
 */
export function regionOfAddress(address: string): Region | null {
  const host = /^(?:[a-z]+:\/\/)?([^/:?#\s]+)/i.exec(address.trim())?.[1]?.toLowerCase();
  if (!host) return null;
  if (isRegion(host)) return host;
  return (
    regions.find((region) =>
      [
        consoleHost(region),
        `${region}.api.knowbe4.com`,
        `${region}.knowbe4.com`,
        `api-${region}.events.knowbe4.com`,
      ].includes(host),
    ) ?? (host === 'api.events.knowbe4.com' ? 'us' : null)
  );
}
