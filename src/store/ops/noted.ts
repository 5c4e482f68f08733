import type { AuditEntry } from '../../audit/ports.ts';
import { appendAudit } from './audit.ts';
import type { Op } from './op.ts';

/** The audit entry that goes with a write, and the names under which the write's result stands in its details. */
export type Noted = { readonly entry: AuditEntry; readonly results: readonly string[] };

/** The operation and the entry of the act that it is, in one transaction. One that gives `false` has done nothing, and has none. */
export const withEntry = <Args, Result>(op: Op<Args, Result>, note: Noted | undefined): Op<Args, Result> =>
  note === undefined
    ? op
    : {
        ...op,
        durable: true,
        run: async (session, args) => {
          const result = await op.run(session, args);
          if (result !== false) await appendAudit.run(session, entryOf(note, result));
          return result;
        },
      };

function entryOf({ entry, results }: Noted, result: unknown): AuditEntry {
  const values = (typeof result === 'object' ? result : { [results[0] ?? '']: result }) as Record<
    string,
    unknown
  > | null;
  const told = Object.fromEntries(results.map((name) => [name, values?.[name]]));
  return { ...entry, details: { ...entry.details, ...told } };
}
