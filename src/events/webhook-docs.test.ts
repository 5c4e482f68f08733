import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createSigner, newSecret } from './sign.ts';

type Verify = (secret: string, headers: Readonly<Record<string, string>>, body: string, now?: number) => unknown;

/** The sample as a reader would copy it. */
async function sample(): Promise<Verify> {
  const page = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
  const code = /```js verify\n(.*?)```/s.exec(page)![1]!;
  const found = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { verify: Verify };
  return found.verify;
}

test('the sample of docs/webhooks.md accepts what was signed and refuses everything else', async () => {
  const verify = await sample();
  const [secret, old] = [newSecret(), newSecret()];
  const now = Date.UTC(2026, 2, 2, 8);
  const body = '{"type":"test","data":{"name":"ü"}}';
  const message = { id: 'evt_1', timestamp: now / 1000, body };
  const headers = createSigner([secret, old])(message);
  expect(verify(secret, headers, body, now)).toEqual(JSON.parse(body));
  expect(verify(old, headers, body, now)).toEqual(JSON.parse(body));
  expect(() => verify(newSecret(), headers, body, now)).toThrow('not right');
  expect(() => verify(secret, headers, body.replace('test', 'tesT'), now)).toThrow('not right');
  expect(() => verify(secret, { ...headers, 'webhook-id': 'evt_2' }, body, now)).toThrow('not right');
  for (const shift of [-301_000, 301_000]) expect(() => verify(secret, headers, body, now + shift)).toThrow('too old');
  expect(() => verify(secret, { ...headers, 'webhook-timestamp': 'soon' }, body, now)).toThrow('too old');
});
