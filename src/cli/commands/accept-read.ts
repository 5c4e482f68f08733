import type { Command } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import { snakeCase } from '../../lib/case.ts';
import { askProof, requireTerminal } from '../ask-operator.ts';
import { exitCodes } from '../exit-codes.ts';
import { examples, type JsonFlag, withFolder } from '../flags.ts';
import { type FolderFlags, reading, writing } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { readText } from '../output/source-text.ts';

type Flags = FolderFlags & JsonFlag;

/** `sources accept`: a person lets in a read that looks wrong. The approval is of the read as it was shown to them. */
export function addAcceptRead(sources: Command, { context, action }: Kit): void {
  withFolder(
    sources
      .command('accept <read>')
      .description('Let in a read that looks wrong; it takes two different people, each with their own secret'),
  )
    .addHelpText('after', examples('sources accept rd_7q2k'))
    .action(
      action(async (id: string, flags: Flags) => {
        requireTerminal(context);
        const { operators, read } = await reading(context, flags, async (gateway) => ({
          operators: await gateway.operators.list(),
          read: await gateway.sources.getRead(id),
        }));
        if (read.state !== 'quarantined' || read.digest === null) throw notWaiting();
        context.output.note(readText(read, context.output.width));
        const hasTotp = (name: string) =>
          operators.some((one) => one.name.toLowerCase() === name.toLowerCase() && one.hasTotp);
        const proof = await askProof(context, 'who accepts this read', hasTotp);
        const { digest } = read;
        await writing(context, flags, (writes) => writes.decisions.acceptRead(id, digest, { proof, from: 'terminal' }));
        const ended = await reading(context, flags, (gateway) => gateway.sources.getRead(id));
        context.output.answer(snakeCase(ended), () => readText(ended, context.output.width));
        return ended.state === 'quarantined' ? exitCodes.waiting : exitCodes.done;
      }),
    );
}

const notWaiting = () => new ForeknowError('conflict', { detail: 'The read does not wait for anybody (any more).' });
