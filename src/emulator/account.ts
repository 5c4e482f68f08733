import { documentedLimits, type Limits, perSeatLimits } from '../wire/limits.ts';
import type { Region } from '../wire/regions.ts';
import { EVENTS_PATH } from './events/serve-events.ts';
import { createEvents, type EventState } from './events/state.ts';
import { Limiter } from './limiter.ts';
import type { EmulatedAccount, EmulatorOptions, Surface } from './options.ts';
import { createRoles, type SecurityRole } from './product/roles.ts';
import { PRODUCT_PATH } from './product/serve-product.ts';
import { hash, hashText, uuid } from './random.ts';
import { SCIM_PATH } from './scim/serve-scim.ts';
import { createScim, type Provisioner, type ScimState } from './scim/state.ts';
import { type Spelling, spelling } from './spelling.ts';
import type { Switches } from './switches.ts';
import { createWorld } from './world/create.ts';
import type { World } from './world/state.ts';

/** One emulated account: its world, its keys, its limits. */
export type AccountState = {
  readonly id: string;
  /** As User Events and GraphQL name it; the Reporting API has no id of the account. */
  readonly number: number;
  readonly name: string;
  readonly region: Region;
  readonly tokens: Readonly<Record<Surface, string>>;
  /** Known once the emulator listens. */
  addresses: EmulatedAccount['addresses'];
  switches: Switches;
  spelling: Spelling;
  readonly world: World;
  readonly events: EventState;
  readonly scim: ScimState;
  readonly roles: readonly SecurityRole[];
  /** null: no limits. */
  readonly limiters: Readonly<Record<Surface, Limiter | null>>;
  /** Surfaces whose key is refused. */
  readonly disabled: Set<Surface>;
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
  readonly surfaceLimits: EmulatorOptions['surfaceLimits'];
  readonly begin: number;
  readonly provisioner: Provisioner;
};

export function createAccount(plan: AccountPlan): AccountState {
  const { name, seed, people, begin, enrollments, region, switches } = plan;
  const world = createWorld({ name, seed, people, begin, enrollments });
  const secret = (surface: Surface) => uuid(hash(seed, hashText(name), hashText(region), hashText(surface)));
  const number = 585_000 + (world.seed % 10_000);
  return {
    id: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    number,
    name,
    region,
    tokens: {
      reporting: plan.token ?? `emulated-reporting-${uuid(hash(seed, hashText(name), hashText(region)))}`,
      events: `emulated-events-${secret('events')}`,
      product: `emulated-product-${secret('product')}`,
      scim: `emulated-scim-${secret('scim')}`,
    },
    addresses: { reporting: '', events: '', product: '', scim: '' },
    switches,
    spelling: spelling(switches),
    world,
    events: createEvents(world, number),
    scim: createScim(world, plan.provisioner),
    roles: createRoles(world),
    limiters: limitersFor(plan, world.account.number_of_seats),
    disabled: new Set(),
  };
}

/** Of User Events and GraphQL what is documented, to the full; for SCIM none is known. */
const perSeat = (seats: number): Limits => ({ ...perSeatLimits(seats), perSecond: 4 });

function limitersFor({ limits, surfaceLimits }: AccountPlan, seats: number): AccountState['limiters'] {
  if (limits === false) return { reporting: null, events: null, product: null, scim: null };
  return {
    reporting: new Limiter(limits === true ? documentedLimits(seats) : limits),
    events: new Limiter(surfaceLimits?.events ?? perSeat(seats)),
    product: new Limiter(surfaceLimits?.product ?? perSeat(seats)),
    scim: surfaceLimits?.scim ? new Limiter(surfaceLimits.scim) : null,
  };
}

/** From now on the account is served in another way. */
export function switchOver(account: AccountState, switches: Partial<Switches>): void {
  account.switches = { ...account.switches, ...switches };
  account.spelling = spelling(account.switches);
}

/** Where the account's surfaces answer. The bare address is the region of the first account. */
export function settleAt(account: AccountState, url: string, home: Region): void {
  const base = account.region === home ? url : `${url}/${account.region}`;
  account.addresses = {
    reporting: base,
    events: `${base}${EVENTS_PATH}`,
    product: `${base}${PRODUCT_PATH}`,
    scim: `${base}${SCIM_PATH}/${account.id}`,
  };
}

export const describeAccount = (account: AccountState): EmulatedAccount => ({
  id: account.id,
  name: account.name,
  region: account.region,
  reportingToken: account.tokens.reporting,
  tokens: account.tokens,
  addresses: account.addresses,
  people: account.world.people.reduce((count, person) => count + (person.hidden ? 0 : 1), 0),
});
