import { z } from 'zod';
import { ref, remoteData } from './ref.ts';

/**
 * A person of the User Directory. Fields under `x_` are our own additions. `null` means that KnowBe4 says none, or that
 * the Reporting API does not tell.
 */
export const unifiedUser = z.object({
  id: z.string(),
  /** The provisioning GUID, where the person is provisioned. */
  external_id: z.string().nullable(),
  identifiers: z.object({ employee_number: z.string().nullable(), provisioning_guid: z.string().nullable() }),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  title: z.string().nullable(),
  name: z.string().nullable(),
  /** KnowBe4 people sign in with their address. */
  username: z.string().nullable(),
  emails: z.array(z.object({ email: z.string(), type: z.enum(['primary', 'alias']), is_primary: z.boolean() })),
  phones: z.array(
    z.object({ number: z.string(), extension: z.string().nullable(), type: z.enum(['phone', 'mobile']) }),
  ),
  /** `active`, `inactive` (archived in KnowBe4), `deleted`, or another word of the vendor's. */
  status: z.string().nullable(),
  is_email_verified: z.boolean().nullable(),
  is_2fa_enabled: z.boolean().nullable(),
  roles: z.array(ref),
  organizations: z.array(ref),
  type: z.enum(['admin', 'end_user', 'service-account']),
  licenses: z.array(ref),
  groups: z.array(ref),
  workspaces: z.array(ref),
  avatar: z.string().nullable(),
  timezone: z.string().nullable(),
  languages: z.array(z.string()),
  bio: z.string().nullable(),
  created_at: z.string().nullable(),
  /** The last change we observed, else the creation. */
  updated_at: z.string().nullable(),
  last_login_at: z.string().nullable(),
  /** The later of the last sign-in and the last completed training. */
  last_active_at: z.string().nullable(),
  x_risk_score: z.number().nullable(),
  /** Percent; 100 can be exceeded. */
  x_phish_prone_percent: z.number().nullable(),
  x_department: z.string().nullable(),
  x_division: z.string().nullable(),
  x_location: z.string().nullable(),
  x_manager_name: z.string().nullable(),
  x_manager_email: z.string().nullable(),
  x_archived_at: z.string().nullable(),
  x_deleted_at: z.string().nullable(),
  remote_data: remoteData,
});
export type UnifiedUser = z.infer<typeof unifiedUser>;
