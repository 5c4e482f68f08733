import { tokenFacts } from './token.ts';

const productNames = {
  reporting: 'Reporting API',
  ksat: 'KSAT Product API',
  phisher: 'PhishER API',
  kcm: 'KCM',
  passwordiq: 'PasswordIQ API',
  securitycoach: 'SecurityCoach API',
} as const;

/**
 * What to do about a refused token. KnowBe4 answers the same for a wrong token, product and region, so the likely one is
 * named when the token gives it away, else all three. `now` in ms.
 */
export function refusalHint(token: string, region: string, now: number): string {
  const facts = tokenFacts(token);
  if (facts.expiresAt !== null && facts.expiresAt.getTime() <= now) {
    return `The token says it expired on ${facts.expiresAt.toISOString().slice(0, 10)}: create a new Reporting API token.`;
  }
  if (facts.product !== null && facts.product !== 'reporting') {
    return `The token looks like one for the ${productNames[facts.product]}: create one under Account Settings → Account Integrations → API → Reporting API.`;
  }
  if (facts.region !== null && facts.region !== region) {
    return `The token looks like one of region ${facts.region}, and the connection says ${region}: change the region.`;
  }
  return `Token, product or region: check that the token is a Reporting API token, enabled and copied whole, and that the console's address belongs to region ${region}.`;
}
