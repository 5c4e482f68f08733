/** How a memory of answers is kept. */
type Memory = {
  /** How long an answer may be used, ms. */
  readonly keepMs: number;
  /** A clock that is never set, ms; default: the platform's. */
  readonly elapsed?: () => number;
  /** Grows when what answers depend on was changed here: everything is asked anew then. */
  readonly revision?: () => number;
};

/**
 * The same function, which asks again only after a while, or after a change. Failures are not kept, nor is null: what is not
 * there may come. What a question gave that was asked before a change is not kept after it.
 */
export function remember<T>(
  read: (key: string) => Promise<T>,
  { keepMs, elapsed = () => performance.now(), revision = () => 0 }: Memory,
): (key: string) => Promise<T> {
  // All at once are forgotten, so that it holds no more than what was asked in that time.
  let answers = new Map<string, Promise<T>>();
  let until = -Infinity;
  let of = -1;
  return (key) => {
    if (elapsed() >= until || revision() !== of) {
      answers = new Map();
      until = elapsed() + keepMs;
      of = revision();
    }
    const known = answers.get(key);
    if (known !== undefined) return known;
    const asked = read(key);
    const kept = answers;
    const forget = () => kept.delete(key);
    kept.set(key, asked);
    asked.then((answer) => answer === null && forget(), forget);
    return asked;
  };
}
