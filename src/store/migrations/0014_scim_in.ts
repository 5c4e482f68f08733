import type { DialectWords } from './migration.ts';

/** What identity providers push by SCIM: their tokens, users, groups and members. */
export const scimIn = ({ clustered }: DialectWords): readonly string[] => [
  'create table scim_in_tokens (id text primary key, source text not null, hash text not null, last_four text not null, created_at text not null, ends_at text, last_used_at text)',
  'create index scim_in_tokens_source on scim_in_tokens (source)',
  // Names are in small letters, to be found by; `body` is JSON without members.
  `create table scim_in_objects (source text not null, kind text not null, id text not null, version integer not null,
     user_name text, external_id text, display_name text, body text not null, created_at text not null,
     changed_at text not null, deleted_at text, primary key (source, kind, id))`,
  'create unique index scim_in_objects_user on scim_in_objects (source, user_name) where user_name is not null and deleted_at is null',
  'create index scim_in_objects_external on scim_in_objects (source, kind, external_id)',
  'create index scim_in_objects_display on scim_in_objects (source, kind, display_name)',
  'create index scim_in_objects_created on scim_in_objects (source, kind, deleted_at, created_at, id)',
  `create table scim_in_members (source text not null, group_id text not null, member_id text not null, member_type text,
     primary key (source, group_id, member_id)) ${clustered}`,
  'create index scim_in_members_member on scim_in_members (source, member_id)',
];
