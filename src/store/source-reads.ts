import type { ImageCounts, KeptPerson, ReadRecord, SourceHead, StagedCounts } from '../sources/ports.ts';
import type { Session } from './session.ts';

type HeadRow = {
  source: string;
  reading_id: string | null;
  reading_until: number | null;
  last_started_at: string | null;
  last_kept_id: string | null;
  last_kept_at: string | null;
  last_complete_at: string | null;
};

type PersonRow = {
  source_id: string;
  digest: string;
  active: number;
  absent_reads: number;
  absent_since: string | null;
  attributes: string;
  group_names: string;
};

const personColumns = 'source_id, digest, active, absent_reads, absent_since, attributes, group_names';

export const toRead = ({ body }: { body: string }): ReadRecord => JSON.parse(body) as ReadRecord;

export function sourceReads(session: Session) {
  return {
    getSourceRead: async (id: string): Promise<ReadRecord | null> => {
      const row = await session.get<{ body: string }>('select body from source_reads where id = ?', id);
      return row === undefined ? null : toRead(row);
    },
    listSourceReads: async (source: string | null, limit: number): Promise<readonly ReadRecord[]> => {
      const order = 'order by started_at desc, id desc limit ?';
      const rows =
        source === null
          ? await session.all<{ body: string }>(`select body from source_reads ${order}`, limit)
          : await session.all<{ body: string }>(
              `select body from source_reads where source = ? ${order}`,
              source,
              limit,
            );
      return rows.map(toRead);
    },
    goodSourceReads: async (source: string, since: string): Promise<readonly ReadRecord[]> => {
      const text = `select body from source_reads where source = ? and started_at >= ? and state in ('kept', 'accepted')
        order by started_at desc, id desc`;
      return (await session.all<{ body: string }>(text, source, since)).map(toRead);
    },
    sourceHead: async (source: string): Promise<SourceHead | null> => {
      const row = await session.get<HeadRow>('select * from source_heads where source = ?', source);
      return row === undefined ? null : toHead(row);
    },
    imageCounts: async (source: string): Promise<ImageCounts> =>
      (await session.get<ImageCounts>(
        `select count(*) as people, coalesce(sum(case when absent_reads > 0 then 1 else 0 end), 0) as absent
         from source_people where source = ?`,
        source,
      ))!,
    countStaged: (readId: string, source: string): Promise<StagedCounts> => countStaged(session, readId, source),
    keptPeople: async (source: string, sourceIds: readonly string[]): Promise<readonly KeptPerson[]> => {
      const rows = await session.all<PersonRow>(
        `select ${personColumns} from source_people where source = ? and ${session.words.among('source_id', '?')}`,
        source,
        sourceIds,
      );
      return rows.map(toPerson);
    },
    listKeptPeople: async (source: string, after: string | null, limit: number): Promise<readonly KeptPerson[]> => {
      const rows = await session.all<PersonRow>(
        `select ${personColumns} from source_people where source = ? and source_id > ? order by source_id limit ?`,
        source,
        after ?? '',
        limit,
      );
      return rows.map(toPerson);
    },
    erasedFromSource: async (source: string): Promise<readonly string[]> =>
      (await session.all<{ mark: string }>('select mark from erased_source_people where source = ?', source)).map(
        ({ mark }) => mark,
      ),
  };
}

async function countStaged(session: Session, readId: string, source: string): Promise<StagedCounts> {
  const staged = await session.get<Omit<StagedCounts, 'gone'>>(
    `select count(*) as people, coalesce(sum(s.doubled), 0) as doubled,
       coalesce(sum(case when p.source_id is null then 1 else 0 end), 0) as added,
       coalesce(sum(case when s.doubled = 0 and p.digest <> s.digest then 1 else 0 end), 0) as changed
     from source_staging s left join source_people p on p.source = ? and p.source_id = s.source_id
     where s.read_id = ?`,
    source,
    readId,
  );
  const gone = await session.get<{ gone: number }>(
    `select count(*) as gone from source_people p where p.source = ? and p.absent_reads = 0 and not exists
       (select 1 from source_staging s where s.read_id = ? and s.source_id = p.source_id)`,
    source,
    readId,
  );
  return { ...staged!, ...gone! };
}

const toHead = (row: HeadRow): SourceHead => ({
  source: row.source,
  readingId: row.reading_id,
  readingUntil: row.reading_until,
  lastStartedAt: row.last_started_at,
  lastKeptId: row.last_kept_id,
  lastKeptAt: row.last_kept_at,
  lastCompleteAt: row.last_complete_at,
});

const toPerson = (row: PersonRow): KeptPerson => ({
  sourceId: row.source_id,
  attributes: JSON.parse(row.attributes) as KeptPerson['attributes'],
  groups: JSON.parse(row.group_names) as KeptPerson['groups'],
  active: row.active === 1,
  digest: row.digest,
  absent: row.absent_reads === 0 ? null : { completeReads: row.absent_reads, since: row.absent_since! },
});
