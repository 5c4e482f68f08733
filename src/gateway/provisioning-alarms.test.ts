import { afterEach, expect, test, vi } from 'vitest';
import { createMetrics } from '../metrics/metrics.ts';
import { type ProvisioningLab, provisioningLab, RULES } from './provisioning-lab.contract.ts';

/* What nobody sees by looking at a plan: KnowBe4 does not show what it took, or a campaign does not take in whom it should. */

const MINUTE_MS = 60_000;
const WITHIN = 15_000;

let lab: ProvisioningLab;
afterEach(() => lab.close());

const alerts = async () =>
  (await lab.gateway.events.alerts({ connectionIds: null, open: true, limit: 10 })).filter(
    ({ kind }) => kind === 'steps_late' || kind === 'campaign_silent',
  );
const minutes = (count: number) => lab.pass(count * MINUTE_MS);

/** Everybody joins the group of their department, and it is sent. */
async function joinGroups(): Promise<string> {
  const plan = await lab.gateway.provisioning.build('acme', {}, 'test');
  expect(plan.counts.member_add).toBeGreaterThan(0);
  await lab.approveAndApply(plan);
  return plan.id;
}

test('steps that KnowBe4 does not show are an alarm after two of its windows, and it ends when they are seen', {
  timeout: 90_000,
}, async () => {
  lab = await provisioningLab();
  await lab.adopt();
  const planId = await joinGroups();
  lab.emulator.mutate({ kind: 'scim-test-mode', on: true });
  lab.gateway.startWork({ scheduled: false });
  // Nobody asks for a read: what should be visible is looked for.
  const readAfter = async (at: number) => {
    await vi.waitFor(
      async () => {
        const { streams } = await lab.gateway.sync.status('acme');
        const users = streams.find(({ stream }) => stream === 'users');
        expect(Date.parse(users!.lastRefreshedAt!)).toBeGreaterThanOrEqual(at);
      },
      { timeout: WITHIN },
    );
  };
  minutes(16);
  await readAfter(lab.now().getTime() - MINUTE_MS);
  minutes(2);
  expect(await alerts()).toEqual([]);
  minutes(14);
  await readAfter(lab.now().getTime() - MINUTE_MS);
  minutes(2);
  await vi.waitFor(async () => expect(await alerts()).toMatchObject([{ kind: 'steps_late', subject: planId }]), {
    timeout: WITHIN,
  });
  expect((await alerts())[0]!.detail).toContain('not visible at KnowBe4 after two of its syncs');

  lab.emulator.mutate({ kind: 'scim-test-mode', on: false });
  lab.emulator.mutate({ kind: 'scim-force-sync' });
  minutes(20);
  await readAfter(lab.now().getTime() - MINUTE_MS);
  minutes(2);
  await vi.waitFor(async () => expect(await alerts()).toEqual([]), { timeout: WITHIN });
});

test('a campaign that does not enrol whom the rules expect is an alarm when their time is over, not before', {
  timeout: 90_000,
}, async () => {
  const rules = RULES.replace(
    'put_in: "Auto {department}"',
    'put_in: "Auto {department}"\n      expect: { enrolled_in: Nobody comes here, within: 1d }',
  );
  lab = await provisioningLab({ rules, options: { metrics: createMetrics({ version: '1' }) } });
  await lab.adopt();
  await joinGroups();
  await lab.window();
  lab.gateway.startWork({ scheduled: false });
  /** Everything is read, and every connection looked at after that. */
  const look = async () => {
    await lab.gateway.sync.run('acme', { level: 'refresh' });
    minutes(11);
    await vi.waitFor(
      async () => {
        const { text } = await lab.gateway.metrics.scrape();
        for (const state of ['waiting', 'leased']) expect(text).toContain(`foreknow_jobs_${state}{kind="watch"} 0`);
      },
      { timeout: WITHIN },
    );
  };
  minutes(23 * 60);
  await look();
  expect(await alerts()).toEqual([]);
  minutes(50);
  await look();
  const [alert, ...others] = await alerts();
  expect(others.map(({ kind }) => kind)).toEqual(others.map(() => 'campaign_silent'));
  expect(alert!.subject).toMatch(/^Nobody comes here \/ Auto /);
  expect(alert!.detail).toMatch(/^"Nobody comes here" has not enrolled \d+ (person|people) of "Auto /);
});
