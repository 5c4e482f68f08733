import type { ChangeFields, ChangeKind } from '../model/change.ts';
import type { EmbeddedUser, RecordOf, RecordStream } from '../wire/records.ts';
import type { AnyRecord } from './rows.ts';

type Short = ChangeFields | null;

const named = ({ id, name }: { readonly id: string | null; readonly name: string | null }): Short => ({ id, name });

const person = (user: Omit<EmbeddedUser, 'employeeNumber' | 'provisioningGuid'> | null): Short =>
  user === null ? null : { id: user.id, email: user.email, firstName: user.firstName, lastName: user.lastName };

/** What a change of a record says of it in short: ids, and the names that people know it by at the time. */
const abouts: { readonly [S in RecordStream]: (record: RecordOf[S]) => ChangeFields } = {
  account: ({ name }) => ({ account: { name } }),
  users: (user) => ({ user: person(user) }),
  groups: (group) => ({ group: named(group) }),
  phishing_campaigns: (campaign) => ({ campaign: named(campaign) }),
  security_tests: (test) => ({ test: named(test), campaignId: test.campaignId }),
  recipients: ({ user, template, testId, campaignType }) => ({
    user: person(user),
    test: { id: testId, campaignType },
    template: template === null ? null : named(template),
  }),
  training_campaigns: (campaign) => ({ campaign: named(campaign) }),
  enrollments: ({ user, campaignId, campaignName, moduleName, contentType, status }) => ({
    user: person(user),
    campaign: { id: campaignId, name: campaignName },
    module: { name: moduleName, contentType },
    status,
  }),
  store_purchases: (content) => ({ content: named(content) }),
  policies: (content) => ({ content: named(content) }),
};

export const aboutOf = (stream: RecordStream, record: AnyRecord): ChangeFields =>
  (abouts[stream] as (record: AnyRecord) => ChangeFields)(record);

/** Notices stand in the log beside the change they are about; they change no record. */
export const isNotice = (kind: ChangeKind): boolean => /\.risk_(threshold_crossed|jumped)$/.test(kind);
