import type { RowRef } from './ports.ts';
import { placeOf } from './rows.ts';

/** Rendered rows, so that a page that was sent before costs one small query and a copy. */
export type RowCache = {
  get(ref: RowRef, version: number): Buffer | undefined;
  put(ref: RowRef, version: number, bytes: Buffer): void;
};

type Entry = { readonly stamp: string; readonly version: number; readonly bytes: Buffer };

/** What an entry costs beside its bytes, roughly. */
const ENTRY_BYTES = 300;

/**
 * A row is found only with the stamp and the directory version it was rendered from. The oldest entries go first.
 * @param maxBytes of all rows together
 */
export function createRowCache(maxBytes: number): RowCache {
  const entries = new Map<string, Entry>();
  let used = 0;
  const drop = (place: string, entry: Entry) => {
    used -= entry.bytes.length + ENTRY_BYTES;
    entries.delete(place);
  };
  return {
    get(ref, version) {
      const entry = entries.get(placeOf(ref));
      return entry !== undefined && entry.stamp === ref.stamp && entry.version === version ? entry.bytes : undefined;
    },
    put(ref, version, bytes) {
      const place = placeOf(ref);
      const old = entries.get(place);
      if (old !== undefined) drop(place, old);
      entries.set(place, { stamp: ref.stamp, version, bytes });
      used += bytes.length + ENTRY_BYTES;
      for (const [oldest, entry] of entries) {
        if (used <= maxBytes) break;
        drop(oldest, entry);
      }
    },
  };
}
