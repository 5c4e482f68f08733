import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import { addApplying } from './commands/applying.ts';
import { addApprovals } from './commands/approvals.ts';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import { addConfig } from './commands/config.ts';
import { addConflicts } from './commands/conflicts.ts';
import { addConnect } from './commands/connect.ts';
import { addConnections } from './commands/connections.ts';
import { addDemo } from './commands/demo.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEmulate } from './commands/emulate.ts';
import { addEvents } from './commands/events.ts';
import { addHolds } from './commands/holds.ts';
import { addKeys } from './commands/keys.ts';
import { addLooking } from './commands/looking.ts';
import { addMcp } from './commands/mcp.ts';
import { addOperators } from './commands/operators.ts';
import { addPeople } from './commands/people.ts';
import { addPlan, addPlans } from './commands/plans.ts';
import { addProvisioning } from './commands/provisioning.ts';
import { addRules } from './commands/rules.ts';
import { addSources } from './commands/sources.ts';
import { addStatus } from './commands/status.ts';
import { addStore } from './commands/store.ts';
import { addSync } from './commands/sync.ts';
import { addUp } from './commands/up.ts';
import { addUsers } from './commands/users.ts';
import { addVault } from './commands/vault.ts';
import { addWebhooks } from './commands/webhooks.ts';
import { type ConfigFile, loadConfigFile } from './config-file.ts';
import type { CliConfig, CliContext, CreateLog, Serve, ServeOperation } from './context.ts';
import { type ExitCode, exitCodes, exitCodeWords } from './exit-codes.ts';
import { examples } from './flags.ts';
import type { Kit } from './kit.ts';
import { createOutput, type Stream } from './output/output.ts';
import { failureOf, renderFailure } from './output/render-error.ts';
import { stopOnSignals } from './stop.ts';

export type { CliConfig, Serve } from './context.ts';

export type CliOptions = {
  readonly config: CliConfig;
  readonly version: string;
  readonly serve: Serve;
  readonly serveOperation: ServeOperation;
  readonly createLog: CreateLog;
  readonly createMetrics: CliContext['createMetrics'];
  readonly startTracing: CliContext['startTracing'];
  readonly openGateway?: CliContext['openGateway'];
  readonly stdin?: Readable & { readonly isTTY?: boolean };
  readonly stdout?: Stream;
  readonly stderr?: Stream;
  readonly now?: () => number;
};

/** Loaded when a command needs it: help must not wait for the store. */
const openTheGateway: CliContext['openGateway'] = async (options) =>
  (await import('../gateway/gateway.ts')).openGateway(options);

/**
 * Runs one command.
 * @param argv what stands after the program's name
 * @returns the exit code; never throws
 */
export async function runCli(argv: readonly string[], options: CliOptions): Promise<ExitCode> {
  const { stdout = process.stdout, stderr = process.stderr } = options;
  const json = argv.includes('--json');
  const { signal: stopped, stop } = stopOnSignals();
  const context: CliContext = {
    config: options.config,
    version: options.version,
    serve: options.serve,
    serveOperation: options.serveOperation,
    createLog: options.createLog,
    createMetrics: options.createMetrics,
    startTracing: options.startTracing,
    configFile: onceEach((named) => loadConfigFile(options.config, named)),
    openGateway: options.openGateway ?? openTheGateway,
    stdin: options.stdin ?? process.stdin,
    stderr,
    output: createOutput({ stdout, stderr, json, noColor: options.config.noColor, onClosed: stop }),
    now: options.now ?? Date.now,
    stopped,
  };
  let exitCode: ExitCode = exitCodes.done;
  const kit: Kit = {
    context,
    action:
      (work) =>
      async (...args) => {
        exitCode = (await work(...args)) ?? exitCodes.done;
      },
  };
  try {
    const program = buildProgram(kit, stdout);
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: 'user' });
    return await written(context, exitCode);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return written(context, exitCodes.done);
    // A group of commands without one of them: its help has been written to stderr.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
    const failure = failureOf(error, argv);
    stderr.write(renderFailure(failure, json));
    return failure.exitCode;
  }
}

/** What was not written was not answered. A stream tells of it a moment later. */
async function written({ output, stderr }: CliContext, exitCode: ExitCode): Promise<ExitCode> {
  await setImmediate();
  const failure = output.failure();
  if (failure === null) return exitCode;
  stderr.write(`error: The answer could not be written to stdout (${failure}).\n`);
  return exitCodes.failed;
}

/** Reads each file once, also one that is not there. */
function onceEach(load: (named?: string) => ConfigFile | null): CliContext['configFile'] {
  const loaded = new Map<string | undefined, ConfigFile | null>();
  return (named) => {
    if (!loaded.has(named)) loaded.set(named, load(named));
    return loaded.get(named) ?? null;
  };
}

/** Wide enough for the options, narrow enough for a window. */
const HELP_WIDTH = 80;

export function buildProgram(kit: Kit, stdout: Pick<Stream, 'write'>): Command {
  const program = new Command('foreknow')
    .description('Self-hosted gateway for KnowBe4: one directory over its API, inside its request budget.')
    .version(kit.context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .usage('<command> [options]')
    .exitOverride()
    .configureHelp({ minWidthToWrap: 24 })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void kit.context.stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', rootHelp);
  program.commandsGroup('Start:');
  addDemo(program, kit);
  addUp(program, kit);
  addDoctor(program, kit);
  addConfig(program, kit);
  addBackup(program, kit);
  addStore(program, kit);
  program.commandsGroup('KnowBe4 accounts:');
  addConnect(program, kit);
  addConnections(program, kit);
  addSync(program, kit);
  addStatus(program, kit);
  addEvents(program, kit);
  addWebhooks(program, kit);
  addHolds(program, kit);
  program.commandsGroup('The directory:');
  addUsers(program, kit);
  addPeople(program, kit);
  addMcp(program, kit);
  program.commandsGroup('Provisioning:');
  addSources(program, kit);
  addRules(program, kit);
  addPlan(program, kit);
  addPlans(program, kit);
  addApprovals(program, kit);
  addApplying(program, kit);
  addLooking(program, kit);
  addProvisioning(program, kit);
  addConflicts(program, kit);
  program.commandsGroup('Keys:');
  addKeys(program, kit);
  addOperators(program, kit);
  addVault(program, kit);
  addAudit(program, kit);
  program.commandsGroup('Testing:');
  addEmulate(program, kit);
  return program;
}

const rootHelp = `
Exit codes:
${exitCodeWords.map(([code, words]) => `  ${String(code).padEnd(4)}${words}`).join('\n')}
${examples('demo', 'connect --name acme --region us --reporting-token-file token.txt', 'sync acme')}

Not affiliated with KnowBe4.`;
