/** How far the consumer of a list has come, as a gate for the one who reads ahead. */
export type Demand = {
  /** The consumer wants one more page. */
  more(): void;
  /** Resolves when page number `page` (from 1) may be parsed. */
  until(page: number): Promise<void>;
};

/**
 * Parsing ahead gains nothing where one thread does everything, and pages that lie about as objects are costly to the
 * garbage collector: so the furthest page ahead waits as text until it is wanted, and only the pages before it are parsed.
 */
export function createDemand(ahead: number): Demand {
  const parsedAhead = Math.max(0, ahead - 1);
  let wanted = 0;
  let waiting: { readonly page: number; readonly open: () => void } | null = null;
  const isDue = (page: number) => page <= wanted + parsedAhead;
  return {
    more() {
      wanted += 1;
      if (waiting === null || !isDue(waiting.page)) return;
      waiting.open();
      waiting = null;
    },
    until: (page) =>
      new Promise((open) => {
        if (isDue(page)) open();
        else waiting = { page, open };
      }),
  };
}

/**
 * Yields what `source` yields and keeps it up to `ahead` items further on while the consumer works on one.
 * An async generator queues its `next()` calls, so asking early is all it takes; nothing runs side by side.
 * @returns what the source returns
 */
export async function* prefetched<T, End>(
  source: AsyncGenerator<T, End, undefined>,
  ahead: number,
  demand: Demand,
): AsyncGenerator<T, End, undefined> {
  const asked: Promise<IteratorResult<T, End>>[] = [];
  const askAhead = (count: number) => {
    while (asked.length < count) {
      const next = source.next();
      // Seen by the consumer when its turn comes, or never, when it stops before.
      next.catch(() => undefined);
      asked.push(next);
    }
  };
  for (;;) {
    demand.more();
    askAhead(1);
    let result: IteratorResult<T, End> | null = await asked.shift()!;
    if (result.done) return result.value;
    askAhead(ahead);
    yield result.value;
    // A generator holds on to its variables while it waits: let the page go before the next one is parsed.
    result = null;
  }
}
