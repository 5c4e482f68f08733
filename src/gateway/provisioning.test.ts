import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../store/contract/test-database.ts';
import { type ProvisioningLab, priya, provisioningLab, type Row, RULES } from './provisioning-lab.contract.ts';

/* From a file of people to KnowBe4 and back: read, adopted, planned, approved, applied, seen, undone. */

let lab: ProvisioningLab;
let database: TestDatabase | null = null;
afterEach(async () => {
  await lab.close();
  await database?.remove();
});

const activeIds = () =>
  lab.emulator
    .truth()
    .users.filter(({ status }) => status === 'active')
    .map(({ id }) => id);
const userOf = (email: string) => lab.emulator.truth().users.find((user) => user.email === email);

const newcomerLike = ({ email, department }: Row): Row => ({
  ...{ employee_number: '990001', email: `mira.novak@${email.split('@')[1]}`, first_name: 'Mira' },
  ...{ last_name: 'Novak', job_title: 'Buyer', department, status: 'here' },
});

describe.each([
  ['SQLite', async () => null],
  ['Postgres', testDatabase],
])('on %s', (_, newDatabase) => {
  beforeEach(async () => {
    database = await newDatabase();
    lab = await provisioningLab({ databaseUrl: database?.url ?? null });
  });

  test('people come, change and leave as the file says, once somebody has approved it, and nothing else moves', {
    timeout: 60_000,
  }, async () => {
    const { provisioning } = lab.gateway;
    const before = activeIds();
    await lab.adopt();
    expect(activeIds()).toEqual(before);

    // The first three are admins of the console, whom no step touches.
    const [first, second, third, mover, leaver, ...others] = lab.everybody();
    const newcomer = newcomerLike(first!);
    const moved = { ...mover!, job_title: 'Team Coach', department: first!.department };
    await lab.hand([first!, second!, third!, moved, { ...leaver!, status: 'left' }, ...others, newcomer]);
    const plan = await provisioning.build('acme', {}, 'test');
    expect(plan).toMatchObject({ state: 'waiting', counts: { create: 1, update: 1, archive: 1, unmanaged: 1 } });
    const applicationId = await lab.approveAndApply(plan);
    await lab.window();

    expect(userOf(newcomer.email)).toMatchObject({ status: 'active', first_name: 'Mira' });
    expect(userOf(moved.email)).toMatchObject({ job_title: 'Team Coach' });
    expect(userOf(leaver!.email)).toMatchObject({ status: 'archived' });
    const steps = await provisioning.steps(plan.id, { limit: 1000 });
    expect(new Set(steps.map(({ entry }) => entry?.state))).toEqual(new Set(['verified']));
    expect((await provisioning.build('acme', {}, 'test')).steps).toEqual([]);
    const { events } = await lab.gateway.events.page({
      ...{ connectionIds: null, families: ['provisioning'], types: [], after: null, order: 'asc', limit: 100 },
    });
    const ofPlan = events.filter(({ data }) => (data.plan as { id: string } | undefined)?.id === plan.id);
    expect(ofPlan.map(({ type }) => type)).toEqual(['plan.waiting', 'plan.approved', 'plan.applied', 'plan.visible']);

    await lab.approveAndApply(await provisioning.undo(applicationId, 'test'));
    await lab.window();
    expect(userOf(newcomer.email)).toMatchObject({ status: 'archived' });
    expect(userOf(moved.email)).toMatchObject({ job_title: mover!.job_title });
    expect(userOf(leaver!.email)).toMatchObject({ status: 'active' });
  });

  test('what somebody decides about a conflict is kept, and not asked again', async () => {
    const { provisioning } = lab.gateway;
    await lab.hand(lab.everybody());
    await lab.gateway.provisioning.setMode('acme', 'propose');
    const conflicts = async () => {
      const { items } = await provisioning.build('acme', {}, 'test');
      return items.filter(({ kind }) => kind === 'ambiguous').map(({ person }) => person!.key);
    };
    // Two accounts of the sample company differ by the letter case of their address alone.
    expect(await conflicts()).toEqual(['hr:0000731']);
    const [item] = await provisioning.workItems({ connectionIds: null, limit: 10 });
    const account = item!.records.find(({ status }) => status === 'active') as { user_id: string };
    await provisioning.decide(item!.id, { choice: 'link', userId: account.user_id, reason: null }, priya);
    expect(await conflicts()).toEqual([]);
    const { people } = await provisioning.explain('acme', '0000731');
    expect(people[0]!.match).toMatchObject({ situation: 'linked', account: { userId: account.user_id } });
  });

  test('whoever is erased before a plan was built is kept out of the sources that show them', async () => {
    const { connections, sources } = lab.gateway;
    const rows = lab.everybody();
    await lab.hand(rows);
    const { id, employee_number: number } = userOf(rows[8]!.email)!;
    await connections.erasePerson('acme', String(id));
    await lab.hand([...rows.slice(1), rows[0]!]);
    expect(await sources.person('hr', number!)).toBeNull();
    expect(await sources.person('hr', rows[9]!.employee_number)).not.toBeNull();
  });

  test('nobody is erased in part because the rules, which know them in the sources, are broken', async () => {
    const { connections, sources } = lab.gateway;
    const rows = lab.everybody();
    await lab.hand(rows);
    const { id, employee_number: number } = userOf(rows[8]!.email)!;
    const file = join(lab.folder, 'acme.yaml');
    writeFileSync(file, RULES.replace('match:', 'mach:'));
    await expect(connections.erasePerson('acme', String(id))).rejects.toMatchObject({ code: 'rules_invalid' });
    writeFileSync(file, RULES);
    await connections.erasePerson('acme', String(id));
    expect(await sources.person('hr', number!)).toBeNull();
  });

  test('whoever is erased is kept out of the sources too', async () => {
    const { connections, sources, provisioning } = lab.gateway;
    const rows = lab.everybody();
    await lab.hand(rows);
    await provisioning.build('acme', {}, 'test');
    const { id, employee_number: number } = userOf(rows[8]!.email)!;
    await connections.erasePerson('acme', String(id));
    expect(await sources.person('hr', number!)).toBeNull();
    await lab.hand([...rows.slice(1), rows[0]!]);
    expect(await sources.person('hr', number!)).toBeNull();
    expect(await sources.person('hr', rows[9]!.employee_number)).not.toBeNull();
  });
});
