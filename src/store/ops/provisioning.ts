import type { SourceRef } from '../../model/source-person.ts';
import type { IdentityLink, ProvisioningState, ScimObject, WorkItem } from '../../provisioning/state.ts';
import { linkCells, linkInsert, scimObjectCells, scimObjectInsert, type WorkItemRow } from '../provisioning-rows.ts';
import type { Insert, Session } from '../session.ts';
import type { Op } from './op.ts';

/* How connections are provisioned, who is who, and what people have to decide. */

export const saveProvisioning: Op<{ state: ProvisioningState; before: string | null }, boolean> = {
  durable: true,
  run: async (session, { state, before }) => {
    const { connectionId, updatedAt } = state;
    if (before === null) {
      const text =
        'insert into provisioning_states (connection_id, updated_at, body) values (?, ?, ?) on conflict (connection_id) do nothing';
      return (await session.run(text, connectionId, updatedAt, JSON.stringify(state))) > 0;
    }
    const text = 'update provisioning_states set updated_at = ?, body = ? where connection_id = ? and updated_at = ?';
    return (await session.run(text, updatedAt, JSON.stringify(state), connectionId, before)) > 0;
  },
};

type LinkChange = { connectionId: string; save: readonly IdentityLink[]; drop: readonly SourceRef[] };

export const saveIdentityLinks: Op<LinkChange, void> = {
  durable: true,
  run: async (session, { connectionId, save, drop }) => {
    const gone = drop.map(({ source, sourceId }) => [connectionId, source, sourceId]);
    await session.deleteRows('identity_links', ['connection_id', 'source', 'source_id'], gone);
    await session.insert(linkInsert, save.map(linkCells));
  },
};

type ScimChange = {
  connectionId: string;
  save: readonly ScimObject[];
  drop: readonly { readonly kind: ScimObject['kind']; readonly scimId: string }[];
};

export const saveScimObjects: Op<ScimChange, void> = {
  durable: true,
  run: async (session, { connectionId, save, drop }) => {
    const gone = drop.map(({ kind, scimId }) => [connectionId, kind, scimId]);
    await session.deleteRows('scim_objects', ['connection_id', 'kind', 'scim_id'], gone);
    await session.insert(scimObjectInsert, save.map(scimObjectCells));
  },
};

export const meetWorkItems: Op<{ connectionId: string; items: readonly WorkItem[] }, void> = {
  durable: true,
  run: async (session, { connectionId, items }) => {
    await session.get(`select id from connections where id = ? ${session.words.forUpdate}`, connectionId);
    const rows = await session.all<WorkItemRow>('select * from work_items where connection_id = ?', connectionId);
    const kept = new Map(rows.map((row) => [row.about, row]));
    const met = new Set(items.map(({ about }) => about));
    for (const item of items) await meet(session, item, kept.get(item.about));
    for (const row of rows) {
      if (row.state === 'open' && !met.has(row.about)) {
        await session.run("update work_items set state = 'closed' where id = ?", row.id);
      }
    }
  },
};

/** One person has one item, whatever kind of conflict theirs is by now: the digest says which it was. */
async function meet(session: Session, item: WorkItem, kept: WorkItemRow | undefined): Promise<void> {
  if (kept === undefined) {
    await session.run(
      `insert into work_items (id, connection_id, kind, about, state, digest, opened_at, records, decision)
       values (?, ?, ?, ?, 'open', ?, ?, ?, null)`,
      item.id,
      item.connectionId,
      item.kind,
      item.about,
      item.digest,
      item.openedAt,
      JSON.stringify(item.records),
    );
    return;
  }
  const isSame = kept.digest === item.digest;
  if (isSame && kept.state !== 'closed') return;
  // What was decided about the same records still holds when they meet again.
  const reopened = isSame && kept.decision !== null ? "state = 'decided'" : "state = 'open', decision = null";
  await session.run(
    `update work_items set ${reopened}, kind = ?, digest = ?, opened_at = ?, records = ? where id = ?`,
    item.kind,
    item.digest,
    kept.state === 'open' ? kept.opened_at : item.openedAt,
    JSON.stringify(item.records),
    kept.id,
  );
}

const noticeInsert: Insert = {
  table: 'provisioning_notices',
  columns: { connection_id: 'text', notice: 'text', since: 'text' },
  conflict: { key: ['connection_id', 'notice'], set: 'nothing' },
};

export const keepNoticed: Op<{ connectionId: string; keys: readonly string[]; at: string }, void> = {
  durable: true,
  run: async (session, { connectionId, keys, at }) => {
    const among = session.words.among('notice', '?');
    await session.run(
      `delete from provisioning_notices where connection_id = ? and not (${among})`,
      connectionId,
      keys,
    );
    await session.insert(
      noticeInsert,
      [...new Set(keys)].map((key) => [connectionId, key, at]),
    );
  },
};

/** What nobody wants any more is forgotten. */
export const keepRefusals: Op<{ connectionId: string; aims: readonly string[] }, void> = {
  durable: false,
  run: async (session, { connectionId, aims }) => {
    const among = session.words.among('aim', '?');
    await session.run(`delete from refused_steps where connection_id = ? and not (${among})`, connectionId, aims);
  },
};

type Decided = { id: string; digest: string; decision: NonNullable<WorkItem['decision']> };

export const decideWorkItem: Op<Decided, boolean> = {
  durable: true,
  run: async (session, { id, digest, decision }) =>
    (await session.run(
      "update work_items set state = 'decided', decision = ? where id = ? and digest = ? and state = 'open'",
      JSON.stringify(decision),
      id,
      digest,
    )) > 0,
};
