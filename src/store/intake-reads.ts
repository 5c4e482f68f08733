import type { Intake } from '../connections/ports.ts';
import type { Session } from './session.ts';

type IntakeRow = {
  in_query: number;
  created_at: string;
  calls: number;
  last_call_at: number | null;
  wake_level: 'directory' | 'refresh' | null;
  wake_at: number | null;
  spent: number | null;
  spent_at: number | null;
};

export function intakeReads(session: Session) {
  return {
    getIntake: async (connectionId: string): Promise<Intake | null> => {
      const row = await session.get<IntakeRow>('select * from intakes where connection_id = ?', connectionId);
      return row === undefined ? null : toIntake(connectionId, row);
    },
  };
}

const toIntake = (connectionId: string, row: IntakeRow): Intake => ({
  connectionId,
  inQuery: row.in_query === 1,
  createdAt: row.created_at,
  calls: row.calls,
  lastCallAt: row.last_call_at,
  wakeUp: row.wake_level === null || row.wake_at === null ? null : { level: row.wake_level, at: row.wake_at },
  spent: row.spent === null || row.spent_at === null ? null : { requests: row.spent, at: row.spent_at },
});
