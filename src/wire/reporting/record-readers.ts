import type { RecordOf, RecordStream } from '../records.ts';
import { readAccount, readGroup, readUser } from './directory.ts';
import { readPhishingCampaign, readRecipient, readSecurityTest } from './phishing.ts';
import type { RowReader } from './read.ts';
import { readEnrollment, readPolicy, readStorePurchase, readTrainingCampaign } from './training.ts';

/**
 * How a row of each stream is read, from the wire or from the store (where raw rows are in the modern spelling already:
 * reading is idempotent). Rows of campaigns, tests and recipients need `campaignType` in the context, recipients of
 * answers without `pst_id` also `testId`.
 */
export const recordReaders: { readonly [S in RecordStream]: RowReader<RecordOf[S]> } = {
  account: readAccount,
  users: readUser,
  groups: readGroup,
  phishing_campaigns: readPhishingCampaign,
  security_tests: readSecurityTest,
  recipients: readRecipient,
  training_campaigns: readTrainingCampaign,
  enrollments: readEnrollment,
  store_purchases: readStorePurchase,
  policies: readPolicy,
};
