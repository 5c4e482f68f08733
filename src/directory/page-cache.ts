/** Whole pages as bytes, for as long as nothing at all was written. */
export type PageCache = {
  get(revision: number | string, page: string): Buffer | undefined;
  put(revision: number | string, page: string, bytes: Buffer): void;
};

/**
 * Holds pages of one revision of the store. The revision must have been read before the page, so that a page may be newer
 * than its revision says, never older. The oldest pages go first.
 * @param maxBytes of all pages and their names together
 */
export function createPageCache(maxBytes: number): PageCache {
  const pages = new Map<string, Buffer>();
  let held: number | string | null = null;
  let used = 0;
  /** A long query makes a long name, often of a small page: both count. */
  const cost = (page: string, bytes: Buffer): number => 2 * page.length + bytes.length;
  const startOver = (revision: number | string) => {
    pages.clear();
    used = 0;
    held = revision;
  };
  return {
    get: (revision, page) => (revision === held ? pages.get(page) : undefined),
    put(revision, page, bytes) {
      if (revision !== held) startOver(revision);
      const old = pages.get(page);
      used += cost(page, bytes) - (old === undefined ? 0 : cost(page, old));
      pages.set(page, bytes);
      for (const [oldest, kept] of pages) {
        if (used <= maxBytes) break;
        pages.delete(oldest);
        used -= cost(oldest, kept);
      }
    },
  };
}
