import type { FieldValues } from '../model/managed-field.ts';
import type { Target, TargetCampaign, TargetGroup, TargetUser } from '../provisioning/target.ts';
import type { ReportingStore } from '../reporting/ports.ts';
import type { SyncStore } from '../sync/ports.ts';
import type {
  AccountRecord,
  CampaignType,
  GroupRecord,
  PhishingCampaignRecord,
  RecordOf,
  RecordStream,
  TrainingCampaignRecord,
  UserRecord,
} from '../wire/records.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';

type Deps = {
  readonly mirror: Pick<ReportingStore, 'keptRows'>;
  readonly store: Pick<SyncStore, 'streamStates'>;
};

/** Streams that must have been read whole before anything is planned. */
const NEEDED: readonly RecordStream[] = ['account', 'users', 'groups'];
const AT_ONCE = 2000;

/**
 * An account as the mirror has it, for planning. `asOf` is null while users, groups or the account were never read to their end: what is
 * absent from the mirror then says nothing.
 */
export const readTarget =
  (deps: Deps) =>
  async (connectionId: string): Promise<Target> => {
    const states = await deps.store.streamStates(connectionId);
    const ends = NEEDED.map((stream) => states.find((state) => state.stream === stream)?.lastCompleteAt ?? null);
    const [users, groups, training, phishing, accounts] = [
      await rowsOf(deps.mirror, connectionId, 'users'),
      await rowsOf(deps.mirror, connectionId, 'groups'),
      await rowsOf(deps.mirror, connectionId, 'training_campaigns'),
      await rowsOf(deps.mirror, connectionId, 'phishing_campaigns'),
      await rowsOf(deps.mirror, connectionId, 'account'),
    ];
    const people = users.map(userOf);
    return {
      connectionId,
      asOf: ends.includes(null) ? null : (ends as string[]).toSorted()[0]!,
      users: people,
      groups: groupsOf(groups, people),
      campaigns: [...training.map(trainingOf), ...phishing.map(phishingOf)],
      account: accountOf(accounts[0] ?? null),
    };
  };

/** Live rows of a stream as records; one that cannot be read is not there: it was never taken into the mirror. */
async function rowsOf<S extends RecordStream>(
  mirror: Deps['mirror'],
  connectionId: string,
  stream: S,
): Promise<readonly RecordOf[S][]> {
  const read = recordReaders[stream];
  const records: RecordOf[S][] = [];
  let after: string | null = null;
  do {
    const rows = await mirror.keptRows({ connectionId, stream, after, offset: 0, limit: AT_ONCE });
    for (const { key, raw } of rows) {
      const row = read(JSON.parse(raw), { campaignType: campaignTypeOf(key) });
      if ('record' in row) records.push(row.record);
    }
    after = rows.length === AT_ONCE ? rows.at(-1)!.key : null;
  } while (after !== null);
  return records;
}

/** Keys of phishing campaigns begin with their type. */
const campaignTypeOf = (key: string): CampaignType => (key.startsWith('callback') ? 'callback' : 'email');

const userOf = (user: UserRecord): TargetUser => ({
  id: user.id,
  status: user.status === 'archived' ? 'archived' : 'active',
  fields: fieldsOf(user),
  aliases: user.aliases.map((alias) => alias.toLowerCase()),
  provisioningManaged: user.provisioningManaged ?? false,
  provisioningGuid: user.provisioningGuid,
  groupIds: user.groupIds ?? [],
  archivedAt: user.archivedAt,
  lastSignIn: user.lastSignIn,
});

const fieldsOf = (user: UserRecord): FieldValues => ({
  email: user.email,
  first_name: user.firstName,
  last_name: user.lastName,
  job_title: user.jobTitle,
  manager_name: user.managerName,
  manager_email: user.managerEmail,
  department: user.department,
  division: user.division,
  organization: user.organization,
  location: user.location,
  phone_number: user.phoneNumber,
  mobile_phone_number: user.mobilePhoneNumber,
  employee_number: user.employeeNumber,
  language: user.language,
  custom_field_1: user.customField1,
  custom_field_2: user.customField2,
  custom_field_3: user.customField3,
  custom_field_4: user.customField4,
  custom_date_1: user.customDate1,
  custom_date_2: user.customDate2,
  employee_start_date: user.employeeStartDate?.slice(0, 10) ?? null,
  extension: user.extension,
  comment: user.comment,
});

function groupsOf(groups: readonly GroupRecord[], users: readonly TargetUser[]): readonly TargetGroup[] {
  const members = new Map<string, Set<string>>(groups.map(({ id }) => [id, new Set()]));
  for (const { id, groupIds } of users) for (const groupId of groupIds) members.get(groupId)?.add(id);
  return groups.map((group) => ({
    id: group.id,
    name: group.name ?? '',
    type: group.groupType ?? 'console_group',
    status: group.status === 'archived' ? 'archived' : 'active',
    provisioningGuid: group.provisioningGuid,
    memberIds: members.get(group.id)!,
  }));
}

/** Statuses in which nobody is enrolled any more (KnowBe4's guide and console). */
const ENDED = new Set(['Completed', 'Cancelled', 'Closed', 'Error']);

const groupIdsOf = (groups: TrainingCampaignRecord['groups']): readonly string[] =>
  groups.flatMap(({ id }) => (id === null ? [] : [id]));

const trainingOf = (campaign: TrainingCampaignRecord): TargetCampaign => ({
  id: campaign.id,
  kind: 'training',
  name: campaign.name ?? '',
  status: campaign.status ?? '',
  open: !ENDED.has(campaign.status ?? ''),
  autoEnroll: campaign.autoEnroll ?? false,
  allowMultipleEnrollments: campaign.allowMultipleEnrollments ?? false,
  groupIds: groupIdsOf(campaign.groups),
  endsAt: campaign.endDate,
});

const phishingOf = (campaign: PhishingCampaignRecord): TargetCampaign => ({
  id: campaign.id,
  kind: 'phishing',
  name: campaign.name ?? '',
  status: campaign.status ?? '',
  open: !ENDED.has(campaign.status ?? ''),
  autoEnroll: false,
  allowMultipleEnrollments: false,
  groupIds: groupIdsOf(campaign.groups),
});

const accountOf = (account: AccountRecord | null): Target['account'] => ({
  name: account?.name ?? null,
  domains: account?.domains.map((domain) => domain.toLowerCase()) ?? [],
  seats: account?.seats ?? null,
  admins: account?.admins.flatMap(({ email }) => (email === null ? [] : [email.toLowerCase()])) ?? [],
});

/** Whether somebody has an enrollment in a campaign of this name, as the mirror has it; names are compared with letters folded. */
export const isEnrolledIn =
  (mirror: Deps['mirror']) =>
  async (connectionId: string, userId: string, campaign: string): Promise<boolean> => {
    const rows = await mirror.keptRows({
      ...{ connectionId, stream: 'enrollments', userId, after: null, offset: 0, limit: AT_ONCE },
    });
    return rows.some(({ raw }) => {
      const row = recordReaders.enrollments(JSON.parse(raw));
      return 'record' in row && row.record.campaignName?.toLowerCase() === campaign.toLowerCase();
    });
  };
