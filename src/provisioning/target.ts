import type { FieldValues } from '../model/managed-field.ts';

/** KnowBe4 as the mirror has it, with what is accepted and not seen yet laid over it. Ids are KnowBe4's. */
export type Target = {
  readonly connectionId: string;
  /** When the users were last read whole; null: never, and then nothing may be planned. ISO. */
  readonly asOf: string | null;
  readonly users: readonly TargetUser[];
  readonly groups: readonly TargetGroup[];
  readonly campaigns: readonly TargetCampaign[];
  readonly account: {
    readonly name: string | null;
    readonly domains: readonly string[];
    /** Bought; null when the account does not say. */
    readonly seats: number | null;
    /** Addresses of the console's admins, in lower case. */
    readonly admins: readonly string[];
  };
};

export type TargetUser = {
  readonly id: string;
  readonly status: 'active' | 'archived';
  readonly fields: FieldValues;
  /** Lower case. */
  readonly aliases: readonly string[];
  readonly provisioningManaged: boolean;
  readonly provisioningGuid: string | null;
  readonly groupIds: readonly string[];
  readonly archivedAt: string | null;
  readonly lastSignIn: string | null;
};

export type TargetGroup = {
  readonly id: string;
  readonly name: string;
  readonly type: 'console_group' | 'smart_group' | 'provisioning_managed_group' | (string & {});
  readonly status: 'active' | 'archived';
  readonly provisioningGuid: string | null;
  /** Active and archived members. */
  readonly memberIds: ReadonlySet<string>;
};

export type TargetCampaign = {
  readonly id: string;
  readonly kind: 'training' | 'phishing';
  readonly name: string;
  /** As KnowBe4 says it: `In Progress`, `Active` … */
  readonly status: string;
  /** It goes on, or will begin. */
  readonly open: boolean;
  readonly autoEnroll: boolean;
  readonly allowMultipleEnrollments: boolean;
  /** Empty, or one with the id `0`: everybody. */
  readonly groupIds: readonly string[];
  /** Nobody is enrolled from then on; null: no such time is set; absent: not known. ISO. */
  readonly endsAt?: string | null;
  /** Users whom it has ever enrolled; absent: not known, and then nobody can say who is enrolled again. */
  readonly everEnrolled?: ReadonlySet<string>;
};
