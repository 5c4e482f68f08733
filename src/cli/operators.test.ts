import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoredAuditEntry } from '../audit/ports.ts';
import { openStore } from '../store/store.ts';
import { type CliConfig, runCli } from './cli.ts';
import { ran } from './ran.contract.ts';

const SECRET = 'seven green bicycles';
const OTHER = 'eleven quiet lanterns';
const CTRL_D = '\u0004';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-operators-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A terminal at which somebody types an answer to each question, as soon as it is asked. */
function terminal(
  answers: readonly (readonly [question: string, answer: string])[],
  { isTyped = true, columns = 120 }: { readonly isTyped?: boolean; readonly columns?: number } = {},
) {
  let isRaw = false;
  /** Whether keys came one by one when each answer was typed. */
  const raw: boolean[] = [];
  const setRawMode = (wanted: boolean) => {
    isRaw = wanted;
    return stdin;
  };
  const stdin: PassThrough = Object.assign(new PassThrough(), { isTTY: isTyped, setRawMode, columns });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 30 });
  const left = [...answers];
  let shown = '';
  let text = '';
  stderr.on('data', (part: Buffer) => {
    text += String(part);
    shown += String(part);
    const next = left[0];
    if (next === undefined || !shown.includes(next[0])) return;
    left.shift();
    shown = '';
    setTimeout(() => {
      raw.push(isRaw);
      stdin.write(next[1] === CTRL_D ? CTRL_D : `${next[1]}\r`);
    }, 5);
  });
  return { stdin, stderr, raw, text: () => text, unasked: () => left.length };
}

async function typed(
  args: readonly string[],
  answers: Parameters<typeof terminal>[0],
  kind: Parameters<typeof terminal>[1] = {},
) {
  const at = terminal(answers, kind);
  const stdout = new PassThrough();
  const nothing = () => Promise.reject(new Error('does nothing'));
  const untold = { vaultKeys: null, databaseUrl: null, configFile: null, noColor: true, proxy: null, noProxy: null };
  const code = await runCli([...args, '--data', folder], {
    config: untold as CliConfig,
    version: '1.2.3',
    ...{ serve: nothing, serveOperation: nothing, createLog: nothing, createMetrics: nothing, startTracing: nothing },
    ...{ stdin: at.stdin as never, stdout: stdout as never, stderr: at.stderr as never },
  });
  return { code, stdout: String(stdout.read() ?? ''), stderr: at.text(), unasked: at.unasked(), raw: at.raw };
}

const audit = async (): Promise<readonly StoredAuditEntry[]> => {
  const store = await openStore({ folder, access: 'read' });
  return store.auditEntries({ after: 0, limit: 99, connectionIds: null }).finally(() => store.close());
};
const twice = (name: string, secret: string) =>
  [
    [`New secret of ${name}`, secret],
    ['The same again', secret],
  ] as const;
const vouching = [
  ['who vouches', 'priya'],
  ['Secret of priya', SECRET],
] as const;

describe('people who approve', () => {
  test('are made at a terminal, the first by anybody, others by one of them; each is in the audit log without a secret', async () => {
    expect(await typed(['operators', 'add', 'priya'], twice('priya', SECRET))).toMatchObject({
      ...{ code: 0, stdout: 'priya can approve now\n', unasked: 0 },
    });
    const sam = await typed(['operators', 'add', 'sam', '--totp'], [...vouching, ...twice('sam', OTHER)]);
    expect(sam).toMatchObject({ code: 0, stdout: 'sam can approve now\n', unasked: 0 });
    expect(sam.stderr).toMatch(/otpauth:\/\/totp\/Foreknow:sam\?/);
    const list = await ran(['operators', 'list', '--json', '--data', folder]);
    expect(JSON.parse(list.stdout)).toMatchObject([
      { name: 'priya', has_totp: false, disabled_at: null },
      { name: 'sam', has_totp: true },
    ]);
    expect((await typed(['operators', 'disable', 'sam'], [['who disables them', 'priya'], vouching[1]])).code).toBe(0);
    expect((await typed(['operators', 'reset', 'priya'], [...vouching, ...twice('priya', OTHER)])).code).toBe(0);
    expect((await typed(['operators', 'reset', 'priya', '--recover'], twice('priya', SECRET))).code).toBe(0);
    const entries = await audit();
    expect(entries.map(({ action, outcome, details }) => [action, outcome, details.name, details.vouched_by])).toEqual([
      ['operator.added', 'done', 'priya', null],
      ['operator.added', 'done', 'sam', 'priya'],
      ['operator.disabled', 'done', 'sam', 'priya'],
      ['operator.reset', 'done', 'priya', 'priya'],
      ['operator.recovered', 'done', 'priya', null],
    ]);
    for (const secret of [SECRET, OTHER]) expect(JSON.stringify([entries, sam])).not.toContain(secret);
  }, 60_000);

  test('are asked one question after the other, each with the terminal to itself', async () => {
    const { code, raw } = await typed(['operators', 'add', 'priya'], twice('priya', SECRET));
    expect([code, raw]).toEqual([0, [true, true]]);
  }, 20_000);

  test('are asked in whole lines on a terminal that does not know how wide it is', async () => {
    const { code, stderr, unasked } = await typed(['operators', 'add', 'priya'], twice('priya', SECRET), {
      columns: 0,
    });
    expect([code, unasked]).toEqual([0, 0]);
    expect(stderr).toContain('New secret of priya (not shown)');
  }, 20_000);

  test('are not made when nobody types any more: ^D ends the question', async () => {
    const { code, stderr } = await typed(['operators', 'add', 'priya'], [['New secret of priya', CTRL_D]]);
    expect(code).toBe(1);
    expect(stderr).toContain('Nothing was done.');
  }, 20_000);

  test('are not made when the secret is typed otherwise the second time, or nobody vouches', async () => {
    const differs = await typed(['operators', 'add', 'priya'], [twice('priya', SECRET)[0], ['The same again', OTHER]]);
    expect(differs.code).toBe(64);
    await typed(['operators', 'add', 'priya'], twice('priya', SECRET));
    const wrong = [vouching[0], ['Secret of priya', OTHER]] as const;
    expect((await typed(['operators', 'add', 'sam'], [...wrong, ...twice('sam', OTHER)])).code).toBe(77);
    expect((await audit()).map(({ outcome, error }) => [outcome, error])).toEqual([
      ['done', null],
      ['refused', 'operator_refused'],
    ]);
  }, 30_000);

  test.each([
    ['operators', 'add', 'priya'],
    ['operators', 'reset', 'priya'],
    ['operators', 'reset', 'priya', '--recover'],
    ['operators', 'disable', 'priya'],
  ])('are never made or changed by what is piped in: %s %s', async (...args) => {
    const piped = await ran([...args, '--json', '--data', folder]);
    expect(piped.code).toBe(77);
    expect(piped.stdout + piped.stderr).toContain('terminal_needed');
  });

  test('nor by what is piped in while somebody looks on', async () => {
    const { code, stderr } = await typed(['operators', 'add', 'priya'], twice('priya', SECRET), { isTyped: false });
    expect(code).toBe(77);
    expect(stderr).toContain('A person has to type their secret on a terminal');
  });
});
