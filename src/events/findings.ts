import type { ChangeKind } from '../model/change.ts';
import type { Instant } from '../wire/records.ts';
import type { AlertKind } from './alert.ts';

/** How one connection stands, as far as alerts are about it. Times in ms. */
export type Standing = {
  readonly connection: { readonly id: string; readonly name: string };
  /** False while it is paused or its token is refused: then nothing is read, and that is no news. */
  readonly isRead: boolean;
  /** When somebody last changed the connection: resumed it, say. Streams get their time from then on. */
  readonly changedAt: number;
  /** Why it cannot be used; null when it can. */
  readonly refused: { readonly code: string; readonly detail: string } | null;
  readonly streams: readonly {
    readonly stream: string;
    readonly lastRefreshedAt: Instant | null;
    /** Since when it should have been read; the last time it was, or when it was wanted first. */
    readonly since: number;
    /** How long it may take to be read again. */
    readonly limitMs: number;
  }[];
  /** Requests of the rolling day; null where there is no limit. */
  readonly budget: { readonly left: number; readonly perDay: number; readonly reserve: number } | null;
  /** Refusals of the last hour that our own count does not explain. */
  readonly refusals: number;
  /** Deliveries given up in the last day, by endpoint. */
  readonly dead: readonly { readonly endpointId: string; readonly deliveries: number }[];
  /** Steps that KnowBe4 took and does not show in time, by plan; `since`: when the first of them was sent. */
  readonly late: readonly {
    readonly planId: string;
    readonly steps: number;
    readonly since: Instant;
    readonly hint: string | null;
  }[];
  /** Campaigns that have not enrolled people of a group in the time that the rules expect; null: it cannot be told now. */
  readonly silent:
    | readonly { readonly campaign: string; readonly group: string; readonly people: number; readonly since: Instant }[]
    | null;
};

/** Whether an alert should be open; `isOn` is null where it cannot be told: then it stays as it is. */
export type Finding = {
  readonly kind: AlertKind;
  readonly subject: string;
  readonly isOn: boolean | null;
  readonly detail: string;
  /** What the log is told when it begins and ends; null where it knows already. */
  readonly entries: { readonly on: ChangeKind; readonly off: ChangeKind } | null;
  readonly current: Readonly<Record<string, unknown>>;
};

/** @param open alerts that are open: what is not looked at any more, or has no figures left, is over */
export function findingsOf(
  standing: Standing,
  now: number,
  open: readonly Pick<Finding, 'kind' | 'subject'>[],
): readonly Finding[] {
  const openOf = (kind: AlertKind) => open.flatMap((alert) => (alert.kind === kind ? [alert.subject] : []));
  const isLooked = (subject: string) => standing.streams.some(({ stream }) => stream === subject);
  return [
    refused(standing),
    ...standing.streams.map((stream) => staleness(stream, standing, now)),
    budgetLow(standing),
    eatenByOthers(standing),
    ...openOf('stream_stale').flatMap((subject) => (isLooked(subject) ? [] : [unwanted(subject)])),
    ...deadDeliveries(standing, openOf('deliveries_dead')),
    ...lateSteps(standing, openOf('steps_late')),
    ...silentCampaigns(standing, openOf('campaign_silent')),
  ];
}

const refused = ({ refused: error }: Standing): Finding => ({
  kind: 'token_refused',
  subject: '',
  isOn: error !== null,
  detail: error === null ? '' : `The connection cannot be used: ${error.detail}`,
  entries: null,
  current: {},
});

function staleness(
  { stream, lastRefreshedAt, since, limitMs }: Standing['streams'][number],
  { isRead, changedAt }: Standing,
  now: number,
): Finding {
  const isOn = now - since > limitMs;
  const isNews = isRead && now - changedAt > limitMs;
  return {
    kind: 'stream_stale',
    subject: stream,
    isOn: isOn && !isNews ? null : isOn,
    detail: `${stream} was ${lastRefreshedAt === null ? 'never read' : `last read at ${lastRefreshedAt}`}; it should be read every ${span(limitMs / 3)}.`,
    entries: { on: 'connection.stale', off: 'connection.fresh_again' },
    current: { stream, lastRefreshedAt },
  };
}

/** A stream that was switched off is not fresh again: its alert goes without a word. */
const unwanted = (stream: string): Finding => ({
  ...{ kind: 'stream_stale', subject: stream, isOn: false, detail: '' },
  ...{ entries: null, current: {} },
});

const span = (ms: number): string => {
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
};

/** Between half of the reserve and the whole of it nothing changes, so that it does not flutter. */
function budgetLow({ budget }: Standing): Finding {
  const left = budget?.left ?? 0;
  const isLow = budget !== null && left < budget.reserve / 2;
  const isWell = budget === null || left >= budget.reserve;
  const detail =
    budget === null
      ? 'No limit is set.'
      : `${left} of ${budget.perDay} requests are left of the rolling day; the reserve is ${budget.reserve}.`;
  return {
    kind: 'budget_low',
    subject: '',
    isOn: isLow ? true : isWell ? false : null,
    detail,
    entries: { on: 'connection.budget_low', off: 'connection.budget_recovered' },
    current: { detail },
  };
}

function eatenByOthers({ refusals }: Standing): Finding {
  const times = refusals === 1 ? 'once' : `${refusals} times`;
  const detail =
    refusals === 0
      ? 'KnowBe4 has not asked to slow down in the last hour.'
      : `KnowBe4 asked to slow down ${times} in the last hour although our own count had room: another program uses the account.`;
  return {
    kind: 'budget_eaten_by_others',
    subject: '',
    isOn: refusals > 0,
    detail,
    entries: { on: 'connection.budget_eaten_by_others', off: 'connection.budget_recovered' },
    current: { detail },
  };
}

const deadDeliveries = ({ dead }: Standing, open: readonly string[]): readonly Finding[] => {
  const counts = new Map(open.map((endpointId) => [endpointId, 0]));
  for (const { endpointId, deliveries } of dead) counts.set(endpointId, deliveries);
  return [...counts].map(([endpointId, deliveries]) => {
    const detail = `${deliveries} deliveries to ${endpointId} were given up in the last day.`;
    return {
      kind: 'deliveries_dead' as const,
      subject: endpointId,
      isOn: deliveries >= MANY_DEAD ? true : deliveries === 0 ? false : null,
      detail,
      entries: { on: 'connection.deliveries_dead' as const, off: 'connection.deliveries_recovered' as const },
      current: { endpointId, detail },
    };
  });
};

const MANY_DEAD = 10;

/** The log knows already: `plan.late`. */
const lateSteps = ({ late }: Standing, open: readonly string[]): readonly Finding[] =>
  lasting(
    'steps_late',
    open,
    late.map(({ planId, steps, since, hint }) => ({
      subject: planId,
      detail: `${counted(steps, 'step')} of plan ${planId}, sent from ${since} on, ${steps === 1 ? 'is' : 'are'} not visible at KnowBe4 after two of its syncs.${hint === null ? '' : ` ${hint}`}`,
    })),
  );

const silentCampaigns = ({ silent }: Standing, open: readonly string[]): readonly Finding[] =>
  silent === null
    ? []
    : lasting(
        'campaign_silent',
        open,
        silent.map(({ campaign, group, people, since }) => ({
          subject: `${campaign} / ${group}`,
          detail: `"${campaign}" has not enrolled ${counted(people, 'person', 'people')} of "${group}" in the time that the rules expect; the first joined at ${since}.`,
        })),
      );

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Those that are found are on; open ones that are not found any more are over. */
const lasting = (
  kind: AlertKind,
  open: readonly string[],
  found: readonly Pick<Finding, 'subject' | 'detail'>[],
): readonly Finding[] => {
  const subjects = new Set(found.map(({ subject }) => subject));
  const over = open.flatMap((subject) => (subjects.has(subject) ? [] : [{ subject, detail: '', isOn: false }]));
  return [...found.map((one) => ({ ...one, isOn: true })), ...over].map((one) => ({
    ...{ kind, entries: null, current: {} },
    ...one,
  }));
};
