import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import type { ConnectionStatus, SyncProgress } from '../gateway/types.ts';
import type { RunRecord } from '../sync/ports.ts';
import { exitCodeOfRun } from './commands/sync.ts';
import { writeAllJson } from './list-pages.ts';
import { connectionText } from './output/connection-text.ts';
import { createOutput, type Stream } from './output/output.ts';
import { failureOf, renderFailure } from './output/render-error.ts';
import { runText } from './output/run-text.ts';
import { statusText } from './output/status-text.ts';
import { showProgress } from './output/sync-progress.ts';
import { onFreePort } from './ports.ts';
import type { CallServer } from './remote/call-server.ts';
import { watchRun } from './remote/watch-run.ts';

function aStream(options: { isTTY?: boolean; columns?: number } = {}): Stream & { text(): string } {
  let text = '';
  const stream = Object.assign(new PassThrough(), options, { text: () => text });
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return stream;
}
const anOutput = (stdout: Stream, stderr: Stream, noColor = false) =>
  createOutput({ stdout, stderr, json: false, noColor, onClosed: () => {} });

test('colour is for terminals, and for nobody who set NO_COLOR', () => {
  const painted = (isTTY: boolean, noColor: boolean) =>
    anOutput(aStream({ isTTY, columns: 80 }), aStream(), noColor).paint('red', 'x');
  expect(painted(true, false)).toContain('\u001b[');
  expect(painted(true, true)).toBe('x');
  expect(painted(false, false)).toBe('x');
});

const aProgress = (change: Partial<SyncProgress>): SyncProgress => ({
  runId: 'run_1',
  stream: 'users',
  rows: 500,
  expectedRows: 1204,
  pages: 1,
  requests: 3,
  expectedRequests: 12,
  streamDone: false,
  ...change,
});

test('progress is one line that redraws itself on a terminal and never runs over its edge', () => {
  const stderr = aStream({ isTTY: true, columns: 40 });
  const view = showProgress(anOutput(aStream(), stderr), () => 0);
  view.update(aProgress({}));
  view.end();
  expect(stderr.text()).toContain('███░░░░░░░░░');
  expect(stderr.text()).not.toContain('\n');
  expect(
    stderr
      .text()
      .split('\r')
      .every((line) => line.replace('\u001b[2K', '').length < 40),
  ).toBe(true);
});

test('progress is a plain line a finished stream elsewhere', () => {
  const stderr = aStream();
  const view = showProgress(anOutput(aStream(), stderr), () => 0);
  view.update(aProgress({}));
  view.update(aProgress({ rows: 1204, streamDone: true }));
  view.end();
  expect(stderr.text()).toBe('users: 1,204 rows\n');
});

const aRun = (change: Partial<RunRecord>): RunRecord => ({
  id: 'run_1',
  connectionId: 'con_1',
  trigger: 'manual',
  level: 'full',
  status: 'done',
  startedAt: '2026-11-20T09:00:00.000Z',
  endedAt: '2026-11-20T09:00:06.000Z',
  streams: [],
  requests: 1,
  pages: 1,
  rows: 1,
  changes: 0,
  estimate: null,
  error: null,
  ...change,
});
const because = (code: string) => ({ code, detail: 'x', hint: null });

test('a run’s exit code follows how it ended and why', () => {
  expect(exitCodeOfRun(aRun({}))).toBe(0);
  expect(exitCodeOfRun(aRun({ status: 'parked', error: because('quota_exhausted') }))).toBe(75);
  expect(exitCodeOfRun(aRun({ status: 'failed', error: because('connection_unauthorized') }))).toBe(69);
  expect(exitCodeOfRun(aRun({ status: 'partial' }))).toBe(1);
  expect(exitCodeOfRun(aRun({ status: 'interrupted' }))).toBe(1);
});

test('what ended a run is said once', () => {
  const error = { code: 'quota_exhausted', detail: 'The day is spent.', hint: null };
  const stream = { stream: 'users', status: 'parked', rows: 0, badRows: 0, changes: 0, requests: 1, durationMs: 1 };
  const streams = [{ ...stream, proof: null, error }] as unknown as RunRecord['streams'];
  const text = runText(aRun({ status: 'parked', error, streams }), 80);
  expect(text.match(/The day is spent/g)).toHaveLength(1);
  expect(runText(aRun({ status: 'failed', error }), 80)).toContain('  ! The day is spent.');
});

test('a sync whose time has come is due, not long ago', () => {
  const budget = { limits: { perDay: 10 }, usedLastDay: 1, reserve: 2, blockedUntil: null, unexpected429: 0 };
  const at = (nextSyncAt: string) =>
    statusText(
      {
        connection: { name: 'acme', state: 'active', region: 'us' },
        streams: [],
        openHolds: [],
        openAlerts: [],
        budget,
        nextSyncAt,
      } as unknown as ConnectionStatus,
      Date.parse('2026-11-20T09:00:00Z'),
      80,
    );
  expect(at('1970-01-01T00:00:00.000Z')).toMatch(/^next sync +due now$/m);
  expect(at('2026-11-20T09:05:00.000Z')).toMatch(/^next sync +in 5 min$/m);
});

test('settings of a connection are told in words', () => {
  const connection = { name: 'acme', baseUrls: {}, tags: [], tokens: [], account: null, lastError: null };
  const settings = { limits: { perDay: 1500, perSecond: null }, streamsOff: ['policies', 'recipients'] };
  expect(connectionText({ ...connection, settings } as unknown as ConnectionStatus['connection'])).toMatch(
    /^settings +per day 1500, per second none, streams off policies,recipients$/m,
  );
});

test('an error that is not ours shows its message and never its stack', () => {
  const failure = failureOf(new TypeError('x is not a function'));
  expect(failure).toMatchObject({ code: 'internal', detail: 'x is not a function', exitCode: 1 });
  expect(renderFailure(failure, false)).toBe('error: x is not a function\n');
});

test('an error shows its hint and the problems it does not name itself', () => {
  const error = new ForeknowError('invalid_request', {
    detail: 'Two things are wrong.',
    hint: 'Look.',
    issues: [
      { field: 'tenant', reason: 'too long' },
      { field: 'wrong', reason: 'said already' },
    ],
  });
  expect(renderFailure(failureOf(error), false)).toBe('error: Two things are wrong.\nhint: Look. · tenant: too long\n');
});

test('all pages of a list are one JSON value', async () => {
  let text = '';
  const writeJson = (part: string) => {
    text += part;
  };
  await writeAllJson({ writeJson, isClosed: () => false }, async (cursor) =>
    cursor === null
      ? { result: [1, 2], next_cursor: 'two', prev_cursor: null, result_count: 2 }
      : { result: [3], next_cursor: null, prev_cursor: 'one', result_count: 1 },
  );
  expect(JSON.parse(text)).toEqual({ result: [1, 2, 3], next_cursor: null, prev_cursor: null, result_count: 3 });
});

test('pages are read no further when nobody reads what is printed', async () => {
  const stdout = aStream();
  let stops = 0;
  const output = createOutput({
    stdout,
    stderr: aStream(),
    json: true,
    noColor: true,
    onClosed: () => {
      stops += 1;
    },
  });
  let reads = 0;
  await writeAllJson(output, async () => {
    reads += 1;
    stdout.emit('error', Object.assign(new Error('nobody reads'), { code: 'EPIPE' }));
    return { result: [1], next_cursor: 'more', prev_cursor: null, result_count: 1 };
  });
  expect({ reads, stops }).toEqual({ reads: 1, stops: 1 });
});

const taken = () => Promise.reject(Object.assign(new Error('taken'), { code: 'EADDRINUSE' }));

test('the default port moves when it is taken and says so; a named one does not', async () => {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  expect(await onFreePort(undefined, 4080, say, (port) => (port === 4080 ? taken() : Promise.resolve(port)))).toBe(
    4081,
  );
  expect(said).toEqual(['port 4080 is taken: using 4081']);
  await expect(onFreePort(4080, 4080, say, taken)).rejects.toMatchObject({ code: 'conflict', field: 'port' });
  await expect(onFreePort(undefined, 4080, say, () => Promise.reject(new Error('other')))).rejects.toThrow('other');
});

test('a run of the server is followed from the queue to its end, whatever else runs meanwhile', async () => {
  const runs = [aRun({ status: 'queued' }), aRun({ status: 'running' }), aRun({ status: 'done' })];
  const statuses = [aProgress({ runId: 'run_0' }), aProgress({ runId: 'run_1', rows: 20 })];
  const seen: number[] = [];
  const call = (async (_: string, path: string) =>
    path === '/runs/run_1' ? runs.shift() : { running: statuses.shift() }) as CallServer;
  const run = await watchRun({
    call,
    path: '/connections/acme',
    runId: 'run_1',
    input: { onProgress: ({ rows }) => void seen.push(rows) },
    sleep: async () => {},
  });
  expect(run.status).toBe('done');
  expect(seen).toEqual([20]);
});
