import { describe, expect, test } from 'vitest';
import { buildPlan } from './build-plan.ts';
import { leftOutRecords } from './conflicts.ts';
import type { PlanInput } from './plan-input.ts';
import { aLink, anInput, aPerson, aTarget, aUser } from './plan-lab.contract.ts';
import type { WorkItem } from './state.ts';

const GUID = '01020304-0506-0708-090a-0b0c0d0e0f10';
/** The same bytes, read in the other order. */
const TURNED = '04030201-0605-0807-090a-0b0c0d0e0f10';
const left = { leaver: { since: null, rule: 'leavers.when' } };

const planOf = (input: PlanInput) => {
  const { plan, links, workItems } = buildPlan(input);
  return {
    steps: plan.steps.map(({ action, person }) => `${action} ${person?.userId ?? person?.key}`),
    items: plan.items.map(({ kind, reason, person }) => `${kind} ${reason} ${person?.key ?? person?.userId}`),
    links: links.map(({ sourceId, userId, matchedOn }) => `${sourceId} ${userId} ${matchedOn}`),
    workItems,
    plan,
  };
};

const decided = (
  item: WorkItem,
  choice: NonNullable<WorkItem['decision']>['choice'],
  userId: string | null,
): WorkItem => ({
  ...item,
  state: 'decided',
  decision: { choice, userId, by: 'ada', at: '2026-11-21T09:00:00Z', reason: null },
});

describe('a person and an account are joined', () => {
  test('by a kept link, whatever the address has become', () => {
    const person = aPerson(1, { fields: { email: 'new@acme.test' }, keys: { employeeNumber: null } });
    const { steps, links } = planOf(anInput([person], aTarget([aUser(1), aUser(2)]), { links: [aLink(1)] }));
    expect(steps).toEqual(['update 1001']);
    expect(links).toEqual([]);
  });

  test('by the GUID in either byte order, then by employee number, address and alias, and keep it', () => {
    const bare = { employeeNumber: null, email: null };
    const people = [
      aPerson(1, { keys: { ...bare, guid: GUID } }),
      aPerson(2, { keys: { guid: null, email: null } }),
      aPerson(3, { keys: { employeeNumber: null, email: 'n3@acme.test' } }),
    ];
    const users = [aUser(1, { provisioningGuid: TURNED }), aUser(2), aUser(3, { fields: { email: 'N3@Acme.Test' } })];
    const { steps, links } = planOf(anInput(people, aTarget(users)));
    expect(steps).toEqual([]);
    expect(links).toEqual(['1 1001 provisioning_guid', '2 1002 employee_number', '3 1003 email']);
  });

  test('not by an alias alone, nor by an address of a foreign domain, without a person', () => {
    const people = [
      aPerson(1, { keys: { employeeNumber: null, email: 'old@acme.test' } }),
      aPerson(2, { keys: { employeeNumber: null, email: 'n2@other.test' } }),
    ];
    const users = [aUser(1, { aliases: ['old@acme.test'] }), aUser(2, { fields: { email: 'n2@other.test' } })];
    const { items, steps } = planOf(anInput(people, aTarget(users)));
    expect(items).toEqual(['conflict found ad:1', 'conflict found ad:2']);
    expect(steps).toEqual([]);
  });

  test('by the links of all the sources that know them, which have to agree', () => {
    const refs = [
      { source: 'ad', sourceId: '1' },
      { source: 'hr', sourceId: '77' },
    ];
    const target = aTarget([aUser(1), aUser(2)]);
    const hr = { ...aLink(1), source: 'hr', sourceId: '77' };
    const agreed = planOf(anInput([aPerson(1, { refs })], target, { links: [hr] }));
    expect(agreed.links).toEqual(['1 1001 employee_number']);
    const { items } = planOf(anInput([aPerson(1, { refs })], target, { links: [aLink(1), { ...hr, userId: '1002' }] }));
    expect(items).toContain('ambiguous ambiguous ad:1');
  });
});

describe('a conflict is for a person', () => {
  test('two accounts with the keys of one person', () => {
    const users = [
      aUser(1, { fields: { email: 'a@acme.test' } }),
      aUser(1, { id: '2001', fields: { email: 'b@acme.test' } }),
    ];
    const { items, steps, workItems } = planOf(anInput([aPerson(1)], aTarget(users)));
    expect(items).toEqual(['ambiguous ambiguous ad:1']);
    expect(steps).toEqual([]);
    expect(workItems[0]!.records.map((record) => record.user_id ?? record.key)).toEqual(['ad:1', '1001', '2001']);
  });

  test('two people of the sources with one account, or with one address', () => {
    const twice = [aPerson(1), aPerson(2, { fields: { employee_number: 'E-1' } })];
    expect(planOf(anInput(twice, aTarget([aUser(1)]))).items).toEqual(['doubled doubled ad:1', 'doubled doubled ad:2']);
    const sharing = [
      aPerson(3, { fields: { email: 'Shared@acme.test' } }),
      aPerson(4, { fields: { email: 'shared@acme.test' } }),
    ];
    expect(planOf(anInput(sharing, aTarget([]))).items).toEqual(['doubled doubled ad:3', 'doubled doubled ad:4']);
  });

  test('a kept link that a key disagrees with', () => {
    const { items } = planOf(
      anInput([aPerson(1)], aTarget([aUser(1), aUser(5, { fields: { employee_number: null } })]), {
        links: [aLink(1, '1005')],
      }),
    );
    expect(items[0]).toBe('conflict conflict ad:1');
  });

  test('the address of a leaver that somebody else has now', () => {
    const heir = aPerson(2, { fields: { email: 'n1@acme.test', employee_number: 'E-2' } });
    const { items, steps } = planOf(anInput([aPerson(1, left), heir], aTarget([aUser(1)]), { links: [aLink(1)] }));
    expect(steps).toEqual(['archive 1001']);
    expect(items).toEqual(['conflict conflict ad:2']);
    const numberless = aUser(1, { fields: { employee_number: null } });
    const unsure = planOf(
      anInput([aPerson(1, left), { ...heir, fields: { ...aPerson(1).fields } }], aTarget([numberless]), {
        links: [aLink(1)],
      }),
    );
    expect(unsure.steps).toEqual([]);
    expect(unsure.items).toEqual(['conflict conflict ad:1', 'conflict conflict ad:2']);
  });

  test('somebody who comes back under another key', () => {
    const back = aPerson(9, { fields: { ...aPerson(1).fields, employee_number: 'E-9' } });
    const { items } = planOf(anInput([back], aTarget([aUser(1, { status: 'archived' })])));
    expect(items).toEqual(['conflict rehire ad:9']);
  });

  test('a linked account that is not there any more is not made again', () => {
    const { items, steps } = planOf(anInput([aPerson(1)], aTarget([]), { links: [aLink(1)] }));
    expect(items).toEqual(['vanished vanished ad:1']);
    expect(steps).toEqual([]);
    const asked = planOf(
      anInput([aPerson(1)], aTarget([]), { links: [aLink(1)], settings: { situations: { vanished: 'create' } } }),
    );
    expect(asked.steps).toEqual(['create ad:1']);
    expect(planOf(anInput([aPerson(1, left)], aTarget([]), { links: [aLink(1)] })).items).toEqual([]);
  });

  test('a SCIM user that is kept for one account and has the keys of another', () => {
    const [one, two] = [aUser(1, { provisioningGuid: GUID }), aUser(2)];
    const input = anInput([aPerson(1, { fields: { job_title: 'Lead' } }), aPerson(2)], aTarget([one, two]));
    const scimObjects = input.scimObjects.map((object) =>
      object.targetId === two.id ? { ...object, externalId: TURNED } : object,
    );
    const { items, steps } = planOf({ ...input, scimObjects });
    expect(items).toEqual(['conflict scim ad:1', 'conflict scim ad:2']);
    expect(steps).toEqual([]);
  });
});

describe('a decision', () => {
  const users = [
    aUser(1, { fields: { email: 'a@acme.test' } }),
    aUser(1, { id: '2001', fields: { email: 'b@acme.test' } }),
  ];
  const input = anInput([aPerson(1)], aTarget(users));
  const item = buildPlan(input).workItems[0]!;

  test('names the account, keeps one apart, or leaves it all alone', () => {
    const linked = planOf({ ...input, workItems: [decided(item, 'link', '2001')] });
    expect(linked.steps).toEqual(['update 2001']);
    expect(linked.links).toEqual(['1 2001 decision']);
    expect(planOf({ ...input, workItems: [decided(item, 'keep_apart', '2001')] }).steps).toEqual(['update 1001']);
    const ignored = planOf({ ...input, workItems: [decided(item, 'ignore', null)] });
    expect(ignored.items[0]).toBe('held decision ad:1');
    expect(ignored.steps).toEqual([]);
  });

  test('holds while the records stay the same, and is asked again when one changes', () => {
    const changed = aTarget([users[0]!, { ...users[1]!, status: 'archived' }]);
    const again = planOf({ ...anInput([aPerson(1)], changed), workItems: [decided(item, 'link', '2001')] });
    expect(again.items).toEqual(['ambiguous ambiguous ad:1']);
    expect(again.workItems[0]!.id).toBe(item.id);
    expect(again.workItems[0]!.digest).not.toBe(item.digest);
  });

  test('outranks the link that somebody else has to the account', () => {
    const people = [aPerson(1, left), aPerson(2, { keys: { employeeNumber: null } })];
    const links = [aLink(1), { ...aLink(2, '1001'), matchedOn: 'decision' as const }];
    const { steps, items } = planOf(anInput(people, aTarget([aUser(1)]), { links }));
    expect(steps).toEqual(['update 1001']);
    expect(items).toEqual([]);
  });

  test('to leave one of two doubled records alone frees the other; nobody gets an account of somebody who has left by it', () => {
    const decide = (input: PlanInput, key: string) => {
      const { workItems } = buildPlan(input);
      return planOf({
        ...input,
        workItems: workItems.map((one) => (one.about === `person:${key}` ? decided(one, 'ignore', null) : one)),
      });
    };
    const twice = [
      aPerson(1, { fields: { job_title: 'Lead' } }),
      aPerson(2, {
        fields: { employee_number: 'E-1', email: 'n1@acme.test', first_name: 'Firstb', last_name: 'Lastb' },
      }),
    ];
    const known = decide(anInput(twice, aTarget([aUser(1)])), 'ad:2');
    expect(known.steps).toEqual(['update 1001']);
    expect(known.items).toEqual(['held decision ad:2']);
    expect(known.links).toEqual(['1 1001 employee_number']);
    const sharing = [
      aPerson(3, { fields: { email: 'Shared@acme.test' } }),
      aPerson(4, { fields: { email: 'shared@acme.test' } }),
    ];
    const unknown = decide(anInput(sharing, aTarget([])), 'ad:4');
    expect(unknown.steps).toEqual(['create ad:3']);
    expect(unknown.items).toEqual(['held decision ad:4']);
    const heirs = anInput(
      [
        aPerson(1, left),
        aPerson(2, { fields: { email: 'n1@acme.test', employee_number: null, first_name: 'Firstb' } }),
      ],
      aTarget([aUser(1, { fields: { employee_number: null } })]),
      { links: [aLink(1)] },
    );
    expect(planOf(heirs).items).toEqual(['conflict conflict ad:1', 'conflict conflict ad:2']);
    expect(decide(heirs, 'ad:1').items).toEqual(['held decision ad:1', 'conflict conflict ad:2']);
  });
});

describe('records of the sources that cannot be joined', () => {
  const refs = ['old', 'new'].map((sourceId) => ({ source: 'ad', sourceId }));
  const record = (sourceId: string, absent = {}) => {
    const one = aPerson(1, { refs: [{ source: 'ad', sourceId }], absent });
    return { ...one, person: { ...one.person, key: `ad:${sourceId}`, joinConflict: 'shown twice', joinRivals: refs } };
  };
  const gone = { ad: { completeReads: 3, since: '2026-11-19T00:00:00Z' } };
  const both = [record('old', gone), record('new')];
  const input = anInput(both, aTarget([aUser(1)]), { links: [aLink('old', '1001')] });

  test('are a conflict with all of them side by side, and what seems theirs stays as it is', () => {
    const { steps, items, workItems, links } = planOf(input);
    expect({ steps, links }).toEqual({ steps: [], links: [] });
    expect(items).toEqual(['conflict join ad:old', 'conflict join ad:new']);
    expect(
      workItems.map(({ kind, about, records }) => [kind, about, records.map(({ key, shown }) => [key, shown])]),
    ).toEqual([
      [
        'join',
        'person:ad:old',
        [
          ['ad:old', false],
          ['ad:new', true],
        ],
      ],
      [
        'join',
        'person:ad:new',
        [
          ['ad:new', true],
          ['ad:old', false],
        ],
      ],
    ]);
  });

  test('are left out one by one, while all of them are as they were', () => {
    const [old] = buildPlan(input).workItems;
    const leftOut = (people = both, choice: 'ignore' | 'link' = 'ignore') =>
      leftOutRecords(people, [decided(old!, choice, null)]).map(({ person }) => person.key);
    expect(leftOut()).toEqual(['ad:old']);
    // Whether a source shows a record changes with every read, and decides nothing.
    expect(leftOut([record('old'), record('new')])).toEqual(['ad:old']);
    expect(leftOut(both, 'link')).toEqual([]);
    const changed = { ...both[1]!, keys: { ...both[1]!.keys, email: 'other@acme.test' } };
    expect(leftOut([both[0]!, changed])).toEqual([]);
    const { joinConflict: _, ...whole } = both[0]!.person;
    expect(leftOutRecords([{ ...both[0]!, person: whole }], [decided(old!, 'ignore', null)])).toEqual([]);
    const rest = planOf({ ...anInput([aPerson(1)], aTarget([aUser(1)])), leftOut: [both[0]!] });
    expect(rest.items).toEqual(['held decision ad:old']);
  });
});
