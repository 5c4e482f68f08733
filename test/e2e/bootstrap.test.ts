import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A Node older than 24 on this machine, if there is one beside the runtime that runs the tests. */
const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
  const answer = spawnSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return answer.status === 0 && Number(answer.stdout.split('.')[0]) < 24;
});
if (!oldNode)
  console.log('skipped: the bootstrap on an old Node (no Node older than 24 in /usr/bin or /usr/local/bin)');

test.skipIf(!oldNode)('an installed foreknow on an old Node says in one line what to do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-old-'));
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
  const { status, stdout, stderr } = spawnSync(oldNode!, [join(folder, 'bin/foreknow.js'), 'status'], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^foreknow needs Node 24 or newer and this is v\d+\.\d+\.\d+: .+\n$/);
});

test.skipIf(!oldNode)('in a checkout the command works on an old Node and keeps stdout for its answer', () => {
  const { status, stdout } = spawnSync(oldNode!, [join(root, 'bin/foreknow.js'), '--version'], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '0.1.0\n' });
});

test('the bootstrap without a script is a usage error', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/bootstrap.js')], { encoding: 'utf8' });
  expect(status).toBe(64);
  expect(stderr).toContain('usage:');
});

test('a script that fails gives its exit code to whoever started the bootstrap', () => {
  const args = [join(root, 'bin/bootstrap.js'), 'test/fixtures/exit-3.ts'];
  expect(spawnSync(process.execPath, args).status).toBe(3);
  if (oldNode) expect(spawnSync(oldNode, args).status).toBe(3);
});
