import { expect, test } from 'vitest';
import { comparePlans } from '../../provisioning/compare-plans.ts';
import { aPerson, aPlan, aStep } from '../../provisioning/contract/builders.ts';
import { comparisonText, diffText, isSame } from './plan-diff-text.ts';

const someone = (at: number) => aPerson({ key: `hr:${at}`, userId: String(at), name: `Person ${at}`, email: null });
const renamed = (at: number, to: string, more: object = {}) =>
  aStep({ person: someone(at), fields: [{ name: 'job_title', from: 'Clerk', to }], ...more });
const rules = (file: string) => ({ rules: { file, digest: 'sha256:1', commit: null } });
const basis = { sources: [], target: { active: 3, archived: 0, asOf: null } };
const guard = { name: 'archive_share', value: 4, limit: 3, text: '4 of 90 people', stepIds: [] } as const;
const held = { kind: 'held', group: null, reason: 'data', text: 'No \u001b[31maddress', others: [] } as const;

test('a comparison tells numbers, guards, each step and what is left aside', () => {
  const current = aPlan({
    basis: { ...basis, ...rules('rules/acme.yaml') },
    steps: [renamed(1, 'Lead'), renamed(2, 'Lead'), renamed(4, 'Lead'), renamed(5, 'Lead')],
    items: [{ ...held, person: someone(8) }],
  });
  const draft = aPlan({
    basis: { ...basis, ...rules('draft.yaml') },
    steps: [
      renamed(1, 'Lead'),
      renamed(2, 'Head'),
      renamed(3, 'Lead'),
      renamed(5, 'Lead', { because: ['map.title'], approval: { needed: 2, reasons: ['update'] }, digest: 'sha256:2' }),
    ],
    items: [{ ...held, person: someone(9) }],
    guards: [{ ...guard, state: 'tripped' }],
  });
  const comparison = comparePlans(current, draft, ['badge']);
  expect(isSame(comparison)).toBe(false);
  expect(comparisonText(comparison, 'acme', Number.POSITIVE_INFINITY)).toMatchInlineSnapshot(`
    "draft.yaml against rules/acme.yaml, for acme

                 IN FORCE  DRAFT
    update              4      4
    seats after         3      3
    ! nobody has badge: of the sources is kept what the rules in force read, so it counts as empty here
    ! guard archive_share: tripped (ok now): 4 of 90 people

    Steps that the draft adds (+), drops (-) or changes (~)
      + update  Person 3  job title: Clerk → Lead
      - update  Person 4  job title: Clerk → Lead
      ~ update  Person 2  job title: Clerk → Head
          was job title: Clerk → Lead
      ~ update  Person 5  job title: Clerk → Lead
          because map.title, was map.job_title
          approval two people (update), was one person ()

    Not done because of the draft (+), or no longer left aside (-)
      + held  Person 9  No  [31maddress
      - held  Person 8  No  [31maddress

    1 step the same, 1 new, 1 dropped, 2 changed. Neither plan is kept.
    "
  `);
});

test('rules that do the same say so', () => {
  const plan = aPlan();
  const comparison = comparePlans(plan, plan, []);
  expect(isSame(comparison)).toBe(true);
  expect(comparisonText(comparison, 'acme', 80)).toBe(
    'no rules against no rules, for acme\n\nThe draft does the same.\n\n1 step the same, 0 new, 0 dropped, 0 changed. Neither plan is kept.\n',
  );
});

test('a long comparison ends, and says where all of it is', () => {
  const steps = Array.from({ length: 100 }, (_, at) => renamed(at, 'Lead'));
  const text = comparisonText(comparePlans(aPlan({ steps: [] }), aPlan({ steps }), []), 'acme', 80);
  expect(text).toContain('  + update  Person 59');
  expect(text).not.toContain('Person 60');
  expect(text).toContain('… 40 more lines: --json and --out have all');
});

test('a later plan that says the same of other records says that', () => {
  const before = renamed(1, 'Lead', { digest: 'sha256:1' });
  const after = renamed(1, 'Lead', { digest: 'sha256:2' });
  expect(diffText({ added: [], dropped: [], changed: [{ before, after }], same: 0 })).toBe(
    '~ update  Person 1  job title: Clerk → Lead\n    the record that it is planned upon has changed\n0 steps the same, 0 new, 0 dropped, 1 changed\n',
  );
});
