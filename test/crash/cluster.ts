import type { Random } from '../support/random.ts';
import type { Api } from './api.ts';
import { type Role, type Running, startProcess, type Where } from './processes.ts';

/** The gateway's processes, each of which is started again whenever it was killed. */
export type Cluster = {
  start(): Promise<void>;
  /** Kills some of them, now and then one again while it starts, and starts them. Resolves with how many were killed. */
  killSome(): Promise<number>;
  /** Asks all of them to end. Resolves with the longest time one took, ms. */
  stop(): Promise<number>;
};

const START_MS = 90_000;
/** Share of kills after which the new process is killed too before it is ready. */
const AGAIN = 0.15;

export function createCluster(roles: readonly Role[], where: Where, api: Api, random: Random): Cluster {
  const running: (Running | null)[] = roles.map(() => null);

  const start = async (place: number): Promise<void> => {
    const begun = startProcess(roles[place]!, where);
    running[place] = begun;
    const url = await within(begun.ready, START_MS);
    if (roles[place] !== 'worker') api.use(url);
  };

  const kill = async (place: number): Promise<number> => {
    if (roles[place] !== 'worker') api.use(null);
    await running[place]?.kill();
    if (!random.chance(AGAIN)) return 1;
    const again = startProcess(roles[place]!, where);
    await new Promise((resolve) => setTimeout(resolve, random.int(0, 700)));
    await again.kill();
    return 2;
  };

  return {
    start: async () => void (await Promise.all(roles.map((_, place) => start(place)))),
    async killSome() {
      const victims = chosen(roles.length, random);
      const kills = await Promise.all(victims.map(kill));
      await Promise.all(victims.map(start));
      return kills.reduce((sum, count) => sum + count, 0);
    },
    async stop() {
      api.use(null);
      const took = await Promise.all(running.map(async (one) => one?.stop() ?? 0));
      return Math.max(...took);
    },
  };
}

/** Mostly one of them, sometimes several. */
function chosen(count: number, random: Random): number[] {
  const places = Array.from({ length: count }, (_, place) => place).filter(() => random.chance(0.3));
  return places.length > 0 ? places : [random.int(0, count - 1)];
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not ready within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
