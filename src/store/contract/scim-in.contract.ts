import { beforeEach, describe, expect, test } from 'vitest';
import type { ScimInObject, ScimInToken, ScimInWrite } from '../../sources/scim-in-ports.ts';
import type { Store } from '../store.ts';
import { at } from './builders.ts';
import type { OpenStore } from './contract.ts';

const aUser = (id: string, fields: Partial<ScimInObject> = {}): ScimInObject => ({
  ...{ source: 'okta', kind: 'User', id, version: 1, userName: `${id}@example.com`, externalId: `ext-${id}` },
  ...{ displayName: null, body: { userName: `${id}@example.com` }, createdAt: at(1), changedAt: at(1) },
  deletedAt: null,
  ...fields,
});
const aGroup = (id: string, fields: Partial<ScimInObject> = {}): ScimInObject =>
  aUser(id, { kind: 'Group', userName: null, displayName: id, body: { displayName: id }, ...fields });

const aToken = (id: string, fields: Partial<ScimInToken> = {}): ScimInToken => ({
  ...{ id, source: 'okta', hash: `hash-${id}`, lastFour: 'abcd', createdAt: at(1), endsAt: null, lastUsedAt: null },
  ...fields,
});

/** What inbound SCIM relies on. */
export function scimInContract(open: OpenStore): void {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
  });
  const save = (object: ScimInObject, more: Partial<ScimInWrite> = {}) =>
    store.saveScimInObject({ object, expected: null, add: [], remove: [], keepOut: null, ...more });
  const erase = (sourceId: string) =>
    store.eraseSourcePerson({ source: 'okta', sourceId, marks: [`mark of ${sourceId}`], at: at(1) });
  const ids = (objects: readonly { id: string }[]) => objects.map(({ id }) => id);

  describe('what is pushed by SCIM', () => {
    test('is found as it was saved, by its id and its names, within its source', async () => {
      const user = aUser('u1');
      expect(await save(user)).toBe('saved');
      await save(aUser('u1', { source: 'entra' }));
      expect(await store.getScimInObject('okta', 'User', 'u1')).toEqual(user);
      expect(await store.getScimInObject('okta', 'Group', 'u1')).toBeNull();
      expect(await store.findScimInObjects('okta', 'User', 'userName', 'u1@example.com')).toEqual([user]);
      expect(await store.findScimInObjects('okta', 'User', 'externalId', 'ext-u1')).toEqual([user]);
      expect(await store.findScimInObjects('okta', 'User', 'userName', 'u2@example.com')).toEqual([]);
      await save(aGroup('g1'));
      expect(ids(await store.findScimInObjects('okta', 'Group', 'displayName', 'g1'))).toEqual(['g1']);
    });

    test('is changed only from the version that the change was made of', async () => {
      await save(aUser('u1'));
      expect(await save(aUser('u1'))).toBe('moved');
      expect(await save(aUser('u1', { version: 2 }), { expected: 7 })).toBe('moved');
      expect(await save(aUser('u2', { version: 2 }), { expected: 1 })).toBe('moved');
      expect(await save(aUser('u1', { version: 2, changedAt: at(2) }), { expected: 1 })).toBe('saved');
      expect(await store.getScimInObject('okta', 'User', 'u1')).toMatchObject({ version: 2, changedAt: at(2) });
    });

    test('has each name of a user once, unless the other one was deleted', async () => {
      await save(aUser('u1'));
      const second = aUser('u2', { userName: 'u1@example.com' });
      expect(await save(second)).toBe('taken');
      expect(await save(aUser('u2'))).toBe('saved');
      expect(await save({ ...second, version: 2 }, { expected: 1 })).toBe('taken');
      await store.deleteScimInObject({ source: 'okta', kind: 'User', id: 'u1', at: at(3), version: null });
      expect(await save({ ...second, version: 2 }, { expected: 1 })).toBe('saved');
    });

    test('is listed the oldest first, and counted, without what was deleted', async () => {
      for (const [index, id] of ['c', 'a', 'b', 'd'].entries()) await save(aUser(id, { createdAt: at(index) }));
      await store.deleteScimInObject({ source: 'okta', kind: 'User', id: 'a', at: at(9), version: null });
      expect(ids(await store.listScimInObjects('okta', 'User', { offset: 0, limit: 2 }))).toEqual(['c', 'b']);
      expect(ids(await store.listScimInObjects('okta', 'User', { offset: 2, limit: 2 }))).toEqual(['d']);
      expect(await store.countScimInObjects('okta', 'User')).toBe(3);
      expect(ids(await store.walkScimInUsers('okta', null, 3))).toEqual(['a', 'b', 'c']);
      expect(ids(await store.walkScimInUsers('okta', 'c', 3))).toEqual(['d']);
      expect(ids(await store.scimInObjects('okta', 'User', ['b', 'x']))).toEqual(['b']);
    });

    test('a user who is deleted is kept as one who has left, out of every group, and may come back', async () => {
      await save(aUser('u1'));
      await save(aGroup('g1'), { add: [{ memberId: 'u1', type: null }] });
      const deletion = { source: 'okta', kind: 'User', id: 'u1', at: at(5) } as const;
      expect(await store.deleteScimInObject({ ...deletion, version: 7 })).toBe(false);
      expect(await store.deleteScimInObject({ ...deletion, version: 1 })).toBe(true);
      expect(await store.deleteScimInObject({ ...deletion, version: null })).toBe(false);
      expect(await store.getScimInObject('okta', 'User', 'u1')).toMatchObject({ deletedAt: at(5), version: 2 });
      expect(await store.scimInMembers('okta', ['g1'])).toEqual([]);
      expect(await save(aUser('u1', { version: 3 }))).toBe('saved');
      expect(await store.getScimInObject('okta', 'User', 'u1')).toMatchObject({ deletedAt: null, version: 3 });
    });

    test('a user who was deleted is found by both of their names, the last one', async () => {
      const former = () => store.formerScimInUser('okta', 'ext', 'u@example.com');
      const named = { userName: 'u@example.com', externalId: 'ext' };
      for (const [id, time] of [
        ['u1', 5],
        ['u2', 7],
        ['u3', 6],
      ] as const) {
        await save(aUser(id, named));
        await store.deleteScimInObject({ source: 'okta', kind: 'User', id, at: at(time), version: null });
      }
      expect((await former())?.id).toBe('u2');
      expect(await store.formerScimInUser('okta', 'other', 'u@example.com')).toBeNull();
      await erase('u2');
      await save(aUser('u3', { ...named, version: 3 }));
      expect((await former())?.id).toBe('u1');
    });

    test('members come and go; a group that is deleted is gone', async () => {
      const add = ['u1', 'u2', 'u3'].map((memberId) => ({ memberId, type: memberId === 'u3' ? 'Group' : null }));
      await save(aGroup('g1'), { add });
      await save(aGroup('g2', { body: { displayName: 'Two' } }), { add: add.slice(0, 1) });
      await save(aGroup('g1', { version: 2 }), { expected: 1, add: add.slice(0, 1), remove: ['u2', 'u9'] });
      expect(await store.scimInMembers('okta', ['g1', 'g2'])).toEqual([
        { groupId: 'g1', memberId: 'u1', type: null },
        { groupId: 'g1', memberId: 'u3', type: 'Group' },
        { groupId: 'g2', memberId: 'u1', type: null },
      ]);
      expect(await store.scimInGroups('okta', ['u1', 'u2'])).toEqual([
        { memberId: 'u1', groupId: 'g1', displayName: 'g1' },
        { memberId: 'u1', groupId: 'g2', displayName: 'Two' },
      ]);
      expect(await save(aGroup('g1', { version: 3 }), { expected: 1, remove: ['u1'] })).toBe('moved');
      expect(await store.scimInMembers('okta', ['g1'])).toHaveLength(2);
      await store.deleteScimInObject({ source: 'okta', kind: 'Group', id: 'g1', at: at(5), version: null });
      expect(await store.getScimInObject('okta', 'Group', 'g1')).toBeNull();
      expect(await store.scimInMembers('okta', ['g1'])).toEqual([]);
    });

    test('who was erased and is pushed anew is kept out, which is told, until they are let in again', async () => {
      await store.eraseSourcePerson({ source: 'okta', sourceId: 'u0', marks: ['m-0', 'name'], at: at(3) });
      await save(aUser('u1'), { keepOut: { mark: 'm-1', known: 'name', at: at(4) } });
      expect((await store.erasedFromSource('okta')).toSorted()).toEqual(['m-0', 'm-1', 'name']);
      const { head } = await store.logBounds();
      const query = { connectionIds: null, first: 1, last: head, order: 'asc', limit: 9 } as const;
      expect(await store.logEntries(query)).toMatchObject([
        {
          ...{ connectionId: '', kind: 'source.person_kept_out', stream: 'source', key: 'u1', at: at(4) },
          ...{ current: { person: { id: 'u1' } }, about: { source: { name: 'okta', kind: 'scim-in' } } },
        },
      ]);
      const readmit = { source: 'okta', pushedId: 'u1', marks: ['m-1'] };
      expect(await store.readmitSourcePerson({ ...readmit, marks: ['m-2'] })).toBe(false);
      expect(await store.getScimInObject('okta', 'User', 'u1')).not.toBeNull();
      expect(await store.readmitSourcePerson(readmit)).toBe(true);
      expect(await store.getScimInObject('okta', 'User', 'u1')).toBeNull();
      expect(await store.erasedFromSource('okta')).toEqual([]);
    });

    test('is erased, dropped with its source, and forgotten some time after it was deleted', async () => {
      for (const id of ['u1', 'u2', 'u3']) await save(aUser(id));
      await save(aUser('u1', { source: 'entra' }));
      await save(aGroup('g1'), { add: [{ memberId: 'u1', type: null }] });
      expect(await erase('u1')).toBe(true);
      expect(await erase('u1')).toBe(false);
      expect(await store.scimInMembers('okta', ['g1'])).toEqual([]);
      await store.deleteScimInObject({ source: 'okta', kind: 'User', id: 'u2', at: at(5), version: null });
      expect(await store.dropDeletedScimIn(at(5))).toBe(0);
      expect(await store.dropDeletedScimIn(at(6))).toBe(1);
      await store.saveScimInToken(aToken('t1'), null);
      expect(await store.dropScimIn('okta')).toBe(2);
      expect(await store.scimInTokens('okta')).toEqual([]);
      expect(await store.countScimInObjects('entra', 'User')).toBe(1);
    });

    test('tokens: a new one ends the others now, or after a while', async () => {
      await store.saveScimInToken(aToken('t1'), null);
      await store.saveScimInToken(aToken('t9', { source: 'entra' }), null);
      await store.touchScimInToken('t1', at(2));
      expect(await store.scimInTokens('okta')).toEqual([aToken('t1', { lastUsedAt: at(2) })]);
      await store.saveScimInToken(aToken('t2', { createdAt: at(3) }), at(10));
      await store.saveScimInToken(aToken('t3', { createdAt: at(4) }), at(20));
      expect((await store.scimInTokens('okta')).map(({ id, endsAt }) => [id, endsAt])).toEqual([
        ['t1', at(10)],
        ['t2', at(20)],
        ['t3', null],
      ]);
      await store.saveScimInToken(aToken('t4', { createdAt: at(11) }), at(30));
      expect((await store.scimInTokens('okta')).map(({ id }) => id)).toEqual(['t2', 't3', 't4']);
      await store.saveScimInToken(aToken('t5', { createdAt: at(12) }), null);
      expect((await store.scimInTokens('okta')).map(({ id }) => id)).toEqual(['t5']);
      expect(await store.scimInTokens('entra')).toHaveLength(1);
    });
  });
}
