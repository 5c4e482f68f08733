import { ForeknowError } from '../errors/errors.ts';

/**
 * Fields of people that a reader is not told. `mask` leaves the first letter and the domain of an address; `drop` leaves nothing: null, or
 * an empty list. A field that is not named is told.
 */
export type FieldPolicy = {
  /** Addresses, aliases and user names, of everybody, and whatever looks like an address in any text. */
  readonly email?: 'mask' | 'drop';
  readonly phone?: 'drop';
  /** First, last and whole names of people, their managers’ too. Names of groups and campaigns stay. */
  readonly name?: 'drop';
  /** The employee number, and the ids that other systems gave the person. */
  readonly employee_number?: 'drop';
  /** Who somebody’s manager is. */
  readonly manager?: 'drop';
  readonly location?: 'drop';
  /** Network address, place, browser and system of those who fell for a test. */
  readonly client?: 'drop';
  /** Custom fields, custom dates and comments. */
  readonly custom?: 'drop';
};

export type HiddenField = keyof FieldPolicy;

/** What may be done with each field; the strictest is last. */
export const fieldTreatments: { readonly [Field in HiddenField]-?: readonly NonNullable<FieldPolicy[Field]>[] } = {
  email: ['mask', 'drop'],
  phone: ['drop'],
  name: ['drop'],
  employee_number: ['drop'],
  manager: ['drop'],
  location: ['drop'],
  client: ['drop'],
  custom: ['drop'],
};

export const hiddenFields = Object.keys(fieldTreatments) as HiddenField[];

/** Everything that can be hidden is gone. */
export const strictestPolicy: FieldPolicy = Object.fromEntries(hiddenFields.map((field) => [field, 'drop']));

/**
 * A policy as somebody wrote it. One that hides nothing is none.
 * @throws ForeknowError `invalid_request`
 */
export function readFieldPolicy(input: Readonly<Record<string, unknown>>): FieldPolicy | null {
  const entries = Object.entries(input).filter(([, treatment]) => treatment !== undefined);
  for (const [field, treatment] of entries) {
    const known: readonly unknown[] | undefined = Object.hasOwn(fieldTreatments, field)
      ? fieldTreatments[field as HiddenField]
      : undefined;
    if (known === undefined) throw unknown(`There is no field ${field.slice(0, 40)} to hide.`);
    if (!known.includes(treatment)) throw unknown(`${field} can be ${known.join(' or ')}.`);
  }
  return inOrder(Object.fromEntries(entries));
}

/** Each field as the stricter of the two has it. */
export function stricter(one: FieldPolicy | null, other: FieldPolicy | null): FieldPolicy | null {
  if (one === null || other === null) return one ?? other;
  const joined = hiddenFields.map((field) => [
    field,
    strictness(one, field) < strictness(other, field) ? other[field] : one[field],
  ]);
  return inOrder(Object.fromEntries(joined));
}

/** Whether what `one` tells is no more than what `other` tells. */
export const isAsStrictAs = (one: FieldPolicy | null, other: FieldPolicy | null): boolean =>
  hiddenFields.every((field) => strictness(one, field) >= strictness(other, field));

/** 0: told. */
const strictness = (policy: FieldPolicy | null, field: HiddenField): number => {
  const treatment = policy?.[field];
  return treatment === undefined ? 0 : 1 + (fieldTreatments[field] as readonly string[]).indexOf(treatment);
};

/** Equal policies are equal texts. */
function inOrder(policy: FieldPolicy): FieldPolicy | null {
  const fields = hiddenFields.filter((field) => policy[field] !== undefined);
  return fields.length === 0 ? null : Object.fromEntries(fields.map((field) => [field, policy[field]]));
}

const unknown = (detail: string): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail,
    hint: `There are ${hiddenFields.map((field) => `${field} (${fieldTreatments[field].join(', ')})`).join(', ')}.`,
    field: 'field_policy',
  });
