import { expect, test } from 'vitest';
import { csvHead, csvLine } from './csv.ts';
import type { StoredAuditEntry } from './ports.ts';

const entry: StoredAuditEntry = {
  seq: 7,
  at: '2026-03-02T08:00:00.000Z',
  actor: { kind: 'token', id: 'tok_1', name: '=cmd()', door: 'http', from: '192.0.2.1', requestId: null },
  action: 'token.created',
  target: 'a,b',
  connectionId: null,
  outcome: 'done',
  error: null,
  details: { name: 'say "hi"\nthere' },
};

test('an entry is one line, with commas, quotes and line ends quoted and formulas made text', () => {
  expect(csvHead.trimEnd().split(',')).toHaveLength(14);
  expect(csvLine(entry)).toBe(
    `7,2026-03-02T08:00:00.000Z,token.created,done,,token,tok_1,'=cmd(),http,192.0.2.1,,,"a,b",` +
      `"{""name"":""say \\""hi\\""\\nthere""}"\r\n`,
  );
});
