import { documentedLimits, type Limits } from '../wire/limits.ts';
import type { Region } from '../wire/regions.ts';
import { Limiter } from './limiter.ts';
import type { EmulatedAccount } from './options.ts';
import { hash, hashText, uuid } from './random.ts';
import { type Spelling, spelling } from './spelling.ts';
import type { Switches } from './switches.ts';
import { createWorld } from './world/create.ts';
import type { World } from './world/state.ts';

/** One emulated account: its world, its token, its limits. */
export type AccountState = {
  readonly id: string;
  readonly name: string;
  readonly region: Region;
  readonly token: string;
  switches: Switches;
  spelling: Spelling;
  readonly world: World;
  /** null: no limits. */
  readonly limiter: Limiter | null;
  isDisabled: boolean;
};

export type AccountPlan = {
  readonly name: string;
  readonly people: number;
  readonly seed: number;
  readonly region: Region;
  readonly token: string | undefined;
  readonly enrollments: number | undefined;
  readonly switches: Switches;
  readonly limits: boolean | Limits;
  readonly begin: number;
};

export function createAccount(plan: AccountPlan): AccountState {
  const { name, seed, people, begin, enrollments, limits, region, switches } = plan;
  const world = createWorld({ name, seed, people, begin, enrollments });
  const set = limits === true ? documentedLimits(world.account.number_of_seats) : limits;
  return {
    id: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    name,
    region,
    token: plan.token ?? `emulated-reporting-${uuid(hash(seed, hashText(name), hashText(region)))}`,
    switches,
    spelling: spelling(switches),
    world,
    limiter: set === false ? null : new Limiter(set),
    isDisabled: false,
  };
}

/** From now on the account is served in another way. */
export function switchOver(account: AccountState, switches: Partial<Switches>): void {
  account.switches = { ...account.switches, ...switches };
  account.spelling = spelling(account.switches);
}

export const describeAccount = (account: AccountState): EmulatedAccount => ({
  id: account.id,
  name: account.name,
  region: account.region,
  reportingToken: account.token,
  people: account.world.people.reduce((count, person) => count + (person.hidden ? 0 : 1), 0),
});
