import type { Readable } from 'node:stream';
import { ForeknowError } from '../errors/errors.ts';
import type { CliContext } from './context.ts';
import { askSecret } from './prompt.ts';
import { readSmallFile } from './small-file.ts';

/** Longer than any token: a larger file was named by mistake. */
const LONGEST_TOKEN = 8192;

/**
 * A token from a file, from stdin (`-`), or typed at the prompt. Never from an argument: arguments are seen by every
 * program on the machine and kept in the shell's history.
 * @throws ForeknowError `invalid_request` naming the option
 */
export async function readToken(context: CliContext, file: string | undefined, option: string): Promise<string> {
  const text = file === undefined ? await typed(context, option) : await readNamed(context, file, option);
  const token = text.trim();
  if (token === '') throw problem(option, `${file === '-' ? 'stdin' : 'The token file'} is empty.`);
  if (token.length > LONGEST_TOKEN || /\s/.test(token)) {
    throw problem(option, 'This does not hold a single token.', 'A token is one line without spaces.');
  }
  return token;
}

async function readNamed(context: CliContext, file: string, option: string): Promise<string> {
  if (file === '-') return readInput(context.stdin);
  try {
    return readSmallFile(file);
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? 'unreadable';
    throw problem(option, `The file named by ${option} cannot be read (${code}).`, undefined, cause);
  }
}

/** No more than can be a token: an input that goes on and on is none. */
async function readInput(stdin: Readable): Promise<string> {
  let text = '';
  for await (const part of stdin) {
    text += String(part);
    if (text.length > 4 * LONGEST_TOKEN) break;
  }
  return text;
}

async function typed(context: CliContext, option: string): Promise<string> {
  if (context.stdin.isTTY) return askSecret(context, 'Reporting API token');
  throw problem(option, `${option} is missing.`, `Name a file with ${option} FILE, or ${option} - to read stdin.`);
}

const problem = (field: string, detail: string, hint?: string, cause?: unknown): ForeknowError =>
  new ForeknowError('invalid_request', { detail, field, ...(hint ? { hint } : {}), ...(cause ? { cause } : {}) });
