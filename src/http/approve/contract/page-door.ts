import type { AddressInfo } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import type { Actor } from '../../../audit/ports.ts';
import { ForeknowError } from '../../../errors/errors.ts';
import type { Decider } from '../../../gateway/deciding.ts';
import type { PlanView, StepView } from '../../../gateway/provisioning-types.ts';
import { anApproval, aPerson, aPlan, aStep, at } from '../../../provisioning/contract/builders.ts';
import type { Plan } from '../../../provisioning/plan.ts';
import type { Approval, StoredPlan } from '../../../provisioning/ports.ts';
import { connectRoutes } from '../../connect/routes.ts';
import { aConnection } from '../../contract/fake-gateway.ts';
import { fakeOperators } from '../../contract/fake-operators.ts';
import { newInstance } from '../../instance.ts';
import { approveRoutes } from '../routes.ts';

export const plan: Plan = aPlan({
  steps: [
    aStep({ fields: [{ name: 'job_title', from: '<b>Clerk</b>', to: 'Lead "R&D"' }] }),
    aStep({
      ...{ id: 'st_2', action: 'archive', fields: [], reversible: false, needs: ['st_1'] },
      person: aPerson({ userId: '7', name: 'Tom Blake', email: 'tom@example.com' }),
      approval: { needed: 2, reasons: ['guard:archive_share'] },
      effects: [{ by: 'knowbe4', kind: 'seat_freed', certainty: 'certain', text: 'A seat is freed.' }],
    }),
  ],
  items: [{ kind: 'conflict', person: aPerson(), group: null, reason: 'x', text: 'Two accounts meet.', others: [] }],
  guards: [
    { name: 'archive_share', value: 0.1, limit: 0.02, state: 'tripped', text: 'One of three.', stepIds: ['st_2'] },
  ],
  effects: [{ by: 'knowbe4', kind: 'auto_enrol', certainty: 'possible', text: 'Somebody is enrolled in Annual 2026.' }],
});

/** What was decided, and by whom it was written down. */
export type Said = { readonly act: string; readonly about: unknown; readonly decider: Decider; readonly actor: Actor };

/** The pages alone, over one operator and one plan that a test leads. */
export async function openPages(options: { readonly publicUrl?: string } = {}) {
  const fake = {
    said: [] as Said[],
    actors: [] as Actor[],
    refusal: null as ForeknowError | null,
    state: 'waiting' as Plan['state'],
    end: null as StoredPlan['end'],
    approvals: [anApproval(plan, { operator: { id: 'op_sam', name: 'sam' } })] as readonly Approval[],
    steps: plan.steps,
    now: new Date(at(120)),
  };
  const operators = fakeOperators();
  const view = (): PlanView => ({
    plan: { ...plan, state: fake.state, changedAt: at(1), end: fake.end },
    approvals: fake.approvals,
    applications: [],
  });
  const known = (id: string) => {
    if (id !== plan.id) throw new ForeknowError('not_found', { detail: `There is no plan ${id}.` });
  };
  const app = await newInstance({ bodyLimit: 256 * 1024 });
  app.decorateRequest('errorCode', null);
  await app.register(rateLimit, { global: false });
  const decided = async (act: string, about: unknown, decider: Decider, actor: Actor): Promise<PlanView> => {
    await operators.verify(decider.proof, decider.from);
    if (fake.refusal !== null) throw fake.refusal;
    fake.said.push({ act, about, decider, actor });
    return view();
  };
  approveRoutes({
    ...{ app, operators, publicUrl: options.publicUrl ?? null },
    now: () => fake.now,
    connections: { list: async () => [aConnection({ id: plan.connectionId, name: 'acme' })] },
    plans: {
      plans: async () => [view().plan],
      plan: async (id) => {
        known(id);
        return view();
      },
      steps: async (_, { after = -1 }) =>
        fake.steps
          .map((step, position): StepView => ({ step: { ...step, position }, entry: null }))
          .filter(({ step }) => step.position > after),
      items: async () => plan.items.map((item, position) => ({ ...item, position })),
    },
    as: (actor) => {
      fake.actors.push(actor);
      return {
        operators,
        decisions: {
          approve: (_, about, decider) => decided('approve', about, decider, actor),
          reject: (_, about, decider) => decided('reject', about, decider, actor),
        },
      };
    },
  });
  // Their style is that of the pages on which accounts are connected.
  connectRoutes({ app, links: {} as never, failuresPerMinute: 60, publicHost: null, onChanged: () => undefined });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, fake, close: () => app.close() };
}
