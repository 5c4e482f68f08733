/**
 * Statements after which the database itself refuses to change or remove a row of a table whose key is `seq`, whoever asks.
 * Only dropping the table is left, which nobody does by mistake.
 */
export const appendOnlyOn = {
  sqlite: (table: string): readonly string[] => [
    refusal(table, 'update', `before update on ${table}`),
    refusal(table, 'delete', `before delete on ${table}`),
    // `insert or replace` removes the row in its way without a word to the trigger above.
    refusal(table, 'replace', `before insert on ${table} when exists (select 1 from ${table} where seq = new.seq)`),
  ],
  postgres: (table: string): readonly string[] => [
    `create function ${table}_append_only() returns trigger language plpgsql as
       $$ begin raise exception '${table} is append-only'; end $$`,
    `create trigger ${table}_append_only before update or delete or truncate on ${table}
       for each statement execute function ${table}_append_only()`,
  ],
} as const;

const refusal = (table: string, verb: string, when: string): string =>
  `create trigger ${table}_no_${verb} ${when} begin select raise(abort, '${table} is append-only'); end`;
