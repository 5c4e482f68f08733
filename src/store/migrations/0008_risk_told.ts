/** The score from which a move of a risk score is measured: the one that was told last. Null: it has not moved since it was first seen. */
export const riskTold = (): readonly string[] =>
  ['account_rows', 'user_rows', 'group_rows'].map(
    (table) => `alter table ${table} add column risk_told double precision`,
  );
