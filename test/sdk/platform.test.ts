import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What a module imports at run time. */
const importsOf = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';$/gm)].map((match) => match[1]!);

test.each([
  ['sdk', 15],
  ['webhooks', 3],
])('foreknow/%s runs on what the Web platform has: no package, no part of Node, no global of Node', (room, atLeast) => {
  const found = new Set([new URL(`../../src/${room}/index.ts`, import.meta.url).href]);
  const foreign: string[] = [];
  for (const module of found) {
    const text = readFileSync(new URL(module), 'utf8');
    for (const name of importsOf(text)) {
      if (name.startsWith('.')) found.add(new URL(name, module).href);
      else foreign.push(`${module}: ${name}`);
    }
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    const globals = code.match(/\b(?:Buffer|process|global|setImmediate|NodeJS|__dirname)\b(?=[.(])/g);
    if (globals !== null) foreign.push(`${module}: ${globals.join()}`);
  }
  expect(foreign).toEqual([]);
  expect(found.size).toBeGreaterThanOrEqual(atLeast);
});
