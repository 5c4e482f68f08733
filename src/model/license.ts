import { z } from 'zod';
import type { AccountRecord, Instant } from '../wire/records.ts';
import { ref, remoteData } from './ref.ts';

/** The seats of the account: KnowBe4 has one license for all. */
export const unifiedLicense = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  /** Seats owned; null on a trial. */
  available_quantity: z.number().nullable(),
  /** Seats taken: people who are not archived. */
  assigned_quantity: z.number(),
  unit_amount: z.number().nullable(),
  currency: z.string().nullable(),
  roles: z.array(ref),
  is_paid: z.boolean().nullable(),
  status: z.enum(['active', 'inactive']).nullable(),
  products: z.array(ref.extend({ status: z.string().nullable() })),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  x_subscription_end_date: z.string().nullable(),
  remote_data: remoteData,
});
export type UnifiedLicense = z.infer<typeof unifiedLicense>;

export const seat = { id: 'kb4:seat', name: 'KnowBe4 seat' } as const;

/** @param today `YYYY-MM-DD`, by which a subscription is over */
export function toLicense(
  account: AccountRecord,
  taken: number,
  today: string,
  seen: { readonly firstSeenAt: Instant; readonly changedAt: Instant | null },
): UnifiedLicense {
  const { type, seats, subscriptionLevel: level, subscriptionEndDate: end } = account;
  const status = end === null ? null : end >= today ? 'active' : 'inactive';
  return {
    ...seat,
    description: null,
    available_quantity: seats,
    assigned_quantity: taken,
    unit_amount: null,
    currency: null,
    roles: [],
    is_paid: type === null ? null : type === 'paid',
    status,
    products: level === null ? [] : [{ id: level, name: level, status }],
    created_at: null,
    updated_at: seen.changedAt ?? seen.firstSeenAt,
    x_subscription_end_date: end,
  };
}
