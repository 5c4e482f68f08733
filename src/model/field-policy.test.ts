import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type FieldPolicy,
  fieldTreatments,
  hiddenFields,
  isAsStrictAs,
  readFieldPolicy,
  stricter,
} from './field-policy.ts';

const policies: fc.Arbitrary<FieldPolicy | null> = fc
  .tuple(...hiddenFields.map((field) => fc.constantFrom(undefined, ...fieldTreatments[field])))
  .map((treatments) =>
    readFieldPolicy(Object.fromEntries(hiddenFields.map((field, index) => [field, treatments[index]]))),
  );

test('of two policies the stricter hides all that each of them hides, and no more than both', () => {
  fc.assert(
    fc.property(policies, policies, policies, (one, other, third) => {
      const joined = stricter(one, other);
      expect(joined).toEqual(stricter(other, one));
      expect(isAsStrictAs(joined, one) && isAsStrictAs(joined, other)).toBe(true);
      if (isAsStrictAs(third, one) && isAsStrictAs(third, other)) expect(isAsStrictAs(third, joined)).toBe(true);
      expect(JSON.stringify(stricter(joined, one))).toBe(JSON.stringify(joined));
    }),
  );
});

test('a policy is as strict as another only where every field is', () => {
  expect(isAsStrictAs({ email: 'drop' }, { email: 'mask' })).toBe(true);
  expect(isAsStrictAs({ email: 'mask' }, { email: 'drop' })).toBe(false);
  expect(isAsStrictAs({ email: 'drop' }, { phone: 'drop' })).toBe(false);
  expect(isAsStrictAs(null, null)).toBe(true);
  expect(isAsStrictAs(null, { phone: 'drop' })).toBe(false);
});
