import type { Act } from '../audit/audit.ts';
import { type Acting, nothingMore, type StoreWrites } from './acting.ts';
import type { Decider, DecisionUseCases } from './deciding.ts';
import type { NameForLog } from './operator-administration.ts';
import type { ProvisioningUseCases } from './provisioning-types.ts';
import type { ConnectionUseCases } from './types.ts';

const isAnnounced = true;
/** The writes that make an act: its line stands in the log with them, or neither does. */
const ofState: StoreWrites = { saveProvisioning: nothingMore };
const ofApproval: StoreWrites = { addApproval: nothingMore };
const ofConflict: StoreWrites = { decideWorkItem: nothingMore };

/** What is planned and asked for, written into the audit log; what a plan would do stands in the plan. */
export function administeredProvisioning(
  provisioning: ProvisioningUseCases,
  connections: Pick<ConnectionUseCases, 'get'>,
  act: Acting,
): ProvisioningUseCases {
  const on = async <T>(
    name: string,
    action: string,
    work: () => Promise<T>,
    told?: (result: T) => object,
    writes: StoreWrites = {},
  ) => {
    const id = await connections.get(name).then(
      (connection) => connection.id,
      () => null,
    );
    const details = (result: T) => ({ details: { ...told?.(result) } });
    return act({ action, target: id, connectionId: id }, work, { told: details, writes });
  };
  const onPlan = async <T>(
    id: string,
    action: string,
    work: () => Promise<T>,
    details: Act['details'] = {},
    options: { readonly isAnnounced?: boolean; readonly writes?: StoreWrites } = {},
  ) => {
    const plan = await provisioning.plan(id).catch(() => null);
    const connectionId = plan?.plan.connectionId ?? null;
    return act({ action, target: id.slice(0, 100), connectionId, details }, work, options);
  };
  return {
    ...provisioning,
    pause: (name) => on(name, 'provisioning.paused', () => provisioning.pause(name), undefined, ofState),
    stop: (name) => on(name, 'provisioning.stopped', () => provisioning.stop(name), undefined, ofState),
    build: (name, request, author) =>
      on(
        name,
        'plan.built',
        () => provisioning.build(name, request, author),
        ({ id, kind, state, counts }) => ({ plan: id, kind, state, counts }),
      ),
    compare: (name, request, author) =>
      on(
        name,
        'rules.compared',
        () => provisioning.compare(name, request, author),
        ({ steps: { added, dropped, changed } }) => ({
          ...{ file: request.rules.file.slice(0, 100), added: added.length, dropped: dropped.length },
          changed: changed.length,
        }),
      ),
    write: (name, request, author) =>
      on(
        name,
        'plan.requested',
        () => provisioning.write(name, request, author),
        ({ plan: { id }, outcome }) => ({ plan: id, request: request.kind, outcome }),
      ),
    undo: (applicationId, author) =>
      act({ action: 'plan.undo_built', target: applicationId.slice(0, 100) }, () =>
        provisioning.undo(applicationId, author),
      ),
    approve: (id, approval, operator) =>
      onPlan(
        id,
        'plan.approved',
        () => provisioning.approve(id, approval, operator),
        { operator: operator.name, digest: approval.digest.slice(0, 100), steps: approval.steps?.length ?? null },
        { writes: ofApproval },
      ),
    reject: (id, reason, operator) =>
      onPlan(
        id,
        'plan.rejected',
        () => provisioning.reject(id, reason, operator),
        { operator: operator.name, reason },
        { writes: ofApproval },
      ),
    requestApproval: (id, by) =>
      onPlan(id, 'plan.approval_requested', () => provisioning.requestApproval(id, by), { by }),
    apply: (id, by) => onPlan(id, 'plan.apply_asked', () => provisioning.apply(id, by)),
    applyNow: (id, by, signal) =>
      onPlan(id, 'plan.applied', () => provisioning.applyNow(id, by, signal), {}, { isAnnounced }),
  };
}

/** Decisions, with the name of who decided: it stands there also where the secret was wrong. */
export function administeredDecisions(decisions: DecisionUseCases, act: Acting, nameOf: NameForLog): DecisionUseCases {
  const decided = async <T>(
    action: string,
    target: string,
    { proof }: Decider,
    work: () => Promise<T>,
    {
      details = {},
      isAnnounced = false,
      writes = {},
    }: { readonly details?: object; readonly isAnnounced?: boolean; readonly writes?: StoreWrites } = {},
  ): Promise<T> =>
    act(
      { action, target: target.slice(0, 100), details: { operator: await nameOf(proof.name), ...details } },
      work,
      isAnnounced ? { isAnnounced } : { writes },
    );
  return {
    approve: (id, approval, decider) =>
      decided('plan.approved', id, decider, () => decisions.approve(id, approval, decider), {
        details: { digest: approval.digest.slice(0, 100) },
        writes: ofApproval,
      }),
    reject: (id, reason, decider) =>
      decided('plan.rejected', id, decider, () => decisions.reject(id, reason, decider), {
        details: { reason },
        writes: ofApproval,
      }),
    attest: (connection, word, decider) =>
      decided('provisioning.attested', connection, decider, () => decisions.attest(connection, word, decider), {
        details: { attested: word.attested },
        writes: ofState,
      }),
    configure: (connection, settings, decider) =>
      decided(
        'provisioning.configured',
        connection,
        decider,
        () => decisions.configure(connection, settings, decider),
        {
          details: { ...settings },
          writes: ofState,
        },
      ),
    resume: (connection, decider) =>
      decided('provisioning.resumed', connection, decider, () => decisions.resume(connection, decider), {
        writes: ofState,
      }),
    confirmAdoption: (connection, decider, signal) =>
      decided('adoption.confirmed', connection, decider, () => decisions.confirmAdoption(connection, decider, signal), {
        isAnnounced,
      }),
    decide: (itemId, decision, decider) =>
      decided('conflict.decided', itemId, decider, () => decisions.decide(itemId, decision, decider), {
        details: { choice: decision.choice },
        writes: ofConflict,
      }),
    acceptRead: (readId, digest, decider) =>
      decided('source_read.accepted', readId, decider, () => decisions.acceptRead(readId, digest, decider)),
  };
}
