/** A list of rows that can be entered anywhere: places in ascending order of the rows' ids. */
export type View = Uint32Array;

/** Keeps the last few computed lists until the world changes. */
export class ViewCache {
  readonly #kept = new Map<string, { version: number; view: View }>();

  get(key: string, version: number, compute: () => View): View {
    const kept = this.#kept.get(key);
    if (kept?.version === version) return kept.view;
    const view = compute();
    this.#kept.delete(key);
    this.#kept.set(key, { version, view });
    if (this.#kept.size > 40) this.#kept.delete(this.#kept.keys().next().value!);
    return view;
  }
}

/** The places below `count` that pass. */
export function placesWhere(count: number, passes: (place: number) => boolean): View {
  const found = new Uint32Array(count);
  let length = 0;
  for (let place = 0; place < count; place += 1) if (passes(place)) found[length++] = place;
  return found.slice(0, length);
}
