import { inspect } from 'node:util';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { eventTypes } from '../events/catalog.ts';
import { exampleOf } from '../events/examples.ts';
import { messageOf } from '../events/message.ts';
import { createSigner, newSecret } from '../events/sign.ts';
import { verifyTrutoSignature, verifyWebhook, WebhookError, type WebhookErrorCode } from './index.ts';

const at = 1_795_228_801;
const now = () => at * 1000;
const endpoint = { id: 'whk_1', names: true, fieldPolicy: null } as const;
const bodyOf = (type: (typeof eventTypes)[number], format: 'plain' | 'cloudevents' = 'plain') =>
  messageOf(exampleOf(type), { ...endpoint, format }).body;
const signed = (body: string, secrets: readonly string[], timestamp = at) =>
  createSigner(secrets)({ id: 'evt_1', timestamp, body });
const codeOf = (promise: Promise<unknown>): Promise<WebhookErrorCode> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => (error as WebhookError).code,
  );

/** The published example of Standard Webhooks, which its libraries test themselves with. */
const published = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  body: '{"test": 2432232314}',
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  now: () => 1_614_265_330_000,
};

test('the published example of Standard Webhooks is verified, with and without the prefix of its secret', async () => {
  // It is signed rightly, and none of our events.
  const signedByUs = (changed: object) => codeOf(verifyWebhook({ ...published, ...changed }));
  expect(await signedByUs({})).toBe('body_invalid');
  expect(await signedByUs({ secret: published.secret.slice('whsec_'.length) })).toBe('body_invalid');
  const others = `v1a,AAAA v1,${btoa('x'.repeat(32))} ${published.headers['webhook-signature']} v2,AAAA`;
  expect(await signedByUs({ headers: { ...published.headers, 'webhook-signature': others } })).toBe('body_invalid');
  expect(await signedByUs({ body: '{"test": 2432232315}' })).toBe('signature_wrong');
});

test('whatever the official library signs is verified, as text and as bytes', async () => {
  const one = fc.record({
    body: fc.dictionary(fc.string(), fc.jsonValue()),
    secret: fc.uint8Array({ minLength: 24, maxLength: 64 }),
  });
  await fc.assert(
    fc.asyncProperty(one, async (made) => {
      const secret = `whsec_${Buffer.from(made.secret).toString('base64')}`;
      const body = JSON.stringify({ ...made.body, type: 'user.created' });
      const headers = {
        'Webhook-Id': 'msg_1',
        'Webhook-Timestamp': String(at),
        'Webhook-Signature': new Webhook(secret).sign('msg_1', new Date(now()), body),
      };
      await verifyWebhook({ headers, secret, body, now });
      const bytes = new TextEncoder().encode(body);
      await verifyWebhook({ headers: new Headers(headers), secret, body: bytes, now });
      // A view on a part of a larger buffer, as Node gives them.
      await verifyWebhook({ headers, secret, body: Buffer.from(`xx${body}`).subarray(2), now });
      await verifyWebhook({ headers, secret, body: bytes.buffer, now });
    }),
    { numRuns: 50 },
  );
});

test('every type of event is read alike from both formats', async () => {
  const secret = newSecret();
  for (const type of eventTypes) {
    const { id, seq, at: seen, connectionId, data } = exampleOf(type);
    const event = { id, type, at: seen, connection_id: connectionId, data, truncated: false };
    for (const format of ['plain', 'cloudevents'] as const) {
      const body = bodyOf(type, format);
      const read = await verifyWebhook({ headers: signed(body, [secret]), body, secret, now });
      expect(read, `${type} ${format}`).toEqual({ ...event, sequence: seq });
    }
  }
});

test('a body that came without its data says so', async () => {
  const secret = newSecret();
  const event = exampleOf('user.created');
  const { body } = messageOf(
    { ...event, data: { user: { id: '1', text: 'x'.repeat(70_000) } } },
    { ...endpoint, format: 'plain' },
  );
  const read = await verifyWebhook({ headers: signed(body, [secret]), body, secret, now });
  expect(read).toMatchObject({ truncated: true, data: { url: `/api/v1/events/${event.id}` } });
});

test('the event that is verified is narrowed by its type', async () => {
  const secret = newSecret();
  const body = bodyOf('phishing.failed');
  const event = await verifyWebhook({ headers: signed(body, [secret]), body, secret, now });
  expect(event.type === 'phishing.failed' && event.data.failure).toBe('clicked');
});

test('while a secret changes, old and new ones verify, whichever side was first', async () => {
  const [before, after] = [newSecret(), newSecret()];
  const body = bodyOf('user.created');
  const verify = (headers: Record<string, string>, secret: string | string[]) =>
    verifyWebhook({ headers, body, secret, now });
  await verify(signed(body, [after, before]), before);
  await verify(signed(body, [after, before]), after);
  await verify(signed(body, [before]), [after, before]);
  expect(await codeOf(verify(signed(body, [after]), before))).toBe('signature_wrong');
});

test('another secret, another body, another id, another time: none is believed', async () => {
  const secret = newSecret();
  const body = bodyOf('phishing.failed');
  const headers = signed(body, [secret]);
  const given = { headers, body, secret, now };
  await verifyWebhook(given);
  expect(await codeOf(verifyWebhook({ ...given, secret: newSecret() }))).toBe('signature_wrong');
  expect(await codeOf(verifyWebhook({ ...given, body: body.replace('clicked', 'replied') }))).toBe('signature_wrong');
  for (const changed of [{ 'webhook-id': 'evt_2' }, { 'webhook-timestamp': String(at + 1) }]) {
    expect(await codeOf(verifyWebhook({ ...given, headers: { ...headers, ...changed } }))).toBe('signature_wrong');
  }
  for (const signature of ['v1,', 'v1,!!', 'v1a,AAAA', 'AAAA', 'v1']) {
    const code = await codeOf(verifyWebhook({ ...given, headers: { ...headers, 'webhook-signature': signature } }));
    expect(code, signature).toBe('signature_wrong');
  }
});

test('a delivery is taken five minutes before and after its time, and no longer', async () => {
  const secret = newSecret();
  const body = bodyOf('user.created');
  const at300 = (offset: number) => verifyWebhook({ headers: signed(body, [secret], at + offset), body, secret, now });
  await at300(-300);
  await at300(300);
  expect(await codeOf(at300(-301))).toBe('too_old');
  expect(await codeOf(at300(301))).toBe('too_new');
  const headers = signed(body, [secret], at - 301);
  await verifyWebhook({ headers, body, secret, now, toleranceSeconds: 400 });
  // The clock of the machine counts where none is given.
  expect(await codeOf(verifyWebhook({ headers: signed(body, [secret], 1), body, secret }))).toBe('too_old');
});

test('what cannot be verified is refused with its reason', async () => {
  const secret = newSecret();
  const body = bodyOf('user.created');
  const headers = signed(body, [secret]);
  const given = { headers, body, secret, now };
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    const { [name]: _, ...without } = headers;
    expect(await codeOf(verifyWebhook({ ...given, headers: without }))).toBe('header_missing');
    expect(await codeOf(verifyWebhook({ ...given, headers: { ...headers, [name]: '' } }))).toBe('header_missing');
  }
  const noTime = { ...headers, 'webhook-timestamp': '2026-11-21' };
  expect(await codeOf(verifyWebhook({ ...given, headers: noTime }))).toBe('header_invalid');
  for (const none of ['', [], [''], 'whsec_', 'whsec_???']) {
    expect(await codeOf(verifyWebhook({ ...given, secret: none }))).toBe('secret_invalid');
  }
  const truto = JSON.stringify({ id: 'evt_1', event: 'record:updated', payload: {} });
  for (const odd of ['[1]', 'null', '{', truto, '']) {
    const sent = { headers: signed(odd, [secret]), body: odd, secret, now };
    expect(await codeOf(verifyWebhook(sent)), odd).toBe('body_invalid');
  }
});

test('Truto’s signature is verified over the body, the secret being text', async () => {
  const secret = newSecret();
  const body = bodyOf('user.created');
  const headers = signed(body, [secret]);
  const given = { headers, body, secret };
  expect(await verifyTrutoSignature(given)).toMatchObject({ event: 'user.created', event_type: 'user.created' });
  await verifyTrutoSignature({ ...given, secret: [newSecret(), secret] });
  expect(await codeOf(verifyTrutoSignature({ ...given, secret: newSecret() }))).toBe('signature_wrong');
  expect(await codeOf(verifyTrutoSignature({ ...given, body: `${body} ` }))).toBe('signature_wrong');
  expect(await codeOf(verifyTrutoSignature({ ...given, headers: {} }))).toBe('header_missing');
  for (const value of ['format=sha256,v=', 'format=sha1,v=00', `format=sha256,v=${'0'.repeat(64)}`]) {
    const code = await codeOf(verifyTrutoSignature({ ...given, headers: { 'x-truto-signature': value } }));
    expect(code, value).toBe('signature_wrong');
  }
});

test('an error tells neither the secret nor the body', async () => {
  const body = bodyOf('phishing.failed');
  const error = await verifyWebhook({
    ...{ headers: signed(body, [newSecret()]), body, now },
    secret: 'whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5',
  }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WebhookError);
  expect(inspect(error)).not.toMatch(/Y2FuYXJ5|okafor/i);
});
