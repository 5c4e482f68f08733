import { describe, expect, test } from 'vitest';
import { isForeknowError } from '../errors/errors.ts';
import { groupFilters, groupSorts, personFilters, personSorts, userFilters, userSorts } from './filters.ts';
import { type ListSpec, readListQuery } from './list-query.ts';
import type { UserFilter, UserSort } from './ports.ts';

const key = Buffer.alloc(32, 7);
const users: ListSpec<Omit<UserFilter, 'connectionIds'>, UserSort> = {
  resource: 'users',
  filters: userFilters,
  sorts: userSorts,
  hasFlags: true,
};
const people = { ...users, resource: 'people', filters: personFilters, sorts: personSorts, hasFlags: false };
const groups = { resource: 'groups', filters: groupFilters, sorts: groupSorts, hasFlags: true };

const read = (query: Record<string, unknown>) => readListQuery(users, { connectionIds: ['con_1'], query }, key);
const filterOf = (query: Record<string, unknown>) => {
  const { connectionIds: _, ...filter } = read(query).filter;
  return filter;
};
const refusal = (query: Record<string, unknown>, spec: ListSpec<object, string> = users) => {
  try {
    readListQuery(spec, { connectionIds: ['con_1'], query }, key);
  } catch (error) {
    if (isForeknowError(error)) return { code: error.code, field: error.field, text: `${error.detail} ${error.hint}` };
    throw error;
  }
  throw new Error('the query was taken');
};

describe('values', () => {
  test('a plain value is equality, a list is a choice, however the list is written', () => {
    expect(filterOf({ first_name: 'Amara' })).toEqual({ firstName: { eq: 'Amara' } });
    const choice = { firstName: { in: ['Amara', 'Ben'] } };
    expect(filterOf({ first_name: ['Amara', 'Ben'] })).toEqual(choice);
    expect(filterOf({ first_name: { 0: 'Amara', 1: 'Ben' } })).toEqual(choice);
    expect(filterOf({ first_name: { in: 'Amara,Ben' } })).toEqual(choice);
    expect(filterOf({ first_name: { in: ['Amara', 'Ben'] } })).toEqual(choice);
    expect(filterOf({ first_name: 'Lindqvist, Amara' })).toEqual({ firstName: { eq: 'Lindqvist, Amara' } });
  });

  test('times are read in any common spelling, and stand in one', () => {
    const wanted = { createdAt: { gt: '2026-03-02T09:15:00.000Z' } };
    for (const text of [
      '2026-03-02T09:15:00Z',
      '2026-03-02 09:15:00',
      '2026-03-02T11:15:00+02:00',
      '2026-03-02T09:15:00.000Z',
    ]) {
      expect(filterOf({ created_at: { gt: text } }), text).toEqual(wanted);
    }
    expect(filterOf({ created_at: { gte: '2026-03-02' } })).toEqual({ createdAt: { gte: '2026-03-02T00:00:00.000Z' } });
  });

  test.each(['yesterday', '2026-13-40', '', '1772442900', '2026-03-02T25:00:00Z'])('%j is no time', (text) => {
    expect(refusal({ created_at: { gt: text } })).toMatchObject({ code: 'invalid_request', field: 'created_at[gt]' });
  });

  test('an operator that a field does not have is refused with those it has', () => {
    expect(refusal({ created_at: { like: '2026' } }).text).toContain('eq, in, gt, gte, lt, lte');
    expect(refusal({ first_name: { gr: 'A' } })).toMatchObject({ field: 'first_name[gr]' });
    expect(refusal({ first_name: {} })).toMatchObject({ field: 'first_name' });
    expect(refusal({ first_name: { eq: { eq: 'A' } } })).toMatchObject({ field: 'first_name[eq]' });
  });
});

describe('words with a meaning', () => {
  test('asking for the status deleted shows deleted people', () => {
    expect(filterOf({ status: 'deleted' })).toEqual({ status: { eq: 'deleted' }, deleted: 'show' });
    expect(filterOf({ status: { in: 'active,deleted' } })).toMatchObject({ deleted: 'show' });
    expect(filterOf({ status: 'active' })).toEqual({ status: { eq: 'active' } });
  });

  test('type asks for admins, for all others, for both or for nobody', () => {
    expect(filterOf({ type: 'admin' })).toEqual({ admin: true });
    expect(filterOf({ type: 'end_user' })).toEqual({ admin: false });
    expect(filterOf({ type: { in: 'admin,end_user' } })).toEqual({});
    expect(filterOf({ type: 'service-account' })).toEqual({ nothing: true });
  });

  test('another organization, or any workspace, has nobody', () => {
    expect(filterOf({ organization_id: 'con_1' })).toEqual({});
    expect(filterOf({ organization_id: 'con_2' })).toEqual({ nothing: true });
    expect(filterOf({ workspace_id: '1' })).toEqual({ nothing: true });
  });
});

describe('names', () => {
  test('an unknown filter is refused with the nearest right name', () => {
    expect(refusal({ fist_name: 'A' })).toMatchObject({ code: 'invalid_request', field: 'fist_name' });
    expect(refusal({ fist_name: 'A' }).text).toContain('Did you mean first_name?');
    expect(refusal({ departmnt: 'IT' }, people).text).toContain('Did you mean department?');
    expect(refusal({ member_id: '1' }, groups).text).toContain('user_id');
    expect(refusal({ truto_key_by: 'id' }, people)).toMatchObject({ field: 'truto_key_by' });
    expect(refusal({ constructor: 'x' })).toMatchObject({ field: 'constructor' });
  });

  test('an unknown sort is refused with the nearest right name', () => {
    expect(refusal({ sort_by: { created: 'asc' } })).toMatchObject({ field: 'sort_by[created]' });
    expect(refusal({ sort_by: { created: 'asc' } }).text).toContain('Did you mean created_at?');
    expect(refusal({ sort_by: 'constructor' })).toMatchObject({ code: 'invalid_request' });
    expect(refusal({ sort_by: { name: 'up' } })).toMatchObject({ field: 'sort_by[name]' });
    expect(refusal({ sort_by: { name: 'asc', id: 'asc' } })).toMatchObject({ field: 'sort_by' });
  });

  test('two names of one field cannot be asked together', () => {
    expect(refusal({ emails: 'a@example.com', username: 'b@example.com' })).toMatchObject({ field: 'username' });
  });

  test('a query for KnowBe4 itself is refused, because nothing is sent there', () => {
    expect(refusal({ remote_query: { per_page: '1' } })).toMatchObject({ field: 'remote_query' });
  });
});

describe('pages', () => {
  test('a sort is written in any of the usual ways', () => {
    const wanted = { by: 'email', order: 'desc' };
    for (const sort_by of [{ emails: 'desc' }, { emails: 'DESC' }, 'emails:desc', '-emails']) {
      expect(read({ sort_by }).sort).toEqual(wanted);
    }
    expect(read({}).sort).toEqual({ by: 'id', order: 'asc' });
  });

  test('a page has 100 records unless told otherwise, and 500 at most', () => {
    expect(read({}).keyset.limit).toBe(100);
    expect(read({ limit: '500' }).keyset.limit).toBe(500);
    expect(read({ truto_ignore_limit: 'true', limit: '7' }).keyset.limit).toBe(500);
    for (const limit of ['0', '501', '-1', '1.5', 'many', '1e2', ['1', '2']]) {
      expect(refusal({ limit }), String(limit)).toMatchObject({ code: 'invalid_request', field: 'limit' });
    }
  });

  test('an empty cursor means the start, and two cursors at once mean nothing', () => {
    expect(read({ next_cursor: '' }).keyset).toMatchObject({ position: null, direction: 'forward' });
    expect(refusal({ next_cursor: 'a', prev_cursor: 'b' })).toMatchObject({ code: 'invalid_request' });
    expect(refusal({ next_cursor: 'a' })).toMatchObject({ code: 'invalid_cursor' });
  });

  test('what a cursor is bound to does not depend on the order of writing', () => {
    const one = read({ status: 'active', created_at: { gt: '2026-01-01', lt: '2026-02-01' } }).about;
    const other = read({ created_at: { lt: '2026-02-01', gt: '2026-01-01' }, status: 'active', limit: '5' }).about;
    expect(other).toBe(one);
    expect(read({ status: 'inactive' }).about).not.toBe(read({ status: 'active' }).about);
    expect(read({ sort_by: '-id' }).about).not.toBe(read({}).about);
  });
});
