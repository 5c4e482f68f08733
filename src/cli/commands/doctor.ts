import type { Command } from 'commander';
import { isForeknowError } from '../../errors/errors.ts';
import type { ConnectionStatus, ConnectionView } from '../../gateway/types.ts';
import { readServerInfo } from '../../store/sqlite/lock.ts';
import type { CliContext } from '../context.ts';
import { type Finding, fail, ok, warn } from '../doctor/findings.ts';
import { findingsText } from '../doctor/findings-text.ts';
import { inspectClock } from '../doctor/inspect-clock.ts';
import { inspectConnection } from '../doctor/inspect-connection.ts';
import { inspectFolder } from '../doctor/inspect-folder.ts';
import { egressOf, withEgress } from '../egress-flags.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, folderOf, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { vaultKeysIn } from '../settled.ts';

type Flags = FolderFlags & JsonFlag & { readonly offline?: boolean };

export function addDoctor(program: Command, { context, action }: Kit): void {
  const command = withEgress(
    program
      .command('doctor')
      .description('Look for what is wrong: rights, keys, clock, tokens, freshness, request budget')
      .option('--offline', 'ask KnowBe4 nothing (else two requests a connection, one of them without its token)'),
  );
  withFolder(command)
    .addHelpText('after', `\nEnds with 1 when something failed.\n${examples('doctor', 'doctor --offline --json')}`)
    .action(
      action(async (flags: Flags): Promise<ExitCode> => {
        const findings = await examine(context, flags);
        context.output.answer(findings, () => findingsText(findings, context.output.paint));
        return findings.some(({ level }) => level === 'fail') ? exitCodes.failed : exitCodes.done;
      }),
    );
}

async function examine(context: CliContext, flags: Flags): Promise<readonly Finding[]> {
  const folder = folderOf(context, flags);
  const local = [...inspectFolder(folder, vaultKeysIn(context, flags) !== undefined), ...inspectServer(folder)];
  try {
    const before = await statuses(context, flags);
    const connections = before.map(({ connection }) => connection);
    const remote = flags.offline ? [] : await askRemote(context, flags, connections);
    // Proving a token may change what is known of its connection.
    const after = flags.offline ? before : await statuses(context, flags);
    const judged = after.flatMap((status) => inspectConnection(status, context.now()));
    const none = before.length === 0 ? [warn('connections', 'There are none yet.', 'foreknow connect makes one.')] : [];
    return [...local, ...judged, ...remote, ...none];
  } catch (error) {
    return [...local, failed('store', error)];
  }
}

const statuses = (context: CliContext, flags: Flags): Promise<readonly ConnectionStatus[]> =>
  reading(context, flags, async ({ connections, sync }) =>
    Promise.all((await connections.list()).map(({ id }) => sync.status(id))),
  );

function inspectServer(folder: string): readonly Finding[] {
  const info = readServerInfo(folder);
  if (info === null) return [ok('server', 'none runs on this folder')];
  return [ok('server', `process ${info.pid}${info.address === undefined ? '' : ` at ${info.address}`}`)];
}

/** The clock of each server, and whether each token is still accepted. */
async function askRemote(
  context: CliContext,
  flags: Flags,
  connections: readonly ConnectionView[],
): Promise<readonly Finding[]> {
  const { createEgress } = await import('../../gateway/egress.ts');
  const egress = createEgress(egressOf(context, flags));
  const asked = connections.filter(({ pausedAt }) => pausedAt === null);
  try {
    const clocks = await Promise.all(asked.map((one) => inspectClock(one, egress.fetch, context.now)));
    return [...clocks, ...(asked.length === 0 ? [] : await proveTokens(context, flags, asked))];
  } finally {
    await egress.close();
  }
}

const proveTokens = (context: CliContext, flags: Flags, asked: readonly ConnectionView[]) =>
  writing(context, flags, async ({ connections }) => {
    const findings: Finding[] = [];
    for (const { id, name } of asked) {
      findings.push(
        await connections.check(id).then(
          () => ok(`${name} token`, 'KnowBe4 accepts it'),
          (error: unknown) => failed(`${name} token`, error),
        ),
      );
    }
    return findings;
  });

const failed = (about: string, error: unknown): Finding =>
  isForeknowError(error)
    ? fail(about, error.detail, error.hint ?? null)
    : fail(about, error instanceof Error ? error.message : String(error));
