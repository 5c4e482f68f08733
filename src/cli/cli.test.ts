import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { type CliConfig, runCli } from './cli.ts';

/** Takes nothing, as a file on a full disk does. */
const fullDisk = (code: string): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space left on device'), { code })),
  });

const nothing = () => Promise.reject(new Error('does nothing'));

const run = async (argv: readonly string[], stdout: Writable, stderr: Writable) =>
  runCli(argv, {
    config: { noColor: true } as CliConfig,
    version: '1.2.3',
    serve: nothing,
    serveOperation: nothing,
    createLog: nothing,
    createMetrics: nothing,
    startTracing: nothing,
    stdout: stdout as never,
    stderr: stderr as never,
  });

test.each(['--help', '--version', 'help'])(
  'an answer of %s that cannot be written is an error in words',
  async (word) => {
    const stderr = new PassThrough();
    expect(await run([word], fullDisk('ENOSPC'), stderr as never)).toBe(1);
    expect(String(stderr.read())).toBe('error: The answer could not be written to stdout (ENOSPC).\n');
  },
);

test('a reader that has gone away is none, and words that nobody takes do no harm', async () => {
  expect(await run(['--version'], fullDisk('EPIPE'), fullDisk('ENOSPC'))).toBe(0);
  expect(await run(['--nonsense'], new PassThrough(), fullDisk('ENOSPC'))).toBe(64);
});
