import type { Switches } from './switches.ts';
import type {
  Account,
  Enrollment,
  Group,
  Policy,
  Recipient,
  SecurityTest,
  StorePurchase,
  TrainingCampaign,
  User,
} from './world/records.ts';

type Row = Record<string, unknown>;

/** The row with some keys under other names, in the same places. */
function renamed(row: Row, names: Readonly<Record<string, string>>): Row {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [names[key] ?? key, value]));
}

const adi = { provisioning_managed: 'adi_manageable', provisioning_guid: 'adi_guid' };

/** How rows are spelled under a set of switches. Each function takes the modern row with every key. */
export function spelling(switches: Switches) {
  const old = switches.provisioning === 'adi';
  const embedded = (user: Row): Row => {
    const row = old ? renamed(user, { provisioning_guid: 'active_directory_guid' }) : user;
    return switches.userIds === 'mixed' ? withId(row) : row;
  };
  const purchase = (row: StorePurchase): Row =>
    switches.storePurchaseId === 'store_purchase_id' ? row : renamed(row, { store_purchase_id: 'store_purchased_id' });
  return {
    account: (row: Account, type: Switches['accountType']): Row => {
      const { subscription_level, subscription_end_date, number_of_seats, ...rest } = row;
      return type === 'trial' ? { ...rest, type } : { ...row, type };
    },
    user: (row: User): Row => {
      const spelled = old ? renamed(row, adi) : row;
      return switches.userIds === 'mixed' ? withId(spelled) : spelled;
    },
    group: (row: Group): Row => {
      if (!old) return row;
      const type = row.group_type === 'provisioning_managed_group' ? 'adi_managed_group' : row.group_type;
      return renamed({ ...row, group_type: type }, { provisioning_guid: 'adi_guid' });
    },
    securityTest: (row: SecurityTest): Row => {
      const { qr_code_scanned_count, ...without } = row;
      const { id, name } = row.template;
      const kept: Row = switches.newerKeys ? row : { ...without, template: { id, name } };
      return switches.landingPage === 'hyphen' ? renamed(kept, { landing_page: 'landing-page' }) : kept;
    },
    recipient: (row: Recipient): Row => {
      const { qr_code_scanned, ...without } = row;
      return { ...(switches.newerKeys ? row : without), user: embedded(row.user) };
    },
    purchase,
    policy: (row: Policy): Row =>
      switches.policyStatus === 'integer' ? row : { ...row, status: row.status === 1 ? 'published' : 'draft' },
    trainingCampaign: (row: Omit<TrainingCampaign, 'completion_percentage'>): Row => {
      const items: Row[] = row.content.map((item) =>
        item.content_type === 'Store Purchase' ? purchase(item) : { ...item, published: true },
      );
      if (switches.content === 'flat') return { ...row, content: items };
      if (switches.content === 'nested' || row.campaign_id % 2 === 0) return { ...row, content: [items] };
      return { ...row, content: items, modules: items };
    },
    enrollment: (row: Enrollment, included: Included): Row => {
      const { enrollment_id, content_type, module_name, campaign_name, campaign_id, store_purchase_id, ...rest } = row;
      const { user, ...progress } = rest;
      const { employee_number, ...person } = user;
      return {
        enrollment_id,
        content_type,
        module_name,
        user: embedded(included.employeeNumber ? user : person),
        campaign_name,
        ...(included.campaignId && { campaign_id }),
        ...(included.storePurchaseId && { store_purchase_id }),
        ...progress,
        ...(included.score !== null && { score: included.score }),
      };
    },
  };
}

export type Spelling = ReturnType<typeof spelling>;

/** Keys of an enrollment that come only when asked for. */
export type Included = {
  campaignId: boolean;
  storePurchaseId: boolean;
  employeeNumber: boolean;
  /** null: this list shows none. */
  score: number | null;
};

/** Every third id as a text. */
const withId = (row: Row): Row =>
  typeof row.id === 'number' && row.id % 3 === 0 ? { ...row, id: String(row.id) } : row;
