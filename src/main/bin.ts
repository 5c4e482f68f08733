import { runCli } from '../cli/cli.ts';
import { readConfig } from './config.ts';
import { keepYoungGenerationSmall } from './memory.ts';
import { version } from './version.ts';

keepYoungGenerationSmall();
process.exitCode = await runCli(process.argv.slice(2), {
  config: readConfig(),
  version,
  // Loaded when a command listens: the others start sooner without the HTTP framework.
  serve: async (gateway, options) => (await import('./serve.ts')).serve(gateway, options),
  serveOperation: async (gateway, options) => (await import('./serve.ts')).serveOperation(gateway, options),
  createMetrics: async () => (await import('../metrics/metrics.ts')).createMetrics({ version }),
  startTracing: async (endpoint) => (await import('./tracing.ts')).startTracing({ endpoint, version }),
  createLog: async (options) => (await import('../http/logger.ts')).createLogger(options),
});
