import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'foreknow-package-'));
const consumer = join(folder, 'consumer');
const run = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(() => {
  // A copy is built, so that the checkout's own dist is never half-written while something else reads it.
  const copy = join(folder, 'copy');
  mkdirSync(copy);
  const files = run('git', ['ls-files', '-co', '--exclude-standard', '-z'], root)
    .split('\0')
    .filter((file) => existsSync(join(root, file)));
  writeFileSync(join(folder, 'files'), files.filter(Boolean).join('\0'));
  run('sh', ['-c', `tar -C "${root}" --null -T "${join(folder, 'files')}" -cf - | tar -C "${copy}" -xf -`], folder);
  run('ln', ['-s', join(root, 'node_modules'), join(copy, 'node_modules')], folder);
  run('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], copy);

  mkdirSync(consumer);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const install = ['install', '--loglevel=error', '--no-audit', '--no-fund', '--prefer-offline'];
  run('npm', [...install, join(folder, `foreknow-${version}.tgz`)], consumer);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a consumer imports every subpath of the packed package and finds what the README promises', () => {
  writeFileSync(
    join(consumer, 'use.mjs'),
    `const client = await import('foreknow/client');
     const emulator = await import('foreknow/emulator');
     const server = await import('foreknow/server');
     const sdk = await import('foreknow/sdk');
     const webhooks = await import('foreknow/webhooks');
     console.log(JSON.stringify([typeof sdk.createClient, typeof webhooks.verifyWebhook, typeof client.createReportingClient, typeof emulator.startEmulator, typeof server.startServer]));`,
  );
  expect(JSON.parse(run(process.execPath, ['use.mjs'], consumer))).toEqual(Array.from({ length: 5 }, () => 'function'));
});

test('the installed package carries types that a strict consumer compiles against', () => {
  writeFileSync(
    join(consumer, 'use.ts'),
    `import { createReportingClient } from 'foreknow/client';
     import { startEmulator } from 'foreknow/emulator';
     import { createClient } from 'foreknow/sdk';
     import { verifyWebhook } from 'foreknow/webhooks';
     import { startServer } from 'foreknow/server';
     const emulator = await startEmulator({ people: 20 });
     const client = createReportingClient({ region: 'us', token: emulator.reportingToken, baseUrl: emulator.url });
     for await (const user of client.users.list()) { const id: string = user.id; const risk: number | null = user.riskScore; console.log(id, risk); }
     const api = createClient({ baseUrl: 'http://127.0.0.1:1', token: 't' });
     for await (const user of api.users.list({ status: 'active' })) { const email: string | undefined = user.emails[0]?.email; console.log(email); }
     for (const person of await api.people.list({ overdue: true }).all(3)) { const overdue: number | undefined = person.training?.overdue; console.log(overdue); }
     const event = await verifyWebhook({ headers: {}, body: '', secret: '' });
     if (event.type === 'phishing.failed') { const failure: 'clicked' | 'replied' | 'attachment_opened' | 'macro_enabled' | 'data_entered' | 'qr_code_scanned' = event.data.failure; console.log(failure); }
     const nope: number = emulator.url;
     export { startServer, nope };`,
  );
  const options = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'dom'],
    types: [],
    skipLibCheck: true,
  };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
  const compile = () =>
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', consumer], consumer);
  // The one planted mistake is found, so the types are really there; without it nothing is left.
  expect(compile).toThrow(
    expect.objectContaining({ stdout: expect.stringMatching(/^use\.ts\(\d+,\d+\): error TS2322.*\n$/) }),
  );
  writeFileSync(
    join(consumer, 'use.ts'),
    readFileSync(join(consumer, 'use.ts'), 'utf8').replace('nope: number', 'nope: string'),
  );
  expect(compile()).toBe('');
});

test('the packed files are what a publisher wants: publint finds nothing and no sources or tests are inside', async () => {
  const installed = join(consumer, 'node_modules', 'foreknow');
  expect(existsSync(join(installed, 'src'))).toBe(false);
  for (const file of ['emulator/DIFFERENCES.md', 'http/connect/assets/connect.js', 'http/connect/assets/connect.css']) {
    expect(existsSync(join(installed, 'dist', file)), file).toBe(true);
  }
  const { messages } = await publint({ pkgDir: installed, strict: true });
  expect(messages).toEqual([]);
});

test('the installed command runs the built code: it opens a store and makes a key', () => {
  const data = join(folder, 'data');
  const bin = join(consumer, 'node_modules', 'foreknow', 'bin', 'foreknow.js');
  const args = ['keys', 'create', 'ci', '--scope', 'directory', '--data', data, '--json'];
  const { secret } = JSON.parse(run(process.execPath, [bin, ...args], consumer)) as { secret: string };
  expect(secret).toMatch(/^fk_/);
});
