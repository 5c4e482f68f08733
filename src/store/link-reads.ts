import type { Link } from '../links/link.ts';
import type { LinkQuery } from '../links/ports.ts';
import type { Session, Value } from './session.ts';

export type LinkRow = {
  id: string;
  kind: Link['kind'];
  task: Link['task'];
  maker_id: string | null;
  requester: string;
  tenant: string | null;
  name: string | null;
  tags: string;
  connection_id: string | null;
  keys: string;
  region: Link['region'];
  streams_off: string;
  context: string;
  redirect_uri: string | null;
  origins: string;
  address: string | null;
  created_at: string;
  expires_at: string;
  opened_at: string | null;
  used_at: string | null;
  revoked_at: string | null;
  result_connection_id: string | null;
  sent_at: string | null;
  reminded_at: string | null;
};

export function linkReads(session: Session) {
  return {
    getLink: async (id: string): Promise<Link | null> => {
      const row = await session.get<LinkRow>('select * from connect_links where id = ?', id);
      return row === undefined ? null : toLink(row);
    },
    findLinkByHash: async (hash: string): Promise<Link | null> => {
      const row = await session.get<LinkRow>(
        'select * from connect_links where secret_hash = ?1 or entry_hash = ?1 or reminder_hash = ?1',
        hash,
      );
      return row === undefined ? null : toLink(row);
    },
    listLinks: async ({ kind, makerId, limit }: LinkQuery): Promise<readonly Link[]> => {
      const conditions: string[] = [];
      const values: Value[] = [];
      const equal = (column: string, value: string) => {
        conditions.push(`${column} = ?`);
        values.push(value);
      };
      if (kind !== undefined) equal('kind', kind);
      if (makerId !== null) equal('maker_id', makerId);
      const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
      const text = `select * from connect_links ${where} order by created_at desc, id desc limit ?`;
      return (await session.all<LinkRow>(text, ...values, limit)).map(toLink);
    },
  };
}

export const toLink = (row: LinkRow): Link => ({
  id: row.id,
  kind: row.kind,
  task: row.task,
  makerId: row.maker_id,
  requester: row.requester,
  tenant: row.tenant,
  name: row.name,
  tags: JSON.parse(row.tags) as Link['tags'],
  connectionId: row.connection_id,
  keys: JSON.parse(row.keys) as Link['keys'],
  region: row.region,
  streamsOff: JSON.parse(row.streams_off) as Link['streamsOff'],
  context: JSON.parse(row.context) as Link['context'],
  redirectUri: row.redirect_uri,
  origins: JSON.parse(row.origins) as Link['origins'],
  address: row.address,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  openedAt: row.opened_at,
  usedAt: row.used_at,
  revokedAt: row.revoked_at,
  resultConnectionId: row.result_connection_id,
  sentAt: row.sent_at,
  remindedAt: row.reminded_at,
});
