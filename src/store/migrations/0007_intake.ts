import type { DialectWords } from './migration.ts';

export const intake = (_words: DialectWords): readonly string[] => [];
