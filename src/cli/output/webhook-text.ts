import type { Delivery, StoredEndpoint } from '../../events/endpoint.ts';
import type { Lane } from '../../events/endpoint-ports.ts';
import { snakeCase } from '../../lib/case.ts';
import { table } from './table.ts';
import { moment } from './words.ts';

const time = (ms: number | null): string | null => (ms === null || ms === 0 ? null : new Date(ms).toISOString());

/** As `--json` prints it. */
export const shownEndpoint = (endpoint: StoredEndpoint): Record<string, unknown> =>
  snakeCase({ ...endpoint, slowUntil: time(endpoint.slowUntil) }) as Record<string, unknown>;

export const shownDelivery = ({ firstAt, lastAt, nextAt, connectionId, ...delivery }: Delivery): unknown =>
  snakeCase({
    ...delivery,
    connectionId: connectionId === '' ? null : connectionId,
    firstAt: time(firstAt),
    lastAt: time(lastAt),
    nextAt: time(nextAt),
  });

export const endpointTable = (endpoints: readonly StoredEndpoint[], width: number): string =>
  endpoints.length === 0
    ? 'No webhook endpoints. Make one with foreknow webhooks create URL.\n'
    : table(
        endpoints,
        [
          { title: 'id', value: ({ id }) => id, least: 20 },
          { title: 'state', value: stateOf },
          { title: 'url', value: ({ url }) => url, spare: true },
          { title: 'types', value: ({ types }) => types.join(','), spare: true },
          { title: 'connections', value: ({ connections }) => connections?.join(',') ?? 'all' },
          { title: 'last success', value: ({ lastSuccessAt }) => moment(lastSuccessAt), least: 20 },
        ],
        width,
      );

const stateOf = ({ state, failingSince }: StoredEndpoint): string =>
  state === 'active' && failingSince !== null ? 'failing' : state;

export function endpointText(endpoint: StoredEndpoint, lanes: readonly Lane[]): string {
  const lines = [
    ['id', endpoint.id],
    ['url', endpoint.url],
    ['state', `${stateOf(endpoint)}${endpoint.stateReason === null ? '' : `: ${endpoint.stateReason}`}`],
    ['types', endpoint.types.join(', ')],
    ['connections', endpoint.connections?.join(', ') ?? 'all'],
    ['format', `${endpoint.format}${endpoint.names ? ', with names' : ''}`],
    ['failing since', moment(endpoint.failingSince)],
    ['last success', moment(endpoint.lastSuccessAt)],
    ['lost entries', endpoint.lost === 0 ? null : String(endpoint.lost)],
    ['old secret until', moment(endpoint.previousSecretUntil)],
    ...lanes.map(({ connectionId, position, headEvent }) => [
      'lane',
      `${connectionId || 'of no connection'} at ${position}${headEvent === null ? '' : `, waits for ${headEvent}`}`,
    ]),
  ] as const;
  return lines
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${String(name).padEnd(18)}${value}\n`)
    .join('');
}

export const deliveryTable = (deliveries: readonly Delivery[], width: number): string =>
  deliveries.length === 0
    ? 'No deliveries.\n'
    : table(
        deliveries,
        [
          { title: 'event', value: ({ eventId }) => eventId, least: 20 },
          { title: 'type', value: ({ type }) => type },
          { title: 'state', value: ({ state }) => state },
          { title: 'tries', value: ({ attempts }) => String(attempts.length), align: 'right' },
          { title: 'last', value: ({ lastAt }) => moment(time(lastAt)), least: 20 },
          { title: 'next', value: ({ nextAt }) => moment(time(nextAt)) },
          { title: 'error', value: ({ attempts }) => attempts.at(-1)?.error ?? null, spare: true },
        ],
        width,
      );

export function attemptsText({ eventId, type, state, attempts, nextAt }: Delivery): string {
  const tries = attempts.map(
    ({ at, status, durationMs, error, answer }) =>
      `${moment(at)}  ${status ?? 'no answer'}  ${durationMs} ms${error === null ? '' : `  ${error}`}${answer ? `\n  ${oneLine(answer)}` : ''}\n`,
  );
  const next = nextAt === null ? '' : `, again ${moment(time(nextAt))}`;
  return `${eventId}  ${type}  ${state}${next}\n${tries.join('')}`;
}

/** What a receiver answered is not ours: nothing in it may move the cursor. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, 200);
