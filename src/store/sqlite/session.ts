import { type Cell, type Insert, onConflict, type Session, type Value, type Words } from '../session.ts';
import type { OpenDatabase } from './database.ts';

/** The store's session over an open SQLite connection. Nothing waits in it: a statement is done when its call returns. */
export function sqliteSession(database: OpenDatabase): Session {
  return {
    words,
    all: async <Row>(text: string, ...values: readonly Value[]) => database.all<Row>(text, ...values.map(bound)),
    get: async <Row>(text: string, ...values: readonly Value[]) => database.get<Row>(text, ...values.map(bound)),
    run: async (text, ...values) => database.run(text, ...values.map(bound)),
    runMany: async (text, rows) => {
      const statement = database.statement(text);
      for (const row of rows) statement.run(...row.map(bound));
    },
    insert: async (into, rows) => {
      if (rows.length === 0) return;
      const statement = database.statement(insertText(into));
      for (const row of rows) statement.run(...row);
    },
    deleteRows: async (table, columns, rows) => {
      if (rows.length === 0) return;
      const statement = database.statement(
        `delete from ${table} where ${columns.map((column) => `${column} = ?`).join(' and ')}`,
      );
      for (const row of rows) statement.run(...row);
    },
    walk: async <Row>(text: string, values: readonly Value[], onRow: (row: Row) => void) => {
      for (const row of database.statement(text).iterate(...values.map(bound))) onRow(row as Row);
    },
  };
}

/** A list travels as a JSON array. */
const bound = (value: Value): Cell => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);

const insertTexts = new WeakMap<Insert, string>();

function insertText(into: Insert): string {
  let text = insertTexts.get(into);
  if (text === undefined) {
    const columns = Object.keys(into.columns);
    text = `insert into ${into.table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})${onConflict(into)}`;
    insertTexts.set(into, text);
  }
  return text;
}

const words: Words = {
  among: (column, parameter) => `${column} in (select value from json_each(${parameter}))`,
  pointReads: (table, keys, connection) =>
    `from json_each(${keys}) as wanted cross join ${table} as mirrored
     where mirrored.connection_id = ${connection} and mirrored.key = wanted.value`,
  jsonList: (list) => JSON.stringify(list),
  onNoPage: (pass) =>
    `mirrored.key not in (select page_key.value from pass_pages, json_each(pass_pages.keys) as page_key
       where pass_id = ${pass})`,
  position: (text, part) => `instr(${text}, ${part})`,
  forUpdate: '',
  skipLocked: '',
};
