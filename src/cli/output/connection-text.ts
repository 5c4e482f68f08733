import type { ConnectionView, ConnectResult } from '../../gateway/types.ts';
import { clean } from './cell.ts';
import { facts, table } from './table.ts';
import { count, moment } from './words.ts';

/** `active`, `paused`, `needs_reauth` … */
export const stateWord = ({ state, pausedAt }: ConnectionView): string => (pausedAt === null ? state : 'paused');

export const connectionsTable = (connections: readonly ConnectionView[], width: number): string =>
  connections.length === 0
    ? 'No connections yet. Make one with foreknow connect.\n'
    : table(
        connections,
        [
          { title: 'name', value: ({ name }) => name, least: 12 },
          { title: 'state', value: stateWord },
          { title: 'region', value: ({ region }) => region },
          { title: 'account', value: ({ account }) => account?.name ?? null },
          {
            title: 'seats',
            value: ({ account }) => (account?.seats == null ? null : count(account.seats)),
            align: 'right',
          },
          { title: 'tenant', value: ({ tenant }) => tenant },
          { title: 'id', value: ({ id }) => id, least: 20 },
        ],
        width,
      );

/** `per day 1500, per second none, streams off recipients` */
const settingsWords = ({ limits = {}, ...others }: ConnectionView['settings']): string =>
  Object.entries({ ...limits, ...others })
    .map(([name, value]) => `${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${value ?? 'none'}`)
    .join(', ');

export function connectionText(connection: ConnectionView): string {
  const { account, settings } = connection;
  return facts([
    ['name', connection.name],
    ['id', connection.id],
    ['state', stateWord(connection)],
    ['region', connection.region],
    ['address', connection.baseUrls.reporting],
    ['tenant', connection.tenant],
    ['tags', connection.tags.join(', ')],
    ['account', account?.name],
    ['domains', account?.domains.join(', ')],
    ['plan', account?.subscriptionLevel],
    ['seats', account?.seats == null ? null : count(account.seats)],
    ['tokens', connection.tokens.map(({ kind, fingerprint }) => `${kind} (${fingerprint})`).join(', ')],
    ['checked', moment(account?.checkedAt ?? null)],
    ['settings', settingsWords(settings)],
    ['last error', connection.lastError && `${connection.lastError.detail} (${moment(connection.lastError.at)})`],
    ['hint', connection.lastError?.hint],
  ]);
}

/** What connecting, checking or replacing a token found. */
export function connectedText(result: ConnectResult, verb: string): string {
  const { connection, capabilities, warnings } = result;
  const { account } = connection;
  const lines = [
    `${verb} ${connection.name}: ${account?.name ?? 'account'} in ${connection.region}, ${account?.seats == null ? 'unknown' : count(account.seats)} seats (${connection.id})`,
    ...capabilities.map(
      ({ name, available, note }) => `  ${available ? '✓' : '✗'} ${name}${note === null ? '' : ` – ${note}`}`,
    ),
    ...warnings.map((warning) => `  ! ${warning}`),
  ];
  return `${lines.map(clean).join('\n')}\n`;
}
