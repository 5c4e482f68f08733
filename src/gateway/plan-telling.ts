import type { AlertMail } from '../events/mail-text.ts';
import type { ConnectionEntry } from '../events/ports.ts';
import type { PlanChangeKind } from '../model/change.ts';
import type { Plan } from '../provisioning/plan.ts';
import type { Notice } from './gateway.ts';

type PlanHead = Pick<
  Plan,
  'id' | 'connectionId' | 'kind' | 'state' | 'digest' | 'counts' | 'approval' | 'expiresAt' | 'author'
>;

/** Says what became of a plan: in the log, so that endpoints and readers of events hear of it, and by mail when it waits for people. */
export type TellPlan = (
  what: PlanChangeKind,
  plan: PlanHead,
  more?: Readonly<Record<string, string | number | null>>,
) => Promise<void>;

export function planTelling(deps: {
  readonly appendEntry: (entry: ConnectionEntry) => Promise<void>;
  /** Null: nobody is told by mail. */
  readonly sendMail: ((mail: AlertMail) => Promise<void>) | null;
  readonly nameOf: (connectionId: string) => Promise<string>;
  readonly reviewUrl: (planId: string) => string | null;
  readonly now: () => Date;
  readonly notify: (notice: Notice) => void;
}): TellPlan {
  const { sendMail, reviewUrl, notify } = deps;
  return async (what, plan, more = {}) => {
    const { id, connectionId, kind, state, digest, counts, approval, expiresAt } = plan;
    await deps.appendEntry({
      ...{ connectionId, kind: what, key: id, at: deps.now().toISOString() },
      current: {
        plan: { ...{ id, kind, state, digest, counts, approvalsNeeded: approval.needed, expiresAt } },
        reviewUrl: reviewUrl(id),
        ...more,
      },
    });
    if (what !== 'plan.waiting' || sendMail === null) return;
    const mail = waitingMail(plan, await deps.nameOf(connectionId), reviewUrl(id));
    // A mail that is lost is not the plan's end: the page, the log and the terminal show it as well.
    await sendMail(mail).catch(() =>
      notify({ level: 'warn', connectionId, message: `The mail about plan ${id} could not be sent.` }),
    );
  };
}

const words: readonly (readonly [keyof Plan['counts'], string])[] = [
  ['create', 'created'],
  ['update', 'changed'],
  ['restore', 'restored'],
  ['archive', 'archived'],
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
