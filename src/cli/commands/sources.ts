import { createReadStream, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import { snakeCase } from '../../lib/case.ts';
import { nearest } from '../../lib/nearest.ts';
import type { ReadRecord } from '../../sources/ports.ts';
import type { SourceCheck } from '../../sources/source.ts';
import type { CliContext } from '../context.ts';
import { egressOf } from '../egress-flags.ts';
import { type ExitCode, exitCodeFor, exitCodes } from '../exit-codes.ts';
import { examples, type JsonFlag, numberOption, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { checkText, readTable, readText, sampleText, sourceTable } from '../output/source-text.ts';
import { counted } from '../output/words.ts';
import { confirmOrThrow } from '../prompt.ts';
import { addAcceptRead } from './accept-read.ts';
import { addScimInToken } from './scim-in-token.ts';

type Flags = FolderFlags & JsonFlag;

const withSources = (command: Command): Command =>
  withFolder(command.option('--config <file>', 'configuration file (default: $FOREKNOW_CONFIG or ./foreknow.yaml)'));

export function addSources(program: Command, kit: Kit): void {
  const sources = program
    .command('sources')
    .description('Places that know who works here: try, read, look at reads')
    .addHelpText('after', examples('sources test hr-drop', 'sources read hr-drop', 'sources show rd_7q2k'));
  addList(sources, kit);
  addTest(sources, kit);
  addRead(sources, kit);
  addReads(sources, kit);
  addAcceptRead(sources, kit);
  addErasing(sources, kit);
  addScimInToken(sources, kit);
}

function addList(sources: Command, { context, action }: Kit): void {
  withSources(sources.command('list', { isDefault: true }).description('Sources, and how they were read last'))
    .addHelpText('after', examples('sources list'))
    .action(
      action(async (flags: Flags) => {
        const found = await reading(context, flags, (gateway) => gateway.sources.list());
        context.output.answer(snakeCase(found), () => sourceTable(found, context.output.width));
      }),
    );
}

function addTest(sources: Command, { context, action }: Kit): void {
  withSources(sources.command('test <source>').description('Reach a source and look at its headings; nothing is kept'))
    .addHelpText('after', examples('sources test hr-drop'))
    .action(
      action(async (name: string, flags: Flags) => {
        const found = await check(context, name, flags);
        const { sample: _, ...told } = found;
        context.output.answer(snakeCase(told), () => checkText(found, context.output.width));
        return found.ok ? exitCodes.done : exitCodes.failed;
      }),
    );
  withSources(
    sources.command('preview <source>').description('Show a few people as they would be known; nothing is kept'),
  )
    .addHelpText('after', examples('sources preview hr-drop'))
    .action(
      action(async (name: string, flags: Flags) => {
        const found = await check(context, name, flags);
        context.output.answer({ sample: found.sample.map(wirePerson) }, () => sampleText(found));
        return found.ok ? exitCodes.done : exitCodes.failed;
      }),
    );
}

/** Names of attributes are the operator's own: they stay as they are. */
const wirePerson = ({ sourceId, ...person }: SourceCheck['sample'][number]) => ({ source_id: sourceId, ...person });

/** Needs no store, but for what was pushed into it. */
async function check(context: CliContext, name: string, flags: Flags): Promise<SourceCheck> {
  const found = configured(context, name, flags);
  if (found.kind === 'scim-in') return reading(context, flags, (gateway) => gateway.sources.test(name));
  const { openSource } = await import('../../gateway/open-source.ts');
  const spoolFolder = await mkdtemp(join(tmpdir(), 'foreknow-'));
  try {
    const egress = egressOf(context, flags);
    const source = await openSource(found, { store: null, spoolFolder, egress, now: () => new Date(context.now()) });
    try {
      return await source.test(context.stopped());
    } finally {
      await source.close?.();
    }
  } finally {
    await rm(spoolFolder, { recursive: true, force: true });
  }
}

function configured(context: CliContext, name: string, flags: Flags) {
  const sources = context.configFile(flags.config)?.config.sources ?? [];
  const found = sources.find((one) => one.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    sources.map((one) => one.name),
  );
  throw new ForeknowError('not_found', {
    detail: `No source is called ${name}.`,
    hint: near === null ? 'Sources stand in the configuration file, under sources.' : `Did you mean ${near}?`,
  });
}

function addRead(sources: Command, { context, action }: Kit): void {
  const answer = (read: ReadRecord): ExitCode => {
    context.output.answer(snakeCase(read), () => readText(read, context.output.width));
    return exitCodeOfRead(read);
  };
  withSources(sources.command('read <source>').description('Read a source now'))
    .addHelpText('after', examples('sources read hr-drop'))
    .action(
      action(async (name: string, flags: Flags) =>
        answer(
          await writing(context, { ...flags, isNew: true }, (writes) => writes.sources.read(name, 'command line')),
        ),
      ),
    );
  withSources(
    sources
      .command('upload <source> <file>')
      .description('Hand in a file; it is read at once and not kept')
      .addOption(numberOption('--rows <number>', 'how many rows it has: proves that it is whole', { min: 0, max: 1e8 }))
      .option('--sha256 <hex>', 'its SHA-256: proves that it is whole'),
  )
    .addHelpText('after', examples('sources upload hr-drop people.csv --rows 1217'))
    .action(
      action(async (name: string, file: string, flags: Flags & { rows?: number; sha256?: string }) => {
        const { rows, sha256 } = flags;
        const upload = { content: contentOf(file), name: basename(file), rows, sha256: sha256?.toLowerCase() };
        return answer(
          await writing(context, { ...flags, isNew: true }, (writes) =>
            writes.sources.upload(name, upload, 'command line'),
          ),
        );
      }),
    );
}

function contentOf(file: string) {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new ForeknowError('invalid_request', { detail: `${file} is no file that can be read.`, field: 'file' });
  }
  return createReadStream(file);
}

/** 0: kept. 3: two people have to look at it. Otherwise what kept it from being read. */
function exitCodeOfRead({ state, error }: ReadRecord): ExitCode {
  if (state === 'quarantined' || state === 'superseded') return exitCodes.waiting;
  return state === 'incomplete' ? exitCodeFor(error?.code ?? 'incomplete_read') : exitCodes.done;
}

function addReads(sources: Command, { context, action }: Kit): void {
  withSources(
    sources
      .command('reads [source]')
      .description('Reads of one source, or of all, newest first')
      .addOption(numberOption('--limit <rows>', 'at most so many', { min: 1, max: 200, by: 20 })),
  )
    .addHelpText('after', examples('sources reads hr-drop'))
    .action(
      action(async (name: string | undefined, flags: Flags & { limit: number }) => {
        const found = await reading(context, flags, (gateway) => gateway.sources.reads(name ?? null, flags.limit));
        context.output.answer(snakeCase(found), () => readTable(found, context.output.width));
      }),
    );
  withSources(
    sources.command('show <read>').description('A read: its proof, what looks wrong, how far attributes are filled'),
  )
    .addHelpText('after', examples('sources show rd_7q2k'))
    .action(
      action(async (id: string, flags: Flags) => {
        const found = await reading(context, flags, (gateway) => gateway.sources.getRead(id));
        context.output.answer(snakeCase(found), () => readText(found, context.output.width));
      }),
    );
}

function addErasing(sources: Command, { context, action }: Kit): void {
  withSources(
    sources
      .command('erase <source> <person>')
      .description('Erase what a source said of a person (their id there), and keep them out of later reads')
      .option('--yes', 'do not ask'),
  )
    .addHelpText('after', examples('sources erase hr-drop 4711'))
    .action(
      action(async (name: string, id: string, flags: Flags & { yes?: boolean }) => {
        await confirmOrThrow(context, flags.yes, `Erase ${id} of ${name}?`);
        const wasKnown = await writing(context, flags, (writes) => writes.sources.erasePerson(name, id));
        context.output.answer({ was_known: wasKnown }, () =>
          wasKnown ? 'Erased, and kept out from now on.\n' : 'Not known; kept out from now on.\n',
        );
      }),
    );
  withSources(
    sources
      .command('readmit <source> <person>')
      .description('Let somebody in again who was erased: the next read that shows them brings them back'),
  )
    .addHelpText('after', examples('sources readmit hr-drop 4711', 'sources readmit okta-push mara@example.com'))
    .action(
      action(async (name: string, id: string, flags: Flags) => {
        const readmitted = await writing(context, flags, (writes) => writes.sources.readmitPerson(name, id));
        context.output.answer({ readmitted }, () => (readmitted ? 'Let in again.\n' : 'Not kept out.\n'));
      }),
    );
  withSources(
    sources
      .command('forget <source>')
      .description('Forget everything that a source said; it may be configured no more')
      .option('--yes', 'do not ask'),
  )
    .addHelpText('after', examples('sources forget hr-drop'))
    .action(
      action(async (name: string, flags: Flags & { yes?: boolean }) => {
        await confirmOrThrow(context, flags.yes, `Forget everybody whom ${name} has shown?`);
        const people = await writing(context, flags, (writes) => writes.sources.forget(name));
        context.output.answer({ people }, () => `${counted(people, 'person', 'people')} forgotten.\n`);
      }),
    );
}
