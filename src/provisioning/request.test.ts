import { describe, expect, test } from 'vitest';
import { isForeknowError } from '../errors/errors.ts';
import { aGroup, anInput, aTarget, aUser } from './plan-lab.contract.ts';
import { buildRequestPlan, type WriteRequest } from './request.ts';

const target = aTarget([aUser(1, { groupIds: ['g1', 'g9'] }), aUser(2, { status: 'archived' }), aUser(3), aUser(4)], {
  groups: [
    aGroup('g1', 'Auto A', ['1001']),
    aGroup('g2', 'Auto B', []),
    aGroup('g9', 'By hand', ['1001'], { type: 'console_group' }),
  ],
  account: { name: 'Acme', domains: ['acme.test'], seats: 4, admins: ['n4@acme.test'] },
});
const input = anInput([], target);
const planOf = (request: WriteRequest) =>
  buildRequestPlan(input, request).plan.steps.map(({ action, person, group, needs, fields }) => [
    `${action} ${person?.email ?? ''} ${group?.name ?? ''}`.trim(),
    ...fields.map(({ name, to }) => `${name}=${to}`),
    ...needs,
  ]);
const codeOf = (request: WriteRequest, changed = input): string => {
  try {
    buildRequestPlan(changed, request);
  } catch (error) {
    if (isForeknowError(error)) return `${error.code} ${error.field ?? ''}`.trim();
  }
  return 'none';
};

describe('a write of the API', () => {
  test('makes a person, their manager and their groups', () => {
    const fields = { email: 'new@acme.test', first_name: 'Ada', manager_email: 'n1@acme.test' };
    expect(planOf({ kind: 'create_user', fields, groupIds: ['g1'] })).toEqual([
      ['create new@acme.test', 'email=new@acme.test', 'first_name=Ada'],
      ['manager new@acme.test', 'manager_email=n1@acme.test', 'st_001'],
      ['member_add new@acme.test Auto A', 'st_001'],
    ]);
  });

  test('takes groups as a set, and leaves those of the console alone', () => {
    expect(planOf({ kind: 'change_user', userId: '1001', fields: { job_title: 'Lead' }, groupIds: ['g2'] })).toEqual([
      ['update n1@acme.test', 'job_title=Lead'],
      ['member_add n1@acme.test Auto B'],
      ['member_remove n1@acme.test Auto A'],
    ]);
    expect(planOf({ kind: 'change_user', userId: '1001', groupIds: ['g1'] })).toEqual([]);
  });

  test('archives and restores, alone and with changes', () => {
    expect(planOf({ kind: 'change_user', userId: '1001', status: 'archived', fields: { job_title: 'x' } })).toEqual([
      ['archive n1@acme.test'],
    ]);
    expect(planOf({ kind: 'change_user', userId: '1002', status: 'active', fields: { job_title: 'Lead' } })).toEqual([
      ['restore n2@acme.test'],
      ['update n2@acme.test', 'job_title=Lead', 'st_001'],
    ]);
    expect(planOf({ kind: 'change_user', userId: '1002', status: 'archived' })).toEqual([]);
  });

  test('makes, fills, empties and renames groups', () => {
    expect(planOf({ kind: 'create_group', name: ' Night shift ', memberIds: ['1003', '1003'] })).toEqual([
      ['group_create  Night shift'],
      ['member_add n3@acme.test Night shift', 'st_001'],
    ]);
    expect(planOf({ kind: 'change_group', groupId: 'g1', name: 'Auto Z', memberIds: ['1003'] })).toEqual([
      ['member_add n3@acme.test Auto A'],
      ['member_remove n1@acme.test Auto A'],
      ['group_rename  Auto Z'],
    ]);
    expect(planOf({ kind: 'change_members', groupId: 'g1', add: ['1001'], remove: ['1003', '1001'] })).toEqual([
      ['member_remove n1@acme.test Auto A'],
    ]);
  });

  test('is refused with the reason when it cannot be', () => {
    const create = (fields: Record<string, string>, groupIds: readonly string[] = []): WriteRequest => ({
      kind: 'create_user',
      fields,
      groupIds,
    });
    expect(codeOf(create({ first_name: 'Ada' }))).toBe('invalid_request email');
    expect(codeOf(create({ email: 'N1@acme.test' }))).toBe('conflict email');
    expect(codeOf(create({ email: 'a@other.test' }))).toBe('invalid_request email');
    expect(codeOf(create({ email: 'a@acme.test', comment: 'x' }))).toBe('field_not_writable comment');
    expect(codeOf(create({ email: 'a@acme.test', manager_email: 'x@acme.test' }))).toBe('not_found manager_email');
    expect(codeOf(create({ email: 'a@acme.test' }, ['g9']))).toBe('group_not_writable');
    expect(codeOf(create({ email: 'a@acme.test' }, ['g7']))).toBe('not_found');
    expect(codeOf({ kind: 'change_user', userId: '1004', status: 'archived' })).toBe('person_protected');
    const exempt = { ...input, state: { ...input.state, exempt: ['1003'] } };
    expect(codeOf({ kind: 'change_user', userId: '1003', status: 'archived' }, exempt)).toBe('person_protected');
    expect(codeOf({ kind: 'change_user', userId: '7', fields: {} })).toBe('not_found');
    expect(codeOf({ kind: 'create_group', name: 'auto a' })).toBe('conflict name');
    expect(codeOf({ kind: 'change_members', groupId: 'g9', add: [], remove: [] })).toBe('group_not_writable');
    const rename: WriteRequest = { kind: 'change_user', userId: '1001', fields: { email: 'z@acme.test' } };
    expect(codeOf(rename)).toBe('none');
    expect(codeOf(rename, anInput([], target, { state: { renames: { state: 'unknown', attested: null } } }))).toBe(
      'field_not_writable email',
    );
    const full = anInput([], aTarget([aUser(1)], { account: { name: null, domains: [], seats: 1, admins: [] } }));
    expect(codeOf(create({ email: 'a@acme.test' }), full)).toBe('conflict');
  });

  test('applies by itself in mode auto alone, and as far as the rules let it', () => {
    const update: WriteRequest = { kind: 'change_user', userId: '1001', fields: { job_title: 'Lead' } };
    const neededIn = (mode: 'auto' | 'propose') =>
      buildRequestPlan(anInput([], target, { state: { mode } }), update).plan.approval.needed;
    expect([neededIn('auto'), neededIn('propose')]).toEqual([0, 1]);
  });
});
