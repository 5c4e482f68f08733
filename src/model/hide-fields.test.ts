import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FieldPolicy, strictestPolicy } from './field-policy.ts';
import { hideFields, hideInText } from './hide-fields.ts';

const told = [
  'result',
  'user',
  'users',
  'group',
  'groups',
  'id',
  'title',
  'attributes',
  'current',
  'data',
  'detail',
  'name',
];
const personal = [
  'email',
  'emails',
  'aliases',
  'username',
  'manager_email',
  'value',
  'first_name',
  'x_manager_name',
  'comment',
];
const keys = fc.oneof(fc.constantFrom(...told, ...personal), fc.string());

/** Any JSON, with what is planted somewhere in it: in texts, in lists, as a key. */
const planted = (plant: fc.Arbitrary<unknown>, names: fc.Arbitrary<string>, plantedKey: fc.Arbitrary<string> = names) =>
  fc.letrec((tie) => ({
    leaf: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), plant),
    record: fc
      .array(fc.tuple(fc.oneof(names, plantedKey), tie('value')), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries) as unknown),
    value: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('record'), fc.array(tie('value'), { maxLength: 4 })),
  })).value;

const address = 'Quilla.Ozturk+x@planted.example';
const around = fc
  .tuple(
    fc.constantFrom('', ' ', '<', '"', 'to ', '(', 'https://x.example/people/', 'a=', 'é', '"no" '),
    fc.constantFrom('', '>', ' ok', '"', ',', ')', '/b', '?c=d'),
  )
  .chain(([before, after]) =>
    fc
      .constantFrom(
        address,
        address.toLowerCase(),
        encodeURIComponent(address),
        encodeURIComponent(encodeURIComponent(address)),
      )
      .map((one) => `${before}${one}${after}`),
  );
const holds = (value: unknown, what: RegExp): boolean => what.test(JSON.stringify(value) ?? '');

test('no address that is anywhere in any JSON survives a policy that hides addresses', () => {
  for (const email of ['mask', 'drop'] as const) {
    fc.assert(
      fc.property(planted(around, keys, around), (value) => {
        expect(holds(hideFields(value, { email }), /quilla|ozturk/i)).toBe(false);
      }),
    );
  }
});

test('no address of any spelling survives in a text', () => {
  fc.assert(
    fc.property(fc.emailAddress({ size: 'medium' }), fc.constantFrom('', ' ', 'to: ', '<'), (one, before) => {
      const local = one.slice(0, one.lastIndexOf('@'));
      expect(hideInText(`${before}${one} end`, { email: 'drop' })).toBe(`${before}*** end`);
      const masked = hideInText(`${before}${one} end`, { email: 'mask' });
      expect(masked).not.toContain(`${local}@`);
      expect(hideInText(masked, { email: 'mask' })).toBe(masked);
    }),
  );
  expect(hideInText('"quoted local"@example.com, plain@[10.0.0.1]', { email: 'drop' })).toBe('***, ***');
});

test('a long text that holds no address costs no more than its length', () => {
  const text = `${'a'.repeat(200_000)} ${'@'.repeat(50_000)} ${'b.'.repeat(100_000)}`;
  const began = performance.now();
  hideInText(text, { email: 'drop' });
  expect(performance.now() - began).toBeLessThan(2000);
});

test('no phone survives under the names of phones, nor under any name that is not known', () => {
  const phone = '+49-30-5550142';
  const names = fc.oneof(
    fc.constantFrom(
      'phone_number',
      'mobilePhoneNumber',
      'x_phones',
      'phones',
      'extension',
      'result',
      'user',
      'remote_data',
    ),
    fc.string({ minLength: 13 }),
  );
  fc.assert(
    fc.property(planted(fc.constantFrom(phone, 4_930_555_0142), names), (value) => {
      // What stands nowhere stands under no name.
      const shown = hideFields(
        { user: { phones: value, fax_of_tomorrow: value, mobile_phone_number: value } },
        strictestPolicy,
      );
      expect(holds(shown, /5550142/)).toBe(false);
    }),
  );
});

test('hidden twice is the same as hidden once', () => {
  const policies = fc.constantFrom<FieldPolicy>(
    strictestPolicy,
    { email: 'mask' },
    { email: 'drop' },
    { name: 'drop', phone: 'drop' },
  );
  fc.assert(
    fc.property(planted(around, keys, around), policies, (value, policy) => {
      const once = hideFields(value, policy);
      expect(hideFields(once, policy)).toEqual(once);
    }),
  );
});

const amara = {
  id: '1207',
  first_name: 'Amara',
  last_name: 'Okafor',
  name: 'Amara Okafor',
  username: 'amara.okafor@example.com',
  emails: [{ email: 'amara.okafor@example.com', type: 'primary', is_primary: true }],
  phones: [{ number: '+1 555 0142', extension: '7', type: 'phone' }],
  identifiers: { employee_number: 'E-1207', provisioning_guid: 'guid-1207' },
  groups: [{ id: '81', name: 'Finance' }],
  x_manager_name: 'Mara Lin',
  x_manager_email: 'mara.lin@example.com',
  x_location: 'Berlin',
};

describe('a policy', () => {
  test('of one field leaves all others as they are', () => {
    expect(hideFields(amara, { phone: 'drop' })).toEqual({ ...amara, phones: [] });
    expect(hideFields(amara, { location: 'drop' })).toEqual({ ...amara, x_location: null });
    expect(hideFields(amara, { manager: 'drop' })).toEqual({ ...amara, x_manager_name: null, x_manager_email: null });
    expect(hideFields(amara, { employee_number: 'drop' })).toEqual({
      ...{ ...amara, identifiers: { employee_number: null, provisioning_guid: null } },
    });
    expect(hideFields(amara, { name: 'drop' })).toEqual({
      ...{ ...amara, first_name: null, last_name: null, name: null, x_manager_name: null },
    });
  });

  test('masks addresses to the first letter and the domain', () => {
    expect(hideFields(amara, { email: 'mask' })).toEqual({
      ...amara,
      username: 'a***@example.com',
      emails: [{ email: 'a***@example.com', type: 'primary', is_primary: true }],
      x_manager_email: 'm***@example.com',
    });
    expect(hideFields({ email: 'amara', aliases: ['amara'] }, { email: 'mask' })).toEqual({
      email: '***',
      aliases: ['***'],
    });
  });

  test('drops addresses to nothing of the same kind', () => {
    expect(hideFields(amara, { email: 'drop' })).toEqual({
      ...amara,
      username: null,
      emails: [],
      x_manager_email: null,
    });
    expect(hideFields({ detail: 'Ask amara.okafor@example.com.' }, { email: 'drop' })).toEqual({ detail: 'Ask ***' });
  });

  test('leaves out what KnowBe4 may add one day', () => {
    const raw = { id: 7, email: 'a@example.com', pager: '0142', home: { street: 'High St' }, badges: ['x'] };
    expect(hideFields(raw, { phone: 'drop' })).toEqual({
      id: 7,
      email: 'a@example.com',
      pager: null,
      home: null,
      badges: [],
    });
  });

  test('knows keys in every spelling', () => {
    const spelled = { firstName: 'A', 'first-name': 'A', FIRST_NAME: 'A', x_first_name: 'A' };
    expect(Object.values(hideFields(spelled, { name: 'drop' }) as object)).toEqual([null, null, null, null]);
  });

  test('is held by lists that are keyed by a field', () => {
    const list = { result: { 1207: amara }, result_count: 1 };
    expect(hideFields(list, { phone: 'drop' })).toEqual({
      result: { 1207: { ...amara, phones: [] } },
      result_count: 1,
    });
  });

  test('does not change what it was given', () => {
    const before = JSON.stringify(amara);
    hideFields(amara, strictestPolicy);
    expect(JSON.stringify(amara)).toBe(before);
  });
});

describe('names', () => {
  const drop = (value: unknown) => hideFields(value, { name: 'drop' });
  test.each([
    ['a group', { id: '81', name: 'Finance', group_type: 'group' }],
    ['a group of KnowBe4', { id: 81, name: 'Finance', member_count: 3 }],
    ['a campaign', { campaign_id: 5, name: 'Spring', groups: [{ group_id: 1, name: 'All' }] }],
    [
      'an event of a group',
      { data: { group: { id: '81', name: 'B' }, attributes: { name: 'B' }, previous_attributes: { name: 'A' } } },
    ],
    ['a change of a group', { stream: 'groups', current: { name: 'B' }, previous: { name: 'A' } }],
    ['a directory', { object: 'directory', id: 'd', name: 'acme' }],
  ])('of %s stay', (_, value) => {
    expect(drop(value)).toEqual(value);
  });

  test.each([
    ['a person, whatever else was left out', { result: [{ id: '1', name: 'Amara Okafor' }] }],
    ['a person in short', { user: { id: '1', name: 'Amara Okafor' } }],
    ['a manager', { manager: { name: 'Amara Okafor' } }],
    ['an event of a person', { data: { user: { id: '1' }, previous_attributes: { name: 'Amara Okafor' } } }],
    ['a change of a person', { stream: 'users', previous: { name: 'Amara Okafor', firstName: 'Amara' } }],
    ['an admin of the account', { account: { name: 'Foods', admins: [{ id: '1', name: 'Amara Okafor' }] } }],
  ])('of %s go', (_, value) => {
    expect(JSON.stringify(drop(value))).not.toContain('Amara');
  });
});
