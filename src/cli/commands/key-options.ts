import { InvalidArgumentError, type Option } from 'commander';
import { type FieldPolicy, type HiddenField, hiddenFields } from '../../model/field-policy.ts';
import { listOption } from '../flags.ts';

export type PolicyFlags = { readonly hide?: readonly HiddenField[]; readonly mask?: readonly 'email'[] };

export const hideOption = (): Option =>
  listOption('--hide <field>', `fields of people it is not told: ${hiddenFields.join(', ')}`, hiddenFields);
export const maskOption = (): Option =>
  listOption('--mask <field>', 'fields of which it is told a part: email (j***@example.com)', ['email']);

/** What is hidden is not shown in part. Undefined where nothing is. */
export function policyOf({ hide = [], mask = [] }: PolicyFlags): FieldPolicy | undefined {
  const fields = [...mask.map((field) => [field, 'mask']), ...hide.map((field) => [field, 'drop'])];
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

const DAY_MS = 86_400_000;

/** A number of days, as ms. */
export function daysOf(text: string): number {
  const days = Number(text.replace(/d$/, ''));
  if (Number.isFinite(days) && days > 0 && days <= 36_500) return days * DAY_MS;
  throw new InvalidArgumentError('It must be a number of days.');
}
