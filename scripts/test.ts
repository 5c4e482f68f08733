/**
 * `npm test`: types, lint, rooms, unused code, then every test. Ends with `N passed, N failed` and, when something could
 * not run here, one line saying what and why. Arguments go to vitest (`npm test -- src/client`), and skip the checks.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; message: string; assertionResults: unknown[] }[];
};

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const filters = process.argv.slice(2);

const checks: [name: string, command: string, args: string[]][] = [
  ['types', bin('tsc'), ['--noEmit']],
  ['lint', bin('biome'), ['check', '.', '--diagnostic-level=error']],
  ['lint (types)', bin('oxlint'), ['--type-aware', '--deny-warnings', '--quiet', 'src', 'test', 'scripts', 'examples']],
  ['rooms', process.execPath, [join(root, 'scripts/check-rooms.ts')]],
  ['unused', bin('knip'), []],
];

const failed: string[] = [];
for (const [name, command, args] of filters.length > 0 ? [] : checks) {
  const started = performance.now();
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  const ok = done.status === 0;
  console.log(`  ${ok ? '✓' : '✗'} ${name.padEnd(14)} ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (ok) continue;
  failed.push(name);
  console.log(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}`);
}

const folder = mkdtempSync(join(tmpdir(), 'foreknow-test-'));
const reportFile = join(folder, 'report.json');
const vitest = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...filters];
// Every test file is a process, and every store a thread: compiled once, they start in half the time.
const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile') };
const run = spawnSync(bin('vitest'), vitest, { cwd: root, stdio: 'inherit', env });

let report: Report | null = null;
try {
  report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
} catch {
  failed.push('the test runner wrote no report');
}
rmSync(folder, { recursive: true, force: true });

const passed = report?.numPassedTests ?? 0;
// A file that cannot be loaded counts as one failure: its tests never ran.
const broken =
  report?.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0) ?? [];
const failures = (report?.numFailedTests ?? 0) + broken.length + failed.length;
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
if (failed.length > 0) console.log(`checks failed: ${failed.join(', ')}`);
const unexplained = run.status !== 0 && failures === 0 ? 1 : 0;
if (unexplained) console.log(`the test runner ended with ${run.status ?? run.signal} although no test failed`);
if (passed === 0) console.log('no test ran');
console.log(`${passed} passed, ${failures + unexplained} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failures + unexplained === 0 && passed > 0 ? 0 : 1);
