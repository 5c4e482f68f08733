import type { CliContext } from './context.ts';
import type { ExitCode } from './exit-codes.ts';

/** What a file of commands is given. */
export type Kit = {
  readonly context: CliContext;
  /** Makes an action of a command's work; what the work returns becomes the exit code. */
  readonly action: <Arguments extends unknown[]>(
    work: (...args: Arguments) => Promise<ExitCode | undefined> | Promise<void>,
  ) => (...args: Arguments) => Promise<void>;
};
