import type { RecordStream } from '../../wire/records.ts';
import { tableOf } from '../row-tables.ts';
import type { Session } from '../session.ts';

/** `?1` is the connection; `who` limits both halves to some people. */
const totals = (who: string): string => `
  with training as (
    select user_id, count(*) as enrolled,
      sum(case when lower(status) = 'not started' then 1 else 0 end) as not_started,
      sum(case when lower(status) = 'in progress' then 1 else 0 end) as in_progress,
      sum(case when lower(status) in ('completed', 'passed') then 1 else 0 end) as completed,
      sum(case when lower(status) = 'past due' then 1 else 0 end) as overdue,
      max(completion_date) as last_completed_at
    from enrollment_rows where connection_id = ?1 and deleted_at is null and ${who} group by user_id),
  phishing as (
    select user_id, count(delivered_at) as delivered, count(failed_at) as failed, count(reported_at) as reported,
      max(failed_at) as last_failed_at, max(delivered_at) as last_delivered_at
    from recipient_rows where connection_id = ?1 and deleted_at is null and ${who} group by user_id),
  people as (select user_id from training union select user_id from phishing)
  insert into person_totals (connection_id, user_id, enrolled, not_started, in_progress, completed, overdue,
    last_completed_at, delivered, failed, reported, last_failed_at, last_delivered_at)
  select ?1, people.user_id, coalesce(enrolled, 0), coalesce(not_started, 0), coalesce(in_progress, 0),
    coalesce(completed, 0), coalesce(overdue, 0), last_completed_at, coalesce(delivered, 0), coalesce(failed, 0),
    coalesce(reported, 0), last_failed_at, last_delivered_at
  from people left join training on training.user_id = people.user_id left join phishing on phishing.user_id = people.user_id`;

const ofEverybody = totals('user_id is not null');

/** Works out all totals of a connection again: one pass over enrollments and recipients. */
export async function rebuildTotals(session: Session, connectionId: string): Promise<void> {
  await session.run('delete from person_totals where connection_id = ?', connectionId);
  await session.run(ofEverybody, connectionId);
}

export async function refreshTotals(session: Session, connectionId: string, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  await session.run(
    `delete from person_totals where connection_id = ?1 and ${session.words.among('user_id', '?2')}`,
    connectionId,
    userIds,
  );
  await session.run(totals(session.words.among('user_id', '?2')), connectionId, userIds);
}

/** People whose enrollments or recipients are among the rows; none for other streams. */
export async function peopleOf(
  session: Session,
  connectionId: string,
  stream: RecordStream,
  keys: readonly string[],
): Promise<readonly string[]> {
  if (!feedsTotals(stream) || keys.length === 0) return [];
  const found = await session.all<{ user_id: string }>(
    `select distinct user_id from ${tableOf(stream)} where connection_id = ? and user_id is not null
       and ${session.words.among('key', '?')}`,
    connectionId,
    keys,
  );
  return found.map((row) => row.user_id);
}

const feedsTotals = (stream: RecordStream): boolean => stream === 'enrollments' || stream === 'recipients';
