import type { Body, CallOperation, Query } from '../call.ts';
import { wholeList } from '../list.ts';
import type { CallOptions } from '../send.ts';

/** Plans of provisioning. People approve them; what takes their secret takes it in the body. */
export const plansOf = (call: CallOperation) => ({
  list: (query: Query<'listPlans'> = {}, options?: CallOptions) =>
    wholeList(() => call('listPlans', { query }, options)),
  get: (id: string, options?: CallOptions) => call('getPlan', { params: { id } }, options),
  /** From the sources and the rules; nothing is sent. */
  build: (query: Query<'buildPlan'> = {}, body: Body<'buildPlan'> = {}, options?: CallOptions) =>
    call('buildPlan', { query, body }, options),
  steps: (id: string, query: Query<'listPlanSteps'> = {}, options?: CallOptions) =>
    call('listPlanSteps', { params: { id }, query }, options),
  items: (id: string, query: Query<'listPlanItems'> = {}, options?: CallOptions) =>
    call('listPlanItems', { params: { id }, query }, options),
  diff: (id: string, other: string, options?: CallOptions) => call('diffPlans', { params: { id, other } }, options),
  approve: (id: string, body: Body<'approvePlan'>, options?: CallOptions) =>
    call('approvePlan', { params: { id }, body }, options),
  reject: (id: string, body: Body<'rejectPlan'>, options?: CallOptions) =>
    call('rejectPlan', { params: { id }, body }, options),
  /** Has an approved plan applied, in the background. */
  apply: (id: string, options?: CallOptions) => call('applyPlan', { params: { id } }, options),
  /** @param application id of the time of applying */
  undo: (application: string, options?: CallOptions) => call('undoPlan', { params: { id: application } }, options),
});

/** How connections are provisioned. */
export const provisioningOf = (call: CallOperation) => ({
  get: (id: string, options?: CallOptions) => call('getProvisioning', { params: { id } }, options),
  configure: (id: string, body: Body<'configureProvisioning'>, options?: CallOptions) =>
    call('configureProvisioning', { params: { id }, body }, options),
  attest: (id: string, body: Body<'attestProvisioning'>, options?: CallOptions) =>
    call('attestProvisioning', { params: { id }, body }, options),
  pause: (id: string, options?: CallOptions) => call('pauseProvisioning', { params: { id } }, options),
  /** What is being applied ends before its next write. */
  stop: (id: string, options?: CallOptions) => call('stopProvisioning', { params: { id } }, options),
  resume: (id: string, body: Body<'resumeProvisioning'>, options?: CallOptions) =>
    call('resumeProvisioning', { params: { id }, body }, options),
  adoption: (id: string, options?: CallOptions) => call('getAdoptionReport', { params: { id } }, options),
  confirmAdoption: (id: string, body: Body<'confirmAdoption'>, options?: CallOptions) =>
    call('confirmAdoption', { params: { id }, body }, options),
  drift: (id: string, query: Query<'getDrift'> = {}, options?: CallOptions) =>
    call('getDrift', { params: { id }, query }, options),
  explain: (id: string, who: string, options?: CallOptions) =>
    call('explainPerson', { params: { id }, query: { who } }, options),
  conflicts: {
    list: (query: Query<'listWorkItems'> = {}, options?: CallOptions) =>
      wholeList(() => call('listWorkItems', { query }, options)),
    decide: (id: string, body: Body<'decideWorkItem'>, options?: CallOptions) =>
      call('decideWorkItem', { params: { id }, body }, options),
  },
});
