import type { AcceptResult, ReadApproval, ReadRecord, StagedPerson } from '../../sources/ports.ts';
import type { Insert, Session } from '../session.ts';
import { toRead } from '../source-reads.ts';
import type { Op } from './op.ts';
import { erasePushed, keepOut } from './scim-in.ts';
import { endBefore, tellRead } from './source-entries.ts';

type Start = { read: ReadRecord; now: number; until: number };

export const startSourceRead: Op<Start, boolean> = {
  durable: true,
  run: async (session, { read, now, until }) => {
    await session.run('insert into source_heads (source) values (?) on conflict (source) do nothing', read.source);
    const head = await session.get<{ reading_id: string | null; reading_until: number | null }>(
      `select reading_id, reading_until from source_heads where source = ? ${session.words.forUpdate}`,
      read.source,
    );
    if (head!.reading_id !== null && (head!.reading_until ?? 0) > now) return false;
    const left = head!.reading_id === null ? null : await leaveOff(session, head!.reading_id, read.startedAt);
    await session.run(
      'update source_heads set reading_id = ?, reading_until = ?, last_started_at = ? where source = ?',
      read.id,
      until,
      read.startedAt,
      read.source,
    );
    await putRead(session, read);
    if (left !== null) await tellRead(session, left.read, left.before);
    return true;
  },
};

/** A read whose process is gone. */
async function leaveOff(session: Session, id: string, at: string) {
  await session.run('delete from source_staging where read_id = ?', id);
  const row = await session.get<{ body: string }>('select body from source_reads where id = ?', id);
  if (row === undefined) return null;
  const detail = 'The process that read it ended.';
  const read: ReadRecord = {
    ...toRead(row),
    state: 'incomplete',
    endedAt: at,
    proof: { state: 'incomplete', words: detail },
    error: { code: 'aborted', detail, hint: null },
  };
  const before = await endBefore(session, read);
  await putRead(session, read);
  return { read, before };
}

const readInsert: Insert = {
  table: 'source_reads',
  columns: {
    ...{ id: 'text', source: 'text', state: 'text', started_at: 'text', ended_at: 'text', delivery: 'text' },
    ...{ counted: 'number', body: 'text' },
  },
  conflict: {
    key: ['id'],
    set: ['state', 'ended_at', 'delivery', 'counted', 'body'].map((column) => `${column} = excluded.${column}`),
  },
};

async function putRead(session: Session, read: ReadRecord): Promise<void> {
  const isKept = read.state === 'kept' || read.state === 'accepted';
  await session.insert(readInsert, [
    [
      ...[read.id, read.source, read.state, read.startedAt],
      ...[read.endedAt, read.proof?.delivery ?? null, read.counts && isKept ? 1 : 0, JSON.stringify(read)],
    ],
  ]);
}

const stagingInsert: Insert = {
  table: 'source_staging',
  columns: {
    ...{ read_id: 'text', source_id: 'text', digest: 'text', active: 'number', doubled: 'number' },
    ...{ attributes: 'text', group_names: 'text' },
  },
  conflict: {
    key: ['read_id', 'source_id'],
    set: [
      `doubled = case when source_staging.digest <> excluded.digest or excluded.doubled = 1 then 1 else source_staging.doubled end`,
    ],
  },
};

type Stage = { readId: string; people: readonly StagedPerson[]; until: number };

export const stageSourcePeople: Op<Stage, boolean> = {
  // What is lost in a power cut is a read that has to begin again anyway.
  durable: false,
  run: async (session, { readId, people, until }) => {
    const mine = await session.run('update source_heads set reading_until = ? where reading_id = ?', until, readId);
    if (mine === 0) return false;
    await session.insert(stagingInsert, stagedRows(readId, people));
    return true;
  },
};

function stagedRows(readId: string, people: readonly StagedPerson[]) {
  const rows = new Map<string, { person: StagedPerson; doubled: number }>();
  for (const person of people) {
    const found = rows.get(person.sourceId);
    if (found === undefined) rows.set(person.sourceId, { person, doubled: 0 });
    else if (found.person.digest !== person.digest) found.doubled = 1;
  }
  return [...rows.values()].map(({ person: { sourceId, digest, active, attributes, groups }, doubled }) => [
    ...[readId, sourceId, digest, active ? 1 : 0, doubled],
    ...[JSON.stringify(attributes), JSON.stringify(groups)],
  ]);
}

export const endSourceRead: Op<{ read: ReadRecord }, ReadRecord | null> = {
  durable: true,
  wide: true,
  fills: ({ read }) => read.people > 10_000,
  run: async (session, { read }) => {
    const mine = await session.run(
      'update source_heads set reading_id = null, reading_until = null where reading_id = ?',
      read.id,
    );
    if (mine === 0) return null;
    const before = await endBefore(session, read);
    const ended = read.state === 'kept' ? await keep(session, read) : await setAside(session, read);
    await tellRead(session, ended, before);
    return ended;
  },
};

/** Nothing of it is used: what it showed waits for people, or is dropped. */
async function setAside(session: Session, read: ReadRecord): Promise<ReadRecord> {
  await showThere(session, read);
  const isWaiting = read.state === 'quarantined' && !(await waitsAlready(session, read));
  if (isWaiting) await supersede(session, read);
  else await session.run('delete from source_staging where read_id = ?', read.id);
  const state = read.state === 'quarantined' && !isWaiting ? 'superseded' : read.state;
  const ended: ReadRecord = { ...read, state, counts: false };
  await putRead(session, ended);
  return ended;
}

/** A file that lies there is read again and again; what somebody has approved of it stays approved. */
async function waitsAlready(session: Session, { source, digest }: ReadRecord): Promise<boolean> {
  return (await waitingReads(session, source)).some((one) => one.digest === digest);
}

const waitingReads = async (session: Session, source: string): Promise<readonly ReadRecord[]> =>
  (
    await session.all<{ body: string }>(
      "select body from source_reads where source = ? and state = 'quarantined'",
      source,
    )
  ).map(toRead);

/** What is put aside becomes what is known. */
async function keep(session: Session, read: ReadRecord): Promise<ReadRecord> {
  const at = read.endedAt!;
  const kept = { ...read, counts: await counts(session, read) };
  await session.run(
    `insert into source_people (source, source_id, digest, active, absent_reads, absent_since, first_seen_at, changed_at,
       attributes, group_names)
     select cast(?1 as text), s.source_id, s.digest, s.active, 0, null, cast(?2 as text), cast(?2 as text), s.attributes, s.group_names
     from source_staging s where s.read_id = ?3 and s.doubled = 0 and not exists
       (select 1 from source_people p where p.source = ?1 and p.source_id = s.source_id and p.digest = s.digest)
     on conflict (source, source_id) do update set digest = excluded.digest, active = excluded.active,
       changed_at = excluded.changed_at, attributes = excluded.attributes, group_names = excluded.group_names`,
    read.source,
    at,
    read.id,
  );
  await showThere(session, read);
  if (kept.counts) await showAbsent(session, read, at);
  await supersede(session, read);
  await session.run('delete from source_staging where read_id = ?', read.id);
  await session.run(
    'update source_heads set last_kept_id = ?, last_kept_at = ? where source = ?',
    read.id,
    at,
    read.source,
  );
  if (read.proof?.state === 'complete') {
    await session.run('update source_heads set last_complete_at = ? where source = ?', at, read.source);
  }
  await putRead(session, kept);
  return kept;
}

/** Only a complete read, and of one delivery only one. */
async function counts(session: Session, { id, source, proof }: ReadRecord): Promise<boolean> {
  if (proof?.state !== 'complete') return false;
  if (proof.delivery === undefined) return true;
  const earlier = await session.get(
    'select 1 as found from source_reads where source = ? and delivery = ? and counted = 1 and id <> ? limit 1',
    source,
    proof.delivery,
    id,
  );
  return earlier === undefined;
}

const isStaged = `exists (select 1 from source_staging s where s.read_id = ? and s.source_id = source_people.source_id)`;

async function showThere(session: Session, { id, source }: ReadRecord): Promise<void> {
  await session.run(
    `update source_people set absent_reads = 0, absent_since = null where source = ? and absent_reads > 0 and ${isStaged}`,
    source,
    id,
  );
}

async function showAbsent(session: Session, { id, source }: ReadRecord, at: string): Promise<void> {
  await session.run(
    `update source_people set absent_reads = absent_reads + 1, absent_since = coalesce(absent_since, ?)
     where source = ? and not ${isStaged}`,
    at,
    source,
    id,
  );
}

/** An older read that waits for a decision will not be wanted any more. */
async function supersede(session: Session, { id, source, startedAt }: ReadRecord): Promise<void> {
  for (const read of await waitingReads(session, source)) {
    if (read.id !== id && read.startedAt <= startedAt) await dropWaiting(session, read);
  }
}

async function dropWaiting(session: Session, read: ReadRecord): Promise<void> {
  await session.run('delete from source_staging where read_id = ?', read.id);
  await putRead(session, { ...read, state: 'superseded' });
}

type Accept = { readId: string; digest: string; approval: ReadApproval; needed: number };

export const acceptSourceRead: Op<Accept, AcceptResult> = {
  durable: true,
  wide: true,
  run: async (session, { readId, digest, approval, needed }) => {
    const row = await session.get<{ body: string }>(
      `select body from source_reads where id = ? ${session.words.forUpdate}`,
      readId,
    );
    const read = row === undefined ? null : toRead(row);
    if (read === null || read.state !== 'quarantined') return { outcome: 'not_waiting' };
    if (read.digest !== digest) return { outcome: 'changed' };
    if (read.approvals.some(({ by }) => by === approval.by)) return { outcome: 'same_person' };
    const approved = { ...read, approvals: [...read.approvals, approval] };
    if (approved.approvals.length >= needed) {
      const accepted = await keep(session, { ...approved, state: 'accepted' });
      await tellRead(session, accepted, null);
      return { outcome: 'accepted', read: accepted };
    }
    await putRead(session, approved);
    return { outcome: 'waiting', read: approved };
  },
};

type Erasure = { source: string; sourceId: string; marks: readonly string[]; at: string };

export const eraseSourcePerson: Op<Erasure, boolean> = {
  durable: true,
  erases: true,
  run: async (session, { source, sourceId, marks, at }) => {
    for (const mark of marks) await keepOut(session, { source, mark, known: marks[0]!, at });
    await session.run(
      'delete from source_staging where source_id = ? and read_id in (select id from source_reads where source = ?)',
      sourceId,
      source,
    );
    const pushed = await erasePushed(session, source, sourceId);
    const known = await session.run('delete from source_people where source = ? and source_id = ?', source, sourceId);
    return known > 0 || pushed;
  },
};

type Readmission = { source: string; pushedId: string | null; marks: readonly string[] };

export const readmitSourcePerson: Op<Readmission, boolean> = {
  durable: true,
  erases: true,
  run: async (session, { source, pushedId, marks }) => {
    const among = session.words.among('mark', '?2');
    const erased = await session.run(
      `delete from erased_source_people where source = ?1 and coalesce(person, mark) in
         (select coalesce(person, mark) from erased_source_people where source = ?1 and ${among})`,
      source,
      marks,
    );
    if (erased === 0) return false;
    if (pushedId !== null) await erasePushed(session, source, pushedId);
    return true;
  },
};

export const dropSource: Op<{ source: string }, number> = {
  durable: true,
  erases: true,
  run: async (session, { source }) => {
    await session.run(
      'delete from source_staging where read_id in (select id from source_reads where source = ?)',
      source,
    );
    await session.run('delete from source_reads where source = ?', source);
    await session.run('delete from source_heads where source = ?', source);
    return session.run('delete from source_people where source = ?', source);
  },
};

type Drop = { readsBefore: string; waitingBefore: string; absentBefore: string };

export const dropOldSources: Op<Drop, { reads: number; people: number }> = {
  durable: false,
  run: async (session, { readsBefore, waitingBefore, absentBefore }) => {
    const waiting = await session.all<{ body: string }>(
      "select body from source_reads where state = 'quarantined' and started_at < ?",
      waitingBefore,
    );
    for (const row of waiting) await dropWaiting(session, toRead(row));
    // What a source stands on stays, and the read that counted this delivery: a file that lies there for months counts once.
    const reads = await session.run(
      `delete from source_reads where started_at < ? and state not in ('reading', 'quarantined')
         and id not in (select last_kept_id from source_heads where last_kept_id is not null)
         and not (counted = 1 and delivery in (select r.delivery from source_reads r
           join source_heads h on h.last_kept_id = r.id where r.delivery is not null))`,
      readsBefore,
    );
    const people = await session.run(
      'delete from source_people where absent_since is not null and absent_since < ?',
      absentBefore,
    );
    return { reads, people };
  },
};
