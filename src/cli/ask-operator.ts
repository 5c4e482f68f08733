import { ForeknowError } from '../errors/errors.ts';
import type { Proof } from '../operators/operators.ts';
import type { CliContext } from './context.ts';
import { askSecret, askText } from './prompt.ts';

/**
 * Secrets of people are typed on a terminal: a program, or an agent with a shell, that feeds input answers for nobody.
 * @throws ForeknowError `terminal_needed`
 */
export function requireTerminal({ stdin, stderr }: Pick<CliContext, 'stdin' | 'stderr'>): void {
  if (stdin.isTTY === true && (stderr as { isTTY?: boolean }).isTTY === true) return;
  throw new ForeknowError('terminal_needed', {
    detail: 'A person has to type their secret on a terminal; it is taken from no flag, variable, file or pipe.',
    hint: 'Run this yourself in a terminal, or use the page that the plan names.',
  });
}

/**
 * Asks somebody who they are.
 * @param who what the person is asked as: `who approves`
 * @param hasTotp whether a person of this name is asked for a one-time code
 * @param named their name, where it is known already: only the secret must not be given by flag
 * @throws ForeknowError `terminal_needed`, `aborted`
 */
export async function askProof(
  context: CliContext,
  who: string,
  hasTotp: (name: string) => boolean,
  named?: string,
): Promise<Proof> {
  requireTerminal(context);
  const name = named ?? (await askText(context, `Name of the operator ${who}`));
  const secret = await askSecret(context, `Secret of ${name}`);
  const code = hasTotp(name) ? await askText(context, 'One-time code') : null;
  return { name, secret, code };
}

/**
 * A new secret, typed twice.
 * @throws ForeknowError `terminal_needed`, `invalid_request` when the two differ
 */
export async function askNewSecret(context: CliContext, name: string): Promise<string> {
  requireTerminal(context);
  const secret = await askSecret(context, `New secret of ${name}`);
  if ((await askSecret(context, 'The same again')) === secret) return secret;
  throw new ForeknowError('invalid_request', {
    detail: 'The two secrets differ; nothing was kept.',
    hint: 'Run the command again.',
    field: 'secret',
  });
}
