import { doubtAbout } from './carry.ts';
import { accountPerson, stepPerson } from './conflicts.ts';
import { type Identified, sameAddress, unclaimed } from './identify.ts';
import { departureOf } from './leaving.ts';
import { conflictItem } from './people.ts';
import { joinPeople } from './people-join.ts';
import type { PlanItem, StepPerson } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import type { TargetUser } from './target.ts';
import { comparableNumber } from './target-index.ts';
import { activeUsers, beginWork, type Work } from './work.ts';

/** Accounts that seem to be one person's. The first is the one to keep: known to a source, else signed in last. */
export type Duplicate = {
  readonly by: 'address' | 'employee_number' | 'name';
  readonly accounts: readonly StepPerson[];
};

/** A seat that is used for nothing, as far as can be seen. */
export type ReclaimableSeat = {
  readonly person: StepPerson;
  readonly reason: 'left' | 'doubled' | 'never_signed_in';
};

/** What a first meeting of sources and KnowBe4 shows. Nothing is written for it. */
export type AdoptionReport = {
  readonly connectionId: string;
  readonly builtAt: string;
  /** When KnowBe4 was last read whole; null: never, and then nothing here can be relied on. */
  readonly asOf: string | null;
  readonly seats: { readonly bought: number | null; readonly now: number };
  readonly counts: Readonly<
    Record<
      | 'linked'
      | 'found'
      | 'absent'
      | 'unmanaged'
      | 'unscoped'
      | 'conflict'
      | 'duplicated'
      | 'reclaimable'
      | 'exempt'
      | 'archived_unless_carried'
      | 'archived_even_so',
      number
    >
  >;
  /** People whose account was found now, and by what. */
  readonly found: readonly { readonly person: StepPerson; readonly by: string }[];
  /** In the sources, in scope, without an account. */
  readonly absent: readonly StepPerson[];
  /** Active accounts that no source knows. */
  readonly unmanaged: readonly StepPerson[];
  readonly conflicts: readonly PlanItem[];
  readonly duplicates: readonly Duplicate[];
  readonly reclaimable: readonly ReclaimableSeat[];
  readonly exempt: readonly StepPerson[];
  /**
   * Whom KnowBe4 would archive once SCIM rules the account: `unlessCarried` when only people of the sources were sent, `evenSo` although everybody
   * who can be is sent.
   */
  readonly wouldBeArchived: { readonly unlessCarried: readonly StepPerson[]; readonly evenSo: readonly StepPerson[] };
};

export function adoptionReport(input: PlanInput): AdoptionReport {
  const work = beginWork(input);
  const people = joinPeople(work);
  const active = activeUsers(input.target.users);
  const reads = { sources: input.sources, absentReads: input.rules.settings.leavers.absentReads };
  const hasLeft = ({ evaluated }: Identified) => departureOf(evaluated, reads, work.today) !== null;
  const staying = people.filter((one) => one.evaluated.inScope && one.conflict === null && !hasLeft(one));
  const owners = new Map(people.flatMap((one) => (one.user ? [[one.user.id, one] as const] : [])));
  const exempt = active.filter(({ id }) => input.state.exempt.includes(id));
  const unmanaged = activeUsers(unclaimed(people, work.index)).filter((user) => !exempt.includes(user));
  const kept = new Set([...exempt.map(({ id }) => id), ...staying.flatMap(({ user }) => user?.id ?? [])]);
  const duplicates = duplicatesOf(work, owners);
  const lists = {
    found: staying
      .filter(({ isNew, user }) => isNew && user?.status === 'active')
      .map(({ evaluated, user, matchedOn }) => ({ person: stepPerson(evaluated, user), by: matchedOn ?? 'decision' })),
    absent: staying
      .filter(({ user, isIgnored }) => user === null && !isIgnored)
      .map(({ evaluated }) => stepPerson(evaluated, null)),
    unmanaged: unmanaged.map(accountPerson),
    conflicts: people
      .filter(({ conflict }) => conflict !== null)
      .map((one) => conflictItem(one, stepPerson(one.evaluated, one.user))),
    duplicates,
    reclaimable: reclaimable(
      people.filter((one) => one.evaluated.inScope && hasLeft(one)),
      duplicates,
      active,
    ),
    exempt: exempt.map(accountPerson),
    wouldBeArchived: {
      unlessCarried: active.filter(({ id }) => !kept.has(id)).map(accountPerson),
      evenSo: active
        .filter((user) => !exempt.includes(user) && !work.scim.users.has(user.id) && doubtAbout(work, user) !== null)
        .map(accountPerson),
    },
  };
  return {
    connectionId: input.connection.id,
    builtAt: input.now.toISOString(),
    asOf: input.target.asOf,
    seats: { bought: input.target.account.seats, now: active.length },
    counts: {
      linked: staying.filter(({ isNew, user }) => !isNew && user?.status === 'active').length,
      found: lists.found.length,
      absent: lists.absent.length,
      unmanaged: unmanaged.length,
      unscoped: people.filter(({ evaluated }) => !evaluated.inScope).length,
      conflict: lists.conflicts.length,
      duplicated: duplicates.length,
      reclaimable: lists.reclaimable.length,
      exempt: exempt.length,
      archived_unless_carried: lists.wouldBeArchived.unlessCarried.length,
      archived_even_so: lists.wouldBeArchived.evenSo.length,
    },
    ...lists,
  };
}

type Owners = ReadonlyMap<string, Identified>;

/** Active accounts of one address (or alias), of one employee number, or an account that no source knows with the name of one that is known. */
function duplicatesOf(work: Work, owners: Owners): readonly Duplicate[] {
  const active = activeUsers(work.index.target.users);
  const byNumber = [...Map.groupBy(active, ({ fields }) => comparableNumber(fields.employee_number)).entries()]
    .filter(([number, users]) => number !== null && users.length > 1)
    .map(([, users]) => users);
  const byAddress = [...sameAddress(work.index).map(activeUsers), ...aliased(work, active)].filter(
    (users) => users.length > 1,
  );
  const byName = sameName(active, owners);
  const seen = new Set<string>();
  const all = [
    ...byAddress.map((users) => ({ by: 'address' as const, users })),
    ...byNumber.map((users) => ({ by: 'employee_number' as const, users })),
    ...byName.map((users) => ({ by: 'name' as const, users })),
  ];
  return all.flatMap(({ by, users }) => {
    const ids = users
      .map(({ id }) => id)
      .toSorted()
      .join(' ');
    if (seen.has(ids)) return [];
    seen.add(ids);
    return [
      { by, accounts: users.toSorted((one, other) => worth(other, owners) - worth(one, owners)).map(accountPerson) },
    ];
  });
}

/** Accounts whose address is an alias of another. */
const aliased = (work: Work, active: readonly TargetUser[]): readonly (readonly TargetUser[])[] =>
  active.flatMap((user) =>
    user.aliases.flatMap((alias) => {
      const others = activeUsers(work.index.usersByEmail(alias)).filter(({ id }) => id !== user.id);
      return others.length > 0 ? [[user, ...others]] : [];
    }),
  );

function sameName(active: readonly TargetUser[], owners: Owners): readonly (readonly TargetUser[])[] {
  const named = Map.groupBy(active, ({ fields }) =>
    fields.first_name && fields.last_name ? `${fields.first_name} ${fields.last_name}`.toLowerCase() : null,
  );
  return [...named.entries()].flatMap(([name, users]) => {
    const isHalfKnown = users.some(({ id }) => owners.has(id)) && users.some(({ id }) => !owners.has(id));
    return name !== null && users.length > 1 && isHalfKnown ? [users] : [];
  });
}

const worth = ({ id, lastSignIn }: TargetUser, owners: Owners): number =>
  (owners.has(id) ? 1e15 : 0) + (lastSignIn === null ? 0 : Date.parse(lastSignIn));

/** Each account once, for the reason that weighs most. */
function reclaimable(
  leavers: readonly Identified[],
  duplicates: readonly Duplicate[],
  active: readonly TargetUser[],
): readonly ReclaimableSeat[] {
  const seats = new Map<string, ReclaimableSeat>();
  const add = (person: StepPerson, reason: ReclaimableSeat['reason']): void => {
    if (person.userId !== null && !seats.has(person.userId)) seats.set(person.userId, { person, reason });
  };
  for (const { evaluated, user } of leavers) if (user?.status === 'active') add(stepPerson(evaluated, user), 'left');
  for (const { accounts } of duplicates) for (const account of accounts.slice(1)) add(account, 'doubled');
  for (const user of active) if (user.lastSignIn === null) add(accountPerson(user), 'never_signed_in');
  return [...seats.values()];
}
