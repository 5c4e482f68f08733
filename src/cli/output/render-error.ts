import { CommanderError } from 'commander';
import { type ForeknowError, type Issue, isForeknowError } from '../../errors/errors.ts';
import { type ExitCode, exitCodeFor, exitCodes } from '../exit-codes.ts';
import { clean } from './cell.ts';
import { flagOf } from './flag-of.ts';

export type Failure = {
  readonly code: string;
  readonly detail: string;
  readonly hint: string | null;
  readonly exitCode: ExitCode;
  /** Problems that are told one a line: those of the configuration file. */
  readonly issues?: readonly Issue[];
};

/** An error of any kind as the command line shows it. What is not ours shows its message, never its stack. */
export function failureOf(error: unknown, argv: readonly string[] = []): Failure {
  if (error instanceof CommanderError) return usageFailure(error);
  if (isForeknowError(error)) {
    const { code, issues } = error;
    const detail = detailOf(error, argv);
    const exitCode = exitCodeFor(code);
    if ((code === 'config_invalid' || code === 'rules_invalid') && issues.length > 0) {
      return { code, detail, hint: error.hint ?? null, exitCode, issues };
    }
    return { code, detail, hint: hintOf(error), exitCode };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'internal', detail, hint: null, exitCode: exitCodes.failed };
}

/** With the option at fault in front, where the words do not name it. */
function detailOf({ field, detail }: ForeknowError, argv: readonly string[]): string {
  const flag = flagOf(field, argv);
  return flag === null || detail.includes(flag) ? detail : `${flag}: ${detail}`;
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

export function renderFailure({ code, detail, hint, issues }: Failure, json: boolean): string {
  if (json) return `${JSON.stringify({ code, detail, hint, issues })}\n`;
  const lines = [
    `error: ${clean(detail)}`,
    ...(issues ?? []).map(({ field, reason }) => `  ${clean(`${field} ${reason}`.trim())}`),
    ...(hint === null ? [] : [`hint: ${clean(hint)}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
