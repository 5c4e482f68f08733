import { expect, test } from 'vitest';
import { printJson } from './print-json.ts';

test('whole floats keep a fraction, whole numbers do not get one', () => {
  expect(printJson([{ id: 0, current_risk_score: 0, phish_prone_percentage: 100 }])).toBe(
    '[{"id":0,"current_risk_score":0.0,"phish_prone_percentage":100.0}]\n',
  );
  expect(printJson({ risk_score: 35.18206022600573, date: '2026-01-01' })).toBe(
    '{"risk_score":35.18206022600573,"date":"2026-01-01"}\n',
  );
});

test('ampersands and angle brackets are escaped, and the text is the same when it is read', () => {
  const name = 'A & B <C> "risk_score":1, é';
  expect(printJson({ name })).toBe('{"name":"A \\u0026 B \\u003cC\\u003e \\"risk_score\\":1, é"}\n');
  expect(JSON.parse(printJson({ name }))).toEqual({ name });
});
