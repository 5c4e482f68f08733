import type { Session } from '../session.ts';

/** One write: runs on the writer thread inside a transaction of its own. Arguments and result are plain data. */
export type Op<Args, Result> = {
  /**
   * True for what others were told is done: the disk confirms before the caller hears of it. Otherwise a power cut (not a
   * killed process) may take the newest transactions back; only for work that is then simply done again.
   */
  readonly durable: boolean | ((args: Args) => boolean);
  /** True when nothing of what was deleted may stay readable in the database or its log. */
  readonly erases?: boolean;
  readonly run: (session: Session, args: Args) => Result;
};
