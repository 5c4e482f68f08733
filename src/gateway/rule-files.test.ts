import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isForeknowError } from '../errors/errors.ts';
import { ruleFiles } from './rule-files.ts';

const root = mkdtempSync(join(tmpdir(), 'foreknow-rule-files-'));
afterAll(() => rmSync(root, { recursive: true }));
const put = (path: string, text: string): string => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
};

const SECRET = 'KB4_TOKEN_abcdef: x\n';
put('common.yaml', 'version: 1\nguards: { create_burst: 11% }\n');
put('elsewhere/base.yaml', `version: 1\n${SECRET}`);
const file = put('rules/acme.yaml', 'extends: ../common.yaml\n');
put('rules/base.yaml', 'version: 1\nguards: { create_burst: 12% }\n');
put('rules/more/base.YML', 'extends: ../base.yaml\n');
put('rules/.env', SECRET);
put('rules/notes.txt', SECRET);
put('rules/..2026_11_21/mounted.yaml', 'version: 1\nguards: { create_burst: 13% }\n');
symlinkSync(join(root, 'rules/..2026_11_21/mounted.yaml'), join(root, 'rules/mounted.yaml'));
symlinkSync(join(root, 'elsewhere/base.yaml'), join(root, 'rules/out.yaml'));
symlinkSync(join(root, 'elsewhere'), join(root, 'rules/folder'));
symlinkSync(join(root, 'rules/.env'), join(root, 'rules/hidden.yaml'));
execFileSync('mkfifo', [join(root, 'rules/pipe.yaml')]);
const rules = ruleFiles([{ file, connection: 'acme' }]);

/** `create_burst` of the draft's rules, or what is wrong with it. */
async function draft(text: string, named = 'draft.yaml', connection = 'acme'): Promise<number | readonly string[]> {
  try {
    return (await rules.rulesOf({ name: connection }, { file: named, text })).set.settings.guards.create_burst.share;
  } catch (error) {
    if (!isForeknowError(error)) throw error;
    return [error.code, ...error.issues.map(({ field, reason }) => `${field}: ${reason}`)];
  }
}
const refused = [
  'rules_invalid',
  'extends: names no rule file that a draft may extend (draft.yaml line 2, column 10). A draft extends .yaml and .yml files in the folder of the connection’s rules, and what those rules extend.',
];

describe('a draft extends', () => {
  test.each<[string, string, number]>([
    ['a file of the rules’ folder', 'base.yaml', 0.12],
    ['one of a folder inside', './more/base.YML', 0.12],
    ['what the rules themselves extend', '../common.yaml', 0.11],
    ['a link that stays inside, as they are mounted', 'mounted.yaml', 0.13],
    ['the rules that it is tried against', 'acme.yaml', 0.11],
  ])('%s', async (_, path, burst) => {
    expect(await draft(`extends: ${path}\n`)).toBe(burst);
    expect(await draft(`extends: ${join(root, 'rules', path)}\n`)).toBe(burst);
    expect(await draft(`extends: ${path}\n`, join(root, 'rules/draft.yaml'))).toBe(burst);
  });

  test('files from where it lies itself, when that is the folder of the rules', async () => {
    expect(await draft('extends: ../base.yaml\n', join(root, 'rules/more/draft.yaml'))).toBe(0.12);
    expect(await draft('extends: ../base.yaml\n', 'more/draft.yaml')).toBe(0.12);
  });

  test.each([
    ['a file that is no rules', '.env'],
    ['another', 'notes.txt'],
    ['a file elsewhere', '../elsewhere/base.yaml'],
    ['a file elsewhere by its whole path', join(root, 'elsewhere/base.yaml')],
    ['a link that leads out', 'out.yaml'],
    ['a folder that leads out', 'folder/base.yaml'],
    ['a link to what is no rules', 'hidden.yaml'],
    ['what is not there', 'nothing.yaml'],
    ['what is not there, elsewhere', '../elsewhere/nothing.yaml'],
    ['the folder', '.'],
    ['a pipe', 'pipe.yaml'],
    ['a device', '/dev/zero'],
    ['a name that no system takes', `${'x'.repeat(5000)}.yaml`],
  ])('never %s, and nothing of it is told', async (_, path) => {
    expect(await draft(`version: 1\nextends: ${path}\n`)).toEqual(refused);
  });

  test('nothing where the connection has no rules', async () => {
    expect(await draft('version: 1\nextends: base.yaml\n', 'draft.yaml', 'other')).toEqual(refused);
    expect(await draft('version: 1\nguards: { create_burst: 5% }', 'draft.yaml', 'other')).toBe(0.05);
  });
});

test('without a file a connection has the careful defaults', async () => {
  const { file: named, set } = await rules.rulesOf({ name: 'other' }, null);
  expect([named, set.settings.ownedPrefix]).toEqual([null, null]);
});

test('a file that is larger than rules may be is refused, and no more of it is read', async () => {
  const large = put('large/acme.yaml', `#${'é'.repeat(3_000_000)}`);
  const found = ruleFiles([{ file: large, connection: 'acme' }]).rulesOf({ name: 'acme' }, null);
  await expect(found).rejects.toMatchObject({
    code: 'rules_invalid',
    issues: [{ reason: 'is larger than 512 KiB (acme.yaml line 1, column 1)' }],
  });
});

test('rules that are not there are told by their path', async () => {
  const gone = ruleFiles([{ file: join(root, 'gone.yaml'), connection: 'acme' }]);
  await expect(gone.guards()).rejects.toMatchObject({
    issues: [{ reason: expect.stringContaining('gone.yaml cannot be read.') }],
  });
});
