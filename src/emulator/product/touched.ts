import type { World } from '../world/state.ts';

type Touched = { readonly created: number | null; readonly last: number };
type Index = { seen: number; readonly byRecord: Map<string, Touched> };

const indexes = new WeakMap<World, Index>();

/** When a user or a group was made and last changed since the world began to live, ms; a new score is no change. */
export function touched(world: World, stream: 'users' | 'groups', id: number): Touched | undefined {
  let index = indexes.get(world);
  if (!index) {
    index = { seen: 0, byRecord: new Map() };
    indexes.set(world, index);
  }
  for (; index.seen < world.changes.length; index.seen += 1) {
    const { stream: of, id: record, kind, at } = world.changes[index.seen]!;
    if ((of !== 'users' && of !== 'groups') || kind === 'score') continue;
    const last = Date.parse(at);
    const created = kind === 'created' ? last : (index.byRecord.get(`${of}/${record}`)?.created ?? null);
    index.byRecord.set(`${of}/${record}`, { created, last });
  }
  return index.byRecord.get(`${stream}/${id}`);
}
