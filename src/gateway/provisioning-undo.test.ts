import { afterEach, expect, test } from 'vitest';
import { type ProvisioningLab, provisioningLab } from './provisioning-lab.contract.ts';

/* A plan that ended twice before it was through is taken back as one. */

let lab: ProvisioningLab;
afterEach(() => lab.close());

test('undoing a plan takes back all that was done of it, in however many parts', { timeout: 60_000 }, async () => {
  lab = await provisioningLab();
  await lab.adopt();
  await lab.approveAndApply(await lab.gateway.provisioning.build('acme', {}, 'test'));
  await lab.window();
  const rows = lab.everybody();
  const titles = new Map(rows.slice(5, 9).map(({ email, job_title: title }) => [email, title]));
  await lab.hand(rows.map((row) => (titles.has(row.email) ? { ...row, job_title: `${row.job_title} II` } : row)));
  const { provisioning } = lab.gateway;
  const plan = await provisioning.build('acme', {}, 'test');
  expect(plan.counts.update).toBe(4);
  await lab.approve(plan);
  const ending = new AbortController();
  const watch = setInterval(async () => {
    const steps = await provisioning.steps(plan.id, { limit: 10 });
    if (steps.some(({ entry }) => entry?.state === 'accepted')) ending.abort(new Error('stopped'));
  }, 1);
  const first = await provisioning.applyNow(plan.id, 'priya', ending.signal).finally(() => clearInterval(watch));
  expect(first.state).toBe('stopped');
  const last = await provisioning.applyNow(plan.id, 'priya', AbortSignal.timeout(30_000));
  await lab.window();

  const ofLast = await provisioning.undo(last.id, 'test');
  expect(ofLast.counts.update).toBeLessThan(4);
  const whole = await provisioning.undo(plan.id, 'test');
  expect(whole.counts.update).toBe(4);
  await lab.approveAndApply(whole);
  await lab.window();
  const back = lab.emulator.truth().users.filter(({ email }) => titles.has(email ?? ''));
  expect(new Map(back.map(({ email, job_title: title }) => [email, title]))).toEqual(titles);
  await expect(provisioning.undo(whole.id.replace(/.$/, '_'), 'test')).rejects.toMatchObject({ code: 'not_found' });
});
