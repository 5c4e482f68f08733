import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { SyncLevel } from '../../gateway/types.ts';
import { snakeCase } from '../../lib/case.ts';
import { streamsOf } from '../../sync/plan.ts';
import type { RunRecord } from '../../sync/ports.ts';
import { type StreamName, streamNames } from '../../sync/streams.ts';
import type { CliContext } from '../context.ts';
import { withEgress } from '../egress-flags.ts';
import { type ExitCode, exitCodeFor, exitCodes } from '../exit-codes.ts';
import { examples, type JsonFlag, listOption, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { estimateText, runText } from '../output/run-text.ts';
import { type ProgressView, showProgress } from '../output/sync-progress.ts';

type Flags = FolderFlags &
  JsonFlag & {
    readonly level?: SyncLevel;
    readonly full?: boolean;
    readonly stream?: readonly StreamName[];
    readonly estimate?: boolean;
  };

export function addSync(program: Command, { context, action }: Kit): void {
  const command = program
    .command('sync <connection>')
    .description('Mirror an account now, or what has changed since')
    .addOption(
      new Option(
        '--level <level>',
        'directory (people and groups), refresh (also open campaigns and tests) or full (default: refresh); the first sync is full, whatever it says',
      ).choices(['directory', 'refresh', 'full']),
    )
    .option('--full', 'the same as --level full: read everything again')
    .addOption(
      listOption('--stream <stream>', `only this stream; may be repeated: ${streamNames.join(', ')}`, streamNames),
    )
    .option('--estimate', 'say what it would cost and when it would end, and do nothing');
  withFolder(withEgress(command))
    .addHelpText(
      'after',
      `
Stopped with ^C, or killed, the next sync goes on where this one was. One that
is under way is waited for, and is enough where it reads all that is asked for.
${examples('sync acme', 'sync acme --full --json', 'sync acme --estimate')}`,
    )
    .action(
      action(async (name: string, flags: Flags) => {
        const input = inputOf(flags);
        return flags.estimate ? estimate(context, name, flags, input) : run(context, name, flags, input);
      }),
    );
}

type Input = { readonly level?: SyncLevel; readonly streams?: readonly StreamName[] };

function inputOf({ level, full, stream }: Flags): Input {
  if (full && level !== undefined && level !== 'full') {
    throw new ForeknowError('invalid_request', {
      detail: '--full and --level say different things.',
      field: '--level',
    });
  }
  const wanted = full ? 'full' : level;
  return { ...(wanted === undefined ? {} : { level: wanted }), ...(stream === undefined ? {} : { streams: stream }) };
}

async function estimate(context: CliContext, name: string, flags: Flags, input: Input): Promise<undefined> {
  const found = await reading(context, flags, (gateway) => gateway.sync.estimate(name, input));
  context.output.answer(snakeCase(found), () => estimateText(found, context.output.width));
}

async function run(context: CliContext, name: string, flags: Flags, input: Input): Promise<ExitCode> {
  const view = showProgress(context.output, context.now);
  const record = await joined(context, name, flags, { input, view }).finally(view.end);
  context.output.answer(snakeCase(record), () => runText(record, context.output.width));
  return exitCodeOfRun(record);
}

type Asked = { readonly input: Input; readonly view: ProgressView };

/** Runs it; one that is under way already is waited for first, and is enough where it reads all that was asked for. */
async function joined(context: CliContext, name: string, flags: Flags, asked: Asked): Promise<RunRecord> {
  for (;;) {
    try {
      return await writing(context, flags, ({ sync }) =>
        sync.run(name, { ...asked.input, trigger: 'manual', signal: context.stopped(), onProgress: asked.view.update }),
      );
    } catch (error) {
      if (!isForeknowError(error) || error.code !== 'conflict') throw error;
      const other = await otherRun(context, name, flags, asked.view);
      if (other === null) throw error;
      if (isEnough(other, asked.input)) return other;
    }
  }
}

const LOOK_MS = 400;

/** Waits for the run that is under way, whichever process does it. @returns it as it ended; null: there is none */
async function otherRun(
  context: CliContext,
  name: string,
  flags: Flags,
  view: ProgressView,
): Promise<RunRecord | null> {
  const stopped = context.stopped();
  return reading(context, flags, async ({ sync }) => {
    const { running, lastRun } = await sync.status(name);
    const id = running?.runId ?? (lastRun !== null && isUnderWay(lastRun) ? lastRun.id : null);
    if (id === null) return null;
    context.output.note(`A sync of ${name} is under way already (${id}): waiting for it to end.`);
    for (;;) {
      const run = await sync.getRun(id);
      if (!isUnderWay(run)) return run;
      const { running: now } = await sync.status(name);
      if (now?.runId === id) view.update(now);
      await sleep(LOOK_MS, undefined, { signal: stopped }).catch(() => undefined);
      if (stopped.aborted) throw new ForeknowError('aborted', { detail: 'Stopped waiting; that sync goes on.' });
    }
  });
}

const isUnderWay = ({ status }: RunRecord): boolean => status === 'queued' || status === 'running';

const levels: readonly SyncLevel[] = ['directory', 'refresh', 'full'];

function isEnough(run: RunRecord, { level = 'refresh', streams: wanted }: Input): boolean {
  const { status, streams } = run;
  if (levels.indexOf(run.level) < levels.indexOf(level)) return false;
  const read = new Set(streams.flatMap((one) => (one.status === 'done' ? [one.stream] : [])));
  return status === 'done' && (wanted ?? streamsOf(level)).every((stream) => read.has(stream));
}

/** A run that ended otherwise than done says why in its record; the exit code follows the first reason found. */
export function exitCodeOfRun({ status, error, streams }: RunRecord): ExitCode {
  if (status === 'done') return exitCodes.done;
  if (status === 'parked') return exitCodes.parked;
  const reason = error ?? streams.find((stream) => stream.error !== null)?.error;
  const code = reason ? exitCodeFor(reason.code) : exitCodes.failed;
  return code === exitCodes.done ? exitCodes.failed : code;
}
