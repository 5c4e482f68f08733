import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ForeknowError } from '../errors/errors.ts';
import { openDoor } from './contract/door.ts';
import { fakeGateway } from './contract/fake-gateway.ts';
import { createLogger, type LogFormat } from './logger.ts';

function logTo(level: string, format: LogFormat = 'json') {
  const lines: string[] = [];
  return { lines, logger: createLogger({ level, format, stream: { write: (line) => void lines.push(line) } }) };
}

test('requests are logged by route and token id, without secrets, addresses of people and query values', async () => {
  const { gateway, addToken } = fakeGateway({});
  const secret = addToken({ scopes: ['admin'] });
  const { lines, logger } = logTo('trace');
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
    level: 'debug',
    method: 'DELETE',
    route: '/api/v1/connections/:id/people/:userId',
    status: 200,
    tokenId: 'tok_0000000000000001',
  });
});

test('a refusal is told with its code, a fault of our own with its causes, and both with the id of the request', async () => {
  const { gateway, addToken } = fakeGateway({});
  const token = addToken({ scopes: ['admin'] });
  const { lines, logger } = logTo('info');
  const list = async () => {
    throw new ForeknowError('store_failed', {
      detail: 'No.',
      cause: new Error('outer', { cause: new Error('inner') }),
    });
  };
  const door = await openDoor({ gateway: { ...gateway, connections: { ...gateway.connections, list } }, logger });
  await door.call('/api/v1/connections', { token, headers: { 'x-request-id': 'asked-1' } });
  await door.call('/api/v1/connections', { headers: { 'x-request-id': 'asked-2' } });
  await door.call('/healthz');
  await door.close();
  const told = lines.map((line) => JSON.parse(line)).filter(({ requestId }) => requestId !== undefined);
  expect(told).toEqual([
    expect.objectContaining({
      level: 'error',
      requestId: 'asked-1',
      err: expect.objectContaining({ code: 'store_failed', cause: expect.objectContaining({ message: 'outer' }) }),
    }),
    expect.objectContaining({ level: 'info', requestId: 'asked-1', status: 503, code: 'store_failed' }),
    expect.objectContaining({ level: 'info', requestId: 'asked-2', status: 401, code: 'unauthenticated' }),
  ]);
});

const canaries = {
  'an API token': `fk_${'c4nary'.repeat(7)}x`,
  'the secret of a connect link': `fkl_${'c4nary'.repeat(7)}x`,
  'a secret of a webhook': `whsec_${'c4nary'.repeat(6)}`,
  'a token of KnowBe4': `eyJhbGciOiJIUzUxMiJ9.${'c4nary'.repeat(4)}.${'c4nary'.repeat(6)}`,
};

/** Where a token could come to stand by mistake. */
const places: Readonly<Record<string, (token: string) => object>> = {
  'a header': (token) => ({ request: { headers: { authorization: `Bearer ${token}` } } }),
  'a header of a nested object': (token) => ({ a: { b: { c: { d: { authorization: token } } } } }),
  'a body': (token) => ({ input: { reporting_token: token } }),
  'a body as text': (token) => ({ text: JSON.stringify({ reporting_token: token }) }),
  'an address': (token) => ({ url: `https://example.test/hook?token=${token}&x=1` }),
  'the user of an address': (token) => ({ url: `postgres://gateway:${token}@db.example.test/x` }),
  'an error': (token) => ({ err: new Error(`refused: Bearer ${token}`) }),
  'a field of an error': (token) => ({ err: Object.assign(new Error('refused'), { options: { token, path: token } }) }),
  'the cause of an error': (token) => ({ err: new Error('x', { cause: new Error(`no token=${token}`) }) }),
  'a cause that is no error': (token) => ({ err: new Error('x', { cause: { token } }) }),
  'a password of several words': (token) => ({ deep: { er: { password: `two words ${token.slice(8, 30)}` } } }),
  'a name of a secret': (token) => ({ secret: token, password: token }),
};

test.each(Object.entries(canaries))('%s is in no line of the log, wherever it stood', (_, token) => {
  for (const format of ['json', 'pretty'] as const) {
    const { lines, logger } = logTo('trace', format);
    for (const [place, fields] of Object.entries(places)) logger.trace(fields(token), place);
    logger.error(new Error(`thrown with ${token}`));
    expect(lines).toHaveLength(Object.keys(places).length + 1);
    expect(lines.filter((line) => line.includes('c4nary'))).toEqual([]);
  }
});

test('the code of an invitation is in no line of the log', () => {
  const { lines, logger } = logTo('info');
  logger.info({ form: 'code=KB-7QF4-92LM', text: 'typed kb-7qf4-92lm' }, 'KB-7QF4-92LM was typed');
  expect(lines.join('')).not.toMatch(/7QF4/i);
});

test('a password of any letters is cut out of an address and of a query', () => {
  const word = fc.string({ minLength: 8, maxLength: 40, unit: fc.constantFrom(...'abcXYZ019-_.~!$*') });
  fc.assert(
    fc.property(word, (password) => {
      const { lines, logger } = logTo('info');
      logger.info({ one: `postgres://u:${password}@db/x`, two: `https://x.test/?api_key=${password}` });
      expect(lines.join('')).not.toContain(password);
    }),
  );
});

test('lines for people hold time, level, words and fields', () => {
  const { lines, logger } = logTo('info', 'pretty');
  logger.warn({ connectionId: 'con_1' }, 'The sync of acme ended parked.');
  expect(lines.join('')).toMatch(/^\d\d:\d\d:\d\d warn {3}The sync of acme ended parked\. {2}connectionId=con_1\n$/);
});

test('a level that there is not is refused with those that there are', () => {
  expect(() => createLogger({ level: 'loud' })).toThrow(
    expect.objectContaining({ code: 'config_invalid', hint: expect.stringContaining('warn') }),
  );
});
