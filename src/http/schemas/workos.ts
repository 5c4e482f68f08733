import { z } from 'zod';
import { dsyncTypes } from '../../events/workos/dsync.ts';
import { instant, named } from './registry.ts';

const text = z.string().nullable();
const attributes = z.record(z.string(), z.unknown());
const slug = z.object({ slug: z.string() });

export const directory = named(
  'WorkosDirectory',
  z.looseObject({
    object: z.literal('directory'),
    id: z.string(),
    name: z.string(),
    organization_id: z.string(),
    external_key: z.string(),
    type: z.string(),
    state: z.enum(['active', 'inactive', 'validating', 'invalid_credentials']),
    created_at: instant,
    updated_at: instant,
  }),
);

export const group = named(
  'WorkosGroup',
  z.object({
    object: z.literal('directory_group'),
    id: z.string(),
    idp_id: z.string(),
    directory_id: z.string(),
    organization_id: z.string(),
    name: z.string(),
    raw_attributes: attributes,
    created_at: instant,
    updated_at: instant,
  }),
);

const user = z.looseObject({
  object: z.literal('directory_user'),
  id: z.string(),
  idp_id: z.string(),
  directory_id: z.string(),
  organization_id: z.string(),
  email: text,
  first_name: text,
  last_name: text,
  name: text,
  username: text,
  emails: z.array(z.object({ primary: z.boolean(), type: z.string(), value: z.string() })),
  job_title: text,
  state: z.enum(['active', 'inactive']),
  role: slug,
  roles: z.array(slug),
  custom_attributes: attributes,
  raw_attributes: attributes,
  created_at: instant,
  updated_at: instant,
});

export const userWithGroups = named(
  'WorkosUser',
  user.extend({ groups: z.array(group).describe('At most 100; GET /workos/directory_groups?user= lists all') }),
);

const listOf = (id: string, item: z.ZodType) =>
  named(
    id,
    z.object({
      object: z.literal('list'),
      data: z.array(item),
      list_metadata: z.object({ before: text, after: text.describe('null at the end') }),
    }),
  );

export const directoryList = listOf('WorkosDirectoryList', directory);
export const userList = listOf('WorkosUserList', userWithGroups);
export const groupList = listOf('WorkosGroupList', group);
export const eventList = listOf(
  'WorkosEventList',
  z.object({
    object: z.literal('event'),
    id: z.string(),
    event: z.enum(dsyncTypes),
    data: attributes,
    created_at: instant,
    context: attributes,
  }),
);
