import type { ChangeFields, LoggedChange } from '../model/change.ts';
import { type Draft, draft, item, shortUser } from './parts.ts';

/** What can happen to a recipient, in the order in which it is told. */
const steps = [
  ['deliveredAt', 'phishing.delivered', 'delivered'],
  ['openedAt', 'phishing.opened', 'opened'],
  ['clickedAt', 'phishing.failed', 'clicked'],
  ['repliedAt', 'phishing.failed', 'replied'],
  ['attachmentOpenedAt', 'phishing.failed', 'attachment_opened'],
  ['macroEnabledAt', 'phishing.failed', 'macro_enabled'],
  ['dataEnteredAt', 'phishing.failed', 'data_entered'],
  ['qrCodeScannedAt', 'phishing.failed', 'qr_code_scanned'],
  ['reportedAt', 'phishing.reported', 'reported'],
  ['bouncedAt', 'phishing.bounced', 'bounced'],
] as const;

/** One event for everything that happened, and one for what was taken back. */
export function recipientEvents(change: LoggedChange): readonly Draft[] {
  const { kind, current, previous } = change;
  const head = headOf(change);
  if (kind === 'recipient.deleted') return [draft('phishing.recipient_removed', head)];
  let first = typeof current?.failedAt === 'string' && (previous?.failedAt ?? null) === null;
  const happened = steps.flatMap(([field, type, name]) => {
    const at = current?.[field];
    if (typeof at !== 'string' || typeof previous?.[field] === 'string') return [];
    if (type !== 'phishing.failed') return [draft(type, { ...head, at })];
    const failed = draft(type, { ...head, at, failure: name, first });
    first = false;
    return [failed];
  });
  const withdrawn = steps.flatMap(([field, , name]) =>
    kind === 'recipient.updated' && typeof previous?.[field] === 'string' && current?.[field] === null ? [name] : [],
  );
  return [...happened, ...(withdrawn.length > 0 ? [draft('phishing.corrected', { ...head, withdrawn })] : [])];
}

/** Who and which test: the record says it when it came or went, the log's own words otherwise, the key at least the test. */
function headOf(change: LoggedChange) {
  const { kind, key, current, previous, about } = change;
  const record: ChangeFields = (kind === 'recipient.updated' ? about : (current ?? previous)) ?? {};
  const isCallback = key.startsWith('callback:');
  const template = record.template ?? null;
  return {
    user: shortUser(record.user ?? null, null),
    test: {
      id: key.slice(isCallback ? 'callback:'.length : 0, key.lastIndexOf('/')),
      campaign_type: isCallback ? 'callback' : 'email',
    },
    template: template === null ? null : item({ ...change, about: { template } }, 'template'),
  };
}
