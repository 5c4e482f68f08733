import { happen } from '../soak/happen.ts';
import type { Happening } from '../soak/story.ts';
import type { Random } from '../support/random.ts';
import type { Api } from './api.ts';
import type { Account } from './lab.ts';
import type { Ledger } from './ledger.ts';

/** What goes on all the time while processes are killed: syncs, writes over the API, and people's lives. */
export type Load = {
  /** From now on the accounts live. */
  letLive(): void;
  /** Nothing more begins; resolves when what was begun has ended. */
  stop(): Promise<void>;
};

const SYNC_EVERY_MS = 250;
const WRITE_EVERY_MS = 40;
const LIFE_EVERY_MS = 200;
const HOUR_MS = 60 * 60 * 1000;

const happenings: readonly Happening[] = [
  'add-user',
  'delete-user',
  'archive-user',
  'restore-user',
  'rename-user',
  'add-member',
  'remove-member',
  'add-group',
  'rename-group',
  'complete-enrollment',
  'click',
];

export function startLoad(api: Api, ledger: Ledger, accounts: readonly Account[], random: Random): Load {
  let isOver = false;
  let isLiving = false;
  const every = async (ms: number, work: () => Promise<void> | void): Promise<void> => {
    while (!isOver) {
      await work();
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  };
  const loops = [
    every(SYNC_EVERY_MS, async () => {
      const level = random.pick(['full', 'full', 'refresh', 'directory']);
      await api.call('POST', `/connections/${random.pick(accounts).name}/sync`, { level });
    }),
    every(WRITE_EVERY_MS, () => ledger.write(api)),
    every(LIFE_EVERY_MS, () => {
      if (!isLiving) return;
      const { emulator } = random.pick(accounts);
      if (random.chance(0.3)) emulator.advance(random.int(1, 5) * HOUR_MS);
      else happen(emulator, random.pick(happenings), 1, random.next());
    }),
  ];
  return {
    letLive() {
      isLiving = true;
    },
    async stop() {
      isOver = true;
      await Promise.all(loops);
    },
  };
}
