import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import type { ScimInStore } from '../sources/scim-in-ports.ts';
import { openSource } from './open-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'foreknow-source-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const docs = globSync(fileURLToPath(new URL('../../docs/*.md', import.meta.url)));
const examples = docs.flatMap((path) =>
  [...readFileSync(path, 'utf8').matchAll(/```yaml\n(sources:\n[\s\S]*?)```/g)].map(
    ([, text], at) => [`${basename(path)} ${at + 1}`, text!] as const,
  ),
);

test('there are examples of directories and of JSON', () => {
  expect(examples.map(([name]) => name)).toEqual(
    expect.arrayContaining(['ldap.md 1', 'ldap.md 2', 'json-source.md 1']),
  );
});

test.each(examples)('the sources of %s can be opened as they stand there', async (_, text) => {
  const result = readConfig({
    text: `version: 1\n${text}`,
    streams: [],
    readSecret: () => ({ value: 'a secret of the tests' }),
    resolvePath: (path) => {
      const absolute = join(folder, basename(path));
      writeFileSync(absolute, '');
      return absolute;
    },
  });
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  expect(result.config.sources.length).toBeGreaterThan(0);
  const deps = { store: {} as ScimInStore, spoolFolder: folder, egress: {}, now: () => new Date(0) };
  for (const configured of result.config.sources) {
    const source = await openSource(configured, deps);
    expect(source.name).toBe(configured.name);
    await source.close?.();
  }
});
