import type { Alert } from '../events/alert.ts';

export type AlertRow = {
  id: string;
  connection_id: string;
  kind: Alert['kind'];
  subject: string;
  detail: string;
  opened_at: string;
  closed_at: string | null;
  mailed_at: string | null;
};

export const toAlert = (row: AlertRow): Alert => ({
  id: row.id,
  connectionId: row.connection_id,
  kind: row.kind,
  subject: row.subject,
  detail: row.detail,
  openedAt: row.opened_at,
  closedAt: row.closed_at,
  mailedAt: row.mailed_at,
});
