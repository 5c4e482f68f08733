import type { Alert, AlertKind } from './alert.ts';

export type AlertMail = { readonly subject: string; readonly text: string };

const titles: Readonly<Record<AlertKind, string>> = {
  stream_stale: 'its mirror is stale',
  token_refused: 'KnowBe4 refuses its token',
  budget_low: 'its requests of the day are nearly spent',
  budget_eaten_by_others: 'another program uses its requests',
  deliveries_dead: 'events cannot be delivered',
  steps_late: 'what was sent is not visible in time',
  campaign_silent: 'a campaign does not enrol whom it should',
};

/** What to do about it: `NAME` is the connection. */
const advice: Readonly<Record<AlertKind, string>> = {
  stream_stale: 'Look at what keeps it: foreknow status NAME',
  token_refused:
    'Create a new Reporting API token in the KnowBe4 console, then give it to the connection: foreknow connections token NAME',
  budget_low: 'Scheduled syncs wait until requests come back. See who uses them: foreknow status NAME',
  budget_eaten_by_others:
    'Find the other program that reads this account, or lower the limits: foreknow connections set NAME --per-day …',
  deliveries_dead: 'Look at the answers of the receiver: foreknow webhooks',
  steps_late:
    'Nobody is archived before they are visible. Look at Test Mode and at the last sync report in the KnowBe4 console, then at: foreknow provisioning status NAME',
  campaign_silent:
    'Look at the campaign in the KnowBe4 console: whether it is open, enrols new members by itself, and still targets the group.',
};

/** One mail about the open alerts of one kind. Plain text, no names of people. */
export function mailOf({ name }: { readonly name: string }, kind: AlertKind, alerts: readonly Alert[]): AlertMail {
  const lines = alerts.map(({ openedAt, detail }) => `  ${openedAt}  ${detail}`);
  return {
    subject: `[foreknow] ${oneLine(name)}: ${titles[kind]}`,
    text: [
      `Connection ${name}: ${titles[kind]}.`,
      '',
      ...lines,
      '',
      advice[kind].replace('NAME', name),
      'Open alerts: foreknow status, or GET /api/v1/alerts',
      '',
    ].join('\n'),
  };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 100);
