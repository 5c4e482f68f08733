import { z } from 'zod';
import { connectionParameter } from './query.ts';

/*
 * What changes of the directory look like, in Truto's wire format. Fields that are not named here are let through: Truto's clients may send
 * what only the vendor knows.
 */

const id = z.union([z.string().min(1).max(200), z.int()]).describe('KnowBe4’s id');
const text = z.string().max(500).nullable().optional();
const refs = z
  .array(z.union([id, z.looseObject({ id })]))
  .max(500)
  .optional();

const emails = z
  .array(z.looseObject({ email: z.email('must be an address'), type: text, is_primary: z.boolean().optional() }))
  .min(1)
  .max(50);

const userFields = {
  first_name: text,
  last_name: text,
  name: text,
  title: text,
  username: z.email('must be an address: people of KnowBe4 sign in with theirs').optional(),
  phones: z
    .array(z.looseObject({ number: z.string().min(1).max(100), extension: text, type: text }))
    .max(20)
    .optional(),
  status: z.enum(['active', 'inactive']).optional().describe('inactive: archived in KnowBe4'),
  groups: refs.describe('Groups that the person is in, by id'),
  roles: refs,
  languages: z.array(z.string().max(100)).max(20).optional(),
};

/** An object with something in it beside what only says whose it is. */
const notEmpty = (body: object): boolean => Object.keys(body).some((name) => name !== 'id');
const nothingToChange = { message: 'nothing to change is named' };

export const writeQuery = z.looseObject({ integrated_account_id: connectionParameter });

export const newUser = z
  .looseObject({ ...userFields, emails: emails.optional() })
  .refine(({ emails, username }) => emails !== undefined || username !== undefined, {
    message: 'an address is needed',
    path: ['emails'],
  })
  .meta({ examples: [{ first_name: 'Amara', last_name: 'Lindqvist', emails: [{ email: 'amara@example.com' }] }] });

const userChange = z.looseObject({ ...userFields, emails: emails.optional() });
export const changedUser = userChange.refine(notEmpty, nothingToChange).meta({ examples: [{ title: 'Buyer' }] });
export const changedUserById = userChange
  .extend({ id })
  .refine(notEmpty, nothingToChange)
  .meta({ examples: [{ id: '12345', title: 'Buyer' }] });

const groupFields = { description: text, group_type: z.literal('group').optional() };
export const newGroup = z
  .looseObject({ ...groupFields, name: z.string().min(1).max(255) })
  .meta({ examples: [{ name: 'New hires' }] });

const groupChange = z.looseObject({ ...groupFields, name: z.string().min(1).max(255).optional() });
export const changedGroup = groupChange.refine(notEmpty, nothingToChange).meta({ examples: [{ name: 'Sales' }] });
export const changedGroupById = groupChange
  .extend({ id })
  .refine(notEmpty, nothingToChange)
  .meta({ examples: [{ id: '77', name: 'Sales' }] });

/** Who goes into a group, or out of it. */
export const membership = z
  .looseObject({ group_id: id.optional(), id: id.optional().describe('The same as `group_id`'), user_id: id })
  .refine((body) => body.group_id !== undefined || body.id !== undefined, {
    message: 'the group is not named',
    path: ['group_id'],
  })
  .meta({ examples: [{ group_id: '77', user_id: '12345' }] });
