/** Plays the seeds that its parent sends, a few at a time over one store, and sends back how they went. */
import type { Profile } from '../../src/emulator/index.ts';
import { playSeed } from './seed.ts';
import { type StoreKind, storesOf } from './stores.ts';

export type Order = {
  readonly seed: number;
  readonly profile: Profile | undefined;
  readonly steps: readonly number[] | null;
  readonly shrinks: boolean;
};

/** A store grows with its stories; a new one now and then keeps it small. */
const SEEDS_A_STORE = 40;

const stores = storesOf(process.argv[2] as StoreKind);
let open = stores.open();
let begun = 0;
const busy = new Set<Promise<unknown>>();

process.on('message', (order: Order) => {
  begun += 1;
  if (begun % SEEDS_A_STORE === 0) {
    const [old, users] = [open, [...busy]];
    open = stores.open();
    void Promise.allSettled(users).then(async () => (await old).close());
  }
  const playing = play(order);
  busy.add(playing);
  void playing.finally(() => busy.delete(playing));
});

process.on('disconnect', async () => {
  await Promise.allSettled(busy);
  await (await open).close();
  await stores.close();
  process.exit(0);
});

async function play({ seed, ...order }: Order): Promise<void> {
  const { store } = await open;
  process.send!(await playSeed(seed, store, order));
}
