import { afterEach, describe, expect, test } from 'vitest';
import type { Plan } from '../provisioning/plan.ts';
import { type ProvisioningLab, priya, provisioningLab, type Row } from './provisioning-lab.contract.ts';

/* Guards count a day, whoever asked for what, and an approval is for what was shown: ways round them, tried on an emulated account. */

const LIMIT = { timeout: 60_000 } as const;
let lab: ProvisioningLab;
afterEach(() => lab.close());

const apply = ({ id }: Pick<Plan, 'id'>) =>
  lab.gateway.provisioning.applyNow(id, priya.name, AbortSignal.timeout(60_000));
const isTaken = ({ entry }: { entry: { acceptedAt: string | null } | null }): boolean => entry?.acceptedAt != null;
/** One person says yes. */
const say = async ({ id, digest }: Pick<Plan, 'id' | 'digest'>, steps: readonly string[] | null = null) =>
  (await lab.gateway.provisioning.approve(id, { digest, steps, reason: null }, priya)).plan.state;
const build = (wish: { person?: string; only?: 'add' | 'remove' } = {}) =>
  lab.gateway.provisioning.build('acme', wish, 'test');
const isActive = (email: string) =>
  lab.emulator.truth().users.some((user) => user.email === email && user.status === 'active');

/** Everybody is taken over; whom nobody can tell apart in the sample company is left out. */
async function started(options: Parameters<typeof provisioningLab>[0] = {}): Promise<Row[]> {
  lab = await provisioningLab(options);
  await lab.adopt();
  await lab.approveAndApply(await build());
  await lab.window();
  // A day later nothing of it counts.
  lab.pass(24 * 3_600_000 + 60_000);
  await lab.gateway.sync.run('acme', { level: 'directory' });
  const { items } = await build();
  const doubtful = new Set(items.flatMap(({ kind, person }) => (kind === 'held' ? [] : [person?.key])));
  // The first three are admins of the console: no step touches them.
  return lab
    .everybody()
    .slice(3)
    .filter(({ employee_number: number }) => !doubtful.has(`hr:${number}`));
}

/** A new file in which these have left. */
const letGo = (gone: readonly Row[]): Promise<void> => {
  const emails = new Set(gone.map(({ email }) => email));
  return lab.hand(lab.everybody().map((row) => (emails.has(row.email) ? { ...row, status: 'left' } : row)));
};

describe('more archives than two people would have to look at', () => {
  test('do not come about one person after another, and one of many does not wait for the many', LIMIT, async () => {
    const out = (await started()).slice(0, 6);
    await letGo(out);
    const parts: Plan[] = [];
    for (const { email } of out) parts.push(await build({ person: email }));
    expect(parts.map(({ counts }) => counts.archive)).toEqual([1, 1, 1, 1, 1, 1]);
    for (const part of parts) expect(await say(part)).toBe('approved');
    for (const part of parts.slice(0, 3)) expect((await apply(part)).state).toBe('applied');
    for (const part of parts.slice(3)) {
      await expect(apply(part)).rejects.toMatchObject({ code: 'approval_needed', detail: /archive_share is tripped/ });
    }
    await lab.window();
    expect(out.map(({ email }) => isActive(email))).toEqual([false, false, false, true, true, true]);
  });

  test('do not come about by parts of one plan', LIMIT, async () => {
    await letGo((await started()).slice(0, 6));
    const plan = await build({ only: 'remove' });
    const archives = plan.steps.filter(({ action }) => action === 'archive').map(({ id }) => id);
    expect(archives).toHaveLength(6);
    expect(await say(plan, archives.slice(0, 2))).toBe('waiting');
    await expect(apply(plan)).rejects.toMatchObject({ code: 'approval_needed' });
  });

  test('are counted once, also of a plan that was stopped and is gone on with', LIMIT, async () => {
    await letGo((await started()).slice(0, 3));
    const plan = await build();
    expect(await say(plan)).toBe('approved');
    const done = async () => (await lab.gateway.provisioning.steps(plan.id, { limit: 100 })).filter(isTaken).length;
    lab.emulator.addFault({ kind: 'token-disabled', path: '/scim/v2', nth: 3 });
    expect((await apply(plan)).stop).toMatchObject({ code: 'connection_unauthorized' });
    expect([1, 2]).toContain(await done());
    lab.emulator.clearFaults();
    await lab.gateway.provisioning.resume('acme');
    expect((await apply(plan)).stop).toBeNull();
    expect(await done()).toBe(3);
  });

  test('do not come about by making people and undoing that', LIMIT, async () => {
    await started();
    const domain = lab.everybody()[0]!.email.split('@')[1];
    const newcomers = ['Ana', 'Bo', 'Cy', 'Di'].map((name, at) => ({
      ...lab.everybody()[0]!,
      ...{ id: `99${at}`, employee_number: `99000${at}`, email: `${name.toLowerCase()}.new@${domain}` },
      ...{ first_name: name, last_name: `Newcomer${name}`, manager: '' },
    }));
    await lab.hand([...lab.everybody(), ...newcomers]);
    const plan = await build({ only: 'add' });
    expect(plan.counts.create).toBe(4);
    const application = await lab.approveAndApply(plan);
    await lab.window();
    const undo = await lab.gateway.provisioning.undo(application, 'test');
    expect(undo.counts.archive).toBe(4);
    expect(undo.guards.find(({ name }) => name === 'archive_share')).toMatchObject({ state: 'tripped' });
    expect(await say(undo)).toBe('waiting');
  });
});

test('a field of very many is not changed by one write after another', LIMIT, async () => {
  const rows = await started();
  const active = lab.emulator.truth().users.filter(({ status }) => status === 'active').length;
  const most = Math.floor(active * 0.2);
  const plans: Plan[] = [];
  for (const { email } of rows.slice(0, most + 1)) {
    const user = lab.emulator.truth().users.find((one) => one.email === email)!;
    const fields = { department: 'Somewhere else' };
    const request = { kind: 'change_user', userId: String(user.id), fields } as const;
    plans.push((await lab.gateway.provisioning.write('acme', request, 'token bulk')).plan);
  }
  for (const plan of plans) expect(await say(plan)).toBe('approved');
  for (const plan of plans.slice(0, most)) expect((await apply(plan)).state).toBe('applied');
  await expect(apply(plans[most]!)).rejects.toMatchObject({ code: 'approval_needed', detail: /data is tripped/ });
});

describe('what was approved and the sources do not ask for any more is not sent', () => {
  const oneLeaves = async (): Promise<{ plan: Plan; row: Row }> => {
    const [row] = await started();
    await letGo([row!]);
    const plan = await build();
    expect(plan.counts.archive).toBe(1);
    await lab.approve(plan);
    return { plan, row: row! };
  };
  const stateOf = async ({ id }: Plan) =>
    (await lab.gateway.provisioning.steps(id, { limit: 1000, actions: ['archive'] })).map(({ entry }) => entry?.state);

  test('when they have come back', LIMIT, async () => {
    const { plan, row } = await oneLeaves();
    await lab.hand(lab.everybody());
    await apply(plan);
    expect(await stateOf(plan)).toEqual(['stale']);
    await lab.window();
    expect(isActive(row.email)).toBe(true);
  });

  test('while the newest read is broken', LIMIT, async () => {
    const { plan, row } = await oneLeaves();
    const broken = await lab.deliver('employee_number,email\n"1","n');
    expect(broken.state).toBe('incomplete');
    await apply(plan);
    expect(await stateOf(plan)).toEqual(['stale']);
    await lab.window();
    expect(isActive(row.email)).toBe(true);
  });
});

test('of a record that the file has twice one is left out, until one of them changes', LIMIT, async () => {
  lab = await provisioningLab({ joinBy: ['employee_number'] });
  const { provisioning } = lab.gateway;
  const rows = lab.everybody().filter(({ employee_number: number }) => number !== '0000731');
  const again = { ...rows[3]!, id: 'again', job_title: 'Director' };
  await lab.hand([...rows, again]);
  await provisioning.setMode('acme', 'propose');
  const seen = async () => {
    const { items, steps } = await build();
    const theirs = items.filter(({ reason }) => reason === 'join' || reason === 'decision');
    return {
      items: theirs.map(({ kind, reason, person }) => `${kind} ${reason} ${person?.key}`).toSorted(),
      titles: steps.flatMap(({ fields }) => fields.flatMap(({ name, to }) => (name === 'job_title' ? [to] : []))),
    };
  };
  expect((await seen()).items).toEqual([`conflict join hr:again`, `conflict join hr:${rows[3]!.id}`].toSorted());
  const open = async () =>
    (await provisioning.workItems({ connectionIds: null, limit: 10 })).filter(({ state }) => state === 'open');
  const items = await open();
  const old = items.find(({ about }) => about === `person:hr:${rows[3]!.id}`)!;
  expect(old).toMatchObject({ kind: 'join', records: [{ shown: true }, { key: 'hr:again', shown: true }] });
  const decide = (choice: 'ignore' | 'create') =>
    provisioning.decide(old.id, { choice, userId: null, reason: 'an old row' }, priya);
  await expect(decide('create')).rejects.toMatchObject({ code: 'invalid_request', field: 'choice' });
  await decide('ignore');
  expect(await seen()).toEqual({ items: [`held decision hr:${rows[3]!.id}`], titles: ['Director'] });
  expect(await open()).toEqual([]);
  await lab.hand([...rows, { ...again, email: `other.${again.email}` }]);
  expect((await seen()).items).toHaveLength(2);
});

test('nobody is linked to an account that is not there', LIMIT, async () => {
  lab = await provisioningLab();
  const { provisioning } = lab.gateway;
  await lab.hand(lab.everybody());
  await build();
  const [item] = await provisioning.workItems({ connectionIds: null, limit: 10 });
  for (const userId of [null, '1']) {
    const decided = provisioning.decide(item!.id, { choice: 'link', userId, reason: null }, priya);
    await expect(decided).rejects.toMatchObject({ code: 'invalid_request', field: 'user_id' });
  }
});
