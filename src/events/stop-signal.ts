/** How long a request that is under way may still take when the work is to end. */
const GRACE_MS = 3000;

/** A signal that is aborted a little after the given one: what was sent is answered more often than not. */
export function graceAfter(signal: AbortSignal, graceMs = GRACE_MS): { readonly signal: AbortSignal; dispose(): void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => late.abort(signal.reason), graceMs);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return {
    signal: late.signal,
    dispose: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', begin);
    },
  };
}
