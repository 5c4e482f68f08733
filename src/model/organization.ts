import { z } from 'zod';
import { ref, remoteData } from './ref.ts';

/** The KnowBe4 account. It has no id of its own, so the connection's stands in. */
export const unifiedOrganization = z.object({
  id: z.string(),
  name: z.string().nullable(),
  /** The subscription level. */
  pricing_plan: z.string().nullable(),
  licenses: z.array(ref.extend({ x_seats: z.number() })),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  x_domains: z.array(z.string()),
  /** `paid`, `trial`, `free`, or another word of the vendor's. */
  x_account_type: z.string().nullable(),
  x_subscription_end_date: z.string().nullable(),
  x_risk_score: z.number().nullable(),
  remote_data: remoteData,
});
export type UnifiedOrganization = z.infer<typeof unifiedOrganization>;
