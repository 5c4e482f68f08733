import { z } from 'zod';
import { remoteData } from './ref.ts';

/** A group of the User Directory. */
export const unifiedGroup = z.object({
  id: z.string(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  /** The account, by its connection’s id. */
  organization: z.string(),
  /** Every kind of KnowBe4 group is a `group`; the vendor's kind is in `x_group_type`. */
  group_type: z.literal('group'),
  /** When the group was first seen: KnowBe4 does not tell when it was made. Null while the mirror has not seen it. */
  created_at: z.string().nullable(),
  /** The last change we observed, else the time it was first seen. */
  updated_at: z.string().nullable(),
  /** `console_group`, `smart_group`, `provisioning_managed_group`, or another word of the vendor's. */
  x_group_type: z.string().nullable(),
  x_member_count: z.number().nullable(),
  x_risk_score: z.number().nullable(),
  /** `active`, `archived`, or another word of the vendor's. */
  x_status: z.string().nullable(),
  x_deleted_at: z.string().nullable(),
  remote_data: remoteData,
});
export type UnifiedGroup = z.infer<typeof unifiedGroup>;
