import { z } from 'zod';
import type { Ref } from './ref.ts';
import { remoteData } from './ref.ts';

/** A role of the User Directory. */
export const unifiedRole = z.object({
  id: z.string(),
  name: z.string(),
  label: z.string(),
  description: z.string(),
  type: z.enum(['builtin', 'custom']),
  applicable_in: z.enum(['group', 'workspace']).nullable(),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
  remote_data: remoteData,
});
export type UnifiedRole = z.infer<typeof unifiedRole>;

const builtin = (id: string, name: string, description: string): UnifiedRole => ({
  id,
  name,
  label: name,
  description,
  type: 'builtin',
  applicable_in: null,
  created_at: null,
  updated_at: null,
});

const admin = builtin('kb4:admin', 'Admin', 'Full administrator of the KnowBe4 console.');
const user = builtin('kb4:user', 'User', 'Everybody who is not a full administrator.');

/** What a Reporting API key lets us know: security roles need a Product API key. */
export const builtinRoles: readonly UnifiedRole[] = [admin, user];

export const adminRole: Ref = { id: admin.id, name: admin.name };
export const userRole: Ref = { id: user.id, name: user.name };
