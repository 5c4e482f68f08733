import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { buildProgram, runCli } from './cli.ts';
import type { CliConfig } from './context.ts';
import { exitCodeWords } from './exit-codes.ts';

const config: CliConfig = {
  dataFolder: null,
  vaultKeys: null,
  databaseUrl: null,
  proxy: null,
  noProxy: null,
  noColor: true,
  log: null,
  configFile: null,
  telemetryEndpoint: null,
  readEnv: () => null,
};
const never = () => Promise.reject(new Error('help opens nothing'));

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    on: () => {},
    write: (text: string) => {
      written[name] += text;
      return true;
    },
  });
  const code = await runCli(args, {
    config,
    version: '1.2.3',
    serve: never,
    serveOperation: never,
    createLog: never,
    createMetrics: never,
    startTracing: never,
    openGateway: never,
    stdout: into('stdout') as never,
    stderr: into('stderr') as never,
  });
  return { code, ...written };
}

/** Every command with the words that call it. */
function commandsOf(command: Command, words: readonly string[] = []): readonly (readonly string[])[] {
  return command.commands.flatMap((child) => {
    const path = [...words, child.name()];
    return [path, ...commandsOf(child, path)];
  });
}
const program = buildProgram({ context: { version: '1.2.3' } as never, action: () => async () => {} }, process.stdout);
const paths = commandsOf(program).filter(([first]) => first !== 'help');

test('without arguments the command prints its help and ends with 0', async () => {
  const { code, stdout, stderr } = await run();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatchSnapshot();
  expect((await run('--help')).stdout).toBe(stdout);
});

describe('help of', () => {
  test.each(paths.map((path) => [path.join(' '), path] as const))('%s', async (_, path) => {
    const { code, stdout } = await run(...path, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nExamples?:\n {2}\$ foreknow /);
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .filter((line) => !line.includes('$ foreknow'))
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
    expect(stdout).toMatchSnapshot();
  });
});

test('a group of commands without one of them is a usage error that shows its help', async () => {
  const { code, stdout, stderr } = await run('vault');
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toMatch(/^Usage: foreknow vault/);
  expect(stderr).not.toContain('outputHelp');
});

test('the emulator says in its first line what it is not', async () => {
  const { stdout } = await run('emulate', '--help');
  expect(stdout.split('\n')[0]).toMatch(/test double.*not affiliated with KnowBe4/);
});

test('the page of the command line names every command and exit code', () => {
  const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  for (const path of paths) expect(page).toContain(`foreknow ${path.join(' ')}`);
  for (const [code, words] of exitCodeWords) expect(page).toContain(`| ${code} | ${words} |`);
});

test.each([
  [['connections', 'frobnicate'], /frobnicate/],
  [['holds', 'confirm'], /missing required argument/],
  [['emulate', '--port', '70000'], /whole number from 0 to 65535/],
  [['keys', 'create', 'x', '--scope', 'everything'], /There are: directory/],
  [['connections', 'set', 'x', '--per-day', '-3'], /above 0, or none/],
  [['sync', 'x', '--full', '--level', 'directory'], /different things/],
])('%j is a usage error', async (args, words) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
  expect(stderr).toMatch(words);
  expect(stderr).toMatch(/^error: /);
});
