import type { Decider } from '../../gateway/deciding.ts';
import { snakeCase } from '../../lib/case.ts';
import type { AdoptionReport } from '../../provisioning/adoption.ts';
import type { PlanComparison } from '../../provisioning/compare-plans.ts';
import type { Explanation } from '../../provisioning/explain.ts';
import type { Plan } from '../../provisioning/plan.ts';
import type { Writes } from '../folder.ts';
import type { CallServer } from './call-server.ts';

const part = (text: string): string => encodeURIComponent(text);
const pathOf = (connection: string): string => `/connections/${part(connection)}/provisioning`;

/** What is counted is called as steps are: these keys are names. */
const counted = <Counted extends { readonly counts: object }>(answer: Counted): Counted => ({
  ...answer,
  counts: snakeCase(answer.counts),
});

/** Plans, made and applied by the server that holds the folder. */
export const remoteProvisioning = (call: CallServer): Writes['provisioning'] => ({
  async status(connection) {
    const view = await call<Awaited<ReturnType<Writes['provisioning']['status']>>>('GET', pathOf(connection));
    return { ...view, openPlan: view.openPlan && counted(view.openPlan) };
  },
  adoptionReport: async (connection) => counted(await call<AdoptionReport>('GET', `${pathOf(connection)}/adoption`)),
  drift: (connection, since) =>
    call('GET', `${pathOf(connection)}/drift${since === null ? '' : `?since=${part(since)}`}`),
  explain: async (connection, who) =>
    explanationOf(await call<WireExplanation>('GET', `${pathOf(connection)}/explain?who=${part(who)}`)),
  build: async (connection, request) =>
    counted(await call<Plan>('POST', `/plans?connection_id=${part(connection)}`, request)),
  compare: async (connection, request) => {
    const found = await call<PlanComparison>('POST', `/plans/compare?connection_id=${part(connection)}`, request);
    return { ...found, current: counted(found.current), draft: counted(found.draft) };
  },
  undo: async (application) => counted(await call<Plan>('POST', `/plan-applications/${part(application)}/undo`)),
  apply: (id) => call('POST', `/plans/${part(id)}/apply`),
  applyNow: null,
  pause: (connection) => call('POST', `${pathOf(connection)}/pause`),
  stop: (connection) => call('POST', `${pathOf(connection)}/stop`),
});

type Explained = Explanation['people'][number];
type WirePerson = Omit<NonNullable<Explained['read']['person']>, 'attributes' | 'from' | 'absent'> & {
  readonly attributes: readonly {
    readonly name: string;
    readonly value: string | readonly string[] | null;
    readonly from: string | null;
  }[];
};
type WireExplanation = Omit<Explanation, 'people'> & {
  readonly people: readonly (Omit<Explained, 'read'> & {
    readonly read: Omit<Explained['read'], 'person'> & { readonly person: WirePerson | null };
  })[];
};

/** Attributes come as a list: their names are the source's own. */
const explanationOf = ({ who, people }: WireExplanation): Explanation => ({
  who,
  people: people.map((one) => ({
    ...one,
    read: { ...one.read, person: one.read.person && personOf(one.read.person) },
  })),
});

const personOf = ({ attributes, ...person }: WirePerson): NonNullable<Explained['read']['person']> => ({
  ...person,
  attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
  from: Object.fromEntries(attributes.flatMap(({ name, from }) => (from === null ? [] : [[name, from]]))),
  absent: {},
});

/** The server counts tries by where they come from itself. */
export const remoteDecisions = (call: CallServer): Writes['decisions'] => {
  const by = ({ proof }: Decider, more: object = {}) => ({ ...more, operator: proof });
  return {
    approve: (id, approval, decider) => call('POST', `/plans/${part(id)}/approve`, by(decider, approval)),
    reject: (id, reason, decider) => call('POST', `/plans/${part(id)}/reject`, by(decider, { reason })),
    attest: (connection, word, decider) => call('POST', `${pathOf(connection)}/attest`, by(decider, word)),
    configure: (connection, settings, decider) => call('PATCH', pathOf(connection), by(decider, settings)),
    resume: (connection, decider) => call('POST', `${pathOf(connection)}/resume`, by(decider)),
    confirmAdoption: (connection, decider) => call('POST', `${pathOf(connection)}/adoption/confirm`, by(decider)),
    decide: (id, decision, decider) => call('POST', `/work-items/${part(id)}/decide`, by(decider, decision)),
    acceptRead: (id, digest, decider) => call('POST', `/source-reads/${part(id)}/accept`, by(decider, { digest })),
  };
};
