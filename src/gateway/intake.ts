import type { intakeRoom } from '../connections/intake.ts';
import type { JobStore } from '../jobs/ports.ts';
import type { IntakeUseCases } from './types.ts';

/** The lists may show what a webhook tells a moment later than the webhook. */
const SETTLE_MS = 5000;

/** A call that is new makes the connection's next sync due: how soon it runs is the schedule's decision. */
export function intakeUseCases(deps: {
  readonly room: ReturnType<typeof intakeRoom>;
  readonly store: Pick<JobStore, 'putJob'>;
  readonly now: () => Date;
}): IntakeUseCases {
  const { room, store, now } = deps;
  return {
    ...room,
    async accept(connectionId, body) {
      const outcome = await room.accept(connectionId, body);
      if (outcome === 'new') {
        await store.putJob({ kind: 'sync', key: connectionId, dueAt: now().getTime() + SETTLE_MS });
      }
      return outcome;
    },
  };
}
