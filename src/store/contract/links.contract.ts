import { beforeEach, describe, expect, test } from 'vitest';
import type { Link } from '../../links/link.ts';
import type { Attempt } from '../../links/ports.ts';
import type { Store } from '../store.ts';
import { aConnection, aPage, aPass, aRow, aRun, aSecret, aToken, at, aUser, con } from './builders.ts';
import type { OpenStore } from './contract.ts';

const aLink = (changes: Partial<Link> = {}): Link => ({
  ...{ id: 'lnk_a', kind: 'invitation', task: 'new', makerId: null, requester: 'Example Foods' },
  ...{ tenant: 'Foods', name: null, tags: ['west'], connectionId: null, keys: ['reporting'], region: 'eu' },
  ...{ streamsOff: ['policies'], context: { plan: 'gold', Kept_As: 1 }, redirectUri: null },
  ...{ origins: ['https://app.example.com'], address: 'priya@example.com', createdAt: at(0), expiresAt: at(1000) },
  ...{ openedAt: null, usedAt: null, revokedAt: null, resultConnectionId: null, sentAt: null, remindedAt: null },
  ...changes,
});
const hashes = { secret: 'secret-1', code: 'code-1', entry: 'entry-1' };

/** What the links room relies on. */
export function linkContract(open: OpenStore): void {
  let store: Store;
  beforeEach(async () => {
    ({ store } = await open());
  });

  describe('connect links', () => {
    test('are found by each of their secrets, as they were made', async () => {
      await store.createLink(aLink(), hashes);
      const other = aLink({ id: 'lnk_b', kind: 'link_token', makerId: 'tok_1', createdAt: at(1) });
      await store.createLink(other, { secret: 'secret-2', code: null, entry: null });
      for (const hash of ['secret-1', 'entry-1']) expect(await store.findLinkByHash(hash)).toEqual(aLink());
      for (const hash of ['code-1', 'none']) expect(await store.findLinkByHash(hash)).toBeNull();
      expect(await store.getLink('lnk_b')).toEqual(other);
      expect((await store.listLinks({ makerId: null, limit: 9 })).map(({ id }) => id)).toEqual(['lnk_b', 'lnk_a']);
      expect(await store.listLinks({ makerId: 'tok_1', limit: 9 })).toEqual([other]);
      expect(await store.listLinks({ kind: 'invitation', makerId: null, limit: 9 })).toEqual([aLink()]);
      expect(await store.listLinks({ makerId: null, limit: 1 })).toEqual([other]);
    });

    test('get other secrets, the old ones open nothing; one that ended gets none', async () => {
      await store.createLink(aLink(), hashes);
      await store.addReminderSecret('lnk_a', 'reminder-1');
      expect(await store.findLinkByHash('reminder-1')).toMatchObject({ id: 'lnk_a' });
      expect(await store.renewLink('lnk_a', { secret: 's', code: 'c', entry: 'e' }, at(1))).toBe(true);
      for (const hash of ['secret-1', 'entry-1', 'reminder-1']) expect(await store.findLinkByHash(hash)).toBeNull();
      expect(await store.findLinkByHash('e')).toEqual(aLink());
      expect(await store.renewLink('lnk_a', hashes, at(1000))).toBe(false);
      expect(await store.revokeLink('lnk_a', at(2))).toBe(true);
      expect(await store.revokeLink('lnk_a', at(3))).toBe(false);
      expect(await store.renewLink('lnk_a', hashes, at(4))).toBe(false);
      expect((await store.getLink('lnk_a'))?.revokedAt).toBe(at(2));
    });

    test('keep when they were first opened and last sent', async () => {
      await store.createLink(aLink(), hashes);
      await store.noteLinkOpened('lnk_a', at(1));
      await store.noteLinkOpened('lnk_a', at(2));
      await store.noteLinkSent('lnk_a', at(3));
      expect(await store.getLink('lnk_a')).toEqual(aLink({ openedAt: at(1), sentAt: at(3) }));
    });

    test('are taken for a reminder once, when they were mailed, are open and end soon', async () => {
      const made = async (id: string, fields: Partial<Link>) =>
        store.createLink(aLink({ id, ...fields }), { secret: id, code: null, entry: null });
      await made('lnk_due', { sentAt: at(1) });
      await made('lnk_handed', {});
      await made('lnk_later', { sentAt: at(1), expiresAt: at(9000) });
      await made('lnk_over', { sentAt: at(1), expiresAt: at(20) });
      await made('lnk_revoked', { sentAt: at(1), revokedAt: at(2) });
      await made('lnk_token', { sentAt: at(1), kind: 'link_token' });
      const take = { at: at(30), expiresBefore: at(1500) };
      const taken = await Promise.all([store.takeForReminder(take), store.takeForReminder(take)]);
      expect(taken.flat()).toEqual([aLink({ id: 'lnk_due', sentAt: at(1), remindedAt: at(30) })]);
      expect(await store.takeForReminder(take)).toEqual([]);
      await store.untakeReminder('lnk_due');
      expect(await store.takeForReminder(take)).toHaveLength(1);
    });

    test('go some time after they have ended', async () => {
      const made = async (id: string, fields: Partial<Link>) =>
        store.createLink(aLink({ id, expiresAt: at(5000), ...fields }), { secret: id, code: null, entry: null });
      await made('lnk_used', { usedAt: at(10) });
      await made('lnk_revoked', { revokedAt: at(10) });
      await made('lnk_expired', { expiresAt: at(10) });
      await made('lnk_fresh', { usedAt: at(200) });
      await made('lnk_open', {});
      expect(await store.dropLinks(at(100))).toBe(3);
      const left = await store.listLinks({ makerId: null, limit: 9 });
      expect(left.map(({ id }) => id).toSorted()).toEqual(['lnk_fresh', 'lnk_open']);
    });
  });

  describe('a link is used up', () => {
    const link = { linkId: 'lnk_a', at: at(20) };
    const connect = (id = con, by = link) =>
      store.createConnection(aConnection({ id, name: id }), [aSecret({ connectionId: id })], by);

    test('with the connection that it makes, in one transaction, and once', async () => {
      await store.createLink(aLink(), hashes);
      await connect();
      expect(await store.getLink('lnk_a')).toEqual(aLink({ usedAt: at(20), resultConnectionId: con }));
      await expect(connect('con_b')).rejects.toMatchObject({ code: 'link_used' });
      expect(await store.getConnection('con_b')).toBeNull();
      expect(await store.getSecret('con_b', 'reporting')).toBeNull();
    });

    test('by one of several at the same moment', async () => {
      await store.createLink(aLink(), hashes);
      const ids = ['con_1', 'con_2', 'con_3', 'con_4'];
      const ends = await Promise.allSettled(ids.map((id) => connect(id)));
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.listConnections()).toHaveLength(1);
    });

    test('not by a change that fails', async () => {
      await store.createLink(aLink(), hashes);
      await store.createConnection(aConnection({ id: 'con_b', name: con }), []);
      await expect(connect()).rejects.toMatchObject({ code: 'conflict' });
      expect((await store.getLink('lnk_a'))?.usedAt).toBeNull();
    });

    test('with the change of a connection; one that others changed meanwhile uses nothing up', async () => {
      const before = aConnection();
      await store.createConnection(before, []);
      await store.createLink(aLink({ task: 'reconnect', connectionId: con }), hashes);
      const after = { ...before, tags: ['new'] };
      expect(await store.saveConnection(after, aConnection({ tenant: 'other' }), [], [], link)).toBe(false);
      expect((await store.getLink('lnk_a'))?.usedAt).toBeNull();
      expect(await store.saveConnection(after, before, [aSecret()], [], link)).toBe(true);
      expect((await store.getLink('lnk_a'))?.resultConnectionId).toBe(con);
      await expect(store.saveConnection(before, after, [], [], link)).rejects.toMatchObject({ code: 'link_used' });
      expect(await store.getConnection(con)).toEqual(after);
    });

    test.each([
      ['has expired', { expiresAt: at(20) }, 'link_expired'],
      ['was revoked', { revokedAt: at(1) }, 'link_revoked'],
      ['was made with a token that was revoked', { makerId: 'tok_revoked' }, 'link_revoked'],
      ['was made with a token that has expired', { makerId: 'tok_expired' }, 'link_revoked'],
      ['was made with a token that is gone', { makerId: 'tok_gone' }, 'link_revoked'],
      ['is not there', { id: 'lnk_other' }, 'link_invalid'],
    ])('never when it %s', async (_, fields, code) => {
      await store.createToken(aToken({ id: 'tok_revoked', revokedAt: at(1) }), 'hash-1');
      await store.createToken(aToken({ id: 'tok_expired', expiresAt: at(20) }), 'hash-2');
      await store.createLink(aLink(fields), hashes);
      await expect(connect()).rejects.toMatchObject({ code });
      expect(await store.listConnections()).toEqual([]);
    });

    test('while the token that it was made with is good', async () => {
      await store.createToken(aToken({ id: 'tok_good', expiresAt: at(21) }), 'hash-1');
      await store.createLink(aLink({ makerId: 'tok_good' }), hashes);
      await connect();
    });
  });

  describe('attempts', () => {
    const HOUR = 3_600_000;
    const attempt = (time: number, network = 'n1', most = { all: 5, network: 3 }): Attempt => ({
      limits: [
        { scope: 'code', most: most.all },
        { scope: `code ${network}`, most: most.network },
      ],
      at: time,
      since: time - HOUR,
    });
    const start = Date.parse(at(0));

    test('with codes are counted unless they find an open link, by network and in all', async () => {
      await store.createLink(aLink({ expiresAt: new Date(start + 5 * HOUR).toISOString() }), hashes);
      const look = (code: string, network = 'n1', time = start) =>
        store.findLinkByCode([code, 'x'], attempt(time, network));
      for (const network of ['n1', 'n1', 'n1']) expect(await look('wrong', network)).toBeNull();
      expect(await look('wrong')).toBe('limited');
      expect(await look('code-1')).toBe('limited');
      for (let times = 0; times < 9; times += 1) expect(await look('code-1', 'n2')).toMatchObject({ id: 'lnk_a' });
      for (const network of ['n2', 'n3']) expect(await look('wrong', network)).toBeNull();
      expect(await look('code-1', 'n4')).toBe('limited');
      expect(await look('code-1', 'n1', start + HOUR)).toMatchObject({ id: 'lnk_a' });
    });

    test.each([
      ['used', { usedAt: at(0) }],
      ['revoked', { revokedAt: at(0) }],
      ['expired', { expiresAt: at(0) }],
    ])('with the code of a link that is %s count like wrong ones', async (_, fields) => {
      await store.createLink(aLink(fields), hashes);
      for (let times = 0; times < 3; times += 1)
        expect(await store.findLinkByCode(['code-1'], attempt(start))).toBeNull();
      expect(await store.findLinkByCode(['code-1'], attempt(start))).toBe('limited');
    });

    test('at one moment are never more than the limit', async () => {
      const tries = Array.from({ length: 8 }, () => store.countAttempt(attempt(start)));
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(3);
      expect(await store.countAttempt(attempt(start + HOUR - 1))).toBe(false);
      expect(await store.countAttempt(attempt(start + HOUR))).toBe(true);
    });

    test('that are taken back do not count, those beside them do', async () => {
      for (const time of [start, start, start + 1]) expect(await store.countAttempt(attempt(time))).toBe(true);
      expect(await store.countAttempt(attempt(start + 1))).toBe(false);
      await store.forgetAttempt(attempt(start));
      await store.forgetAttempt(attempt(start + 2));
      expect(await store.countAttempt(attempt(start + 3))).toBe(true);
      expect(await store.countAttempt(attempt(start + 3))).toBe(false);
    });
  });

  test('people who are known are counted, gone ones too; nobody is told from nobody known', async () => {
    await store.createConnection(aConnection(), []);
    expect(await store.knownPeople(con, ['1'])).toBeNull();
    await store.startRun(aRun());
    await store.beginPass(aPass());
    await store.commitPage(aPage({ rows: [aRow(aUser('1')), aRow(aUser('2'))] }));
    expect(await store.knownPeople(con, ['1', '2', '3'])).toBe(2);
    expect(await store.knownPeople(con, ['3'])).toBe(0);
    expect(await store.knownPeople('con_other', ['1'])).toBeNull();
  });
}
