import type { ScimResource } from '../scim/json.ts';
import type { ResourceName } from '../scim/schema.ts';
import type { ScimInKey, ScimInMember, ScimInObject, ScimInToken } from '../sources/scim-in-ports.ts';
import type { Session } from './session.ts';

type ObjectRow = {
  source: string;
  kind: ResourceName;
  id: string;
  version: number;
  user_name: string | null;
  external_id: string | null;
  display_name: string | null;
  body: string;
  created_at: string;
  changed_at: string;
  deleted_at: string | null;
};
type TokenRow = {
  id: string;
  source: string;
  hash: string;
  last_four: string;
  created_at: string;
  ends_at: string | null;
  last_used_at: string | null;
};

const columnOf: Readonly<Record<ScimInKey, string>> = {
  userName: 'user_name',
  externalId: 'external_id',
  displayName: 'display_name',
};

export function scimInReads(session: Session) {
  const objects = async (text: string, ...values: Parameters<Session['all']>[1][]): Promise<readonly ScimInObject[]> =>
    (await session.all<ObjectRow>(`select * from scim_in_objects where ${text}`, ...values)).map(toObject);
  return {
    scimInTokens: async (source: string): Promise<readonly ScimInToken[]> =>
      (
        await session.all<TokenRow>('select * from scim_in_tokens where source = ? order by created_at, id', source)
      ).map(toToken),
    getScimInObject: async (source: string, kind: ResourceName, id: string): Promise<ScimInObject | null> =>
      (await objects('source = ? and kind = ? and id = ?', source, kind, id))[0] ?? null,
    findScimInObjects: (source: string, kind: ResourceName, key: ScimInKey, value: string) =>
      objects(
        `source = ? and kind = ? and ${columnOf[key]} = ? and deleted_at is null order by created_at, id`,
        ...[source, kind, value],
      ),
    formerScimInUser: async (source: string, externalId: string, userName: string): Promise<ScimInObject | null> =>
      (
        await objects(
          `source = ? and kind = 'User' and external_id = ? and user_name = ? and deleted_at is not null
           order by deleted_at desc, id limit 1`,
          ...[source, externalId, userName],
        )
      )[0] ?? null,
    listScimInObjects: (source: string, kind: ResourceName, page: { offset: number; limit: number }) =>
      objects(
        'source = ? and kind = ? and deleted_at is null order by created_at, id limit ? offset ?',
        ...[source, kind, page.limit, page.offset],
      ),
    countScimInObjects: async (source: string, kind: ResourceName): Promise<number> =>
      (await session.get<{ found: number }>(
        'select count(*) as found from scim_in_objects where source = ? and kind = ? and deleted_at is null',
        source,
        kind,
      ))!.found,
    walkScimInUsers: (source: string, after: string | null, limit: number) =>
      objects(`source = ? and kind = 'User' and id > ? order by id limit ?`, source, after ?? '', limit),
    scimInObjects: (source: string, kind: ResourceName, ids: readonly string[]) =>
      objects(`source = ? and kind = ? and ${session.words.among('id', '?')}`, source, kind, ids),
    scimInMembers: async (source: string, groupIds: readonly string[]): Promise<readonly ScimInMember[]> => {
      const rows = await session.all<{ group_id: string; member_id: string; member_type: string | null }>(
        `select group_id, member_id, member_type from scim_in_members
         where source = ? and ${session.words.among('group_id', '?')} order by group_id, member_id`,
        source,
        groupIds,
      );
      return rows.map((row) => ({ groupId: row.group_id, memberId: row.member_id, type: row.member_type }));
    },
    scimInGroups: async (source: string, memberIds: readonly string[]) => {
      const rows = await session.all<{ member_id: string; group_id: string; body: string }>(
        `select member_id, group_id, body from scim_in_members
         join scim_in_objects on scim_in_objects.source = scim_in_members.source and kind = 'Group' and id = group_id
         where scim_in_members.source = ? and ${session.words.among('member_id', '?')} order by member_id, group_id`,
        source,
        memberIds,
      );
      return rows.map((row) => ({
        memberId: row.member_id,
        groupId: row.group_id,
        displayName: String((JSON.parse(row.body) as ScimResource).displayName ?? ''),
      }));
    },
  };
}

const toObject = (row: ObjectRow): ScimInObject => ({
  source: row.source,
  kind: row.kind,
  id: row.id,
  version: row.version,
  userName: row.user_name,
  externalId: row.external_id,
  displayName: row.display_name,
  body: JSON.parse(row.body) as ScimResource,
  createdAt: row.created_at,
  changedAt: row.changed_at,
  deletedAt: row.deleted_at,
});

const toToken = (row: TokenRow): ScimInToken => ({
  id: row.id,
  source: row.source,
  hash: row.hash,
  lastFour: row.last_four,
  createdAt: row.created_at,
  endsAt: row.ends_at,
  lastUsedAt: row.last_used_at,
});
