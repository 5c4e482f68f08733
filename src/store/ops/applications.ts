import type { StepState } from '../../provisioning/plan.ts';
import type {
  Application,
  ApplyLease,
  JournalEntry,
  JournalWrite,
  PlanEntry,
  ProvisioningStore,
} from '../../provisioning/ports.ts';
import {
  journalCells,
  journalInsert,
  linkCells,
  linkInsert,
  provisionalCells,
  provisionalInsert,
  refusalInsert,
  scimObjectCells,
  scimObjectInsert,
  toApplication,
} from '../provisioning-rows.ts';
import type { Session } from '../session.ts';
import { appendEntries } from './events.ts';
import type { Op } from './op.ts';

/* Applying plans: one process at a time writes for a connection, and the journal is fenced by its lease. */

type Begin = { application: Application; token: string; at: string; leaseUntil: string };
/** How far the clocks of two processes may be apart. */
const CLOCKS_APART_MS = 10 * 60_000;

type Begun = Awaited<ReturnType<ProvisioningStore['beginApplication']>>;

export const beginApplication: Op<Begin, Begun> = {
  durable: true,
  run: async (session, { application, token, at, leaseUntil }) => {
    const { connectionId, planId } = application;
    const taken = await session.run(
      `insert into apply_leases (connection_id, token, application_id, lease_until) values (?1, ?2, ?3, ?4)
       on conflict (connection_id) do update set token = excluded.token, application_id = excluded.application_id,
         lease_until = excluded.lease_until where apply_leases.lease_until <= ?5 or apply_leases.lease_until > ?6`,
      connectionId,
      token,
      application.id,
      leaseUntil,
      at,
      // Nobody takes a lease for so long: the clock was put back since. Whoever holds it all the same loses it, and writes nothing more.
      new Date(Date.parse(leaseUntil) + CLOCKS_APART_MS).toISOString(),
    );
    if (taken === 0) return { outcome: 'busy', application: null };
    const left = await session.get<{ body: string }>(
      "select body from applications where connection_id = ? and state = 'running' order by started_at, id limit 1",
      connectionId,
    );
    if (left !== undefined) return resume(session, toApplication(left), planId);
    const moved = await session.run(
      "update plans set state = 'applying', changed_at = ? where id = ? and connection_id = ? and digest = ? and state = 'approved'",
      at,
      planId,
      connectionId,
      application.planDigest,
    );
    if (moved === 0) {
      await session.run('delete from apply_leases where connection_id = ? and token = ?', connectionId, token);
      return { outcome: 'not_approved', application: null };
    }
    await session.run(
      'insert into applications (id, plan_id, connection_id, state, started_at, body) values (?, ?, ?, ?, ?, ?)',
      application.id,
      planId,
      connectionId,
      application.state,
      application.startedAt,
      JSON.stringify(application),
    );
    return { outcome: 'begun', application };
  },
};

async function resume(session: Session, left: Application, planId: string): Promise<Begun> {
  const application = { ...left, resumed: left.resumed + 1 };
  await putApplication(session, application);
  await session.run(
    'update apply_leases set application_id = ? where connection_id = ?',
    application.id,
    application.connectionId,
  );
  return { outcome: left.planId === planId ? 'resumed' : 'unfinished', application };
}

const putApplication = (session: Session, application: Application): Promise<number> =>
  session.run(
    'update applications set state = ?, body = ? where id = ?',
    application.state,
    JSON.stringify(application),
    application.id,
  );

export const renewApplyLease: Op<ApplyLease & { until: string }, boolean> = {
  durable: false,
  run: async (session, { connectionId, token, until }) =>
    (await session.run(
      'update apply_leases set lease_until = ? where connection_id = ? and token = ?',
      until,
      connectionId,
      token,
    )) > 0,
};

/** Locks the lease, so that nobody takes it over before the transaction ends. */
async function holds(session: Session, { connectionId, token }: ApplyLease): Promise<boolean> {
  const text = `select token from apply_leases where connection_id = ? ${session.words.forUpdate}`;
  return (await session.get<{ token: string }>(text, connectionId))?.token === token;
}

export const journal: Op<{ lease: ApplyLease; write: JournalWrite }, boolean> = {
  durable: true,
  run: async (session, { lease, write }) => {
    if (!(await holds(session, lease))) return false;
    await session.insert(journalInsert, write.entries.map(journalCells));
    await putAlso(session, write);
    await putRefusals(session, lease.connectionId, write);
    return true;
  },
};

async function putRefusals(session: Session, connectionId: string, write: JournalWrite): Promise<void> {
  const { goneScimObjects = [], refusals = [], taken = [] } = write;
  const gone = goneScimObjects.map(({ kind, scimId }) => [connectionId, kind, scimId]);
  await session.deleteRows('scim_objects', ['connection_id', 'kind', 'scim_id'], gone);
  const aims = taken.map((aim) => [connectionId, aim]);
  await session.deleteRows('refused_steps', ['connection_id', 'aim'], aims);
  const cells = refusals.map((refusal) => [connectionId, refusal.aim, JSON.stringify(refusal)]);
  await session.insert(refusalInsert, cells);
}

async function putAlso(session: Session, also: Omit<JournalWrite, 'entries'>): Promise<void> {
  await session.insert(scimObjectInsert, (also.scimObjects ?? []).map(scimObjectCells));
  await session.insert(linkInsert, (also.links ?? []).map(linkCells));
  await session.insert(provisionalInsert, (also.provisionalIds ?? []).map(provisionalCells));
}

type End = {
  lease: ApplyLease;
  application: Application;
  planState: 'applied' | 'approved';
  entry: PlanEntry | null;
};

export const endApplication: Op<End, boolean> = {
  durable: true,
  run: async (session, { lease, application, planState, entry }) => {
    if (!(await holds(session, lease))) return false;
    await putApplication(session, application);
    await session.run(
      "update plans set state = ?, changed_at = ? where id = ? and state = 'applying'",
      planState,
      application.endedAt,
      application.planId,
    );
    await session.run('delete from apply_leases where connection_id = ?', lease.connectionId);
    if (entry !== null) await appendEntries(session, entry.connectionId, '', [entry]);
    return true;
  },
};

type Seen = {
  seen: readonly { readonly from: StepState; readonly entry: JournalEntry }[];
  also: Omit<JournalWrite, 'entries'>;
  told: readonly PlanEntry[];
};

export const noteSeen: Op<Seen, void> = {
  durable: true,
  run: async (session, { seen, also, told }) => {
    let changed = 0;
    for (const { from, entry } of seen) {
      changed += await session.run(
        'update plan_journal set state = ?, user_id = ?, body = ? where application_id = ? and position = ? and state = ?',
        entry.state,
        entry.userId,
        JSON.stringify(entry),
        entry.applicationId,
        entry.position,
        from,
      );
    }
    await putAlso(session, also);
    const [first] = told;
    // Somebody else has seen it, and told it.
    if (first !== undefined && changed > 0) await appendEntries(session, first.connectionId, '', told);
  },
};
