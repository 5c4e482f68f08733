import type { Effect, PlanItem, Step } from '../../provisioning/plan.ts';
import type { PlanEnd, PlanHead } from '../../provisioning/ports.ts';
import type { Session } from '../session.ts';

/** Rows whose JSON names the person, beside those that say so in a column. */
const naming = ['plan_steps', 'plan_items', 'plan_journal'] as const;

/**
 * Erases a person from plans, the journal, links and the ledger. Open plans that named them are `stale`: they are not what was approved any more. What is
 * being applied for the connection loses its lease, so that it writes nothing back, and is gone on with without them.
 * @returns rows erased
 */
export async function eraseFromProvisioning(
  session: Session,
  connectionId: string,
  userId: string,
  at: string,
): Promise<number> {
  const inBody = `${session.words.position('body', '?3')} > 0`;
  const who = `connection_id = ?1 and (user_id = ?2 or ${inBody})`;
  const values = [connectionId, userId, JSON.stringify(userId)] as const;
  await session.run('delete from apply_leases where connection_id = ?', connectionId);
  const names = new Set<string>();
  const planIds = new Set<string>();
  for (const table of ['plan_steps', 'plan_items'] as const) {
    const rows = await session.all<{ plan_id: string; body: string }>(
      `select plan_id, body from ${table} where ${who}`,
      ...values,
    );
    for (const row of rows) {
      planIds.add(row.plan_id);
      for (const name of namesIn(JSON.parse(row.body) as Step | PlanItem, userId)) names.add(name);
    }
  }
  let erased = 0;
  for (const table of naming) erased += await session.run(`delete from ${table} where ${who}`, ...values);
  erased += await eraseFromPlans(session, { connectionId, userId, at, names: [...names], planIds });
  const keys = await keysOf(session, connectionId, userId);
  erased += await eraseNotices(session, connectionId, [userId, ...keys]);
  // What the service said of a step may name them, and nothing says of whom it was: the tries begin anew.
  erased += await session.run('delete from refused_steps where connection_id = ?', connectionId);
  for (const table of ['identity_links', 'provisional_ids']) {
    erased += await session.run(`delete from ${table} where connection_id = ? and user_id = ?`, connectionId, userId);
  }
  erased += await session.run(
    "delete from scim_objects where connection_id = ? and kind = 'user' and target_id = ?",
    connectionId,
    userId,
  );
  const inRecords = session.words.position("records || coalesce(decision, '')", '?2');
  for (const name of [userId, ...keys]) {
    const text = `delete from work_items where connection_id = ?1 and ${inRecords} > 0`;
    erased += await session.run(text, connectionId, JSON.stringify(name));
  }
  return erased;
}

/** By what sources know them: `hr:17`. */
async function keysOf(session: Session, connectionId: string, userId: string): Promise<readonly string[]> {
  const links = await session.all<{ source: string; source_id: string }>(
    'select source, source_id from identity_links where connection_id = ? and user_id = ?',
    connectionId,
    userId,
  );
  return links.map(({ source, source_id }) => `${source}:${source_id}`);
}

/** Notices name people by what links them to a source, or by KnowBe4's id. */
async function eraseNotices(session: Session, connectionId: string, names: readonly string[]): Promise<number> {
  let erased = 0;
  for (const name of names) {
    const text = `delete from provisioning_notices where connection_id = ?1 and ${session.words.position('notice', '?2')} > 0`;
    erased += await session.run(text, connectionId, name);
  }
  return erased;
}

/** How texts of a plan call them. */
function namesIn(of: Step | PlanItem, userId: string): readonly string[] {
  const people = 'others' in of ? [of.person, ...of.others] : [of.person];
  const them = people.filter((person) => person?.userId === userId);
  return them.flatMap((person) => [person!.name, person!.email ?? '']).filter((name) => name !== '');
}

type Erased = {
  connectionId: string;
  userId: string;
  at: string;
  names: readonly string[];
  planIds: ReadonlySet<string>;
};

const END = 'Somebody whom it named was erased.';

async function eraseFromPlans(session: Session, of: Erased): Promise<number> {
  const end: PlanEnd = { at: of.at, by: 'system', reason: END };
  const plans = await session.all<{ id: string; body: string }>(
    'select id, body from plans where connection_id = ?',
    of.connectionId,
  );
  let changed = 0;
  for (const { id, body } of plans) {
    const left = without(body, of);
    if (left !== body) await session.run('update plans set body = ? where id = ?', left, id);
    if (left === body && !of.planIds.has(id)) continue;
    changed += 1;
    await session.run(
      `update plans set state = 'stale', changed_at = ?, plan_end = ? where id = ?
         and state in ('draft', 'blocked', 'waiting', 'approved')`,
      of.at,
      JSON.stringify(end),
      id,
    );
  }
  return changed;
}

function without(body: string, { userId, names }: Erased): string {
  const mentions = [JSON.stringify(userId), ...names.map(inJson)];
  if (!mentions.some((mention) => body.includes(mention))) return body;
  const plan = JSON.parse(
    names.reduce((text, name) => text.replaceAll(inJson(name), 'an erased person'), body),
  ) as PlanHead;
  return JSON.stringify({ ...plan, effects: plan.effects.map((effect) => leaving(effect, userId)) });
}

const leaving = (effect: Effect, userId: string): Effect =>
  effect.userIds === undefined ? effect : { ...effect, userIds: effect.userIds.filter((id) => id !== userId) };

/** As a text stands within JSON. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
