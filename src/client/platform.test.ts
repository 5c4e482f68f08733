import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What a module imports at run time. */
const importsOf = (module: URL): string[] =>
  [...readFileSync(module, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';$/gm)].map(
    (match) => match[1]!,
  );

test('the client runs on what the Web platform has: no module of it imports a package or a part of Node', () => {
  const found = new Set([new URL('./index.ts', import.meta.url).href]);
  const foreign: string[] = [];
  for (const module of found) {
    for (const name of importsOf(new URL(module))) {
      if (name.startsWith('.')) found.add(new URL(name, module).href);
      else foreign.push(`${module}: ${name}`);
    }
  }
  expect(foreign).toEqual([]);
  expect(found.size).toBeGreaterThan(25);
});
