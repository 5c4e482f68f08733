import { ForeknowError } from '../errors/errors.ts';
import type { CliContext } from './context.ts';
import { columnsOf, type Stream } from './output/output.ts';

/** Prompts are drawn on stderr, so that stdout holds the answer alone. */
const streams = (context: CliContext) => ({ input: context.stdin, output: drawnOn(context.stderr) });

/** On a terminal of 0 columns a question would stand letter under letter. */
function drawnOn(terminal: Stream): Stream {
  if (terminal.columns !== 0) return terminal;
  return new Proxy(terminal, {
    get(stream, key) {
      if (key === 'columns') return columnsOf(stream);
      const value: unknown = Reflect.get(stream, key);
      return typeof value === 'function' ? value.bind(stream) : value;
    },
  });
}

export async function askSecret(context: CliContext, message: string): Promise<string> {
  const { password } = await import('@clack/prompts');
  return answered(await password({ ...streams(context), message: `${message} (not shown)` }));
}

export async function askText(context: CliContext, message: string, placeholder?: string): Promise<string> {
  const { text } = await import('@clack/prompts');
  const options = { ...streams(context), message, ...(placeholder ? { placeholder } : {}) };
  return answered(
    await text({ ...options, validate: (value) => (value?.trim() ? undefined : 'Please type something.') }),
  ).trim();
}

export async function askYes(context: CliContext, message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  return answered(await confirm({ ...streams(context), message, initialValue: false }));
}

function answered<T>(value: T): Exclude<T, symbol> {
  if (typeof value !== 'symbol') return value as Exclude<T, symbol>;
  throw new ForeknowError('aborted', { detail: 'Nothing was done.' });
}

/**
 * Asks before something that cannot be undone.
 * @throws ForeknowError `invalid_request` where nobody can be asked and `--yes` is missing
 */
export async function confirmOrThrow(context: CliContext, yes: boolean | undefined, question: string): Promise<void> {
  if (yes) return;
  if (!context.stdin.isTTY) {
    throw new ForeknowError('invalid_request', {
      detail: 'This cannot be undone and nobody can be asked.',
      hint: 'Add --yes when you mean it.',
      field: '--yes',
    });
  }
  if (!(await askYes(context, question))) throw new ForeknowError('aborted', { detail: 'Nothing was done.' });
}
