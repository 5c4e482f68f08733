import type { Connection } from '../connections/connection.ts';
import type { StreamState } from '../sync/ports.ts';
import { type NextSync, nextSync as nextOf, type ScheduleInput } from '../sync/schedule.ts';
import { isStreamName } from '../sync/streams.ts';

/** When a connection is synced next by itself; null while it is paused, refused, or told never to. */
export function nextSync(
  connection: Connection,
  states: readonly StreamState[],
  now: number,
  known: Partial<Pick<ScheduleInput, 'lastFullStartedAt' | 'budget'>> = {},
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
    },
    now,
  );
}
