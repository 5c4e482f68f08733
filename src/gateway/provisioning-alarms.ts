import type { Connection } from '../connections/connection.ts';
import type { Standing } from '../events/findings.ts';
import { campaignsWithoutReaction, lateHints } from '../provisioning/verify.ts';
import type { DesiredGroup } from '../rules/rule-set.ts';
import type { ProvisioningDeps } from './provisioning.ts';

/** How provisioning of a connection stands, as far as alerts are about it. */
type Alarms = Pick<Standing, 'late' | 'silent'>;
type Expecting = readonly Pick<DesiredGroup, 'name' | 'expect'>[];

export type ProvisioningAlarms = {
  /** What a plan has just worked out: the groups that the rules fill. */
  readonly learn: (connectionId: string, groups: Expecting) => void;
  /** Reads the store, and now and then works the rules out again. */
  readonly of: (connection: Connection) => Promise<Alarms>;
};

/** How long a look for campaigns counts, and how long what the rules expect does. */
const LOOK_MS = 10 * 60_000;
const EXPECT_MS = 60 * 60_000;

/** Steps that KnowBe4 does not show in time, and campaigns that enrol nobody although the rules expect it. */
export function provisioningAlarms(deps: ProvisioningDeps): ProvisioningAlarms {
  const { store, now } = deps;
  const time = () => now().getTime();
  const expected = new Map<string, { readonly at: number; readonly groups: Expecting }>();
  const looked = new Map<string, { readonly at: number; readonly silent: Alarms['silent'] }>();
  /** A clock that was put back makes everything young: it is looked again. */
  const isYoung = (at: number, forMs: number): boolean => at <= time() && time() < at + forMs;

  const learn: ProvisioningAlarms['learn'] = (connectionId, groups) => {
    expected.set(connectionId, { at: time(), groups: groups.filter(({ expect }) => expect !== null) });
  };

  const expectedOf = async (connection: Connection): Promise<Expecting> => {
    const known = expected.get(connection.id);
    if (known !== undefined && isYoung(known.at, EXPECT_MS)) return known.groups;
    const { set } = await deps.rulesOf(connection, null);
    const { people } = await deps.people();
    learn(connection.id, set.evaluate(people, { now: now(), timeZone: connection.settings.timeZone ?? 'UTC' }).groups);
    return expected.get(connection.id)!.groups;
  };

  const lookForSilence = async (connection: Connection): Promise<Alarms['silent']> => {
    const state = await store.getProvisioning(connection.id);
    if (deps.ruleFileOf(connection) === null || state?.adoption.state !== 'adopted') return [];
    const enrolledAsOf = await deps.enrollmentsReadAt(connection.id);
    if (enrolledAsOf === null) return null;
    const found = await campaignsWithoutReaction(
      { store, isEnrolled: (userId, campaign) => deps.isEnrolled(connection.id, userId, campaign), enrolledAsOf, now },
      connection.id,
      await expectedOf(connection),
    );
    const byGroup = Map.groupBy(found, ({ campaign, group }) => JSON.stringify([campaign, group]));
    return [...byGroup.values()].map((some) => {
      const { campaign, group } = some[0]!;
      return { campaign, group, people: some.length, since: some.map(({ since }) => since).toSorted()[0]! };
    });
  };

  const silentOf = async (connection: Connection): Promise<Alarms['silent']> => {
    const last = looked.get(connection.id);
    if (last !== undefined && isYoung(last.at, LOOK_MS)) return last.silent;
    // Rules or sources that cannot be read now say nothing: what is open stays open.
    const silent = await lookForSilence(connection).catch(() => null);
    looked.set(connection.id, { at: time(), silent });
    return silent;
  };

  const lateOf = async (connectionId: string): Promise<Alarms['late']> => {
    const late = await store.journaled({ connectionId, states: ['late'] });
    if (late.length === 0) return [];
    const state = await store.getProvisioning(connectionId);
    return [...Map.groupBy(late, ({ planId }) => planId)].map(([planId, entries]) => {
      const since = entries.map(({ acceptedAt }) => acceptedAt ?? '').toSorted()[0]!;
      const hint = state === null ? null : (lateHints(state, entries, null)[0] ?? null);
      return { planId, steps: entries.length, since, hint };
    });
  };

  return {
    learn,
    of: async (connection) => ({ late: await lateOf(connection.id), silent: await silentOf(connection) }),
  };
}
