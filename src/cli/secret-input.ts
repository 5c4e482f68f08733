import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { ForeknowError } from '../errors/errors.ts';
import type { CliContext } from './context.ts';
import { askSecret } from './prompt.ts';

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
  if (file === '-') return readAll(context.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? 'unreadable';
    throw problem(option, `The file named by ${option} cannot be read (${code}).`, undefined, cause);
  }
}

async function typed(context: CliContext, option: string): Promise<string> {
  if (context.stdin.isTTY) return askSecret(context, 'Reporting API token');
  throw problem(option, `${option} is missing.`, `Name a file with ${option} FILE, or ${option} - to read stdin.`);
}

const problem = (field: string, detail: string, hint?: string, cause?: unknown): ForeknowError =>
  new ForeknowError('invalid_request', { detail, field, ...(hint ? { hint } : {}), ...(cause ? { cause } : {}) });
