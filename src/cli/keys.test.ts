import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ran } from './ran.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'foreknow-keys-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => ran(args, { dataFolder: folder });

const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout);

test('a key is made with tags and a field policy, given another secret, listed and revoked', async () => {
  const hides = ['--mask', 'email', '--hide', 'phone,employee_number'];
  const { token, secret } = await json('keys', 'create', 'board', '--scope', 'phishing', '--tag', 'emea', ...hides);
  expect(token).toMatchObject({
    ...{ scopes: ['phishing.identified'], tags: ['emea'], connections: null },
    field_policy: { email: 'mask', phone: 'drop', employee_number: 'drop' },
  });
  const rotated = await json('keys', 'rotate', token.id, '--overlap', '1');
  expect(rotated.secret).not.toBe(secret);
  expect(Date.parse(rotated.token.previous_until) - Date.now()).toBeGreaterThan(3_590_000);
  const again = await run('keys', 'rotate', token.id, '--overlap', '0');
  expect([again.code, again.stdout.trim()]).toEqual([0, expect.stringMatching(/^fk_[\w-]{43}$/)]);
  expect(again.stderr).toContain('the old secret has ended');
  const list = await run('keys', 'list');
  expect(list.stdout).toContain('tag:emea');
  expect(list.stdout).toContain('email,phone,employee_number');
  await run('keys', 'revoke', token.id);
  expect(await json('keys', 'list')).toEqual([]);
});

test('what is hidden is not shown in part; unknown fields are no words of the command', async () => {
  const { token } = await json('keys', 'create', 'strict', '--mask', 'email', '--hide', 'email');
  expect(token.field_policy).toEqual({ email: 'drop' });
  for (const wrong of [
    ['--hide', 'salary'],
    ['--mask', 'phone'],
  ]) {
    expect((await run('keys', 'create', 'wrong', ...wrong)).code).toBe(64);
  }
});
