import type { Call } from '../../calls/call.ts';
import type { AnswerSlot, CallStore, Claimed } from '../../calls/ports.ts';
import type { Insert, Session } from '../session.ts';
import type { Op } from './op.ts';

const callInsert: Insert = {
  table: 'call_log',
  columns: {
    ...{ at: 'number', id: 'text', type: 'text', token_id: 'text', request_id: 'text', connection_id: 'text' },
    ...{ resource: 'text', method: 'text', verb: 'text', status: 'number', error: 'text', duration_ms: 'number' },
    ...{ upstream_ms: 'number', result_count: 'number', needs_reauth: 'number' },
    ...{ tool: 'text', client_name: 'text', client_version: 'text' },
  },
};

/** Not durable: a power cut may take the newest calls. */
export const saveCalls: Op<{ calls: readonly Call[] }, void> = {
  durable: false,
  run: (session, { calls }) =>
    session.insert(
      callInsert,
      calls.map((call) => [
        ...[call.at, call.id, call.type, call.tokenId, call.requestId, call.connectionId],
        ...[call.resource, call.method, call.verb, call.status, call.error, call.durationMs],
        ...[call.upstreamMs, call.resultCount, call.needsReauth ? 1 : 0],
        ...[call.tool, call.clientName, call.clientVersion],
      ]),
    ),
};

export const dropCalls: Op<Parameters<CallStore['dropCalls']>[0], number> = {
  durable: false,
  run: async (session, { before, keep, limit }) => {
    const beyond = await session.get<{ at: number }>(
      'select at from call_log order by at desc, id desc limit 1 offset ?',
      keep,
    );
    // One that began in the same millisecond as the last that is kept stays as well.
    const until = Math.max(before, beyond === undefined ? 0 : beyond.at + 1);
    return session.run(
      'delete from call_log where (at, id) in (select at, id from call_log where at < ? order by at, id limit ?)',
      until,
      limit,
    );
  },
};

type Claim = Parameters<CallStore['claimAnswer']>[0];
type AnswerRow = { readonly digest: string; readonly claimed_at: number; readonly answer: string | null };

/** Confirmed by the disk before anything is done: what is done twice after a power cut is done twice. */
export const claimAnswer: Op<Claim, Claimed> = {
  durable: true,
  run: async (session, { tokenId, slot, digest, at, since, most }) => {
    await session.run(
      'delete from kept_answers where token_id = ? and slot = ? and claimed_at < ?',
      tokenId,
      slot,
      since,
    );
    const held = await session.get<{ slots: number; oldest: number | null }>(
      'select count(*) as slots, min(claimed_at) as oldest from kept_answers where token_id = ? and slot <> ? and claimed_at >= ?',
      tokenId,
      slot,
      since,
    );
    const isFull = Number(held!.slots) >= most;
    const taken = isFull
      ? 0
      : await session.run(
          `insert into kept_answers (token_id, slot, digest, claimed_at) values (?, ?, ?, ?)
           on conflict (token_id, slot) do nothing`,
          tokenId,
          slot,
          digest,
          at,
        );
    if (taken > 0) return { state: 'mine' };
    const row = await session.get<AnswerRow>(
      'select digest, claimed_at, answer from kept_answers where token_id = ? and slot = ?',
      tokenId,
      slot,
    );
    if (row !== undefined) return { state: 'taken', digest: row.digest, claimedAt: row.claimed_at, answer: row.answer };
    return { state: 'full', until: Number(held!.oldest ?? at) + at - since };
  },
};

/** Where the slot was given up meanwhile there is nothing to keep. */
export const keepAnswer: Op<AnswerSlot & { at: number; answer: string }, void> = {
  durable: true,
  run: async (session, { tokenId, slot, at, answer }) => {
    await session.run(
      'update kept_answers set answer = ? where token_id = ? and slot = ? and claimed_at = ?',
      answer,
      tokenId,
      slot,
      at,
    );
  },
};

export const releaseAnswer: Op<AnswerSlot & { at: number }, void> = {
  durable: true,
  run: async (session, { tokenId, slot, at }) => {
    await session.run(
      'delete from kept_answers where token_id = ? and slot = ? and claimed_at = ? and answer is null',
      tokenId,
      slot,
      at,
    );
  },
};

/** Answers may tell of people: where one is erased, or a connection purged, none is given again. */
export async function forgetAnswers(session: Session): Promise<void> {
  await session.run("update kept_answers set answer = '' where answer is not null");
}

export const dropAnswers: Op<{ before: number }, number> = {
  durable: false,
  run: (session, { before }) => session.run('delete from kept_answers where claimed_at < ?', before),
};
