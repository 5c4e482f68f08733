import type { DialectWords } from './migration.ts';

export const audit = (_words: DialectWords): readonly string[] => [];
