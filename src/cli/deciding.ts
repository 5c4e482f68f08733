import type { Decider } from '../gateway/deciding.ts';
import { askProof, requireTerminal } from './ask-operator.ts';
import type { CliContext } from './context.ts';
import { type FolderFlags, reading, type Writes, writing } from './folder.ts';

export type DeciderFlags = FolderFlags & { readonly as?: string };

/**
 * What only people decide: whoever sits at the terminal types their secret. Before it is asked for, `show` tells what it is for.
 * @param who what the person is asked as: `who approves`
 * @throws ForeknowError `terminal_needed` before anything is done, `aborted`, `operator_refused`, `too_many_attempts`
 */
export async function deciding(
  context: CliContext,
  flags: DeciderFlags,
  { who, show }: { readonly who: string; readonly show?: () => Promise<void> },
  work: (decisions: Writes['decisions'], decider: Decider) => Promise<unknown>,
): Promise<void> {
  requireTerminal(context);
  await show?.();
  const operators = await reading(context, flags, (gateway) => gateway.operators.list());
  const hasTotp = (name: string) =>
    operators.some((one) => one.hasTotp && one.name.toLowerCase() === name.toLowerCase());
  const proof = await askProof(context, who, hasTotp, flags.as);
  await writing(context, flags, ({ decisions }) => work(decisions, { proof, from: 'terminal' }));
}
