import type { Answer, Body, CallOperation, Query } from '../call.ts';
import { type List, listOf, wholeList } from '../list.ts';
import type { CallOptions } from '../send.ts';

/** A list that goes on after the place of its last row. */
const inParts = <Page extends { readonly result: readonly unknown[] }>(
  ask: (after: { readonly after?: number }) => Promise<Page>,
  placeOf: (row: Page['result'][number]) => number | undefined,
): List<Page['result'][number], Page> =>
  listOf({
    ask: (cursor) => ask(cursor === undefined ? {} : { after: Number(cursor) }),
    rows: ({ result }) => result,
    next: ({ result }) => (result.length === 0 ? null : placeOf(result.at(-1))?.toString()),
  });

/** Plans of provisioning. People approve them; what takes their secret takes it in the body. */
export const plansOf = (call: CallOperation) => ({
  list: (query: Query<'listPlans'> = {}, options?: CallOptions) =>
    wholeList(() => call('listPlans', { query }, options)),
  get: (id: string, options?: CallOptions) => call('getPlan', { params: { id } }, options),
  /** From the sources and the rules; nothing is sent. */
  build: (query: Query<'buildPlan'> = {}, body: Body<'buildPlan'> = {}, options?: CallOptions) =>
    call('buildPlan', { query, body }, options),
  /** What other rules would do otherwise than those in force; nothing is kept. */
  compare: (query: Query<'comparePlans'>, body: Body<'comparePlans'>, options?: CallOptions) =>
    call('comparePlans', { query, body }, options),
  /** In their order, each with how far it is. */
  steps: (id: string, query: Query<'listPlanSteps'> = {}, options?: CallOptions) =>
    inParts<Answer<'listPlanSteps'>>(
      (after) => call('listPlanSteps', { params: { id }, query: { ...query, ...after } }, options),
      ({ step }) => step.position,
    ),
  /** What it saw and does nothing about. */
  items: (id: string, query: Query<'listPlanItems'> = {}, options?: CallOptions) =>
    inParts<Answer<'listPlanItems'>>(
      (after) => call('listPlanItems', { params: { id }, query: { ...query, ...after } }, options),
      ({ position }) => position,
    ),
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
