import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Plan } from '../provisioning/plan.ts';
import { lookBeforeApplying, requireRecentRead } from './before-applying.ts';
import { type ProvisioningLab, priya, provisioningLab } from './provisioning-lab.contract.ts';

describe('between the yes of a person and the first write', () => {
  let lab: ProvisioningLab;
  beforeEach(async () => {
    lab = await provisioningLab({ emulated: { accounts: [{ name: 'Other Foods', people: 10 }] } });
  });
  afterEach(() => lab.close());

  const archivedSince = (before: ReadonlySet<unknown>) =>
    lab.emulator.truth().users.filter(({ id, status }) => status === 'archived' && before.has(id));
  const active = () => lab.emulator.truth().users.filter(({ status }) => status === 'active');
  const apply = ({ id }: Pick<Plan, 'id'>) =>
    lab.gateway.provisioning.applyNow(id, priya.name, AbortSignal.timeout(60_000));
  const say = ({ id, digest }: Pick<Plan, 'id' | 'digest'>) =>
    lab.gateway.provisioning.approve(id, { digest, steps: null, reason: null }, priya);

  /** Requests that archive one person each, made before any of them is sent. */
  async function archives(count: number): Promise<readonly Plan[]> {
    const plans: Plan[] = [];
    const ids = lab.everybody().map(({ email }) => String(active().find((user) => user.email === email)!.id));
    for (const userId of ids.slice(4, 4 + count)) {
      const request = { kind: 'change_user', userId, status: 'archived' } as const;
      plans.push((await lab.gateway.provisioning.write('acme', request, 'token bulk')).plan);
    }
    return plans;
  }

  test('many small requests do not add up to what two people would have to approve', { timeout: 60_000 }, async () => {
    await lab.adopt();
    const before = new Set(active().map(({ id }) => id));
    const plans = await archives(6);
    for (const plan of plans) expect((await say(plan)).plan.state).toBe('approved');
    for (const plan of plans.slice(0, 3)) expect((await apply(plan)).state).toBe('applied');
    for (const plan of plans.slice(3)) {
      await expect(apply(plan)).rejects.toMatchObject({ code: 'approval_needed', detail: /archive_share is tripped/ });
    }
    await lab.window();
    expect(archivedSince(before)).toHaveLength(3);
  });

  test('an approval does not go over to another account', { timeout: 60_000 }, async () => {
    await lab.adopt();
    const [plan] = await archives(1);
    await say(plan!);
    await lab.gateway.connections.update('acme', { settings: { accountKey: 'another' } });
    await expect(apply(plan!)).rejects.toMatchObject({ code: 'approval_needed', detail: /another account/ });
    expect((await lab.gateway.provisioning.plan(plan!.id)).plan.state).toBe('waiting');
  });

  test('nor to the SCIM key of another tenant', { timeout: 60_000 }, async () => {
    await lab.adopt();
    const [plan] = await archives(1);
    await say(plan!);
    const { tokens, addresses } = lab.emulator.accounts[1]!;
    await lab.gateway.connections.addKey('acme', 'scim', { token: tokens.scim, url: addresses.scim });
    await expect(apply(plan!)).rejects.toMatchObject({ code: 'approval_needed', detail: /another SCIM key/ });
  });
});

test('what the operator’s file says counts for what was approved before', async () => {
  const kept = { mode: 'propose', adoption: { state: 'adopted' }, owner: 'ours', freezes: [], updatedAt: '2026-11-20' };
  const saved: unknown[] = [];
  const lapsed: unknown[] = [];
  const store = {
    getProvisioning: async () => kept,
    saveProvisioning: async (state: unknown) => saved.push(state),
    lapseApprovals: async (id: string) => lapsed.push(id),
  };
  const settingsOf = () => ({ mode: 'observe', freezes: [] });
  const now = () => new Date('2026-11-21T09:00:00Z');
  const telling = { entryOf: () => ({}), isMailed: false };
  const deps = { store, settingsOf, now, telling, isReadOnly: false } as never;
  const looked = lookBeforeApplying(
    deps,
    { id: 'c' } as never,
    { id: 'pl_1', state: 'approved', kind: 'request' } as never,
  );
  await expect(looked).rejects.toMatchObject({ code: 'observe_mode' });
  expect(saved).toMatchObject([{ mode: 'observe' }]);
  expect(lapsed).toEqual(['pl_1']);
});

test.each([
  [null, false],
  ['2026-11-21T06:59:59Z', false],
  ['2026-11-21T07:00:00Z', true],
] as const)('accounts are taken over only by what was read in the last hours: %s', async (asOf, isRecent) => {
  const now = () => new Date('2026-11-21T09:00:00Z');
  const target = { connectionId: 'c', users: [], groups: [], campaigns: [] };
  const account = { domains: [], admins: [], seats: null };
  const readTarget = async () => ({ ...target, asOf, account }) as never;
  const looked = requireRecentRead({ readTarget, now }, { id: 'c', name: 'acme' } as never);
  await (isRecent
    ? expect(looked).resolves.toBeUndefined()
    : expect(looked).rejects.toMatchObject({ code: 'scim_not_adopted' }));
});
