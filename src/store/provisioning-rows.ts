import type {
  Application,
  Approval,
  JournalEntry,
  PlanEnd,
  PlanHead,
  ProvisionalId,
  StoredPlan,
} from '../provisioning/ports.ts';
import type { IdentityLink, Refusal, ScimObject, WorkItem } from '../provisioning/state.ts';
import { type Cell, type Insert, replacing } from './session.ts';

export type LinkRow = {
  connection_id: string;
  source: string;
  source_id: string;
  user_id: string;
  matched_on: IdentityLink['matchedOn'];
  linked_at: string;
};
export const toIdentityLink = (row: LinkRow): IdentityLink => ({
  connectionId: row.connection_id,
  source: row.source,
  sourceId: row.source_id,
  userId: row.user_id,
  matchedOn: row.matched_on,
  linkedAt: row.linked_at,
});
export const linkInsert: Insert = {
  table: 'identity_links',
  columns: {
    ...{ connection_id: 'text', source: 'text', source_id: 'text', user_id: 'text', matched_on: 'text' },
    linked_at: 'text',
  },
  conflict: {
    key: ['connection_id', 'source', 'source_id'],
    set: replacing('user_id', 'matched_on', 'linked_at'),
  },
};
export const linkCells = (link: IdentityLink): readonly Cell[] => [
  ...[link.connectionId, link.source, link.sourceId, link.userId, link.matchedOn, link.linkedAt],
];

export type ScimObjectRow = {
  connection_id: string;
  kind: ScimObject['kind'];
  scim_id: string;
  target_id: string | null;
  external_id: string | null;
  name: string;
  origin: ScimObject['origin'];
  known: string;
  active: number;
  updated_at: string;
};
export const toScimObject = (row: ScimObjectRow): ScimObject => ({
  connectionId: row.connection_id,
  kind: row.kind,
  scimId: row.scim_id,
  targetId: row.target_id,
  externalId: row.external_id,
  name: row.name,
  origin: row.origin,
  known: JSON.parse(row.known) as ScimObject['known'],
  active: row.active === 1,
  updatedAt: row.updated_at,
});
export const scimObjectInsert: Insert = {
  table: 'scim_objects',
  columns: {
    ...{ connection_id: 'text', kind: 'text', scim_id: 'text', target_id: 'text', external_id: 'text' },
    ...{ name: 'text', origin: 'text', known: 'text', active: 'number', updated_at: 'text' },
  },
  conflict: {
    key: ['connection_id', 'kind', 'scim_id'],
    set: replacing('target_id', 'external_id', 'name', 'origin', 'known', 'active', 'updated_at'),
  },
};
export const scimObjectCells = (object: ScimObject): readonly Cell[] => [
  ...[object.connectionId, object.kind, object.scimId, object.targetId, object.externalId, object.name, object.origin],
  ...[JSON.stringify(object.known), object.active ? 1 : 0, object.updatedAt],
];

export type WorkItemRow = {
  id: string;
  connection_id: string;
  kind: WorkItem['kind'];
  about: string;
  state: WorkItem['state'];
  digest: string;
  opened_at: string;
  records: string;
  decision: string | null;
};
export const toWorkItem = (row: WorkItemRow): WorkItem => ({
  id: row.id,
  connectionId: row.connection_id,
  kind: row.kind,
  about: row.about,
  records: JSON.parse(row.records) as WorkItem['records'],
  digest: row.digest,
  state: row.state,
  decision: row.decision === null ? null : (JSON.parse(row.decision) as WorkItem['decision']),
  openedAt: row.opened_at,
});

export type PlanRow = { state: StoredPlan['state']; changed_at: string; plan_end: string | null; body: string };
export const toPlan = (row: PlanRow): StoredPlan => ({
  ...(JSON.parse(row.body) as PlanHead),
  state: row.state,
  changedAt: row.changed_at,
  end: row.plan_end === null ? null : (JSON.parse(row.plan_end) as PlanEnd),
});

export type ApprovalRow = { lapsed: string | null; body: string };
export const toApproval = (row: ApprovalRow): Approval => ({
  ...(JSON.parse(row.body) as Approval),
  lapsed: row.lapsed === null ? null : (JSON.parse(row.lapsed) as Approval['lapsed']),
});

export const toApplication = (row: { body: string }): Application => JSON.parse(row.body) as Application;
export const toJournalEntry = (row: { body: string }): JournalEntry => JSON.parse(row.body) as JournalEntry;

export const journalInsert: Insert = {
  table: 'plan_journal',
  columns: {
    ...{ application_id: 'text', position: 'number', connection_id: 'text', plan_id: 'text', step_id: 'text' },
    ...{ state: 'text', user_id: 'text', accepted_at: 'text', body: 'text' },
  },
  conflict: { key: ['application_id', 'position'], set: replacing('state', 'user_id', 'accepted_at', 'body') },
};
export const journalCells = (entry: JournalEntry): readonly Cell[] => [
  ...[entry.applicationId, entry.position, entry.connectionId, entry.planId, entry.stepId],
  ...[entry.state, entry.userId, entry.acceptedAt, JSON.stringify(entry)],
];

export const toRefusal = (row: { body: string }): Refusal => JSON.parse(row.body) as Refusal;
export const refusalInsert: Insert = {
  table: 'refused_steps',
  columns: { connection_id: 'text', aim: 'text', body: 'text' },
  conflict: { key: ['connection_id', 'aim'], set: replacing('body') },
};

export type ProvisionalRow = {
  connection_id: string;
  provisional_id: string;
  scim_id: string | null;
  user_id: string | null;
  made_at: string;
};
export const toProvisionalId = (row: ProvisionalRow): ProvisionalId => ({
  connectionId: row.connection_id,
  provisionalId: row.provisional_id,
  scimId: row.scim_id,
  userId: row.user_id,
  at: row.made_at,
});
/** What is known of it once stays known. */
export const provisionalInsert: Insert = {
  table: 'provisional_ids',
  columns: { connection_id: 'text', provisional_id: 'text', scim_id: 'text', user_id: 'text', made_at: 'text' },
  conflict: {
    key: ['connection_id', 'provisional_id'],
    set: [
      'scim_id = coalesce(excluded.scim_id, provisional_ids.scim_id)',
      'user_id = coalesce(excluded.user_id, provisional_ids.user_id)',
    ],
  },
};
export const provisionalCells = (of: ProvisionalId): readonly Cell[] => [
  ...[of.connectionId, of.provisionalId, of.scimId, of.userId, of.at],
];
