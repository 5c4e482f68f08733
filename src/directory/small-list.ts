import { envelope, type Listed, listed, type Shown } from './answer.ts';
import { readCondition } from './fields.ts';
import { cursorsOf, type FieldReader, type ListInput, type ListSpec, readListQuery } from './list-query.ts';
import type { Condition, Keyset, Page } from './ports.ts';

type TextFilter<Name extends string> = { readonly [N in Name]?: Condition<string> };

/** What can be asked of a list that fits in memory: text fields of the records, in the order of their ids. */
export function smallSpec<Name extends string>(
  resource: string,
  names: readonly Name[],
): ListSpec<TextFilter<Name>, 'id'> {
  const read: FieldReader<TextFilter<Name>> = (name, value) =>
    ({ [name]: readCondition(name, 'text', value) }) as TextFilter<Name>;
  return {
    resource,
    filters: Object.fromEntries(names.map((name) => [name, read])),
    sorts: { id: 'id' },
    hasFlags: true,
  };
}

type SmallRow<Name extends string> = Shown<{ readonly id: string } & { readonly [N in Name]?: unknown }> & {
  /** What filters look at besides fields of the record. */
  readonly searched?: { readonly [N in Name]?: unknown };
};

const searchedValue = ({ unified, searched }: SmallRow<string>, name: string): unknown =>
  searched !== undefined && Object.hasOwn(searched, name) ? searched[name] : unified[name];

/** A page of records that are all at hand, with the same filters, cursors and flags as the others. */
export function listSmall<Name extends string>(
  spec: ListSpec<TextFilter<Name>, 'id'>,
  input: ListInput,
  cursorKey: Uint8Array,
  shown: readonly SmallRow<Name>[],
  knowledge: { readonly asOf: string | null; readonly isPartial: boolean },
): Listed {
  const query = readListQuery(spec, input, cursorKey);
  const { connectionIds: _, ...conditions } = query.filter;
  const wanted = shown
    .filter((row) =>
      Object.entries(conditions).every(([name, condition]) =>
        holds(condition as Condition<string>, searchedValue(row, name)),
      ),
    )
    .toSorted((one, other) => compare(one.unified.id, other.unified.id));
  const page = slice(query.sort.order === 'asc' ? wanted : wanted.toReversed(), query.keyset, query.sort.order);
  return listed(
    page.rows,
    query.flags,
    envelope(cursorsOf(page, query, cursorKey), knowledge.asOf, knowledge.isPartial),
  );
}

function slice<Row extends Shown<{ readonly id: string }>>(
  rows: readonly Row[],
  { position, limit, direction, inclusive }: Keyset,
  order: 'asc' | 'desc',
): Page<Row> {
  const forward = direction === 'forward';
  const inReadingOrder = forward ? rows : rows.toReversed();
  const upwards = (order === 'asc') === forward;
  const rest = inReadingOrder.filter(({ unified }) => {
    if (position === null) return true;
    const away = compare(unified.id, position[2]) * (upwards ? 1 : -1);
    return away > 0 || (inclusive && away === 0);
  });
  const read = rest.slice(0, limit);
  const page = forward ? read : read.toReversed();
  const more = rest.length > limit;
  const at = (row: Row | undefined) => (row === undefined ? null : ([null, '', row.unified.id] as const));
  return {
    rows: page,
    next: (forward ? more : position !== null) ? at(page.at(-1)) : null,
    previous: (forward ? position !== null : more) ? at(page[0]) : null,
  };
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function holds({ eq, in: among, like }: Condition<string>, value: unknown): boolean {
  if (eq !== undefined && value !== eq) return false;
  if (among !== undefined && !among.includes(value as string)) return false;
  return like === undefined || (typeof value === 'string' && value.toLowerCase().includes(like.toLowerCase()));
}
