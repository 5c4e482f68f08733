import { afterEach, describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../emulator/index.ts';
import { type ProvisioningLab, provisioningLab, RULES } from './provisioning-lab.contract.ts';

/* What goes otherwise than it was planned: KnowBe4 refuses a step, its store loses somebody, somebody changes things in its console. */

const HOUR_MS = 3_600_000;
let lab: ProvisioningLab;
const open = async (emulated: EmulatorOptions = {}) => {
  lab = await provisioningLab({
    rules: RULES.replace(/groups:\n.*?leavers:/s, 'leavers:'),
    emulated: { people: 30, ...emulated },
  });
};
afterEach(() => lab.close());

const userOf = (email: string) => lab.emulator.truth().users.find((user) => user.email === email)!;
const accounts = () => {
  const { users, groups } = lab.emulator.truth();
  return [
    ...users.map(({ id, status, manager_email: manager }) => [id, status, manager]),
    ...groups.map(({ id, status, member_count: count }) => [id, status, count]),
  ];
};
const plan = () => lab.gateway.provisioning.build('acme', {}, 'test');
const statesOf = async (planId: string) =>
  (await lab.gateway.provisioning.steps(planId, { limit: 1000 })).map(({ entry }) => entry?.state);
const adoption = async () => (await lab.gateway.provisioning.status('acme')).state.adoption;

type Asked = Record<string, unknown> & { readonly id?: string; readonly Resources?: Asked[] };
async function scim(method: string, path: string, body?: object): Promise<Asked> {
  const { addresses, tokens } = lab.emulator;
  const answer = await fetch(`${addresses.scim}${path}`, {
    method,
    headers: { authorization: `Bearer ${tokens.scim}`, 'content-type': 'application/scim+json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return text === '' ? {} : JSON.parse(text);
}
const inStore = async (email: string): Promise<Asked> => {
  const filter = encodeURIComponent(`userName eq "${email}"`);
  return (await scim('GET', `/Users?filter=${filter}`)).Resources![0]!;
};

describe('a step that KnowBe4 refuses', () => {
  test('waits by itself, is listed with its reason, and is sent when it is due', { timeout: 60_000 }, async () => {
    await open();
    await lab.adopt();
    // The first three are admins of the console, whom no step touches.
    const [one, two, three, first, second, ...others] = lab.everybody();
    const { id } = await inStore(first!.email);
    lab.emulator.addFault({ kind: 'too-large', endpoint: 'scim_user_patch', path: id, count: 'always' });
    const changed = [first!, second!].map((row) => ({ ...row, job_title: 'Team Coach' }));
    await lab.hand([one!, two!, three!, ...changed, ...others]);
    const refused = await plan();
    await lab.approveAndApply(refused);
    await lab.window();
    expect((await statesOf(refused.id)).toSorted()).toEqual(['failed', 'verified']);
    expect(userOf(second!.email).job_title).toBe('Team Coach');
    expect(await lab.gateway.provisioning.status('acme')).toMatchObject({ refused: 1, givenUp: 0 });

    const { steps, items } = await plan();
    expect(steps).toEqual([]);
    expect(items.filter(({ reason }) => reason === 'refused')).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/^KnowBe4 refused it once: .*413.*--person/) }),
    ]);
    expect((await lab.gateway.provisioning.build('acme', { person: first!.email }, 'test')).steps).toHaveLength(1);

    lab.emulator.clearFaults();
    lab.pass(6 * HOUR_MS);
    await lab.approveAndApply(await plan());
    await lab.window();
    expect(userOf(first!.email).job_title).toBe('Team Coach');
    expect(await lab.gateway.provisioning.status('acme')).toMatchObject({ refused: 0 });
    expect((await plan()).steps).toEqual([]);
  });
});

describe('the SCIM store', () => {
  test('has somebody under another id by now: they are found again, and nobody is made twice', {
    timeout: 60_000,
  }, async () => {
    await open();
    await lab.adopt();
    const [one, two, three, first, ...others] = lab.everybody();
    const { id, meta: _, ...user } = await inStore(first!.email);
    await scim('DELETE', `/Users/${id}`);
    await scim('POST', '/Users', user);
    const people = lab.emulator.truth().users.length;
    await lab.hand([one!, two!, three!, { ...first!, job_title: 'Team Coach' }, ...others]);
    await lab.approveAndApply(await plan());
    const healed = await plan();
    expect(healed.steps.map(({ action }) => action)).toEqual(expect.arrayContaining(['claim', 'update']));
    await lab.approveAndApply(healed);
    await lab.window();
    expect(userOf(first!.email)).toMatchObject({ job_title: 'Team Coach', status: 'active' });
    expect(lab.emulator.truth().users).toHaveLength(people);
    expect((await plan()).steps).toEqual([]);
  });

  test('lacks somebody at first: that is said, Test Mode stays on, and the next plan sends them', {
    timeout: 60_000,
  }, async () => {
    await open();
    const { provisioning } = lab.gateway;
    await lab.hand(lab.everybody());
    await provisioning.setMode('acme', 'propose');
    const before = accounts();
    // Somebody whom others report to.
    const boss = lab.everybody().find(({ email }) => lab.everybody().some(({ manager }) => manager === email))!;
    const nth =
      1 +
      lab.emulator
        .truth()
        .users.filter(({ status }) => status === 'active')
        .findIndex(({ email }) => email === boss.email);
    lab.emulator.addFault({ kind: 'too-large', endpoint: 'scim_user_create', nth, count: 1 });
    const build = () => provisioning.build('acme', { kind: 'adoption' }, 'test');
    const first = await build();
    await lab.approveAndApply(first);
    expect(await adoption()).toMatchObject({
      ...{ state: 'pushing', planId: first.id, lacks: expect.stringMatching(/^1 people would be archived/) },
    });
    lab.emulator.mutate({ kind: 'scim-test-mode', on: false });
    await expect(provisioning.confirmAdoption('acme', AbortSignal.timeout(60_000))).rejects.toMatchObject({
      code: 'scim_not_adopted',
    });
    lab.emulator.mutate({ kind: 'scim-test-mode', on: true });

    const second = await build();
    expect(second.counts.claim).toBe(1);
    await lab.approveAndApply(second);
    expect(await adoption()).toEqual({ state: 'pushed', planId: second.id, at: expect.any(String) });
    lab.emulator.mutate({ kind: 'scim-test-mode', on: false });
    await provisioning.confirmAdoption('acme', AbortSignal.timeout(60_000));
    await lab.window();
    expect(accounts()).toEqual(before);
  });
});

describe('another program provisioned the account before', () => {
  test.each(['externalId', 'id'] as const)(
    'its store is taken over as it is, whatever KnowBe4 shows of it (%s)',
    {
      timeout: 60_000,
    },
    async (scimProvisioningGuid) => {
      await open({ provisioner: 'other', switches: { scimProvisioningGuid } });
      lab.emulator.mutate({ kind: 'scim-provisioner', active: false });
      lab.emulator.mutate({ kind: 'scim-test-mode', on: true });
      await lab.window();
      const before = accounts();
      await lab.adopt();
      expect(await adoption()).toMatchObject({ state: 'adopted' });
      expect(accounts()).toEqual(before);
      expect((await plan()).steps.filter(({ because }) => because.includes('adoption'))).toEqual([]);
    },
  );
});

describe('somebody changes in the console', () => {
  test('a value that the rules set: it comes back with the next sync, and nothing is late for it', {
    timeout: 60_000,
  }, async () => {
    await open();
    await lab.adopt();
    const [, , , first] = lab.everybody();
    const { id } = userOf(first!.email);
    lab.emulator.mutate({ kind: 'change-user', user: id, fields: { job_title: 'Changed by hand' } });
    await lab.window();
    const back = await plan();
    expect(back.steps).toMatchObject([
      { action: 'update', effects: expect.arrayContaining([expect.objectContaining({ kind: 'put_back' })]) },
    ]);
    await lab.approveAndApply(back);
    await lab.window();
    await lab.window();
    expect(userOf(first!.email).job_title).toBe('Changed by hand');
    expect(await statesOf(back.id)).toEqual(['accepted']);
    expect(await lab.gateway.provisioning.status('acme')).toMatchObject({ late: 0 });

    lab.emulator.mutate({ kind: 'scim-force-sync' });
    await lab.window();
    expect(userOf(first!.email).job_title).toBe(first!.job_title);
    expect(await statesOf(back.id)).toEqual(['verified']);
  });

  test('who is active: whom it archives stay archived once the store is told', { timeout: 60_000 }, async () => {
    await open();
    await lab.adopt();
    const [one, two, three, leaver, ...others] = lab.everybody();
    const left = userOf(leaver!.email);
    lab.emulator.mutate({ kind: 'archive-user', user: left.id });
    await lab.window();
    await lab.hand([one!, two!, three!, { ...leaver!, status: 'left' }, ...others]);
    const told = await plan();
    expect(told.steps).toMatchObject([
      { action: 'archive', because: ['console'], person: { userId: String(left.id) } },
    ]);
    await lab.approveAndApply(told);
    lab.emulator.mutate({ kind: 'scim-force-sync' });
    await lab.window();
    expect(userOf(left.email)).toMatchObject({ status: 'archived' });
    expect((await plan()).steps).toEqual([]);

    // What is said of the store is what it does: had it not been told, they would be back.
    const { id } = await inStore(left.email);
    await scim('PATCH', `/Users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: true }],
    });
    await lab.window();
    expect(userOf(left.email)).toMatchObject({ status: 'active' });
  });
});
