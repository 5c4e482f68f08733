import type { SourceChangeKind } from '../../model/change.ts';
import type { ReadRecord } from '../../sources/ports.ts';
import type { Session } from '../session.ts';
import { toRead } from '../source-reads.ts';
import { appendChanges } from './pages.ts';

const kinds: Partial<Record<ReadRecord['state'], SourceChangeKind>> = {
  kept: 'source.read_completed',
  incomplete: 'source.read_incomplete',
  quarantined: 'source.read_quarantined',
  accepted: 'source.read_accepted',
};

/**
 * How the read before this one ended; null: this is the first. To be asked before this one is written, because it may take the place of one that waits.
 */
export async function endBefore(session: Session, { id, source }: ReadRecord): Promise<ReadRecord | null> {
  const row = await session.get<{ body: string }>(
    `select body from source_reads where source = ? and id <> ? and state <> 'reading' order by started_at desc, id desc limit 1`,
    source,
    id,
  );
  return row === undefined ? null : toRead(row);
}

/**
 * Writes into the log how a read ended: of no connection, without personal data. Reads that say nothing new are not told. Let it be the last thing an
 * operation does.
 * @param before what `endBefore` gave
 */
export async function tellRead(session: Session, read: ReadRecord, before: ReadRecord | null): Promise<void> {
  const kind = kinds[read.state];
  if (kind === undefined || !isNews(read, before)) return;
  const { id, source, state, proof, people, added, changed, gone, counts, digest, by, startedAt, endedAt } = read;
  const told = proof && { state: proof.state, words: proof.words };
  const current = {
    read: { id, state, proof: told, people, added, changed, gone, counts, digest, by, startedAt, endedAt },
    ...(state === 'incomplete' && { error: read.error }),
    ...((state === 'quarantined' || state === 'accepted') && { findings: read.findings }),
    ...(state === 'accepted' && { approvals: read.approvals.map(({ name, at }) => ({ name, at })) }),
  };
  await appendChanges(session, '', '', [
    {
      ...{ kind, stream: 'source', key: id, at: state === 'accepted' ? read.approvals.at(-1)!.at : endedAt! },
      ...{ current: JSON.stringify(current), previous: null },
      about: JSON.stringify({ source: { name: source, kind: read.kind } }),
    },
  ]);
}

/** Writes into the log that a provider pushes somebody who was erased. Let it be the last thing an operation does. */
export async function tellKeptOut(session: Session, { source, id, at }: KeptOut): Promise<void> {
  await appendChanges(session, '', '', [
    {
      ...{ kind: 'source.person_kept_out', stream: 'source', key: id, at, previous: null },
      current: JSON.stringify({ person: { id } }),
      about: JSON.stringify({ source: { name: source, kind: 'scim-in' } }),
    },
  ]);
}

type KeptOut = { readonly source: string; readonly id: string; readonly at: string };

/** A source is read again and again: what ends as it did before, and shows what it did before, is no news. */
function isNews(read: ReadRecord, before: ReadRecord | null): boolean {
  if (before === null) return true;
  if (read.state === 'incomplete') return before.state !== 'incomplete' || before.error?.code !== read.error?.code;
  if (read.state !== 'kept' || !isGood(before)) return true;
  // Whom an unproven read does not show is gone in every read.
  const isGoneNews = read.gone > 0 && (read.counts || read.gone !== before.gone);
  return isGoneNews || read.added + read.changed > 0;
}

const isGood = ({ state }: ReadRecord): boolean => state === 'kept' || state === 'accepted';
