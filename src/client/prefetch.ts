/**
 * Yields what `source` yields and keeps it up to `ahead` items further on while the consumer works on one.
 * An async generator queues its `next()` calls, so asking early is all it takes; nothing runs side by side.
 * @returns what the source returns
 */
export async function* prefetched<T, End>(
  source: AsyncGenerator<T, End, undefined>,
  ahead: number,
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
    askAhead(1);
    const result = await asked.shift()!;
    if (result.done) return result.value;
    askAhead(ahead);
    yield result.value;
  }
}
