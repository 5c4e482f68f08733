import type { BudgetView, ConnectionStatus } from '../../gateway/types.ts';
import { streamNames } from '../../sync/streams.ts';
import { stateWord } from './connection-text.ts';
import { progressLine } from './sync-progress.ts';
import { facts, table } from './table.ts';
import { count, counted, fromNow, moment } from './words.ts';

export function statusText(status: ConnectionStatus, now: number, width: number): string {
  const { connection, streams, budget, openHolds, openAlerts, running, lastRun, nextSyncAt } = status;
  const head = facts([
    ['connection', `${connection.name} (${stateWord(connection)}, ${connection.region})`],
    ['account', connection.account?.name],
    ['last error', connection.lastError?.detail],
    ['hint', connection.lastError?.hint],
    ['running', running && progressLine(running)],
    [
      'last sync',
      lastRun && `${lastRun.level}, ${lastRun.status}, ${fromNow(lastRun.endedAt ?? lastRun.startedAt, now)}`,
    ],
    ['next sync', nextSyncAt && (Date.parse(nextSyncAt) <= now ? 'due now' : fromNow(nextSyncAt, now))],
    ['budget', budgetWords(budget)],
    ['waits until', moment(budget.blockedUntil)],
    ['shared quota', budget.unexpected429 > 0 ? sharedWords(budget.unexpected429) : null],
    ['holds', openHolds.length > 0 ? `${counted(openHolds.length, 'removal')} held back: foreknow holds` : null],
    ...openAlerts.map(({ detail, openedAt }): [string, string] => ['alert', `${detail} (${fromNow(openedAt, now)})`]),
  ]);
  const rows = table(
    streams.toSorted((one, other) => streamNames.indexOf(one.stream) - streamNames.indexOf(other.stream)),
    [
      { title: 'stream', value: ({ stream }) => stream, least: 18 },
      { title: 'status', value: ({ status: word }) => word },
      { title: 'rows', value: (stream) => (stream.rows === null ? null : count(stream.rows)), align: 'right' },
      { title: 'complete', value: ({ lastCompleteAt }) => fromNow(lastCompleteAt, now) },
      { title: 'refreshed', value: ({ lastRefreshedAt }) => fromNow(lastRefreshedAt, now) },
      { title: 'error', value: ({ lastError }) => lastError?.detail ?? null },
    ],
    width,
  );
  return streams.length === 0 ? head : `${head}\n${rows}`;
}

/** `124 of 3,200 requests of the day used, 640 kept for interactive calls` */
function budgetWords({ limits, usedLastDay, reserve }: BudgetView): string {
  const of = limits.perDay === null ? '' : ` of ${count(limits.perDay)}`;
  return `${count(usedLastDay)}${of} requests of the day used, ${count(reserve)} kept for interactive calls`;
}

const sharedWords = (times: number): string =>
  `KnowBe4 asked to slow down ${counted(times, 'time')} although our own count had room: another tool shares the quota`;
