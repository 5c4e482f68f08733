import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTempStore, type TempStore } from '../store/contract/temp-store.ts';
import { linkRoom } from './links.ts';
import type { LinkMail } from './mail-text.ts';

const HOUR = 3_600_000;
const key = randomBytes(32);

let temp: TempStore;
let now: Date;
let sent: { to: string; mail: LinkMail }[];
let isMailDown: boolean;
let count: number;
beforeEach(async () => {
  temp = await openTempStore();
  now = new Date('2026-11-21T08:00:00.000Z');
  [sent, isMailDown, count] = [[], false, 0];
});
afterEach(() => temp.remove());

const later = (ms: number): void => {
  now = new Date(now.getTime() + ms);
};
const room = () =>
  linkRoom({
    store: temp.store,
    now: () => now,
    newId: () => {
      count += 1;
      return `lnk_${count}`;
    },
    ...{ codeKeys: () => [key], streams: ['users'], parseLabels: (labels) => labels },
    standing: async () => null,
    connection: async () => null,
    settings: { requester: 'Example Foods IT', allowedOrigins: [], publicUrl: 'https://gw.example.com' },
    sendMail: async (to, mail) => {
      if (isMailDown) throw new Error('the server is away');
      sent.push({ to, mail });
    },
    onMailFailed: () => undefined,
  });
const invite = (address = 'priya@example.com') => room().invite({ address }, null);
const secretIn = ({ mail }: { mail: LinkMail }): string => /link_token=(\S+)/.exec(mail.text)![1]!;

test('an invitation is reminded of once, a day before its end, with a link that works beside the first', async () => {
  const { secret, code, link } = await invite();
  await invite('handed over on paper');
  later(48 * HOUR - 1000);
  await room().keepHouse();
  expect(sent).toHaveLength(1);
  later(1000);
  await room().keepHouse();
  await room().keepHouse();
  expect(sent.map(({ mail }) => mail.subject)).toEqual([
    'Example Foods IT asks you to connect KnowBe4',
    'Reminder: Example Foods IT asks you to connect KnowBe4',
  ]);
  expect(sent[1]!.mail.text).toContain('24 Nov 2026, 08:00 UTC');
  expect((await room().get(link.id, null)).remindedAt).toBe(now.toISOString());
  const byCode = await room().byCode(code, '192.0.2.1');
  for (const known of [secret, secretIn(sent[1]!), byCode.secret]) expect((await room().find(known)).id).toBe(link.id);
});

test('a reminder that could not be sent is sent later; what ended has none', async () => {
  const { link } = await invite();
  const revoked = await invite('ines@example.com');
  await room().revoke(revoked.link.id, null);
  later(48 * HOUR);
  isMailDown = true;
  await room().keepHouse();
  expect((await room().get(link.id, null)).remindedAt).toBeNull();
  isMailDown = false;
  await room().keepHouse();
  expect(sent.slice(2).map(({ to }) => to)).toEqual(['priya@example.com']);
});

test('links are removed 30 days after their end', async () => {
  const { link } = await invite();
  later(72 * HOUR + 30 * 24 * HOUR);
  await room().keepHouse();
  expect(await room().list({}, null)).toHaveLength(1);
  later(1);
  await room().keepHouse();
  await expect(room().get(link.id, null)).rejects.toMatchObject({ code: 'not_found' });
});
