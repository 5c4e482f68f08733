import { describe, expect, test } from 'vitest';
import { aGroup, anAccount, at, aUser } from '../store/contract/builders.ts';
import { type Surroundings, statusOf, toGroup, toOrganization, toUser } from './from-wire.ts';

const around: Surroundings = {
  organization: { id: 'con_1', name: 'Example Foods' },
  groupNames: new Map([['81', 'Finance']]),
  adminIds: new Set(['2']),
};
const seen = { firstSeenAt: at(0), changedAt: null, deletedAt: null, lastLearningAt: null };

describe('a person', () => {
  test('keeps the provisioning GUID as external id and the employee number as an identifier', () => {
    const user = toUser(aUser('1', { employeeNumber: 'E-0192', provisioningGuid: 'guid-1' }), around, seen);
    expect(user.external_id).toBe('guid-1');
    expect(user.identifiers).toEqual({ employee_number: 'E-0192', provisioning_guid: 'guid-1' });
  });

  test('has the address first and the aliases after it, and phones by their kind', () => {
    const record = aUser('1', { email: 'a@example.com', aliases: ['b@example.com'], phoneNumber: '1', extension: '7' });
    const user = toUser({ ...record, mobilePhoneNumber: '2' }, around, seen);
    expect(user.emails.map(({ email, is_primary }) => [email, is_primary])).toEqual([
      ['a@example.com', true],
      ['b@example.com', false],
    ]);
    expect(user.phones).toEqual([
      { number: '1', extension: '7', type: 'phone' },
      { number: '2', extension: null, type: 'mobile' },
    ]);
  });

  test('was last active at the later of sign-in and learning', () => {
    const lastActive = (lastSignIn: string | null, lastLearningAt: string | null) =>
      toUser(aUser('1', { lastSignIn }), around, { ...seen, lastLearningAt }).last_active_at;
    expect(lastActive(at(5), at(9))).toBe(at(9));
    expect(lastActive(at(9), at(5))).toBe(at(9));
    expect(lastActive(null, at(5))).toBe(at(5));
    expect(lastActive(at(5), null)).toBe(at(5));
    expect(lastActive(null, null)).toBeNull();
  });

  test('whose answer carried no list of groups has none, and no name falls back to the address', () => {
    const user = toUser(aUser('1', { groupIds: null, firstName: '', lastName: null }), around, seen);
    expect(user.groups).toEqual([]);
    expect(user.name).toBe('Amara.1@example.com');
  });

  test('is an admin when the account says so, ids compared as text', () => {
    expect(toUser(aUser('2'), around, seen).type).toBe('admin');
    expect(toUser(aUser('22'), around, seen).type).toBe('end_user');
  });
});

test('deleted wins over archived, and an unknown status stays as it is', () => {
  expect(statusOf('archived', at(9))).toBe('deleted');
  expect(statusOf('archived', null)).toBe('inactive');
  expect(statusOf('suspended', null)).toBe('suspended');
  expect(statusOf(null, null)).toBeNull();
});

test('a group is updated when we saw a change, else when it was first seen', () => {
  expect(toGroup(aGroup('81'), around, seen)).toMatchObject({ created_at: at(0), updated_at: at(0) });
  expect(toGroup(aGroup('81'), around, { ...seen, changedAt: at(9) })).toMatchObject({ updated_at: at(9) });
});

test('an account without seats has no licences', () => {
  expect(toOrganization(anAccount([]), 'con_1', seen).licenses).toEqual([
    { id: 'kb4:seat', name: 'KnowBe4 seat', x_seats: 100 },
  ]);
  expect(toOrganization({ ...anAccount([]), seats: null }, 'con_1', seen).licenses).toEqual([]);
});
