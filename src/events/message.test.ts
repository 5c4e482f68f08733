import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import type { Event } from './event.ts';
import { messageOf } from './message.ts';
import { createSigner, newSecret } from './sign.ts';
import { isPattern, subscriptionOf } from './subscription.ts';

const event: Event = {
  id: 'evt_000000000000042a',
  seq: 42,
  type: 'phishing.failed',
  connectionId: 'con_a',
  at: '2026-03-02T08:00:00.000Z',
  data: {
    user: { id: '7', email: 'dana@example.com', first_name: 'Dana', last_name: 'Example' },
    test: { id: '9', campaign_type: 'email' },
    failure: 'clicked',
  },
};
const plain = { id: 'whk_a', format: 'plain', names: false, fieldPolicy: null } as const;
const read = (body: string) => JSON.parse(body) as Record<string, unknown>;

test('a plain body has the fields of Standard Webhooks and of Truto, and says where it comes from and where it belongs', () => {
  const { contentType, body } = messageOf(event, plain);
  const data = { user: { id: '7' }, test: { id: '9', campaign_type: 'email' }, failure: 'clicked' };
  expect(contentType).toBe('application/json; charset=utf-8');
  expect(read(body)).toEqual({
    ...{ id: event.id, type: event.type, timestamp: event.at, data },
    ...{ event: event.type, event_type: event.type, payload: data, created_at: event.at },
    ...{ webhook_id: 'whk_a', environment_id: 'default', connection_id: 'con_a', sequence: 42 },
  });
});

test('a CloudEvents body is structured, with its sequence as an extension', () => {
  const { contentType, body } = messageOf(event, { ...plain, format: 'cloudevents', names: true });
  expect(contentType).toBe('application/cloudevents+json; charset=utf-8');
  expect(read(body)).toEqual({
    ...{ specversion: '1.0', id: event.id, source: '/connections/con_a', type: 'phishing.failed', time: event.at },
    ...{ datacontenttype: 'application/json', sequence: '000000000000042a', data: event.data },
  });
});

test('people are ids unless the endpoint asked for names', () => {
  expect(messageOf(event, plain).body).not.toContain('Dana');
  expect(messageOf(event, { ...plain, names: true }).body).toContain('dana@example.com');
});

test('a body over 64 kB is sent without its data, with the address where it can be read', () => {
  const large: Event = { ...event, type: 'group.updated', data: { attributes: { name: 'ü'.repeat(40_000) } } };
  const { body } = messageOf(large, plain);
  expect(read(body).data).toEqual({ truncated: true, url: '/api/v1/events/evt_000000000000042a' });
  expect(read(body).payload).toEqual(read(body).data);
});

test('sequences sort as the events happened', () => {
  const ids = [
    'evt_000000000000009',
    'evt_000000000000010',
    'evt_000000000000010a',
    'evt_000000000000010b',
    'evt_000000000000011',
  ];
  const sequences = ids.map(
    (id) => read(messageOf({ ...event, id }, { ...plain, format: 'cloudevents' }).body).sequence as string,
  );
  expect(sequences.toSorted()).toEqual(sequences);
});

const now = Math.floor(Date.now() / 1000);
const signed = (secrets: readonly string[], body: string) =>
  createSigner(secrets)({ id: event.id, timestamp: now, body }) as Record<string, string>;

test('the verifier of Standard Webhooks accepts a delivery and refuses one that was touched', () => {
  const secret = newSecret();
  const { body } = messageOf(event, plain);
  const headers = signed([secret], body);
  expect(new Webhook(secret).verify(body, headers)).toEqual(read(body));
  expect(() => new Webhook(secret).verify(body.replace('clicked', 'replied'), headers)).toThrow('signature');
  expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'evt_1' })).toThrow('signature');
  expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow('signature');
});

test('by hand: base64 of HMAC-SHA256 over id, time and body; hex of HMAC-SHA256 over the body alone', () => {
  const secret = newSecret();
  const headers = signed([secret], '{"a":"ü"}');
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${event.id}.${now}.{"a":"ü"}`, 'utf8').digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  const hex = createHmac('sha256', secret).update(Buffer.from('{"a":"ü"}')).digest('hex');
  expect(headers['x-truto-signature']).toBe(`format=sha256,v=${hex}`);
});

test('while a secret changes both sign, the new one first', () => {
  const [older, newer] = [newSecret(), newSecret()];
  const headers = signed([newer, older], '{}');
  for (const secret of [older, newer]) new Webhook(secret).verify('{}', headers);
  expect(headers['webhook-signature']?.split(' ')[0]).toBe(signed([newer], '{}')['webhook-signature']);
});

test('an endpoint gets the types it asks for, within what whoever made it may read', () => {
  const sent = (types: readonly string[], families: readonly ('phishing.identified' | 'directory')[], type: string) =>
    subscriptionOf({ types, families, format: 'plain' })({ ...event, type });
  expect(sent(['*'], ['phishing.identified'], 'phishing.failed')).toBe(true);
  expect(sent(['*'], ['directory'], 'phishing.failed')).toBe(false);
  expect(sent(['user.*'], ['directory'], 'user.created')).toBe(true);
  expect(sent(['user.*'], ['directory'], 'group.created')).toBe(false);
  expect(sent(['group.created'], ['directory'], 'group.created')).toBe(true);
  expect(['*', 'user.*', 'user.created'].every(isPattern)).toBe(true);
  expect(['', 'user', 'nothing.*', 'user.nothing', '.*', 'us.*'].some(isPattern)).toBe(false);
});
