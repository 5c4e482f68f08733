import type { CampaignType, RecordOf, RecordStream } from '../wire/records.ts';

/** What is mirrored, in the order in which one needs the other. `risk_history` fills risk points, not records. */
export const streamNames = [
  'account',
  'groups',
  'users',
  'risk_history',
  'phishing_campaigns',
  'security_tests',
  'recipients',
  'training_campaigns',
  'store_purchases',
  'policies',
  'enrollments',
] as const;
export type StreamName = (typeof streamNames)[number];

export const isStreamName = (text: string): text is StreamName => (streamNames as readonly string[]).includes(text);

/**
 * The key of a record inside its connection and stream. It is the vendor's id; callback campaigns and tests have an id
 * space of their own, and a recipient's id is unique only inside its test.
 */
export function recordKey<S extends RecordStream>(stream: S, record: RecordOf[S]): string {
  if (stream === 'account') return 'account';
  if (stream === 'recipients') {
    const recipient = record as RecordOf['recipients'];
    return `${testKey(recipient.campaignType, recipient.testId)}/${recipient.id}`;
  }
  const { id, campaignType } = record as { id: string; campaignType?: CampaignType };
  return campaignType === undefined ? id : testKey(campaignType, id);
}

/** Key of a phishing campaign or test: the bare id for e-mail ones, `callback:ID` for phone ones. */
export const testKey = (campaignType: CampaignType, id: string): string =>
  campaignType === 'callback' ? `callback:${id}` : id;
