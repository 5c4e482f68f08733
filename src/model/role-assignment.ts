import { z } from 'zod';
import { ref, remoteData } from './ref.ts';

/** Who holds a role. The id is made from role and person, so that it stays the same from read to read. */
export const unifiedRoleAssignment = z.object({
  id: z.string(),
  user_id: z.string().nullable(),
  group_id: z.string().nullable(),
  group_type: z.enum(['group']).nullable(),
  role_id: z.string(),
  workspace: z.array(z.string()),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  /** The group through which the person holds it. */
  x_via_group: ref.nullable(),
  remote_data: remoteData,
});
export type UnifiedRoleAssignment = z.infer<typeof unifiedRoleAssignment>;
