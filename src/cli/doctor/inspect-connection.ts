import type { ConnectionStatus } from '../../gateway/types.ts';
import { count, counted, fromNow, moment } from '../output/words.ts';
import { type Finding, fail, ok, warn } from './findings.ts';

/** A directory refresh is due every 15 minutes unless set otherwise; one missed night is worth a word. */
const STALE_MS = 24 * 60 * 60 * 1000;

/** What the store knows of a connection, judged. */
export function inspectConnection(status: ConnectionStatus, now: number): readonly Finding[] {
  const { connection } = status;
  const { name, account } = connection;
  return [
    stateOf(status),
    ...(account?.warnings ?? []).map((words) => warn(name, words)),
    ...(account === null
      ? []
      : [
          ok(
            name,
            `${connection.region}, ${account.subscriptionLevel ?? 'plan unknown'}, ${account.seats === null ? 'seats unknown' : counted(account.seats, 'seat')}`,
          ),
        ]),
    ...streamsOf(status, now),
    budgetOf(status),
    ...holdsOf(status),
    ...alertsOf(status),
  ];
}

function stateOf({ connection }: ConnectionStatus): Finding {
  const { name, state, pausedAt, lastError } = connection;
  if (pausedAt !== null) return warn(name, `paused since ${moment(pausedAt)}`, `foreknow connections resume ${name}`);
  if (state === 'active') return ok(name, 'token accepted when it was last used');
  return fail(
    name,
    lastError?.detail ?? `It is in the state ${state}.`,
    lastError?.hint ?? `foreknow connections check ${name}`,
  );
}

function streamsOf({ connection: { name }, streams }: ConnectionStatus, now: number): readonly Finding[] {
  const mirrored = streams.filter(({ status }) => status !== 'off');
  const never = mirrored.filter(({ lastCompleteAt }) => lastCompleteAt === null);
  if (mirrored.length === 0 || never.length === mirrored.length)
    return [warn(name, 'never mirrored', `foreknow sync ${name}`)];
  const stale = mirrored.filter(({ lastRefreshedAt, lastCompleteAt }) => {
    const at = lastRefreshedAt ?? lastCompleteAt;
    return at !== null && now - Date.parse(at) > STALE_MS;
  });
  const broken = mirrored.filter(({ status }) => status === 'failed');
  return [
    ...broken.map(({ stream, lastError }) =>
      warn(name, `${stream}: ${lastError?.detail ?? 'the last pass failed'}`, lastError?.hint ?? null),
    ),
    ...(never.length > 0
      ? [warn(name, `never complete: ${never.map(({ stream }) => stream).join(', ')}`, `foreknow sync ${name}`)]
      : []),
    ...(stale.length > 0
      ? [warn(name, `older than a day: ${stale.map(({ stream }) => stream).join(', ')}`, `foreknow sync ${name}`)]
      : []),
    ...(broken.length + never.length + stale.length === 0
      ? [
          ok(
            name,
            `${counted(mirrored.length, 'stream')} fresh, users complete ${fromNow(usersAt(mirrored), now) ?? 'never'}`,
          ),
        ]
      : []),
  ];
}

const usersAt = (streams: ConnectionStatus['streams']): string | null =>
  streams.find(({ stream }) => stream === 'users')?.lastCompleteAt ?? null;

function budgetOf({ connection: { name }, budget }: ConnectionStatus): Finding {
  const { limits, usedLastDay, blockedUntil, unexpected429 } = budget;
  if (blockedUntil !== null)
    return warn(name, `no requests until ${moment(blockedUntil)}: the budget is spent or KnowBe4 asked to wait`);
  if (unexpected429 > 0) {
    return warn(
      name,
      `KnowBe4 asked to slow down ${counted(unexpected429, 'time')} although our own count had room: another tool uses the account`,
      `foreknow connections set ${name} --per-day REQUESTS leaves it a share`,
    );
  }
  const of = limits.perDay === null ? '' : ` of ${count(limits.perDay)}`;
  return ok(name, `${count(usedLastDay)}${of} requests of the day used`);
}

/** Of what the server noticed by itself, what is not said above already. */
const alertsOf = ({ connection: { name }, openAlerts }: ConnectionStatus): readonly Finding[] =>
  openAlerts.flatMap(({ kind, detail }) => (saidAbove.has(kind) ? [] : [warn(name, detail)]));

const saidAbove: ReadonlySet<string> = new Set(['token_refused', 'budget_eaten_by_others']);

const holdsOf = ({ connection: { name }, openHolds }: ConnectionStatus): readonly Finding[] =>
  openHolds.length === 0
    ? []
    : [warn(name, `${counted(openHolds.length, 'removal')} held back`, `foreknow holds list ${name}`)];
