import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Connection } from '../../connections/connection.ts';
import type { ConnectionStatus } from '../../gateway/types.ts';
import { type StreamName, streamNames } from '../../sync/streams.ts';
import { findingsText } from './findings-text.ts';
import { judgeClock } from './inspect-clock.ts';
import { inspectConnection } from './inspect-connection.ts';
import { inspectFolder } from './inspect-folder.ts';

const now = Date.parse('2026-11-20T12:00:00.000Z');
const folder = mkdtempSync(join(tmpdir(), 'foreknow-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

const aStatus = (change: {
  connection?: Partial<Connection>;
  budget?: Partial<ConnectionStatus['budget']>;
  at?: string | null;
}): ConnectionStatus => ({
  connection: {
    id: 'con_1',
    name: 'acme',
    tenant: null,
    tags: [],
    region: 'eu',
    baseUrls: {},
    state: 'active',
    pausedAt: null,
    lastError: null,
    settings: {},
    account: {
      name: 'Acme',
      type: 'paid',
      domains: ['acme.example'],
      subscriptionLevel: 'Diamond',
      seats: 1200,
      admins: 2,
      checkedAt: '2026-11-20T11:00:00.000Z',
      warnings: [],
    },
    accountKey: 'eu:1',
    createdAt: '2026-11-01T00:00:00.000Z',
    updatedAt: '2026-11-01T00:00:00.000Z',
    tokens: [],
    ...change.connection,
  },
  streams: streamNames.map((stream: StreamName) => ({
    connectionId: 'con_1',
    stream,
    status: 'fresh',
    baselineAt: null,
    lastStartedAt: null,
    lastCompleteAt: change.at === undefined ? '2026-11-20T11:50:00.000Z' : change.at,
    lastRefreshedAt: null,
    parkedUntil: null,
    lastProof: null,
    lastError: null,
    rows: 1,
  })),
  budget: {
    accountKey: 'eu:1',
    limits: { perSecond: 3, perMinute: 48, perDay: 3200 },
    usedLastMinute: 0,
    usedLastDay: 120,
    reserve: 640,
    freeForSync: 2440,
    blockedUntil: null,
    unexpected429: 0,
    ...change.budget,
  },
  openHolds: [],
  openAlerts: [],
  running: null,
  lastRun: null,
  nextSyncAt: null,
});
const levels = (status: ConnectionStatus) => new Set(inspectConnection(status, now).map(({ level }) => level));

test('a connection in order is ok in every line', () => {
  expect(levels(aStatus({}))).toEqual(new Set(['ok']));
});

test('a refused token fails with the hint that came with it', () => {
  const lastError = {
    code: 'connection_unauthorized',
    detail: 'KnowBe4 refused it.',
    hint: 'Make a new one.',
    at: '2026-11-20T11:00:00.000Z',
  };
  expect(inspectConnection(aStatus({ connection: { state: 'needs_reauth', lastError } }), now)[0]).toEqual({
    level: 'fail',
    about: 'acme',
    detail: 'KnowBe4 refused it.',
    hint: 'Make a new one.',
  });
});

test('streams that are old or were never complete, a spent budget and a shared quota are warnings', () => {
  expect(levels(aStatus({ at: null }))).toContain('warn');
  expect(levels(aStatus({ at: '2026-11-18T12:00:00.000Z' }))).toContain('warn');
  expect(levels(aStatus({ budget: { blockedUntil: '2026-11-20T18:00:00.000Z' } }))).toContain('warn');
  expect(levels(aStatus({ budget: { unexpected429: 2 } }))).toContain('warn');
});

test('a key file that others can read fails', () => {
  chmodSync(folder, 0o700);
  writeFileSync(join(folder, 'vault.key'), 'k', { mode: 0o600 });
  expect(inspectFolder(folder, false).map(({ level }) => level)).toEqual(['ok', 'ok']);
  chmodSync(join(folder, 'vault.key'), 0o644);
  expect(inspectFolder(folder, false)[1]).toMatchObject({ level: 'fail', about: 'vault.key' });
});

test('files are called by their names, however the folder is written', () => {
  writeFileSync(join(folder, 'foreknow.db'), '', { mode: 0o600 });
  for (const written of [folder, `${folder}/`, `./${relative('.', folder)}`]) {
    expect(inspectFolder(written, false)[1]).toMatchObject({ about: 'foreknow.db' });
  }
});

test('a clock that is minutes off is a warning, a second is none', () => {
  expect(judgeClock('clock', now, now + 1500).level).toBe('ok');
  expect(judgeClock('clock', now, now + 301_000)).toMatchObject({
    level: 'warn',
    detail: 'This machine’s clock is 5 min ahead.',
  });
  expect(judgeClock('clock', now, now - 301_000).detail).toContain('behind');
});

test('findings stand in columns with the hint below', () => {
  const findings = [
    { level: 'ok', about: 'folder', detail: 'fine', hint: null },
    { level: 'fail', about: 'vault.key', detail: 'readable', hint: 'chmod' },
  ] as const;
  expect(findingsText(findings, (_, text) => text)).toBe(
    'ok    folder     fine\nfail  vault.key  readable\n                 → chmod\n',
  );
});
