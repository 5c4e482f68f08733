/**
 * Holds the import rule of docs/architecture.md: a room imports only rooms below it, never a neighbour, never upwards;
 * a type-only import counts. Exits 1 on a violation and also when it has read no modules.
 */
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';

/** The storeys, from the ground up. Rooms of one storey are neighbours and must not know each other. */
const storeys: readonly (readonly string[])[] = [
  ['lib'],
  ['errors'],
  ['wire', 'scim', 'webhooks'],
  ['client', 'model', 'sdk'],
  ['trace'],
  ['rules'],
  [
    'connections',
    'directory',
    'sync',
    'sources',
    'provisioning',
    'events',
    'evidence',
    'access',
    'proxy',
    'reporting',
    'jobs',
    'tokens',
    'links',
    'operators',
    'audit',
    'config',
    'metrics',
    'calls',
  ],
  ['store'],
  ['gateway'],
  ['mcp'],
  ['http', 'cli'],
  ['main'],
];
const storeyOf = new Map(storeys.flatMap((rooms, storey) => rooms.map((room) => [room, storey] as const)));
const CORE = storeyOf.get('client')!;

/** `emulator` stands apart: it imports the ground only, and only these product files start it. */
const emulatorStarters = new Set(['cli/commands/emulate.ts', 'cli/commands/demo.ts']);
const isTest = (file: string) => /\.(test|contract)\.ts$/.test(file) || file.includes('/contract/');

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = globSync('**/*.ts', { cwd: src }).map((file) => file.split(sep).join('/'));
const problems: string[] = [];

for (const file of files) {
  const text = readFileSync(join(src, file), 'utf8');
  for (const specifier of importsOf(file, text)) check(file, specifier);
  if (/process\.env|from 'node:process'.*env/.test(text) && file !== 'main/config.ts' && !isTest(file)) {
    problems.push(`${file}: only main/config.ts reads process.env`);
  }
}

if (files.length === 0) problems.push('no modules were read: the check would pass on anything');
for (const problem of problems) console.error(problem);
console.log(`rooms: ${files.length} modules, ${problems.length} violations`);
process.exit(problems.length === 0 ? 0 : 1);

/** Every module specifier a file names: imports, re-exports, `import()` and `import('…')` types. */
function importsOf(file: string, text: string): string[] {
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0) problems.push(`${file}: cannot be parsed: ${errors[0]!.message}`);
  const found = [
    ...module.staticImports.map((item) => item.moduleRequest.value),
    ...module.staticExports.flatMap((item) => item.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...module.dynamicImports.map((item) => text.slice(item.moduleRequest.start + 1, item.moduleRequest.end - 1)),
  ];
  new Visitor({ TSImportType: (node) => void found.push(node.source.value) }).visit(program);
  return found;
}

function check(file: string, specifier: string): void {
  const room = file.split('/')[0]!;
  const storey = storeyOf.get(room);
  if (storey === undefined && room !== 'emulator') {
    problems.push(`${file}: "${room}" is not a room; add it to a storey in scripts/check-rooms.ts`);
    return;
  }
  if (!specifier.startsWith('.')) {
    checkPackage(file, room, specifier);
    return;
  }
  const target = relative(src, normalize(join(src, dirname(file), specifier)))
    .split(sep)
    .join('/');
  const targetRoom = target.split('/')[0]!;
  if (targetRoom === '..') {
    problems.push(`${file}: imports ${specifier}, which is outside src`);
  } else if (targetRoom === room || (isTest(file) && targetRoom !== 'main')) {
    return;
  } else if (targetRoom === 'emulator') {
    if (!emulatorStarters.has(file))
      problems.push(`${file}: only tests, cli emulate and cli demo may start the emulator`);
  } else {
    const below = storeyOf.get(targetRoom);
    const limit = room === 'emulator' ? CORE - 1 : storey! - 1;
    if (below === undefined || below > limit)
      problems.push(`${file}: "${room}" may not import "${targetRoom}" (${target})`);
  }
}

/** The ground and the core run wherever the Web platform is: no Node modules, the schema library alone. */
function checkPackage(file: string, room: string, specifier: string): void {
  const storey = storeyOf.get(room);
  if (isTest(file) || storey === undefined || storey > CORE) return;
  if (isBuiltin(specifier)) problems.push(`${file}: "${room}" may not import ${specifier}: it must run without Node`);
  else if (specifier !== 'zod') problems.push(`${file}: "${room}" may depend on zod alone, not on ${specifier}`);
}
