import type { DialectWords } from './migration.ts';

export const log = (_words: DialectWords): readonly string[] => [];
