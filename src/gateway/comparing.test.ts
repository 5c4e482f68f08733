import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type ProvisioningLab, provisioningLab, RULES } from './provisioning-lab.contract.ts';

let lab: ProvisioningLab;
afterEach(() => lab.close());

const compare = (text: string) =>
  lab.gateway.provisioning.compare('acme', { rules: { file: 'draft.yaml', text } }, 'test');

test('a draft is held against the rules in force: steps that come, go or change, what is left aside, and nothing is kept', async () => {
  lab = await provisioningLab({ emulated: { people: 12 } });
  await lab.adopt();
  const everybody = lab.everybody();
  // The first ones look after the console.
  const [first, second, third] = everybody.slice(-3);
  const others = everybody.slice(0, -3);
  await lab.hand([
    { ...first!, job_title: 'Head of everything', department: 'Nowhere' },
    { ...second!, last_name: 'Renamed' },
    { ...third!, job_title: 'Other' },
    ...others,
  ]);
  await lab.gateway.provisioning.build('acme', {}, 'test');
  const before = await lab.gateway.provisioning.plans({ connectionIds: null, limit: 100 });

  const same = await compare(RULES);
  expect(same.current.counts).toEqual(same.draft.counts);
  expect([same.steps.added, same.steps.dropped, same.steps.changed, same.items.added, same.items.dropped]).toEqual([
    ...[[], [], [], [], []],
  ]);
  expect(same.steps.same).toBeGreaterThan(0);
  expect(same.current.basis.rules!.file).toBe(join(lab.folder, 'acme.yaml'));

  const draft = RULES.replace('  last_name: last_name\n', '  last_name: { const: Same }\n')
    .replace('  job_title: job_title\n', '')
    .replace('leavers:', `scope: { exclude: [ { employee_number: { eq: "${third!.employee_number}" } } ] }\nleavers:`);
  const found = await compare(draft);
  const about = (number: string) => (step: { readonly person: { readonly key: string | null } | null }) =>
    step.person?.key === `hr:${number}`;
  // A name for those who had nothing to change, and nothing else for them.
  expect(found.steps.added.length).toBeGreaterThan(3);
  expect(new Set(found.steps.added.map(({ action, fields }) => [action, fields[0]!.to].join()))).toEqual(
    new Set(['update,Same']),
  );
  const changed = found.steps.changed.find(({ after }) => about(second!.employee_number)(after))!;
  expect([changed.before.fields[0]!.to, changed.after.fields[0]!.to]).toEqual(['Renamed', 'Same']);
  expect(found.steps.dropped.find(about(third!.employee_number))!.fields).toEqual([
    { name: 'job_title', from: third!.job_title, to: 'Other' },
  ]);
  expect(found.items.added.map(({ kind, person }) => [kind, person?.key])).toEqual([
    ['unscoped', `hr:${third!.employee_number}`],
  ]);
  expect([found.current.counts.unscoped, found.draft.counts.unscoped]).toEqual([0, 1]);

  const one = await lab.gateway.provisioning.compare(
    'acme',
    { person: second!.email, rules: { file: 'draft.yaml', text: draft } },
    'test',
  );
  expect(one.steps.changed.map(({ after }) => after.person!.key)).toEqual([`hr:${second!.employee_number}`]);
  expect([...one.steps.added, ...one.steps.dropped]).toEqual([]);

  expect((await compare(RULES.replace('department: department', 'department: cost_center'))).unseen).toEqual([
    'cost_center',
  ]);
  // What the rules in force name too is no news of the draft.
  const named = RULES.replace('department: department', 'department: cost_center');
  writeFileSync(join(lab.folder, 'acme.yaml'), named);
  expect((await compare(named)).unseen).toEqual([]);
  writeFileSync(join(lab.folder, 'acme.yaml'), RULES);
  await expect(compare('version: 1\nscop: {}')).rejects.toMatchObject({
    code: 'rules_invalid',
    issues: [{ reason: 'there is no scop here (draft.yaml line 2, column 1). Is scope meant?' }],
  });
  expect(await lab.gateway.provisioning.plans({ connectionIds: null, limit: 100 })).toEqual(before);
  expect(readFileSync(join(lab.folder, 'acme.yaml'), 'utf8')).toBe(RULES);
}, 60_000);

test('an account that was never read has nothing to compare', async () => {
  lab = await provisioningLab({ emulated: { people: 5, accounts: [{ name: 'Other Foods', people: 5 }] } });
  const { region, url } = lab.emulator;
  const { reportingToken } = lab.emulator.accounts[1]!;
  await lab.gateway.connections.connect({ name: 'other', region, reportingToken, reportingUrl: url });
  const found = lab.gateway.provisioning.compare('other', { rules: { file: 'd.yaml', text: RULES } }, 'test');
  await expect(found).rejects.toMatchObject({ code: 'conflict' });
}, 60_000);
