import type { Switches } from '../switches.ts';
import { isActive, type Person, type World } from '../world/state.ts';
import type { Managers } from './fields.ts';
import type { ReportRow } from './report.ts';
import type { Stored } from './shelf.ts';
import type { ScimState } from './state.ts';

/** What a sync works on. */
export type Synced = { readonly world: World; readonly switches: Switches; readonly scim: ScimState };

/** One sync on its way. In Test Mode (`dry`) everything is decided and nothing is done. */
export type SyncRun = Synced & {
  readonly dry: boolean;
  /** ms */
  readonly at: number;
  readonly rows: ReportRow[];
  readonly managers: Managers;
  /** People who are not deleted, by address in lower case. */
  readonly byAddress: Map<string, Person[]>;
  /** Whose account each user of the store is after this sync; `new`: one that Test Mode does not make. */
  readonly accounts: Map<string, number | 'new'>;
  /** Places of people whom the store holds. */
  readonly held: Set<number>;
  /** People who may belong to other groups and campaigns now, and those of them who have come back. */
  readonly touched: Set<Person>;
  readonly back: Set<Person>;
  /** Ids of users whose account is another one, or a new one, since this sync. */
  readonly fresh: Set<string>;
  /** What could not be brought about: the next sync tries it again. */
  readonly failed: Set<Stored>;
  /** Seats that nobody takes. */
  seats: number;
};

export function beginRun({ world, switches, scim }: Synced, at: number): SyncRun {
  const byAddress = new Map<string, Person[]>();
  let active = 0;
  for (const person of world.people) {
    if (person.hidden) continue;
    if (isActive(person)) active += 1;
    noteAddress(byAddress, person);
  }
  const nameOf = ({ resource }: Stored): string => {
    const { givenName = '', familyName = '' } = (resource.name ?? {}) as Record<string, string>;
    return `${givenName} ${familyName}`.trim();
  };
  const found = (id: string) => scim.users.get(id);
  return {
    ...{ world, switches, scim, at, byAddress },
    dry: scim.testMode,
    rows: [],
    managers: {
      emailOf: (id) => (found(id) ? scim.users.nameOf(found(id)!) : null),
      nameOf: (id) => (found(id) ? nameOf(found(id)!) : null),
    },
    accounts: new Map(),
    held: new Set(),
    touched: new Set(),
    back: new Set(),
    fresh: new Set(),
    failed: new Set(),
    seats: switches.scimSeats === 'allow' ? Number.POSITIVE_INFINITY : world.account.number_of_seats - active,
  };
}

export function noteAddress(byAddress: Map<string, Person[]>, person: Person): void {
  const address = person.user.email.toLowerCase();
  const holders = byAddress.get(address);
  if (holders) holders.push(person);
  else byAddress.set(address, [person]);
}
