import type { StoredAuditEntry } from './ports.ts';

const columns = {
  seq: ({ seq }) => seq,
  at: ({ at }) => at,
  action: ({ action }) => action,
  outcome: ({ outcome }) => outcome,
  error: ({ error }) => error,
  actor_kind: ({ actor }) => actor.kind,
  actor_id: ({ actor }) => actor.id,
  actor_name: ({ actor }) => actor.name,
  door: ({ actor }) => actor.door,
  from: ({ actor }) => actor.from,
  request_id: ({ actor }) => actor.requestId,
  connection_id: ({ connectionId }) => connectionId,
  target: ({ target }) => target,
  details: ({ details }) => JSON.stringify(details),
} as const satisfies Record<string, (entry: StoredAuditEntry) => string | number | null>;

export const csvHead = `${Object.keys(columns).join(',')}\r\n`;

/** One entry as a line of CSV (RFC 4180). */
export const csvLine = (entry: StoredAuditEntry): string =>
  `${Object.values(columns)
    .map((read) => cell(read(entry)))
    .join(',')}\r\n`;

/** A text that a spreadsheet would take for a formula gets an apostrophe in front. */
function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
