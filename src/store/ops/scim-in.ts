import type { ResourceName } from '../../scim/schema.ts';
import type { ScimInObject, ScimInOutcome, ScimInToken, ScimInWrite } from '../../sources/scim-in-ports.ts';
import { type CellType, replacing, type Session } from '../session.ts';
import type { Op } from './op.ts';
import { tellKeptOut } from './source-entries.ts';

export const saveScimInToken: Op<{ token: ScimInToken; othersEndAt: string | null }, void> = {
  durable: true,
  run: async (session, { token, othersEndAt }) => {
    const { id, source, hash, lastFour, createdAt, endsAt, lastUsedAt } = token;
    if (othersEndAt === null) await session.run('delete from scim_in_tokens where source = ?', source);
    else {
      await session.run('delete from scim_in_tokens where source = ? and ends_at < ?', source, createdAt);
      await session.run(
        'update scim_in_tokens set ends_at = ?1 where source = ?2 and (ends_at is null or ends_at > ?1)',
        othersEndAt,
        source,
      );
    }
    await session.run(
      'insert into scim_in_tokens (id, source, hash, last_four, created_at, ends_at, last_used_at) values (?, ?, ?, ?, ?, ?, ?)',
      ...[id, source, hash, lastFour, createdAt, endsAt, lastUsedAt],
    );
  },
};

export const touchScimInToken: Op<{ id: string; at: string }, void> = {
  durable: false,
  run: async (session, { id, at }) => {
    await session.run('update scim_in_tokens set last_used_at = ? where id = ?', at, id);
  },
};

const columns: Readonly<Record<string, CellType>> = {
  ...{ source: 'text', kind: 'text', id: 'text', version: 'number', user_name: 'text', external_id: 'text' },
  ...{ display_name: 'text', body: 'text', created_at: 'text', changed_at: 'text', deleted_at: 'text' },
};

const cells = (one: ScimInObject) => [
  ...[one.source, one.kind, one.id, one.version, one.userName, one.externalId],
  ...[one.displayName, JSON.stringify(one.body), one.createdAt, one.changedAt, one.deletedAt],
];

export const saveScimInObject: Op<ScimInWrite, ScimInOutcome> = {
  durable: true,
  run: async (session, { object, expected, add, remove, keepOut: kept }) => {
    if (!(await isAsExpected(session, object, expected))) return 'moved';
    if (await isNameTaken(session, object)) return 'taken';
    const set = replacing(
      ...['version', 'user_name', 'external_id', 'display_name', 'body', 'created_at', 'changed_at', 'deleted_at'],
    );
    const key = ['source', 'kind', 'id'];
    await session.insert({ table: 'scim_in_objects', columns, conflict: { key, set } }, [cells(object)]);
    const { source, id } = object;
    const memberKey = ['source', 'group_id', 'member_id'];
    const gone = remove.map((memberId) => [source, id, memberId]);
    if (gone.length > 0) await session.deleteRows('scim_in_members', memberKey, gone);
    if (add.length > 0) {
      const into = {
        table: 'scim_in_members',
        columns: { source: 'text', group_id: 'text', member_id: 'text', member_type: 'text' },
        conflict: { key: memberKey, set: 'nothing' },
      } as const;
      await session.insert(
        into,
        add.map(({ memberId, type }) => [source, id, memberId, type]),
      );
    }
    if (kept !== null) {
      await keepOut(session, { source, ...kept });
      await tellKeptOut(session, { source, id, at: kept.at });
    }
    return 'saved';
  },
};

/** Of a version when it is changed; not there, or deleted, when it is made. */
async function isAsExpected(session: Session, { source, kind, id }: ScimInObject, expected: number | null) {
  const there = await session.get<{ version: number; deleted_at: string | null }>(
    `select version, deleted_at from scim_in_objects where source = ? and kind = ? and id = ? ${session.words.forUpdate}`,
    source,
    kind,
    id,
  );
  const live = there === undefined || there.deleted_at !== null ? null : there.version;
  return live === expected;
}

async function isNameTaken(session: Session, { source, id, userName }: ScimInObject): Promise<boolean> {
  if (userName === null) return false;
  const other = await session.get(
    'select id from scim_in_objects where source = ? and user_name = ? and deleted_at is null and id <> ?',
    source,
    userName,
    id,
  );
  return other !== undefined;
}

type Deletion = { source: string; kind: ResourceName; id: string; at: string; version: number | null };

export const deleteScimInObject: Op<Deletion, boolean> = {
  durable: true,
  run: async (session, { source, kind, id, at, version }) => {
    const where = 'source = ?1 and kind = ?2 and id = ?3 and deleted_at is null and version = coalesce(?4, version)';
    const gone =
      kind === 'Group'
        ? await session.run(`delete from scim_in_objects where ${where}`, source, kind, id, version)
        : await session.run(
            `update scim_in_objects set deleted_at = ?5, changed_at = ?5, version = version + 1 where ${where}`,
            ...[source, kind, id, version, at],
          );
    if (gone === 0) return false;
    await dropMemberships(session, source, id);
    return true;
  },
};

const dropMemberships = async (session: Session, source: string, id: string): Promise<void> => {
  await session.run('delete from scim_in_members where source = ?1 and (group_id = ?2 or member_id = ?2)', source, id);
};

/** Removes what was pushed of a person, with their memberships. @returns whether there was anything */
export async function erasePushed(session: Session, source: string, id: string): Promise<boolean> {
  await dropMemberships(session, source, id);
  const text = `delete from scim_in_objects where source = ? and kind = 'User' and id = ?`;
  return (await session.run(text, source, id)) > 0;
}

/**
 * No read shows whom the mark is of.
 * @param known a mark of the same person that may be there already
 */
export async function keepOut(
  session: Session,
  { source, mark, known, at }: { source: string; mark: string; known: string; at: string },
): Promise<void> {
  await session.run(
    `insert into erased_source_people (source, mark, erased_at, person) values (?1, ?2, ?3, coalesce(
       (select coalesce(person, mark) from erased_source_people where source = ?1 and mark = ?4), cast(?4 as text)))
     on conflict (source, mark) do nothing`,
    ...[source, mark, at, known],
  );
}

export const dropScimIn: Op<{ source: string }, number> = {
  durable: true,
  erases: true,
  run: async (session, { source }) => {
    for (const table of ['scim_in_tokens', 'scim_in_members'])
      await session.run(`delete from ${table} where source = ?`, source);
    return session.run('delete from scim_in_objects where source = ?', source);
  },
};

export const dropDeletedScimIn: Op<{ before: string }, number> = {
  durable: false,
  erases: true,
  run: (session, { before }) => session.run('delete from scim_in_objects where deleted_at < ?', before),
};
