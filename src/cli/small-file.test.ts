import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import type { CliContext } from './context.ts';
import { readToken } from './secret-input.ts';
import { readSmallFile } from './small-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'foreknow-small-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file is read to its end, and no further than 1 MiB', () => {
  const file = join(folder, 'a.txt');
  writeFileSync(file, 'é'.repeat(1024 * 512));
  expect(readSmallFile(file)).toBe('é'.repeat(1024 * 512));
  writeFileSync(file, 'x'.repeat(1024 * 1024 + 1));
  expect(() => readSmallFile(file)).toThrow(expect.objectContaining({ code: 'EFBIG' }));
  expect(() => readSmallFile('/dev/zero')).toThrow(expect.objectContaining({ code: 'EFBIG' }));
  expect(() => readSmallFile(folder)).toThrow(expect.objectContaining({ code: 'EISDIR' }));
});

test('a token is not awaited from an input that never ends', async () => {
  const endless = Readable.from(
    (function* () {
      for (;;) yield 'x'.repeat(65_536);
    })(),
  );
  const context = { stdin: endless } as unknown as CliContext;
  const refusal = { code: 'invalid_request', field: '--reporting-token-file' };
  await expect(readToken(context, '-', '--reporting-token-file')).rejects.toMatchObject(refusal);
  await expect(readToken(context, '/dev/zero', '--reporting-token-file')).rejects.toMatchObject(refusal);
});
