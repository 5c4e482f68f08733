import type { LinkCheck, LinkPage } from '../../gateway/types.ts';
import { consoleHost, type Region, regions } from '../../wire/regions.ts';

const regionNames: Readonly<Record<Region, string>> = {
  us: 'United States',
  eu: 'Europe',
  ca: 'Canada',
  uk: 'United Kingdom',
  de: 'Germany',
};

/** Regions with the address at which people sign in to their console. */
export const consoles = regions.map((region) => ({
  region,
  name: regionNames[region],
  host: consoleHost(region),
}));

export const consoleAddress = (region: Region): string => `https://${consoleHost(region)}`;

/** What is read, by the streams that it comes with. */
const subjects: readonly { readonly streams: readonly string[]; readonly name: string; readonly what: string }[] = [
  { streams: ['account'], name: 'The account', what: 'name, domains, plan, number of seats, its admins' },
  {
    streams: ['users', 'groups'],
    name: 'People and groups',
    what: 'names, email, phone, job, department, place, manager, groups, custom fields',
  },
  {
    streams: ['enrollments', 'training_campaigns', 'store_purchases', 'policies'],
    name: 'Training',
    what: 'campaigns and policies, and how far everybody is with them',
  },
  {
    streams: ['recipients', 'security_tests', 'phishing_campaigns'],
    name: 'Phishing tests',
    what: 'who opened, clicked, replied or reported, when, and from which address and browser',
  },
  { streams: ['risk_history'], name: 'Risk scores', what: 'of people, groups and the account, over time' },
];

/** What a link's streams read, in words; what is switched off is not told. */
export const readingOf = ({ streams }: Pick<LinkPage, 'streams'>) =>
  subjects.filter((subject) => subject.streams.some((stream) => streams.includes(stream)));

const abilities: Readonly<Record<string, string>> = {
  read_directory: 'Read the directory',
  read_risk: 'Read risk scores',
  read_training: 'Read training',
  read_phishing: 'Read phishing tests',
  write_directory: 'Change people and groups',
  read_events: 'Read user events',
  write_events: 'Write user events',
  graphql: 'Ask the Product API',
};

/** What a key can do, in words for the person who gave it. */
export const abilitiesOf = (capabilities: LinkCheck['capabilities']) =>
  capabilities.map(({ name, available, note }) => ({
    name: abilities[name] ?? name.replaceAll('_', ' '),
    available,
    note,
  }));

/** One line about an account: `Diamond · 1,200 seats · Europe`. */
export function accountLine({ account, region }: Pick<LinkCheck, 'account' | 'region'>): string {
  const type = account?.type === 'trial' || account?.type === 'free' ? `${account.type} account` : null;
  const seats = account?.seats ?? null;
  return [
    account?.subscriptionLevel ?? type,
    seats === null ? null : `${seats.toLocaleString('en-US')} seats`,
    regionNames[region],
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

/** `24 Nov 2026, 14:02 UTC`: a page that works without a script cannot know the reader's own clock. */
export const momentOf = (iso: string): string =>
  `${new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(iso))} UTC`;
