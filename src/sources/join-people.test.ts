import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttributeValue, JoinedPerson } from '../model/source-person.ts';
import { type ImagePerson, type JoinRules, joinPeople, type SourceImage, withoutRecords } from './join-people.ts';

const rules: JoinRules = {
  from: ['hr', 'ad'],
  join: ['employee_number', 'email'],
  prefer: { hired_on: 'hr', department: 'hr', '*': 'ad' },
};
type Some = Readonly<Record<string, AttributeValue>>;
const one = (sourceId: string, attributes: Some = {}, rest: Partial<ImagePerson> = {}): ImagePerson => ({
  sourceId,
  attributes,
  groups: [],
  active: true,
  absent: null,
  ...rest,
});
const join = (hr: readonly ImagePerson[], ad: readonly ImagePerson[], more: Partial<JoinRules> = {}) =>
  joinPeople(
    [
      { source: 'ad', people: ad },
      { source: 'hr', people: hr },
    ],
    { ...rules, ...more },
  );
const refs = (people: readonly JoinedPerson[]) =>
  people.map((person) => person.refs.map(({ source, sourceId }) => `${source}:${sourceId}`).join('+'));

test('two records with one employee number are one person, named by the first source', () => {
  const { people, conflicts } = join([one('7', { employee_number: 'E7' })], [one('g1', { employee_number: ' e7 ' })]);
  expect(conflicts).toEqual([]);
  expect(people).toHaveLength(1);
  expect(people[0]).toMatchObject({
    key: 'hr:7',
    refs: [
      { source: 'hr', sourceId: '7' },
      { source: 'ad', sourceId: 'g1' },
    ],
  });
});

test('a later key joins only where an earlier one says nothing', () => {
  const hr = [
    one('7', { employee_number: 'E7', email: 'ada@acme.test' }),
    one('8', { employee_number: null, email: 'Ben@acme.test' }),
  ];
  const ad = [
    one('g1', { employee_number: 'E7', email: 'ada.tanaka@acme.test' }),
    one('g2', { employee_number: 'E8', email: 'ben@acme.test ' }),
  ];
  expect(refs(join(hr, ad).people)).toEqual(['hr:7+ad:g1', 'hr:8+ad:g2']);
});

test('nobody is joined on an empty key', () => {
  const empty = { employee_number: '', email: null, name: 'x' };
  const { people, conflicts } = join(
    [one('1', empty), one('2', { employee_number: '  ' })],
    [one('g1', empty), one('g2')],
  );
  expect(refs(people)).toEqual(['ad:g1', 'ad:g2', 'hr:1', 'hr:2']);
  expect(conflicts).toEqual([]);
});

test('an attribute comes from the source that is named for it, else from the first that has a value', () => {
  const { people } = join(
    [one('7', { employee_number: 'E7', department: null, hired_on: '2026-11-20', title: 'Clerk', floor: '3' })],
    [
      one('g1', {
        employee_number: 'E7',
        department: 'IT',
        hired_on: '1970-01-01',
        title: null,
        mail: 'a@acme.test',
        floor: '4',
      }),
    ],
  );
  expect(people[0]!.attributes).toEqual({
    employee_number: 'E7',
    department: null,
    hired_on: '2026-11-20',
    title: 'Clerk',
    mail: 'a@acme.test',
    floor: '4',
    account_disabled: 'false',
  });
  expect(people[0]!.from).toMatchObject({ department: 'hr', hired_on: 'hr', title: 'hr', mail: 'ad', floor: 'ad' });
});

test('what a named source says to be nothing stays nothing, whichever source comes first', () => {
  const hr = [one('7', { employee_number: 'E7', left_on: null, title: null })];
  const ad = [one('g1', { employee_number: 'E7', left_on: '2020-01-01', title: 'Clerk' })];
  for (const from of [
    ['hr', 'ad'],
    ['ad', 'hr'],
  ]) {
    expect(join(hr, ad, { from, prefer: { left_on: 'hr' } }).people[0]).toMatchObject({
      attributes: { left_on: null, title: 'Clerk' },
      from: { left_on: 'hr', title: 'ad' },
    });
  }
});

test('a named source that does not have the attribute at all, or does not know the person, leaves it to the others', () => {
  const { people } = join(
    [one('7', { employee_number: 'E7' })],
    [one('g1', { employee_number: 'E7', department: 'IT' }), one('g2', { department: 'HR' })],
  );
  expect(people.map(({ attributes }) => attributes.department).toSorted()).toEqual(['HR', 'IT']);
});

test('whoever is disabled in one source is disabled, unless a source is named for it', () => {
  const hr = [one('7', { employee_number: 'E7' }, { active: true })];
  const ad = [one('g1', { employee_number: 'E7' }, { active: false })];
  expect(join(hr, ad).people[0]).toMatchObject({
    active: false,
    attributes: { account_disabled: 'true' },
    from: { account_disabled: 'ad' },
  });
  const named = { prefer: { account_disabled: 'hr' } };
  expect(join(hr, ad, named).people[0]).toMatchObject({ active: true, attributes: { account_disabled: 'false' } });
});

test('groups of all sources are theirs, each once', () => {
  const hr = [one('7', { employee_number: 'E7' }, { groups: ['VPN', 'All'] })];
  const ad = [one('g1', { employee_number: 'E7' }, { groups: ['All', 'Finance'] })];
  expect(join(hr, ad).people[0]!.groups).toEqual(['All', 'Finance', 'VPN']);
});

test('a source that no longer shows somebody keeps its values, and is named', () => {
  const absent = { completeReads: 2, since: '2026-11-19T00:00:00Z' };
  const { people } = join(
    [one('7', { employee_number: 'E7', department: 'Finance' }, { absent })],
    [one('g1', { employee_number: 'E7', department: 'IT' })],
  );
  expect(people).toHaveLength(1);
  expect(people[0]).toMatchObject({ key: 'hr:7', absent: { hr: absent }, attributes: { department: 'Finance' } });
});

test('two records of one source for one person are a conflict, and nobody is joined with them', () => {
  const { people, conflicts } = join(
    [one('7', { employee_number: 'E7', name: 'A' }), one('7b', { employee_number: 'E7', name: 'B' })],
    [one('g1', { employee_number: 'E7' })],
  );
  expect(refs(people)).toEqual(['ad:g1', 'hr:7', 'hr:7b']);
  expect(conflicts).toEqual([
    {
      kind: 'duplicate',
      text: 'hr shows one person more than once: the same employee_number or email.',
      refs: [
        { source: 'hr', sourceId: '7' },
        { source: 'hr', sourceId: '7b' },
        { source: 'ad', sourceId: 'g1' },
      ],
    },
  ]);
  expect(people.every(({ joinConflict }) => joinConflict === conflicts[0]!.text)).toBe(true);
  expect(people.map(({ joinRivals }) => joinRivals)).toEqual(Array(3).fill(conflicts[0]!.refs));
});

test('of many who meet in one conflict each is told with a few', () => {
  const many = Array.from({ length: 5000 }, (_, at) => one(`p${at}`, { employee_number: 'N/A' }));
  const { people, conflicts } = joinPeople([{ source: 'hr', people: many }], rules);
  expect([people.length, conflicts.map(({ refs: all }) => all.length)]).toEqual([5000, [5000]]);
  expect(new Set(people.map(({ joinRivals }) => joinRivals)).size).toBe(1);
  expect(people[0]!.joinRivals).toEqual(conflicts[0]!.refs.slice(0, 20));
});

test('without a record that is left out the others are one person', () => {
  const hr = [one('7', { employee_number: 'E7', name: 'A' }), one('7b', { employee_number: 'E7', name: 'B' })];
  const images = [
    { source: 'hr', people: hr },
    { source: 'ad', people: [one('g1', { employee_number: 'E7' }), one('7', { employee_number: 'E8' })] },
  ];
  const left = withoutRecords(images, [{ source: 'hr', sourceId: '7' }]);
  expect(refs(joinPeople(left, rules).people)).toEqual(['ad:7', 'hr:7b+ad:g1']);
  expect(withoutRecords(images, [])).toBe(images);
});

test('an account that was made again is not taken for the old one', () => {
  const absent = { completeReads: 3, since: '2026-11-19T00:00:00Z' };
  const { people, conflicts } = join(
    [],
    [one('old', { email: 'john@acme.test' }, { absent }), one('new', { email: 'john@acme.test' })],
  );
  expect(people).toHaveLength(2);
  expect(conflicts).toMatchObject([{ kind: 'duplicate' }]);
});

test('people who share a later key and differ by an earlier one are left in peace within a source', () => {
  const shared = 'noreply@acme.test';
  const hr = [1, 2, 3].map((number) => one(`${number}`, { employee_number: `E${number}`, email: shared }));
  const ad = [1, 2, 3].map((number) =>
    one(`g${number}`, { employee_number: `E${number}`, email: `p${number}@acme.test` }),
  );
  const { people, conflicts } = join(hr, ad);
  expect(conflicts).toEqual([]);
  expect(refs(people)).toEqual(['hr:1+ad:g1', 'hr:2+ad:g2', 'hr:3+ad:g3']);
});

test('an address that was somebody else’s before does not join, and holds nobody whom both sources know', () => {
  const hr = [
    one('7', { employee_number: 'E7', email: 'john@acme.test' }),
    one('2', { employee_number: 'E2', email: 'john@acme.test' }, { active: false }),
  ];
  const { people, conflicts } = join(hr, [one('g7', { employee_number: 'E7', email: 'john@acme.test' })]);
  expect(conflicts).toEqual([]);
  expect(refs(people)).toEqual(['hr:2', 'hr:7+ad:g7']);
});

test('two sources that agree about the address and not about the number are a conflict', () => {
  const { people, conflicts } = join(
    [
      one('7', { employee_number: '007', email: 'a@acme.test' }),
      one('8', { employee_number: 'E8', email: 'b@acme.test' }),
    ],
    [
      one('g7', { employee_number: '7', email: 'a@acme.test' }),
      one('g8', { employee_number: 'E8', email: 'b@acme.test' }),
    ],
  );
  expect(refs(people)).toEqual(['ad:g7', 'hr:7', 'hr:8+ad:g8']);
  expect(conflicts).toMatchObject([{ kind: 'disagreement', refs: [{ sourceId: '7' }, { sourceId: 'g7' }] }]);
  expect(people.map(({ joinConflict }) => joinConflict === undefined)).toEqual([false, false, true]);
});

test('keys that join three records contradictorily join none of them', () => {
  const { people, conflicts } = join(
    [one('1', { employee_number: 'E1', email: 'x@acme.test' }), one('2', { email: 'y@acme.test' })],
    [one('g', { employee_number: 'E1', email: 'y@acme.test' })],
  );
  expect(people).toHaveLength(3);
  expect(conflicts).toMatchObject([
    { kind: 'contradiction', refs: [{ sourceId: '1' }, { sourceId: '2' }, { sourceId: 'g' }] },
  ]);
  const third = joinPeople(
    [
      { source: 'a', people: [one('a', { number: '1', email: 'x' })] },
      { source: 'b', people: [one('b', { email: 'x' })] },
      { source: 'c', people: [one('c', { number: '2', email: 'x' })] },
    ],
    { from: ['a', 'b', 'c'], join: ['number', 'email'], prefer: {} },
  );
  expect(third.people).toHaveLength(3);
  expect(third.conflicts[0]).toMatchObject({ kind: 'contradiction' });
});

test('a list counts with each of its values', () => {
  const { people } = join([one('7', { email: 'b@acme.test' })], [one('g', { email: ['a@acme.test', 'B@acme.test'] })]);
  expect(refs(people)).toEqual(['hr:7+ad:g']);
});

test('without join keys every record is a person, and sources that are not named are left out', () => {
  const { people } = join([one('7', { employee_number: 'E7' })], [one('g', { employee_number: 'E7' })], {
    from: ['hr'],
    join: [],
  });
  expect(refs(people)).toEqual(['hr:7']);
});

const key = (values: readonly string[]) => fc.constantFrom(...values, '', null);
const person = (sourceId: string) =>
  fc
    .record({
      employee_number: key(['1', '2', '3', '4', ' 2 ']),
      email: key(['a', 'b', 'c', 'B ', 'd']),
      alias: fc.oneof(key(['a', 'e']), fc.array(fc.constantFrom('e', 'f', ' '), { maxLength: 2 })),
      title: key(['x', 'y']),
      active: fc.boolean(),
    })
    .map(({ active, ...attributes }) => one(sourceId, attributes, { active }));
const image = (source: string): fc.Arbitrary<SourceImage> =>
  fc
    .integer({ min: 0, max: 7 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => person(`${at}`))))
    .map((people) => ({ source, people }));
const worlds = fc.tuple(image('s1'), image('s2'), image('s3'));
const anyRules: JoinRules = {
  from: ['s1', 's2', 's3'],
  join: ['employee_number', 'email', 'alias'],
  prefer: { title: 's3', '*': 's2' },
};

test('the order of rows and of sources does not matter', () => {
  fc.assert(
    fc.property(worlds, fc.infiniteStream(fc.nat()), (images, dice) => {
      const mixed = images
        .map(({ source, people }) => ({
          source,
          people: people
            .map((one) => ({ one, at: dice.next().value }))
            .toSorted((a, b) => a.at - b.at)
            .map(({ one: it }) => it),
        }))
        .toReversed();
      const plain = joinPeople(images, anyRules);
      const other = joinPeople(mixed, anyRules);
      expect(other.people).toEqual(plain.people);
      const told = (conflicts: typeof plain.conflicts) => conflicts.map((one) => JSON.stringify(one)).toSorted();
      expect(told(other.conflicts)).toEqual(told(plain.conflicts));
    }),
    { numRuns: 500 },
  );
});

test('nobody is lost and nobody is there twice', () => {
  fc.assert(
    fc.property(worlds, (images) => {
      const { people } = joinPeople(images, anyRules);
      const all = images.flatMap(({ source, people: some }) => some.map(({ sourceId }) => `${source}:${sourceId}`));
      expect(people.flatMap((one) => refs([one])[0]!.split('+')).toSorted()).toEqual(all.toSorted());
      expect(new Set(people.map(({ key: name }) => name)).size).toBe(people.length);
    }),
    { numRuns: 500 },
  );
});

test('whoever is joined has a key in common, differs by none that decides, and is of different sources', () => {
  const fold = (value: AttributeValue | undefined) =>
    [value ?? []]
      .flat()
      .map((text) => text.trim().toLowerCase())
      .filter((text) => text !== '');
  const decides = (a: ImagePerson, b: ImagePerson): boolean | null => {
    for (const name of anyRules.join) {
      const [left, right] = [fold(a.attributes[name]), fold(b.attributes[name])];
      if (left.length > 0 && right.length > 0) return left.some((value) => right.includes(value));
    }
    return null;
  };
  fc.assert(
    fc.property(worlds, (images) => {
      const byRef = new Map<string, ImagePerson>(
        images.flatMap(({ source, people }) => people.map((it) => [`${source}:${it.sourceId}`, it] as const)),
      );
      const { people, conflicts } = joinPeople(images, anyRules);
      const conflicting = new Set(
        conflicts.flatMap((it) => it.refs.map(({ source, sourceId }) => `${source}:${sourceId}`)),
      );
      for (const joined of people) {
        const names = refs([joined])[0]!.split('+');
        const members = names.map((name) => byRef.get(name)!);
        expect(new Set(joined.refs.map(({ source }) => source)).size).toBe(members.length);
        const pairs = members.flatMap((a, at) => members.slice(at + 1).map((b) => decides(a, b)));
        expect(pairs).not.toContain(false);
        if (members.length > 1) expect(pairs).toContain(true);
      }
      // Whatever is the same and not told as a conflict is one person.
      for (const [one1, a] of byRef) {
        for (const [two, b] of byRef) {
          if (one1 >= two || decides(a, b) !== true) continue;
          const together = people.some(
            (joined) => refs([joined])[0]!.split('+').includes(one1) && refs([joined])[0]!.split('+').includes(two),
          );
          expect(together || (conflicting.has(one1) && conflicting.has(two))).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('100,000 records of two sources take time in proportion to 10,000', () => {
  const timed = (count: number): number => {
    const hr = Array.from({ length: count }, (_, at) =>
      one(`${at}`, { employee_number: `E${at}`, email: `p${at}@acme.test` }),
    );
    const ad = Array.from({ length: count }, (_, at) =>
      one(`g${at}`, { employee_number: at % 3 ? `E${at}` : null, email: 'shared@acme.test' }),
    );
    const started = performance.now();
    expect(join(hr, ad).people.length).toBeGreaterThanOrEqual(count);
    return performance.now() - started;
  };
  // The best of several: others use the machine too.
  const best = (count: number, times: number) => Math.min(...Array.from({ length: times }, () => timed(count)));
  timed(1000);
  expect(best(50_000, 3) / best(5000, 3)).toBeLessThan(60);
});
