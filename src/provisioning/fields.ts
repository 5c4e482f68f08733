import { type FieldValues, type ManagedField, managedFields } from '../model/managed-field.ts';
import type { FieldChange } from './plan.ts';

const addresses: ReadonlySet<ManagedField> = new Set(['email', 'manager_email']);
const days: ReadonlySet<ManagedField> = new Set(['custom_date_1', 'custom_date_2', 'employee_start_date']);

/** Text without outer spaces; null for none. */
export const textOf = (value: string | null | undefined): string | null => value?.trim() || null;

/** Whether two values of a field mean the same: nothing is an empty text, addresses have no case, days no time. */
export function sameValue(
  field: ManagedField,
  one: string | null | undefined,
  other: string | null | undefined,
): boolean {
  return comparable(field, one) === comparable(field, other);
}

function comparable(field: ManagedField, value: string | null | undefined): string | null {
  const text = textOf(value);
  if (text === null) return null;
  if (addresses.has(field)) return text.toLowerCase();
  return days.has(field) ? text.slice(0, 10) : text;
}

/** Fields that are to be otherwise, in one order. Fields that no rule maps are left alone. */
export function fieldChanges(wanted: FieldValues, there: FieldValues): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const name of managedFields) {
    const to = wanted[name];
    if (to === undefined || sameValue(name, to, there[name])) continue;
    changes.push({ name, from: textOf(there[name]), to: textOf(to) });
  }
  return changes;
}
