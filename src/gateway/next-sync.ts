import type { Connection } from '../connections/connection.ts';
import type { IntakeStore } from '../connections/ports.ts';
import type { StreamState } from '../sync/ports.ts';
import { type NextSync, nextSync as nextOf, type ScheduleInput } from '../sync/schedule.ts';
import { isStreamName } from '../sync/streams.ts';

/** When a connection is synced next by itself; null while it is paused, refused, or told never to. */
export function nextSync(
  connection: Connection,
  states: readonly StreamState[],
  now: number,
  known: Partial<Pick<ScheduleInput, 'lastFullStartedAt' | 'budget' | 'wakeUp'>> = {},
): NextSync | null {
  if (connection.pausedAt !== null || connection.state !== 'active') return null;
  const { directoryEveryMinutes, activityEveryMinutes, streamsOff = [] } = connection.settings;
  return nextOf(
    {
      connectionId: connection.id,
      states,
      streamsOff: streamsOff.filter(isStreamName),
      ...(directoryEveryMinutes === undefined ? {} : { directoryEveryMinutes }),
      ...(activityEveryMinutes === undefined ? {} : { activityEveryMinutes }),
      lastFullStartedAt: known.lastFullStartedAt ?? null,
      ...(known.budget === undefined ? {} : { budget: known.budget }),
      ...(known.wakeUp === undefined ? {} : { wakeUp: known.wakeUp }),
    },
    now,
  );
}

/** The wake-up that KnowBe4's own webhooks have left for the connection, as the schedule takes it; empty without one. */
export async function wakeUpOf(
  store: Pick<IntakeStore, 'getIntake'>,
  connectionId: string,
): Promise<Pick<ScheduleInput, 'wakeUp'>> {
  const intake = await store.getIntake(connectionId);
  return intake?.wakeUp ? { wakeUp: { ...intake.wakeUp, spent: intake.spent } } : {};
}
