import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { poolConfig } from './pool.ts';

const of = (rest: string) => poolConfig(`postgresql://ines:p%40ss%2Fword@db.example.com${rest}`);

test('a URL is read with its escapes, and with the usual port', () => {
  expect(of('/mirror')).toMatchObject({
    host: 'db.example.com',
    port: 5432,
    user: 'ines',
    password: 'p@ss/word',
    database: 'mirror',
    ssl: false,
  });
  expect(poolConfig('postgres://ines@[::1]:6000')).toMatchObject({ host: '::1', port: 6000, database: 'ines' });
  expect(of('/mirror?host=/var/run/postgresql')).toMatchObject({ host: '/var/run/postgresql' });
});

test.each([
  ['require', { rejectUnauthorized: false }],
  ['verify-ca', { rejectUnauthorized: true }],
  ['verify-full', { rejectUnauthorized: true }],
])('sslmode=%s means what it means to other programs', (mode, tls) => {
  const { ssl } = of(`/mirror?sslmode=${mode}`);
  expect(ssl).toMatchObject(tls);
  expect((ssl as { checkServerIdentity?: unknown }).checkServerIdentity === undefined).toBe(mode === 'verify-full');
});

test.each([
  'mysql://ines:secret@db/mirror',
  'postgresql://db/mirror',
  'ines:secret@db',
  'postgresql://ines:secret@db/mirror?sslmode=perhaps',
  'postgresql://ines:secret@db/mirror?sslmode=verify-full&sslrootcert=/nowhere/ca.pem',
  'postgresql://ines:secret@db/mirror?slmode=require',
])('%s is refused without showing it', (url) => {
  const error = (() => {
    try {
      return poolConfig(url);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toMatchObject({ code: 'config_invalid', field: 'database_url' });
  expect(inspect(error)).not.toContain('secret');
});
