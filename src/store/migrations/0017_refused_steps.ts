import type { DialectWords } from './migration.ts';

/** Steps that KnowBe4 refused, by what was wanted, and when they are tried again; `body` is JSON. Times are ISO text. */
export const refusedSteps = ({ clustered }: DialectWords): readonly string[] => [
  `create table refused_steps (connection_id text not null, aim text not null, body text not null, primary key (connection_id, aim)) ${clustered}`,
];
