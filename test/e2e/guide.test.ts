import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';

/* docs/csv-to-knowbe4.md, command by command, as somebody at a terminal types them. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const guide = readFileSync(join(root, 'docs/csv-to-knowbe4.md'), 'utf8');
const SECRET = 'blue kettle 42 north';
const PLACEHOLDER = 'pl_7Q2K9XYZ';
const columns = ['employee_number', 'email', 'first_name', 'last_name', 'job_title', 'department', 'status'] as const;
type Row = Record<(typeof columns)[number], string>;

const blocks = [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind, text]) => ({ kind, text: text! }));
const commands = blocks.filter(({ kind }) => kind === 'sh').flatMap(({ text }) => text.trim().split('\n'));

/** Runs a line in a shell on a terminal, and answers what is asked there. */
function typed(line: string, cwd: string, env: Record<string, string>): Promise<{ code: number; text: string }> {
  const child = spawn('script', ['-qfec', `stty cols 200 rows 60; ${line}`, '/dev/null'], {
    ...{ cwd, env: { ...process.env, TERM: 'xterm', ...env } },
  });
  let text = '';
  let answered = 0;
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
    const asked = text.split('◆').slice(1);
    const question = asked[answered];
    if (question === undefined || !/└/.test(question)) return;
    answered += 1;
    if (/Name of the operator/.test(question)) child.stdin.write('priya\r');
    else if (/not shown/.test(question)) child.stdin.write(`${SECRET}\r`);
    else child.stdin.write('y');
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code: code ?? -1, text }));
  });
}

function put(folder: string, night: number, rows: readonly Row[]): void {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((cells) => cells.join(','));
  const file = join(folder, 'drop', `people_${night}.csv`);
  writeFileSync(file, `${lines.join('\n')}\n#END rows=${rows.length}\n`);
  const at = Date.now() / 1000 - 120 + night;
  utimesSync(file, at, at);
}

const everybody = (emulator: Emulator): Row[] =>
  emulator
    .truth()
    .users.filter(({ status, employee_number: number }) => status === 'active' && number)
    .map((user) => ({
      ...{ employee_number: user.employee_number!, email: user.email!, first_name: user.first_name! },
      ...{ last_name: user.last_name!, job_title: user.job_title ?? '', department: user.department ?? '' },
      status: 'here',
    }));

/** Of util-linux: gives a command a terminal. */
const hasTerminals = spawnSync('script', ['--version']).status === 0;

test.skipIf(!hasTerminals)(
  'every command of the guide does what it says, in its order',
  { timeout: 240_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'foreknow-guide-'));
    const emulator = await startEmulator({ people: 8, limits: false, provisioner: 'none' });
    try {
      const { tokens, addresses } = emulator;
      mkdirSync(join(folder, 'drop'));
      for (const kind of ['reporting', 'scim', 'product'] as const)
        writeFileSync(join(folder, `${kind}.txt`), tokens[kind]);
      for (const { text } of blocks.filter(({ kind }) => kind === 'yaml')) {
        writeFileSync(join(folder, /^# (\S+)/.exec(text)![1]!), text);
      }
      const rows = everybody(emulator);
      put(folder, 1, rows);
      // The addresses of KnowBe4 are known to the program; those of the emulator are told to it.
      const elsewhere: readonly (readonly [RegExp, string])[] = [
        [/^foreknow connect /, ` --reporting-url ${emulator.url}`],
        [/keys add acme product/, ` --url ${addresses.product}`],
      ];
      const env = { FOREKNOW_DATA: join(folder, 'acme'), TENANT_URL: addresses.scim };
      let plan = PLACEHOLDER;
      for (const line of commands) {
        if (line === 'foreknow adopt --confirm') emulator.mutate({ kind: 'scim-test-mode', on: false });
        if (line === 'foreknow plan') expect(plan).not.toBe(PLACEHOLDER);
        if (line === 'foreknow sources read hr' && plan !== PLACEHOLDER) {
          const mover = rows.findLastIndex(({ department }) => department !== '');
          const changed = rows.map((row, at) => (at === mover ? { ...row, job_title: 'Team Coach' } : row));
          const [model] = rows;
          const mira = { first_name: 'Mira', last_name: 'Novak', email: 'mira.novak@haldenfoods.example' };
          put(folder, 2, [...changed, { ...model!, ...mira, employee_number: '990001' }]);
        }
        if (line.startsWith('foreknow sync acme --level')) emulator.advance(20 * 60_000);
        const told = elsewhere.find(([pattern]) => pattern.test(line))?.[1] ?? '';
        const command = `${line}${told}`
          .replace(/^foreknow/, `${JSON.stringify(process.execPath)} ${JSON.stringify(join(root, 'src/main/bin.ts'))}`)
          .replaceAll(PLACEHOLDER, plan);
        const { code, text } = await typed(command, folder, env);
        // A plan ends with 2 or 3 when there is something to do.
        const isPlan = /^foreknow (plan|undo|adopt --plan)/.test(line);
        expect(isPlan ? [0, 2, 3] : [0], `${line}\n${text}`).toContain(code);
        if (isPlan) plan = /pl_[A-Z0-9]+/.exec(text)![0];
        if (line.startsWith('foreknow plans show')) expect(text).toMatch(/verified/);
      }
      const { users } = emulator.truth();
      expect(users.find(({ email }) => email === 'mira.novak@haldenfoods.example')).toMatchObject({ status: 'active' });
      expect(users.filter(({ job_title: title }) => title === 'Team Coach').length).toBeGreaterThan(0);
    } finally {
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
