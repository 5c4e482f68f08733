import type { CallOptions } from '../client/read-list.ts';
import { isForeknowError } from '../errors/errors.ts';
import type { RecordOf, RecordStream } from '../wire/records.ts';
import type { SyncEnvironment } from './environment.ts';
import type { AnyRecord } from './rows.ts';
import { stopsRun } from './stops.ts';

export type OwnAddress = 'there' | 'gone' | 'unknown';

/**
 * Asks a record's own address whether it is still there: one request.
 * @throws ForeknowError when the account as a whole cannot be asked (token refused, budget spent, cancelled)
 */
export async function askOwnAddress(
  environment: SyncEnvironment,
  stream: RecordStream,
  record: AnyRecord,
): Promise<OwnAddress> {
  try {
    await readOne(environment, stream, record);
    return 'there';
  } catch (error) {
    if (isForeknowError(error) && error.code === 'remote_not_found') return 'gone';
    if (!isForeknowError(error) || stopsRun(error)) throw error;
    return 'unknown';
  }
}

function readOne({ client, signal, kind }: SyncEnvironment, stream: RecordStream, record: AnyRecord): Promise<unknown> {
  const options: CallOptions = { kind, ...(signal === undefined ? {} : { signal }) };
  const { id } = record as { id: string };
  const { campaignType = 'email' } = record as { campaignType?: 'email' | 'callback' };
  switch (stream) {
    case 'account':
      return client.account.get(options);
    case 'users':
      return client.users.get(id, options);
    case 'groups':
      return client.groups.get(id, options);
    case 'phishing_campaigns':
      return client.phishing.campaigns.get(id, { campaignType }, options);
    case 'security_tests':
      return client.phishing.securityTests.get(id, { campaignType }, options);
    case 'recipients':
      return client.phishing.recipients.get((record as RecordOf['recipients']).testId, id, { campaignType }, options);
    case 'training_campaigns':
      return client.training.campaigns.get(id, options);
    case 'store_purchases':
      return client.training.storePurchases.get(id, options);
    case 'policies':
      return client.training.policies.get(id, options);
    case 'enrollments':
      return client.training.enrollments.get(id, options);
  }
}
