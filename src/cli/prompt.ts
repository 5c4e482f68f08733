import { ForeknowError } from '../errors/errors.ts';
import type { CliContext } from './context.ts';
import { columnsOf, type Stream } from './output/output.ts';

type Asking = { readonly input: CliContext['stdin']; readonly output: Stream; readonly signal: AbortSignal };

/**
 * Asks on stderr, so that stdout holds the answer alone. Where the terminal ends or ^D is typed there comes no answer.
 * @throws ForeknowError `aborted`
 */
async function asked<T>(context: CliContext, ask: (asking: Asking) => Promise<T>): Promise<Exclude<T, symbol>> {
  const { stdin: input, stderr } = context;
  const ending = new AbortController();
  let isOver = false;
  // An answer ends the input too, and comes first: a prompt that is over takes the terminal from nobody.
  const end = () =>
    void setImmediate(() => {
      if (!isOver) ending.abort();
    });
  for (const event of ends) input.once(event, end);
  try {
    return answered(await ask({ input, output: drawnOn(stderr), signal: ending.signal }));
  } finally {
    isOver = true;
    for (const event of ends) input.off(event, end);
  }
}

const ends = ['end', 'close', 'pause'] as const;

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
  return asked(context, (asking) => password({ ...asking, message: `${message} (not shown)` }));
}

export async function askText(context: CliContext, message: string, placeholder?: string): Promise<string> {
  const { text } = await import('@clack/prompts');
  const options = { message, ...(placeholder ? { placeholder } : {}) };
  const validate = (value: string | undefined) => (value?.trim() ? undefined : 'Please type something.');
  return (await asked(context, (asking) => text({ ...asking, ...options, validate }))).trim();
}

export async function askYes(context: CliContext, message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  return asked(context, (asking) => confirm({ ...asking, message, initialValue: false }));
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
