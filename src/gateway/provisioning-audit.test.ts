import { afterEach, expect, test, vi } from 'vitest';
import { type ProvisioningLab, provisioningLab } from './provisioning-lab.contract.ts';

/* What a server does later, because somebody asked before, stands in the audit log too. */

let lab: ProvisioningLab;
afterEach(() => lab.close());

test('what the server applies stands in the audit log, with who asked for it', { timeout: 60_000 }, async () => {
  lab = await provisioningLab();
  await lab.adopt();
  const [first, ...others] = lab.everybody().toReversed();
  await lab.hand([{ ...first!, job_title: 'Team Coach' }, ...others]);
  const plan = await lab.gateway.provisioning.build('acme', {}, 'test');
  await lab.approve(plan);
  await lab.gateway.provisioning.apply(plan.id, 'priya');
  const { connectionId } = plan;
  const entries = () => lab.gateway.audit.entries({ after: 0, limit: 100, connectionIds: null });
  lab.gateway.startWork({ scheduled: false });
  await vi.waitFor(
    async () =>
      expect((await entries()).find(({ action }) => action === 'plan.applied')).toMatchObject({
        ...{ actor: { kind: 'system', id: 'scheduler', door: 'internal' }, target: plan.id, connectionId },
        ...{ outcome: 'done', details: { by: 'priya' } },
      }),
    { timeout: 15_000 },
  );
});
