import type { DialectWords } from './migration.ts';

export const events = (_words: DialectWords): readonly string[] => [];
