import type { AlertMail } from '../events/mail-text.ts';
import type { Plan } from '../provisioning/plan.ts';
import type { PlanEntryOf } from '../provisioning/ports.ts';
import type { Notice } from './gateway.ts';

type PlanHead = Parameters<PlanEntryOf>[1];

/** What the log says of a plan, for endpoints and readers of events. */
export const planEntryOf =
  (deps: { readonly reviewUrl: (planId: string) => string | null; readonly now: () => Date }): PlanEntryOf =>
  (what, { id, connectionId, kind, state, digest, counts, approval, expiresAt }, more = {}) => ({
    ...{ connectionId, kind: what, key: id, at: deps.now().toISOString() },
    current: {
      plan: { id, kind, state, digest, counts, approvalsNeeded: approval.needed, expiresAt },
      reviewUrl: deps.reviewUrl(id),
      ...more,
    },
  });

/** Tells people by mail that a plan waits for them. Where nobody is to be told it does nothing. */
export type MailWaiting = {
  /** Sends it, and takes out the job that would. What cannot be sent is left to that job. */
  readonly now: (plan: PlanHead) => Promise<void>;
  /** For the job. @throws whatever the mail server says */
  readonly send: (plan: PlanHead) => Promise<void>;
};

export function waitingMails(deps: {
  /** Null: nobody is told by mail. */
  readonly sendMail: ((mail: AlertMail) => Promise<void>) | null;
  readonly dropJob: (kind: 'mail', planId: string) => Promise<void>;
  readonly nameOf: (connectionId: string) => Promise<string>;
  readonly reviewUrl: (planId: string) => string | null;
  readonly notify: (notice: Notice) => void;
}): MailWaiting {
  const send: MailWaiting['send'] = async (plan) => {
    await deps.sendMail?.(waitingMail(plan, await deps.nameOf(plan.connectionId), deps.reviewUrl(plan.id)));
  };
  return {
    send,
    async now(plan) {
      if (deps.sendMail === null) return;
      const { id, connectionId } = plan;
      try {
        await send(plan);
      } catch {
        // A mail that is late is not the plan's end: the page, the log and the terminal show it as well.
        const message = `The mail about plan ${id} could not be sent yet; it is tried again.`;
        deps.notify({ level: 'warn', connectionId, message });
        return;
      }
      await deps.dropJob('mail', id);
    },
  };
}

const words: readonly (readonly [keyof Plan['counts'], string])[] = [
  ['claim', 'taken over as they are'],
  ['create', 'created'],
  ['update', 'changed'],
  ['manager', 'given another manager'],
  ['restore', 'restored'],
  ['archive', 'archived'],
  ['group_create', 'groups made'],
  ['group_rename', 'groups renamed'],
  ['member_add', 'joining groups'],
  ['member_remove', 'leaving groups'],
  ['conflict', 'in conflict, not touched'],
];

/** No names: a mail is read in more places than the page. */
function waitingMail({ id, counts, approval, expiresAt }: PlanHead, connection: string, url: string | null): AlertMail {
  const told = words.filter(([name]) => counts[name] > 0).map(([name, word]) => `  ${counts[name]} ${word}`);
  const people = approval.needed === 2 ? 'two different people' : 'somebody';
  return {
    subject: `Foreknow: plan ${id} for ${connection} waits for ${people}`,
    text: [
      `Plan ${id} for ${connection} waits for ${people} until ${expiresAt.slice(0, 16).replace('T', ' ')} UTC.`,
      '',
      ...told,
      '',
      ...(url === null ? [] : [`Look at it and decide: ${url}`]),
      `At the terminal: foreknow approve ${id}`,
      '',
      'Nothing is sent to KnowBe4 by opening this mail or the page.',
      '',
    ].join('\n'),
  };
}
