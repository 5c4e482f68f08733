import { managedFields } from '../model/managed-field.ts';
import { conditionParts } from './condition-schema.ts';
import {
  choice,
  days,
  dictionary,
  durationMs,
  type Form,
  flag,
  type Json,
  list,
  type Placed,
  placed,
  raw,
  record,
  says,
  several,
  share,
  text,
  textOr,
  verbatim,
  whole,
  written,
} from './form.ts';
import { approvalKinds, matchKeys } from './rule-set.ts';

const condition: Json = { $ref: '#/$defs/condition' };
const listOfConditions: Json = { type: 'array', minItems: 1, items: condition };
const conditions: Json = { anyOf: [condition, listOfConditions, listChange(listOfConditions)] };

const mapping = record({
  from: text('the name of an attribute', 100),
  table: placed(text('the name of a table', 100)),
  otherwise: says(text(), 'What stands for a value that the table lacks: keep, blank, hold, or this text.'),
  lookup: placed(says(text(), 'What to take from the person whom `from` names: an attribute, or a text with {names}.')),
  cel: raw({ type: 'string', description: 'An expression over person, lists, groups and now.' }),
  const: text(),
});
export type WrittenMapping = NonNullable<ReturnType<typeof mapping.read>>;

const fieldMapping: Form<Placed<string | WrittenMapping>> = {
  ...placed(textOr(text('the name of an attribute', 100), mapping)),
  schema: { $ref: '#/$defs/mapping' },
};

type Fields<T> = Readonly<Partial<Record<(typeof managedFields)[number], T>>>;
const map = record(Object.fromEntries(managedFields.map((field) => [field, fieldMapping]))) as Form<
  Fields<Placed<string | WrittenMapping>>
>;

const groupRule = record(
  {
    name: text('a name', 100),
    when: raw(conditions),
    cel: raw({ type: 'string' }),
    for_each: says(
      several(text('an attribute, or manager_chain', 100)),
      'Makes a group for each value, or for each leader.',
    ),
    levels: says(whole(1, 10), 'How many levels below a leader belong to their group; default 1.'),
    put_in: placed(says(verbatim('a name', 300), 'The group, with {NAME} for values and {leader.NAME} for leaders.')),
    at_least: says(whole(2, 100_000), 'Smaller ones go to "Other"; groups of leaders are left out.'),
    expect: record({ enrolled_in: text('the name of a campaign', 300), within: durationMs }, ['enrolled_in', 'within']),
  },
  ['name', 'put_in'],
);
export type WrittenGroupRule = NonNullable<ReturnType<typeof groupRule.read>>;

const completeReads = written(
  '2 to 30 complete reads, such as: 2 complete reads',
  (one) => {
    const found = /^(\d{1,2}) complete reads$/.exec(one);
    const number = Number(found?.[1] ?? 0);
    return number >= 2 && number <= 30 ? number : undefined;
  },
  { type: 'string', pattern: '^\\d{1,2} complete reads$' },
);

const limit = textOr(share, record({ share, people: whole(0, 1_000_000) }));

const guards = record({
  source_shrink: limit,
  archive_share: limit,
  group_shrink: limit,
  create_burst: share,
  data: record({ blank: share, changed: share }),
  protected: list(placed(text('an address or the name of a group', 300))),
});

const kinds = list(placed(choice(...approvalKinds)));

const test = record(
  {
    name: text('a name', 200),
    person: raw({ type: 'object', description: 'Fields as they are mapped, or attributes; groups is a list.' }),
    others: says(list(raw({ type: 'object' })), 'People that the mapping or the rules look up: managers.'),
    at: placed(text('a day', 40)),
    in: list(placed(text('the name of a group', 300))),
    not_in: list(placed(text('the name of a group', 300))),
    situation: says(choice('absent', 'unscoped', 'terminated'), 'absent: in scope, and would be created.'),
    held: says(flag, 'That something cannot be worked out.'),
    fields: raw({ type: 'object', description: 'What the mapping is to make; null for blank.' }),
  },
  ['name', 'person'],
);
export type WrittenTest = NonNullable<ReturnType<typeof test.read>>;

/** A rule file as it is written. What it means is made of it in `compile.ts`. */
export const ruleFile = record({
  version: says({ ...choice('1'), schema: { const: 1 } }, 'Version of this format.'),
  extends: says(text('the path of a rule file', 500), 'A file that this one changes; from this file’s folder.'),
  attributes: says(list(text('a name', 100)), 'Names that the sources have. With it, every other name is an error.'),
  scope: record({ include: raw(conditions), exclude: raw(conditions) }),
  match: says(list(choice(...matchKeys)), 'By what an account is found: the first that finds exactly one.'),
  map: says(map, 'What people are to have at KnowBe4.'),
  tables: says(dictionary(placed(dictionary(text()))), 'Values and what they are to become.'),
  groups: record({
    owned: record({ prefix: verbatim('the beginning of names', 40) }, ['prefix']),
    rules: list(placed(groupRule), 500),
  }),
  joiners: record({ lead: days, need: list(choice(...managedFields)), otherwise: choice('hold', 'skip') }),
  movers: record({ leave_old_groups_after: days }),
  leavers: record({
    when: raw(conditions),
    absent: record({ archive_after: completeReads }),
    wait: days,
    // biome-ignore lint/suspicious/noThenProperty: the file's word; it holds a text and is never awaited
    then: placed(choice('archive', 'hold')),
  }),
  rehires: record({
    // biome-ignore lint/suspicious/noThenProperty: the file's word; it holds a text and is never awaited
    then: choice('restore', 'hold'),
    warn: says(choice('re-enrolment'), 'Said in any case.'),
  }),
  situations: record({
    linked: choice('update', 'ignore'),
    found: choice('update', 'ask'),
    absent: choice('create', 'hold'),
    archived: choice('hold'),
    gone: choice('archive', 'hold', 'ignore'),
    terminated: choice('archive', 'hold'),
    unscoped: choice('ignore', 'archive'),
    vanished: choice('create', 'ask'),
  }),
  guards,
  approval: record({ auto: kinds, one: kinds, two: kinds, four_eyes: flag }),
  tests: list(placed(test), 2000),
});
export type WrittenFile = NonNullable<ReturnType<typeof ruleFile.read>>;

/** The form as JSON Schema (2020-12), for editors. */
export function ruleFileJsonSchema(): Json {
  const form = withListChanges(ruleFile.schema);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...form,
    anyOf: [{ required: ['version'] }, { required: ['extends'] }],
    $defs: { ...conditionParts, mapping: { anyOf: [{ type: 'string' }, mapping.schema] } },
    title: 'Foreknow rules',
    description: 'Who is to be at KnowBe4, with what, and in which groups. Checked by foreknow rules check.',
  };
}

/** What a file that extends another may write in place of a list. */
function listChange(list: Json): Json {
  return { type: 'object', properties: { add: list, drop: { type: 'array' } }, additionalProperties: false };
}

/** Where a list may stand, a file that extends another may write what it adds and drops. */
function withListChanges(schema: Json): Json {
  const properties = Object.entries(schema.properties as Readonly<Record<string, Json>>).map(([name, inside]) => {
    if (inside.properties !== undefined) return [name, withListChanges(inside)] as const;
    if (inside.type !== 'array') return [name, inside] as const;
    const change = {
      type: 'object',
      properties: { add: inside, drop: { type: 'array' } },
      additionalProperties: false,
    };
    return [name, { anyOf: [inside, change] }] as const;
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}
