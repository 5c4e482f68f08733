import type { Session } from '../session.ts';

/**
 * One write, written once for both engines: runs inside a transaction of its own, on SQLite on the writer thread. Arguments
 * and result are plain data (JSON). It may run again when the transaction has to be repeated, so it changes nothing but the
 * database.
 */
export type Op<Args, Result> = {
  /**
   * True for what others were told is done: the disk confirms before the caller hears of it. Otherwise a power cut (not a
   * killed process) may take the newest transactions back; only for work that is then simply done again.
   */
  readonly durable: boolean | ((args: Args) => boolean);
  /** True when nothing of what was deleted may stay readable in the database or its log. */
  readonly erases?: boolean;
  /** True when so much was written that the planner needs new figures. */
  readonly fills?: (args: Args) => boolean;
  /** True when it joins sets that may be large: planned for that, whatever figures the planner has. */
  readonly wide?: boolean;
  readonly run: (session: Session, args: Args) => Promise<Result>;
};
