import { expect, test } from 'vitest';
import { buildPlan } from './build-plan.ts';
import { aCampaign, aGroup, aLink, anInput, aPerson, aTarget, aUser, NOW } from './plan-lab.contract.ts';
import { renderPlan } from './render.ts';

const left = { leaver: { since: null, rule: 'leavers.when' } };
const options = { now: NOW, connection: 'acme-eu', url: 'http://localhost:4080/plans/pl_7q2k4m9x' };

test('a plan is shown as counts with names, what KnowBe4 will then do, seats, cost, guards and the next command', () => {
  const target = aTarget(
    [
      aUser(1, { fields: { job_title: 'Clerk' } }),
      aUser(2, { status: 'archived' }),
      aUser(3),
      aUser(7, { fields: { employee_number: null } }),
    ],
    {
      campaigns: [aCampaign('c1', { name: 'Annual 2026', allowMultipleEnrollments: true })],
      groups: [aGroup('g1', 'Auto A', [])],
      account: { name: 'Acme', domains: ['acme.test'], seats: 5, admins: [] },
    },
  );
  const people = [
    aPerson(1, { fields: { job_title: 'Lead', manager_email: 'n7@acme.test' }, groups: ['Auto A', 'Auto New'] }),
    aPerson(2),
    aPerson(3, left),
    ...[4, 5, 6].map((id) => aPerson(id, { hiredOn: `2026-11-0${id}` })),
  ];
  const { plan } = buildPlan(anInput(people, target, { links: [aLink(1), aLink(2), aLink(3)] }));
  expect(renderPlan(plan, options)).toBe(`Plan pl_7q2k4m9x   acme-eu ← ad   rules a41f9c2
  ad       6 people, complete (paged read ended by server)
  KnowBe4  3 active, as of 3 min ago

  + create       1   Firste Laste
  ~ update       1   1 title, 1 manager
  ↺ restore      1   Firstc Lastc
  ⇄ groups       3   +2 members, 1 new group "Auto New"
  ▽ archive      1   Firstd Lastd   needs approval
  · held         2   2 seats

  KnowBe4 then, by itself
    enrols them again in "Annual 2026" (allows repeats): Firstc Lastc
    enrols them in "Annual 2026" (auto-enrol): Firste Laste

  and perhaps
    may send its mails about the enrolment: Firstc Lastc, Firste Laste

  Seats 3 → 4 of 5      8 writes, visible by about 09:34 UTC
  Guards 14 ok, 1 notice
    notice seats: 2 people wait for a seat: 5 are bought
  Needs two people: restore, create, update, manager, group create, member add, archive

  foreknow plans steps pl_7q2k4m9x · foreknow approve pl_7q2k4m9x · http://localhost:4080/plans/pl_7q2k4m9x`);
});

test('names that come from elsewhere cannot steer a terminal', () => {
  const { plan } = buildPlan(anInput([aPerson(1, { fields: { first_name: '\u001b[31mRed\u202e' } })], aTarget([])));
  expect(renderPlan(plan, { ...options, url: null })).toContain('[31mRed Lastb');
});

test('a plan without steps says so', () => {
  const { plan } = buildPlan(anInput([aPerson(1)], aTarget([aUser(1)])));
  expect(renderPlan(plan, { ...options, url: null })).toMatch(
    /rules a41f9c2\n[\s\S]*\n {2}nothing to do\n[\s\S]*\n {2}Guards 15 ok$/,
  );
});

test('of many things that KnowBe4 does by itself some are shown, and where the others are', () => {
  const effects = Array.from({ length: 15 }, (_, at) => ({
    ...{
      by: 'knowbe4' as const,
      kind: 'aliases_lost' as const,
      certainty: 'certain' as const,
      text: `loses alias ${at}`,
    },
  }));
  const { plan } = buildPlan(anInput([aPerson(1)], aTarget([])));
  const shown = renderPlan({ ...plan, effects }, { ...options, url: null });
  expect(shown.match(/loses alias/g)).toHaveLength(12);
  expect(shown).toMatch(/\n {4}… \d+ more: foreknow plans steps pl_7q2k4m9x\n/);
});
