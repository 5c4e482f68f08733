import { CommanderError } from 'commander';
import { type ForeknowError, isForeknowError } from '../../errors/errors.ts';
import { type ExitCode, exitCodeFor, exitCodes } from '../exit-codes.ts';
import { clean } from './cell.ts';

export type Failure = {
  readonly code: string;
  readonly detail: string;
  readonly hint: string | null;
  readonly exitCode: ExitCode;
};

/** An error of any kind as the command line shows it. What is not ours shows its message, never its stack. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) return usageFailure(error);
  if (isForeknowError(error)) {
    return { code: error.code, detail: error.detail, hint: hintOf(error), exitCode: exitCodeFor(error.code) };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'internal', detail, hint: null, exitCode: exitCodes.failed };
}

/** The hint, and the problems that the detail does not name already. */
function hintOf({ hint, issues, detail }: ForeknowError): string | null {
  const more = issues.filter(({ field }) => !detail.includes(field)).map(({ field, reason }) => `${field}: ${reason}`);
  return [hint, ...more].filter(Boolean).join(' · ') || null;
}

/** commander's words are `error: unknown option '--jsn'` and, on a line of its own, `(Did you mean --json?)`. */
function usageFailure(error: CommanderError): Failure {
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const near = suggestion?.match(/^\((.+)\)$/)?.[1];
  return {
    code: 'invalid_request',
    detail: first,
    hint: near ?? 'Add --help to see what is understood.',
    exitCode: exitCodes.usage,
  };
}

export const renderFailure = ({ code, detail, hint }: Failure, json: boolean): string =>
  json
    ? `${JSON.stringify({ code, detail, hint })}\n`
    : `error: ${clean(detail)}\n${hint === null ? '' : `hint: ${clean(hint)}\n`}`;
