import type { LinkKey } from '../../links/link.ts';
import { type Html, html } from './html.ts';

/** How a key is called on the page, and how somebody comes by it. */
export type KeyGuide = {
  readonly name: string;
  /** What the console calls the thing that is copied. */
  readonly label: string;
  readonly steps: readonly Html[];
  /** Which plans have it, and what to know before making one. */
  readonly plans: string;
  /** What the gateway does with it. */
  readonly use: string;
};

const openSettings = html`In KnowBe4, click your <b>email address</b> at the top right and choose <b>Account Settings</b>.`;
const openApi = html`Go to <b>Account Integrations</b> › <b>API</b>.`;
const copyOnce = html`Copy the token before you close its window: KnowBe4 shows it once.`;

/**
 * Menu names as of autumn 2026. Sources, all at support.knowbe4.com: “Reporting API Overview” (115016090908), “SCIM Configuration
 * Guide” (360052380374), “User Event API Overview” (360024863474), “Product API Overview” (10495383627155).
 */
export const keyGuides: Readonly<Record<LinkKey, KeyGuide>> = {
  reporting: {
    name: 'Reporting API',
    label: 'Reporting API token',
    steps: [
      openSettings,
      openApi,
      html`Under Reporting API, switch <b>Enable Report API Access</b> on, then click <b>Reporting API</b>.`,
      html`Click <b>+ Create New API Token</b>, name it “Foreknow”, and click <b>Create Token</b>.`,
      copyOnce,
    ],
    plans: 'KnowBe4 offers the Reporting API with Platinum and Diamond, and with newer plans that say so.',
    use: 'reads what stands above',
  },
  scim: {
    name: 'SCIM',
    label: 'SCIM token',
    steps: [
      openSettings,
      html`Go to <b>User Management</b> › <b>User Provisioning</b>.`,
      html`Copy the <b>Tenant URL</b>. Then click <b>Generate SCIM Token</b> and copy the token: it is shown once.`,
    ],
    plans:
      'Generating a new token ends the one before: if an identity provider uses it already, ask who runs that first.',
    use: 'could change people and groups; it is kept for provisioning, and nothing is changed with it until that is set up',
  },
  events: {
    name: 'User Event API',
    label: 'User Event API key',
    steps: [
      openSettings,
      html`Go to <b>Account Integrations</b> and open the <b>User Event API Management Console</b>.`,
      html`On its tab <b>API Key</b>, create a key and copy it.`,
    ],
    plans: 'KnowBe4 offers it with Platinum and Diamond. It is another key than the Reporting API token.',
    use: 'reads what other security tools reported about people',
  },
  product: {
    name: 'Product API',
    label: 'Product API token',
    steps: [
      openSettings,
      openApi,
      html`Under Product API, click <b>Product API</b>, then <b>+ Create New API Token</b>.`,
      html`Choose the product <b>KSAT</b>, the scope <b>Read Only</b>, a date of expiry and a user, and click <b>Create Token</b>.`,
      copyOnce,
    ],
    plans: 'KnowBe4 offers it for KSAT with Diamond, and with newer plans that say so.',
    use: 'reads what the Reporting API does not have, such as roles; changes are refused',
  },
};
