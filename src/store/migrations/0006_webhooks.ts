import type { DialectWords } from './migration.ts';

export const webhooks = (_words: DialectWords): readonly string[] => [];
