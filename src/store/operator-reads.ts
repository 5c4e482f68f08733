import type { Operator } from '../operators/operator.ts';
import type { OperatorStore, SealedTotp } from '../operators/ports.ts';
import type { Session } from './session.ts';

export type OperatorRow = {
  id: string;
  name: string;
  hash: string;
  has_totp: number;
  created_at: string;
  changed_at: string;
  disabled_at: string | null;
};

type Reads = 'listOperators' | 'findCredentials' | 'findOperatorSession';

const columns = 'id, name, hash, has_totp, created_at, changed_at, disabled_at';

/** Reads of people who approve. */
export const operatorReads = (session: Session): Pick<OperatorStore, Reads> => ({
  async listOperators() {
    return (await session.all<OperatorRow>(`select ${columns} from operators order by lookup`)).map(toOperator);
  },
  async findCredentials(name) {
    const row = await session.get<OperatorRow>(`select ${columns} from operators where lookup = ?`, name.toLowerCase());
    if (row === undefined) return null;
    const text = "select sealed, fingerprint, created_at from secrets where connection_id = ? and kind = 'totp'";
    const kept = await session.get<{ sealed: string; fingerprint: string; created_at: string }>(text, row.id);
    const totp: SealedTotp | null =
      kept === undefined
        ? null
        : {
            ...{ connectionId: row.id, kind: 'totp', sealed: kept.sealed },
            ...{ fingerprint: kept.fingerprint, createdAt: kept.created_at },
          };
    return { operator: toOperator(row), hash: row.hash, totp };
  },
  async findOperatorSession(hash, at) {
    const row = await session.get<OperatorRow>(
      `select ${columns} from operators where disabled_at is null
         and id in (select operator_id from operator_sessions where hash = ? and expires_at > ?)`,
      hash,
      at,
    );
    return row === undefined ? null : toOperator(row);
  },
});

const toOperator = (row: OperatorRow): Operator => ({
  id: row.id,
  name: row.name,
  hasTotp: row.has_totp === 1,
  createdAt: row.created_at,
  changedAt: row.changed_at,
  disabledAt: row.disabled_at,
});
