import { expect, test } from 'vitest';
import { openDoor } from './contract/door.ts';
import { fakeGateway } from './contract/fake-gateway.ts';
import { createLogger } from './logger.ts';

test('requests are logged by route and token id, without secrets, addresses of people and query values', async () => {
  const lines: string[] = [];
  const { gateway, addToken } = fakeGateway({});
  const secret = addToken({ scopes: ['admin'] });
  const logger = createLogger({ level: 'trace', stream: { write: (line) => void lines.push(line) } });
  const door = await openDoor({ gateway, logger });
  await door.call('/api/v1/connections/acme/people/jane.doe%40example.com?x=hidden-value', {
    method: 'DELETE',
    token: secret,
  });
  await door.call('/api/v1/connections/acme/token', {
    method: 'POST',
    token: secret,
    json: { reporting_token: 'kb4-secret-token' },
  });
  await door.call('/api/v1/connections', { token: 'fk_some-wrong-secret' });
  await door.call('/api/v1/unknown/jane.doe@example.com', { token: secret });
  await door.close();
  const log = lines.join('');
  for (const hidden of [secret, 'kb4-secret-token', 'some-wrong-secret', 'jane.doe', 'hidden-value']) {
    expect(log).not.toContain(hidden);
  }
  expect(JSON.parse(lines.find((line) => line.includes('people'))!)).toMatchObject({
    method: 'DELETE',
    route: '/api/v1/connections/:id/people/:userId',
    status: 200,
    token: 'tok_0000000000000001',
  });
});

test('what is logged as an object loses its secrets', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', stream: { write: (line) => void lines.push(line) } });
  logger.info({ input: { reporting_token: 'a-secret' }, request: { headers: { authorization: 'Bearer b-secret' } } });
  expect(lines.join('')).not.toContain('secret"');
  expect(lines.join('')).toContain('[redacted]');
});

test('a level that there is not is refused with those that there are', () => {
  expect(() => createLogger({ level: 'loud' })).toThrow(
    expect.objectContaining({ code: 'config_invalid', hint: expect.stringContaining('warn') }),
  );
});
