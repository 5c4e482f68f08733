/** What can be bound to a parameter; a list is bound as one value and read with `words.among` or `words.pointReads`. */
export type Value = string | number | null | readonly string[] | readonly number[];

/** One value of a row that is written. */
export type Cell = string | number | null;
export type CellType = 'text' | 'number';

/** Rows to insert together. */
export type Insert = {
  readonly table: string;
  /** Columns in the order of a row's values. */
  readonly columns: Readonly<Record<string, CellType>>;
  /** What happens where a row with the same `key` columns is there: nothing, or these assignments. Default: a failure. */
  readonly conflict?: { readonly key: readonly string[]; readonly set: readonly string[] | 'nothing' };
};

/**
 * One open transaction of either engine, or reads outside of one. SQL is written once for both: what the engines say
 * differently comes from `words`, bulk writes go through `insert` and `deleteRows`. Parameters are `?` in order, or `?1`, `?2`…
 * where one is used twice; a text uses one way only, and no `?` otherwise. Results: numbers are numbers, never bigint;
 * conditions in a select list are 0/1 on one engine and true/false on the other, so let `case` make numbers of them.
 */
export type Session = {
  readonly words: Words;
  all<Row>(text: string, ...values: readonly Value[]): Promise<Row[]>;
  get<Row>(text: string, ...values: readonly Value[]): Promise<Row | undefined>;
  /** @returns rows changed */
  run(text: string, ...values: readonly Value[]): Promise<number>;
  /** Runs the text once for each row of values. For few rows: on Postgres each is a round trip. */
  runMany(text: string, rows: readonly (readonly Value[])[]): Promise<void>;
  /** Inserts rows in their order; of two with the same conflict key the last one counts. */
  insert(into: Insert, rows: readonly (readonly Cell[])[]): Promise<void>;
  /** Deletes the rows whose columns equal one of the given rows of values; for text columns. */
  deleteRows(table: string, columns: readonly string[], rows: readonly (readonly string[])[]): Promise<void>;
  /** Hands rows to `onRow` as they are read, however many they are. */
  walk<Row>(text: string, values: readonly Value[], onRow: (row: Row) => void): Promise<void>;
};

/** What SQL dialects say differently in a statement. Parameters are named as in the text (`?`, `?2`). */
export type Words = {
  /** Whether the column is in a list that is bound to the parameter. */
  among(column: string, parameter: string, of?: CellType): string;
  /**
   * `from` and `where` that read the rows of a table by connection and key as point reads, in the order of the list, whatever
   * figures the planner has. The rows are called `mirrored`; more conditions may follow with `and`.
   */
  pointReads(table: string, keys: string, connection: string): string;
  /** A list as JSON text to be kept, which the engine can take apart again. */
  jsonList(list: readonly string[]): string;
  /** Whether no page of the pass holds the key of `mirrored`. */
  onNoPage(pass: string): string;
  /** Position of the second text in the first, from 1; 0 when it is not in it. */
  position(text: string, part: string): string;
  /** Ends a select whose rows are to be locked until the transaction ends. */
  readonly forUpdate: string;
  /** The same, leaving out rows that another transaction has locked. */
  readonly skipLocked: string;
};

/** The end of an insert; both engines say it alike. */
export function onConflict({ conflict }: Insert): string {
  if (conflict === undefined) return '';
  const action = conflict.set === 'nothing' ? 'nothing' : `update set ${conflict.set.join(', ')}`;
  return ` on conflict (${conflict.key.join(', ')}) do ${action}`;
}

/** Assignments that replace columns by what was to be inserted. */
export const replacing = (...columns: readonly string[]): readonly string[] =>
  columns.map((column) => `${column} = excluded.${column}`);
