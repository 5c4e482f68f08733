import { PassThrough } from 'node:stream';
import { type CliConfig, runCli } from './cli.ts';

const nothing = () => Promise.reject(new Error('does nothing'));

/** Runs a command of tests that start no server, and gives what it printed. No file and no variable tells it anything. */
export async function ran(
  argv: readonly string[],
  config: Partial<CliConfig> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const untold = { vaultKeys: null, databaseUrl: null, configFile: null, noColor: true, proxy: null, noProxy: null };
  const code = await runCli(argv, {
    config: { ...untold, ...config } as CliConfig,
    version: '1.2.3',
    ...{ serve: nothing, serveOperation: nothing, createLog: nothing, createMetrics: nothing, startTracing: nothing },
    ...{ stdout: stdout as never, stderr: stderr as never },
  });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}
