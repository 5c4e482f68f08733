import type { Client } from 'pg';
import type { CellType, Session, Value, Words } from '../session.ts';
import { arrayTypes, bound, byColumn, cleaned, insertText, lastOfEach, numbered } from './statement.ts';

/** What a session sends its statements to: a pool for reads, one client inside a transaction. */
export type Queryable = Pick<Client, 'query'>;

const ROWS_A_FETCH = 5000;

/** The store's session over Postgres. */
export function postgresSession(target: Queryable): Session {
  const send = (text: string, values: readonly Value[]) => target.query(text, values.map(bound) as unknown[]);
  const all = async <Row>(text: string, ...values: readonly Value[]) =>
    (await send(numbered(text), values)).rows as Row[];
  const run = async (text: string, ...values: readonly Value[]) => (await send(numbered(text), values)).rowCount ?? 0;
  return {
    words,
    all,
    get: async <Row>(text: string, ...values: readonly Value[]) => (await all<Row>(text, ...values))[0],
    run,
    runMany: async (text, rows) => {
      for (const row of rows) await run(text, ...row);
    },
    insert: async (into, rows) => {
      if (rows.length === 0) return;
      await send(insertText(into), byColumn(Object.keys(into.columns).length, lastOfEach(into, rows)));
    },
    deleteRows: async (table, columns, rows) => {
      if (rows.length === 0) return;
      const lists = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
      const equal = columns.map((column) => `${table}.${column} = gone.${column}`).join(' and ');
      await send(
        `delete from ${table} using unnest(${lists}) as gone (${columns.join(', ')}) where ${equal}`,
        byColumn(columns.length, rows),
      );
    },
    walk: async <Row>(text: string, values: readonly Value[], onRow: (row: Row) => void) => {
      await send(`declare walk no scroll cursor for ${numbered(text)}`, values);
      for (;;) {
        const { rows } = await target.query(`fetch ${ROWS_A_FETCH} from walk`);
        for (const row of rows) onRow(row as Row);
        if (rows.length < ROWS_A_FETCH) break;
      }
      await target.query('close walk');
    },
  };
}

const words: Words = {
  among: (column, parameter, of: CellType = 'text') => `${column} = any(${parameter}::${arrayTypes[of]})`,
  pointReads: (table, keys, connection) =>
    // Both parts of the key come from `wanted`, behind `offset 0`: told the connection, the planner takes it for one row while its
    // figures are older than the connection, and may walk all of it for each key.
    `from (select unnest(${keys}::text[]) as value, ${connection}::text as connection offset 0) as wanted cross join lateral
       (select * from ${table} where connection_id = wanted.connection and key = wanted.value limit 1) as mirrored where true`,
  jsonList: (list) => JSON.stringify(list.map(cleaned)),
  onNoPage: (pass) =>
    `not exists (select 1 from (select json_array_elements_text(keys::json) as value from pass_pages
       where pass_id = ${pass}) as page_key where page_key.value = mirrored.key)`,
  position: (text, part) => `strpos(${text}, ${part})`,
  forUpdate: 'for update',
  skipLocked: 'for update skip locked',
};
