import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmulator } from '../emulator/index.ts';
import { eventTypes } from '../events/catalog.ts';
import { exampleOf } from '../events/examples.ts';
import { openGateway } from '../gateway/gateway.ts';
import { eventLine } from './output/event-text.ts';
import { ran } from './ran.contract.ts';

describe('foreknow events', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'foreknow-cli-events-'));
    const emulator = await startEmulator({ people: 30, limits: false });
    const gateway = await openGateway({ folder, allowBaseUrls: true });
    const { region, reportingToken } = emulator.accounts[0]!;
    const settings = { limits: { perSecond: null, perMinute: null } };
    const input = { name: 'acme', region, reportingUrl: emulator.url, reportingToken, settings };
    await gateway.connections.connect(input);
    await gateway.sync.run('acme', { level: 'full' });
    const { users } = emulator.truth();
    for (const { id } of users.slice(0, 5)) {
      emulator.mutate({ kind: 'change-user', user: id, fields: { department: 'Salt' } });
    }
    await gateway.sync.run('acme', { level: 'directory' });
    await gateway.close();
    await emulator.close();
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = (...argv: readonly string[]) => ran(['events', ...argv, '--data', folder]);
  const parsed = (out: string) =>
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  test('prints the newest, oldest first, a line each', async () => {
    const { code, stdout: out } = await run('--types', 'user.updated', '--limit', '3');
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(3);
    expect(out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC {2}user\.updated +acme {2}\S+@\S+: department .+ → Salt$/m);
  });

  test('prints JSON a line, and goes on after an event', async () => {
    const all = parsed((await run('--json', '--limit', '1000')).stdout);
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted());
    expect(all[0]).toMatchObject({ type: 'connection.created', sequence: 1 });
    const rest = parsed((await run('--json', '--after', all[3].id)).stdout);
    expect(rest).toEqual(all.slice(4));
    expect((await run('--after', all.at(-1).id)).stdout).toBe('');
    expect((await run('--connection', 'con_0000', '--json')).stdout).toBe('');
  });

  test('lists the types, and says which it does not know', async () => {
    expect(JSON.parse((await run('--list-types', '--json')).stdout).map(({ type }: { type: string }) => type)).toEqual(
      eventTypes,
    );
    expect((await run('--list-types')).stdout).toContain('user.archived');
    const wrong = await run('--types', 'user.gone');
    expect([wrong.code, wrong.stderr]).toEqual([64, expect.stringContaining('There is no event type "user.gone"')]);
  });
});

test.each(eventTypes)('%s has a line of its own', (type) => {
  const line = eventLine(exampleOf(type), 'acme');
  expect(line).toMatch(/^2026-11-21 09:00 UTC {2}\S/);
  expect(line).not.toMatch(/undefined|\[object|null/);
  expect(line.endsWith('\n')).toBe(true);
});
