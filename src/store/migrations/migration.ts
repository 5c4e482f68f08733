import { init } from './0001_init.ts';

/** What SQL dialects say differently in a table's definition. */
export type DialectWords = {
  /** Follows a table whose small rows are best kept in its primary key; empty where the dialect has no such thing. */
  readonly clustered: string;
  /** Type of a number that only grows and is never given twice. */
  readonly identity: string;
};

/** Migrations are numbered from 1 without gaps; what has been released is never edited. */
export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly statements: (words: DialectWords) => readonly string[];
};

export const migrations: readonly Migration[] = [{ version: 1, name: 'init', statements: init }];
