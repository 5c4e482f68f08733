import type { JoinedPerson } from '../model/source-person.ts';
import type { RuleTrace, Situation } from '../rules/rule-set.ts';
import { buildPlan } from './build-plan.ts';
import { accountPerson } from './conflicts.ts';
import { fieldChanges } from './fields.ts';
import type { Identified } from './identify.ts';
import { joinPeople } from './people-join.ts';
import type { FieldChange, Guard, PlanItem, Step, StepPerson } from './plan.ts';
import type { PlanInput } from './plan-input.ts';
import { idsOf } from './restrict.ts';
import type { TargetUser } from './target.ts';
import { beginWork } from './work.ts';

/** The five steps for one person: read, matched, ruled, compared, decided. Nothing is written for it. */
export type Explanation = {
  readonly who: string;
  /** Everybody whom the word means; usually one. Empty: nobody is known by it. */
  readonly people: readonly ExplainedPerson[];
};

export type ExplainedPerson = {
  readonly read: {
    readonly person: JoinedPerson | null;
    readonly sources: readonly {
      readonly name: string;
      readonly state: string;
      readonly shows: boolean;
      readonly completeReadsWithout: number;
    }[];
  };
  readonly match: {
    readonly situation: Situation | 'conflict';
    readonly account: StepPerson | null;
    readonly status: TargetUser['status'] | null;
    readonly matchedOn: Step['matchedOn'];
    /** Of a conflict: why nobody can say. */
    readonly text: string | null;
  };
  readonly rules: {
    readonly inScope: boolean;
    readonly traces: readonly RuleTrace[];
    readonly groups: readonly string[];
    readonly problems: readonly string[];
  };
  /** What would have to change, whether or not it may. */
  readonly differences: readonly FieldChange[];
  readonly outcome: {
    readonly steps: readonly Step[];
    /** Why what is not done is not done. */
    readonly items: readonly PlanItem[];
    /** Guards that hold back or block. */
    readonly guards: readonly Guard[];
  };
};

/**
 * @param who key, address, employee number, or id of a source or of KnowBe4
 * @param explainRules every rule for one person by key (`RuleSet.explain`)
 */
export function explain(
  input: PlanInput,
  who: string,
  explainRules: (key: string) => readonly RuleTrace[],
): Explanation {
  const { plan } = buildPlan({ ...input, kind: 'sync', who, only: null });
  const work = beginWork(input);
  const all = joinPeople(work);
  const ids = idsOf(who, all, input.target.users);
  const known = all.filter(
    ({ evaluated, user }) => ids.has(`key:${evaluated.person.key}`) || (user !== null && ids.has(`user:${user.id}`)),
  );
  const owned = new Set(known.flatMap(({ user }) => user?.id ?? []));
  const accounts = input.target.users.filter(({ id }) => ids.has(`user:${id}`) && !owned.has(id));
  const guards = plan.guards.filter(({ state }) => state !== 'ok');
  const outcomeFor = (key: string | null, userId: string | null) => {
    const isTheirs = ({ person }: { person: StepPerson | null }) =>
      person !== null && ((key !== null && person.key === key) || (userId !== null && person.userId === userId));
    return { steps: plan.steps.filter(isTheirs), items: plan.items.filter(isTheirs), guards };
  };
  return {
    who,
    people: [
      ...known.map((one) => ({
        ...explained(input, one, explainRules),
        outcome: outcomeFor(one.evaluated.person.key, one.user?.id ?? null),
      })),
      ...accounts.map((user) => ({ ...unmanaged(user), outcome: outcomeFor(null, user.id) })),
    ],
  };
}

function explained(
  input: PlanInput,
  { evaluated, user, situation, matchedOn, conflict }: Identified,
  explainRules: (key: string) => readonly RuleTrace[],
): Omit<ExplainedPerson, 'outcome'> {
  const { person } = evaluated;
  return {
    read: {
      person,
      sources: person.refs.map(({ source }) => ({
        name: source,
        state: input.sources.find(({ name }) => name === source)?.state ?? 'never read',
        shows: person.absent[source] === undefined,
        completeReadsWithout: person.absent[source]?.completeReads ?? 0,
      })),
    },
    match: {
      situation,
      account: user && accountPerson(user),
      status: user?.status ?? null,
      matchedOn,
      text: conflict?.text ?? null,
    },
    rules: {
      inScope: evaluated.inScope,
      traces: explainRules(person.key),
      groups: evaluated.groups.map(({ group }) => group),
      problems: evaluated.problems,
    },
    differences: fieldChanges(evaluated.fields, user?.fields ?? {}),
  };
}

const unmanaged = (user: TargetUser): Omit<ExplainedPerson, 'outcome'> => ({
  read: { person: null, sources: [] },
  match: {
    situation: 'unmanaged',
    account: accountPerson(user),
    status: user.status,
    matchedOn: null,
    text: 'No source knows them',
  },
  rules: { inScope: false, traces: [], groups: [], problems: [] },
  differences: [],
});
