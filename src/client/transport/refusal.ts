import type { Surface } from './surface.ts';
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
export function refusalHint(surface: Surface, token: string, region: string | null, now: number): string {
  const facts = tokenFacts(token);
  const { name, products, madeAt } = surface;
  if (facts.expiresAt !== null && facts.expiresAt.getTime() <= now) {
    return `The token says it expired on ${facts.expiresAt.toISOString().slice(0, 10)}: create a new ${name} token.`;
  }
  if (facts.product !== null && !products?.includes(facts.product)) {
    return `The token looks like one for the ${productNames[facts.product]}: create one under ${madeAt}.`;
  }
  if (region === null) return `Token or address: check that both come from ${madeAt}, copied whole.`;
  if (facts.region !== null && facts.region !== region) {
    return `The token looks like one of region ${facts.region}, and the connection says ${region}: change the region.`;
  }
  return `Token, product or region: check that the token is a ${name} token, enabled and copied whole, and that the console's address belongs to region ${region}.`;
}
