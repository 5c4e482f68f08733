import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { streamsOf } from '../sync/plan.ts';
import type { RunRecord } from '../sync/ports.ts';
import type { StreamName } from '../sync/streams.ts';
import { type CliConfig, type CliOptions, runCli } from './cli.ts';

/* `foreknow sync` while another process syncs the account: a stand-in for the gateway, which refuses while a run is under way. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-sync-joins-'));
  writeFileSync(join(folder, 'foreknow.db'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (id: string, level: RunRecord['level'], streams: readonly StreamName[]): RunRecord => ({
  ...{ id, connectionId: 'con_1', level, trigger: 'schedule', status: 'done', error: null, estimate: null },
  ...{ startedAt: '2026-11-21T08:00:00.000Z', endedAt: '2026-11-21T08:01:00.000Z' },
  ...{ requests: 3, pages: 3, rows: 9, changes: 0 },
  streams: streams.map((stream) => ({ stream, status: 'done' }) as RunRecord['streams'][number]),
});

/** @param other the run that is under way for its first few looks */
async function synced(args: readonly string[], other: RunRecord | null) {
  let [begun, looks] = [0, 0];
  const sync = {
    async run() {
      begun += 1;
      if (begun === 1) throw new ForeknowError('conflict', { detail: 'A sync of acme is running already.' });
      return run('run_own', 'refresh', streamsOf('refresh'));
    },
    status: async () => ({ running: null, lastRun: other && { ...other, status: 'running' } }),
    async getRun() {
      looks += 1;
      return looks < 3 ? { ...other!, status: 'running' } : other!;
    },
  };
  const gateway = { sync, as: () => gateway, close: async () => {} };
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const nothing = () => Promise.reject(new Error('does nothing'));
  const config = {
    ...{ vaultKeys: null, databaseUrl: null, noColor: true, proxy: null, noProxy: null },
    dataFolder: folder,
  };
  const code = await runCli(['sync', 'acme', '--json', ...args], {
    config: { ...config, configFile: null, readEnv: () => null } as unknown as CliConfig,
    version: '1.2.3',
    openGateway: (async () => gateway) as unknown as NonNullable<CliOptions['openGateway']>,
    ...{ serve: nothing, serveOperation: nothing, createLog: nothing, createMetrics: nothing, startTracing: nothing },
    ...{ stdin: stdin as never, stdout: stdout as never, stderr: stderr as never },
  });
  const text = String(stdout.read() ?? '');
  return {
    code,
    begun,
    looks,
    id: text === '' ? null : (JSON.parse(text) as RunRecord).id,
    told: String(stderr.read() ?? ''),
  };
}

test('waits for the sync that is under way, and is content with it when it read all that was asked for', async () => {
  const ended = await synced([], run('run_other', 'refresh', streamsOf('refresh')));
  expect(ended).toMatchObject({ code: 0, begun: 1, looks: 3, id: 'run_other' });
  expect(ended.told).toContain('A sync of acme is under way already (run_other): waiting for it to end.');
});

test('then syncs by itself when that one read less', async () => {
  const directory = run('run_other', 'directory', streamsOf('directory'));
  expect(await synced([], directory)).toMatchObject({ code: 0, begun: 2, id: 'run_own' });
  const failed = { ...run('run_other', 'refresh', streamsOf('refresh')), status: 'failed' as const };
  expect(await synced([], failed)).toMatchObject({ begun: 2, id: 'run_own' });
  expect(await synced(['--full'], run('run_other', 'refresh', streamsOf('full')))).toMatchObject({ begun: 2 });
});

test('tells what the conflict is where nothing is under way', async () => {
  const ended = await synced([], null);
  expect(ended).toMatchObject({ begun: 1, id: null });
  expect(ended.code).not.toBe(0);
});
