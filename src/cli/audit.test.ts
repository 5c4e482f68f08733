import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operatorName } from './operator.ts';
import { ran } from './ran.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'foreknow-audit-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => ran(args, { dataFolder: folder });

beforeAll(async () => {
  for (const name of ['one', 'two']) expect(await run('keys', 'create', name, '--json')).toMatchObject({ code: 0 });
  expect(await run('keys', 'revoke', 'tok_none')).toMatchObject({ code: 1 });
});

test('what commands do is written under the user who ran them', async () => {
  const { stdout } = await run('audit', '--json');
  const entries = JSON.parse(stdout) as { seq: number; action: string; actor: object; details: { name?: string } }[];
  expect(entries.map(({ seq, action, details }) => [seq, action, details.name])).toEqual([
    [1, 'token.created', 'one'],
    [2, 'token.created', 'two'],
    [3, 'token.revoked', undefined],
  ]);
  expect(entries[0]!.actor).toMatchObject({ kind: 'operator', id: operatorName(), door: 'cli' });
});

test('entries are chosen by action, actor, time and number, and printed for people and spreadsheets', async () => {
  const seqs = async (...args: string[]) =>
    (JSON.parse((await run('audit', '--json', ...args)).stdout) as { seq: number }[]).map(({ seq }) => seq);
  expect(await seqs('--action', 'token.revoked')).toEqual([3]);
  expect(await seqs('--actor', 'somebody-else')).toEqual([]);
  expect(await seqs('--since', '1h')).toEqual([1, 2, 3]);
  expect(await seqs('--since', '2999-01-01')).toEqual([]);
  expect(await seqs('--limit', '1')).toEqual([3]);
  expect((await run('audit')).stdout).toMatch(/token\.revoked.*not_found/);
  expect((await run('audit', '--csv')).stdout.trimEnd().split('\r\n')).toHaveLength(4);
  expect(await run('audit', '--since', 'yesterday')).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('--since'),
  });
});
