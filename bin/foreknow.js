#!/usr/bin/env node
// The `foreknow` command. In a checkout it goes through the bootstrap, which fetches what is missing;
// installed from npm it runs the built code and, on an old Node, says in one line what to do.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

if (existsSync(at('../src/main/bin.ts'))) {
  const { bootstrap } = await import('./bootstrap.js');
  await bootstrap('src/main/bin.ts', process.argv.slice(2));
} else if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `foreknow needs Node 24 or newer and this is ${process.version}: install Node 24, or run it as npx -p node@24 -p foreknow foreknow`,
  );
  process.exit(1);
} else {
  await import('../dist/main/bin.js');
}
