import { ForeknowError } from '../../errors/errors.ts';
import { decisionUseCases } from '../../gateway/deciding.ts';
import type { OperatorUseCases } from '../../gateway/operators.ts';
import type { ProvisioningUseCases } from '../../gateway/provisioning-types.ts';
import type { SourceUseCases } from '../../gateway/sources.ts';
import { comparePlans } from '../../provisioning/compare-plans.ts';
import {
  anApplication,
  anApproval,
  anEntry,
  anItem,
  aPerson,
  aPlan,
  aState,
  at,
} from '../../provisioning/contract/builders.ts';
import type { PlanItem } from '../../provisioning/plan.ts';
import type { StoredPlan } from '../../provisioning/ports.ts';

const item: PlanItem = {
  ...{ kind: 'unmanaged', person: aPerson({ source: null, key: null }), group: null, reason: 'unmanaged' },
  ...{ text: 'No source knows them: carried as they are', others: [] },
};

/** One plan of a connection that waits, was approved once and applied once; one conflict. */
export function fakeProvisioning(connectionId: string): ProvisioningUseCases {
  const built = { ...aPlan(), connectionId };
  const { steps, items: _, ...head } = built;
  const stored: StoredPlan = { ...head, changedAt: at(0), end: null };
  const application = anApplication(built, { connectionId });
  const view = {
    plan: stored,
    approvals: [anApproval(built, { connectionId })],
    applications: [application],
  };
  const state = aState({ connectionId });
  const conflict = anItem({ connectionId });
  const only = <T>(id: string, known: string, found: T): T => {
    if (id === known) return found;
    throw new ForeknowError('not_found', { detail: `There is no ${id}.` });
  };
  const explained = {
    read: { person: null, sources: [{ name: 'hr', state: 'complete', shows: true, completeReadsWithout: 0 }] },
    match: { situation: 'linked', account: aPerson(), status: 'active', matchedOn: 'link', text: null },
    rules: { inScope: true, traces: [{ rule: 'scope', holds: true, because: [] }], groups: ['Auto IT'], problems: [] },
    differences: [],
    outcome: { steps, items: [item], guards: [] },
  } as const;
  return {
    status: async () => ({
      ...{ state, rules: 'rules/acme.yaml', sources: ['hr'], hasScimKey: true },
      ...{ openPlan: stored, openItems: 1, inFlight: 0, late: 0, refused: 0, givenUp: 0 },
    }),
    setMode: async (_name, mode) => ({ ...state, mode }),
    attest: async () => state,
    setExempt: async (_name, exempt) => ({ ...state, exempt }),
    pause: async () => ({ ...state, pausedAt: at(1) }),
    resume: async () => state,
    stop: async () => ({ ...state, stoppedAt: at(1) }),
    adoptionReport: async () => ({
      ...{ connectionId, builtAt: at(0), asOf: at(0), seats: { bought: 10, now: 3 } },
      counts: {
        ...{ linked: 1, found: 1, absent: 0, unmanaged: 1, unscoped: 0, conflict: 0, duplicated: 0, reclaimable: 0 },
        ...{ exempt: 0, archived_unless_carried: 0, archived_even_so: 0 },
      },
      found: [{ person: aPerson(), by: 'email' }],
      ...{ absent: [], unmanaged: [aPerson()], conflicts: [item] },
      duplicates: [{ by: 'address', accounts: [aPerson(), aPerson()] }],
      reclaimable: [{ person: aPerson(), reason: 'left' }],
      ...{ exempt: [], wouldBeArchived: { unlessCarried: [aPerson()], evenSo: [] } },
    }),
    confirmAdoption: async () => ({ state, application: null, proof: null }),
    drift: async (_name, since) => ({
      ...{ connectionId, asOf: at(0), since, missing: [], compared: 3 },
      drifts: [
        {
          ...{ person: aPerson(), group: null, what: 'job_title', wanted: 'Lead', written: 'Lead', found: 'Clerk' },
          verdict: 'changed_by_others',
        },
      ],
    }),
    explain: async (_name, who) => ({ who, people: [explained] }),
    build: async () => built,
    compare: async () => comparePlans({ ...built, steps: [] }, built, ['badge']),
    write: async () => ({ plan: built, outcome: 'waiting' }),
    plans: async () => [stored],
    plan: async (id) => only(id, built.id, view),
    wholePlan: async (id) => only(id, built.id, built),
    steps: async () =>
      steps.map((step, position) => ({ step: { ...step, position }, entry: anEntry(built, position) })),
    items: async () => [{ ...item, position: 0 }],
    diff: async () => ({ added: steps, dropped: [], changed: [], same: 0 }),
    approve: async () => view,
    reject: async () => view,
    requestApproval: async () => ({ plan: stored, url: 'https://foreknow.example.com/plans/1', approvers: ['priya'] }),
    apply: async () => view,
    applyNow: async () => application,
    undo: async () => built,
    userIdOf: async (_connectionId, id) => id,
    application: async (id) => only(id, application.id, application),
    workItem: async (id) => only(id, conflict.id, conflict),
    workItems: async () => [conflict],
    decide: async () => conflict,
  };
}

export const fakeDecisions = (
  operators: OperatorUseCases,
  provisioning: ProvisioningUseCases,
  sources: SourceUseCases,
) => decisionUseCases({ operators, provisioning, sources });
