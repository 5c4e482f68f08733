import type { Link, LinkKey } from './link.ts';

/** A mail of plain text. */
export type LinkMail = { readonly subject: string; readonly text: string };

type Told = {
  readonly link: Link;
  /** Address of the server, without a trailing slash. */
  readonly publicUrl: string;
  /** Of the page, with the secret. */
  readonly url: string;
};

const keyNames: Readonly<Record<LinkKey, string>> = {
  reporting: 'a Reporting API token',
  scim: 'a SCIM token with its tenant URL',
  events: 'a User Event API key',
  product: 'a Product API token',
};

/** Asks a co-worker to connect an account. */
export const invitationMail = (told: Told & { readonly code: string }): LinkMail => ({
  subject: `${told.link.requester} asks you to connect KnowBe4`,
  text: textOf([
    'Hello,',
    '',
    `${asks(told)}`,
    '',
    'What it is for',
    ...purpose(told.link),
    '',
    'What to do',
    ...steps(told),
    `     or go to ${told.publicUrl}/connect and type the code ${told.code}`,
    ...nextStep(told.link),
    '',
    ...rest(told),
  ]),
});

/** Reminds of an invitation that ends soon. */
export const reminderMail = (told: Told): LinkMail => ({
  subject: `Reminder: ${told.link.requester} asks you to connect KnowBe4`,
  text: textOf([
    'Hello,',
    '',
    `${asks(told)} Nobody has done so yet, and the invitation ends soon.`,
    '',
    'What to do',
    ...steps(told),
    ...nextStep(told.link),
    '',
    ...rest(told),
  ]),
});

const asks = ({ link: { requester, tenant }, publicUrl }: Told): string =>
  `${requester} asks you to connect a KnowBe4 account${tenant === null ? '' : ` (${oneLine(tenant)})`} to Foreknow, the gateway at ${hostOf(publicUrl)}.`;

/** What a connection was given as its tenant may have been more. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ');

const purpose = ({ task, keys }: Link): readonly string[] =>
  task === 'add_key'
    ? [`  A connection that is there gets ${listed(keys)}.`]
    : [
        '  The gateway reads people, groups, risk scores, training and phishing results',
        '  from KnowBe4 and keeps a copy. It changes nothing there.',
      ];

const steps = ({ url }: Told): readonly string[] => ['  1. Open this link:', `     ${url}`];

const nextStep = ({ keys }: Link): readonly string[] => [
  `  2. The page says where in KnowBe4 you make ${listed(keys)}. Paste it there.`,
  '  You need to be an admin of KnowBe4. It takes about five minutes.',
];

const rest = ({ link: { requester, expiresAt }, publicUrl }: Told): readonly string[] => [
  `The link works once, until ${momentOf(expiresAt)}.`,
  `${requester} never sees the token: only the gateway gets it, and keeps it sealed.`,
  'You can revoke it in KnowBe4 at any time.',
  '',
  'You did not expect this?',
  `  Do not open the link. Ask ${requester} in a way that you know already, or forward`,
  '  this mail to your security team. Nothing happens unless somebody uses the link.',
  '',
  '-- ',
  `Sent by Foreknow at ${hostOf(publicUrl)}. Foreknow is not affiliated with KnowBe4.`,
];

const listed = (keys: readonly LinkKey[]): string => keys.map((key) => keyNames[key]).join(', ');

const hostOf = (publicUrl: string): string => new URL(publicUrl).host;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `24 Nov 2026, 14:02 UTC` */
function momentOf(instant: string): string {
  const at = new Date(instant);
  const time = at.toISOString().slice(11, 16);
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${time} UTC`;
}

const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
