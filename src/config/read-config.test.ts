import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configOrThrow, readConfig } from './read-config.ts';
import type { SecretSource } from './secret.ts';

const secrets: Record<string, string> = { KB4: 'kb4-canary-1', DATABASE_URL: 'postgres://u:pw-canary@db/x' };

const read = (text: string) =>
  readConfig({
    text,
    streams: ['users', 'enrollments'],
    readSecret: (from: SecretSource) => {
      const name = 'env' in from ? from.env : from.file;
      return name in secrets ? { value: secrets[name]! } : { problem: `names ${name}, which is not set` };
    },
    resolvePath: (path) => (path.startsWith('/') ? path : `/etc/foreknow/${path}`),
  });

const good = (text: string) => {
  const result = read(text);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.config;
};

const problems = (text: string) => {
  const result = read(text);
  if ('config' in result) throw new Error('it was accepted');
  return result.problems.map(({ line, column, path, reason }) => `${line}:${column} ${path} ${reason}`);
};

test('a whole file becomes a configuration, durations in their units, paths from the file’s folder', () => {
  const config = good(`
version: 1
server:
  listen: "[::1]:4080"
  public_url: https://foreknow.acme.test
  trust_proxy: [10.0.0.1]
  role: worker
store: { kind: postgres, url: { env: DATABASE_URL }, path: data }
connections:
  - name: acme-eu
    region: eu
    tags: [acme, prod]
    reporting: { token: { env: KB4 } }
    every: { directory: 15m, activity: never }
    streams: { enrollments: false, users: true }
    limits: { per_day: 1500, per_second: none, reserve: 20% }
    time_zone: Europe/Berlin
events: { retention: 90d }
connect: { requester: Acme IT, allowed_origins: [https://app.acme.test] }
`);
  expect(config.server).toMatchObject({
    listen: { host: '::1', port: 4080 },
    trustProxy: ['10.0.0.1'],
    role: 'worker',
  });
  expect(config.store.folder).toBe('/etc/foreknow/data');
  expect(config.store.databaseUrl?.reveal()).toBe('postgres://u:pw-canary@db/x');
  expect(config.connections[0]).toMatchObject({
    name: 'acme-eu',
    tags: ['acme', 'prod'],
    settings: {
      limits: { perDay: 1500, perSecond: null, reserveShare: 0.2 },
      streamsOff: ['enrollments'],
      directoryEveryMinutes: 15,
      activityEveryMinutes: null,
      timeZone: 'Europe/Berlin',
    },
  });
  expect(config.connect).toEqual({ requester: 'Acme IT', allowedOrigins: ['https://app.acme.test'] });
  expect(config.events.retentionDays).toBe(90);
  expect(Object.isFrozen(config.connections[0])).toBe(true);
});

test('a secret shows its source, however the configuration is printed', () => {
  const config = good('version: 1\nvault: { key: { env: KB4 } }');
  expect(config.vaultKeys?.reveal()).toBe('kb4-canary-1');
  expect(JSON.stringify(config)).not.toContain('canary');
  expect(JSON.parse(JSON.stringify(config)).vaultKeys).toEqual({ from: { env: 'KB4' } });
});

test('all problems are told together, each with its line and column, in the order of the file', () => {
  expect(
    problems(`version: 2
server:
  lsiten: 127.0.0.1:4080
  role: apis
colour: green
connections:
  - name: acme
    region: mars
    reporting: { token: { env: KB4 } }
    every: { directory: 1 hour }
    streams: { user: false }
  - region: eu
`),
  ).toEqual([
    '1:10 version must be 1',
    '3:3 server.lsiten is not known; did you mean listen?',
    '4:9 server.role must be one of all, api, worker',
    expect.stringContaining('5:1 colour is not known; there are version, server'),
    '8:13 connections[0].region must be us, eu, ca, uk or de, or the address of the console',
    '10:25 connections[0].every.directory must be a duration from 5m to 7d, or never',
    '11:16 connections[0].streams.user is not known; did you mean users?',
    '12:5 connections[1].name is missing',
    '12:5 connections[1].reporting is missing',
  ]);
});

test('what is wrong beside the shape is told with it: one look is enough', () => {
  expect(
    problems(`version: 1
server: { listen: 4080, tls: { certificate: c.pem, key: { file: ./gone.pem } } }
vault: { key: { env: NOT_SET } }
connections:
  - name: acme
    region: mars
    reporting: { token: { env: ALSO_NOT } }
  - { name: acme, region: eu, reporting: { token: { env: KB4 } } }
notify: { mail: [it@acme.test] }
connect: { allowed_origins: [https://app.acme.test/path] }
colour: { env: WHATEVER }
again: &round [*round]
`),
  ).toEqual([
    '2:19 server.listen must be HOST:PORT, such as 127.0.0.1:4080',
    '2:57 server.tls.key names /etc/foreknow/./gone.pem, which is not set',
    '3:15 vault.key names NOT_SET, which is not set',
    '6:13 connections[0].region must be us, eu, ca, uk or de, or the address of the console',
    '7:25 connections[0].reporting.token names ALSO_NOT, which is not set',
    '8:13 connections[1].name stands already in line 5',
    '9:17 notify.mail needs notify.smtp: the server that takes the mail',
    '10:30 connect.allowed_origins[0] must be an origin such as https://app.acme.test',
    expect.stringContaining('11:1 colour is not known'),
    expect.stringContaining('12:1 again is not known'),
  ]);
});

test('a literal where a secret belongs is refused with its line, and never repeated', () => {
  const told = problems(`version: 1
connections:
  - name: acme
    region: eu
    reporting: { token: kb4-literal-canary }
`);
  expect(told).toEqual([
    '5:25 connections[0].reporting.token is a secret and must not stand in this file: write { env: NAME } or { file: PATH }',
  ]);
});

test('secrets that are not there are told with the place that names them', () => {
  expect(
    problems('version: 1\nvault:\n  key: { env: NOT_SET }\nstore: { kind: postgres, url: { file: gone } }\n'),
  ).toEqual([
    '3:8 vault.key names NOT_SET, which is not set',
    '4:31 store.url names /etc/foreknow/gone, which is not set',
  ]);
});

test('keys of a store are those of its kind', () => {
  expect(problems('version: 1\nstore: { kind: embedded, url: { env: KB4 } }')).toEqual([
    '2:26 store.url is not known; there are kind, path',
  ]);
  expect(problems('version: 1\nstore: { kind: mysql }')).toEqual(['2:16 store.kind must be embedded or postgres']);
});

test('two connections of one name are one too many', () => {
  const one = '  - { name: acme, region: eu, reporting: { token: { env: KB4 } } }\n';
  expect(problems(`version: 1\nconnections:\n${one}${one}`)).toEqual([
    '4:13 connections[1].name stands already in line 3',
  ]);
});

test('mail needs a server that takes it', () => {
  expect(problems('version: 1\nnotify: { mail: [it@acme.test] }')).toEqual([
    '2:17 notify.mail needs notify.smtp: the server that takes the mail',
  ]);
  const smtp = 'smtp: { host: mail.acme.test, from: foreknow@acme.test, user: u, password: { env: KB4 } }';
  expect(good(`version: 1\nnotify: { mail: [it@acme.test], ${smtp} }`).notify).toMatchObject({
    mail: ['it@acme.test'],
    smtp: { host: 'mail.acme.test', port: undefined, user: 'u' },
  });
});

test('retentions are whole days, and no more of them than a date can be back', () => {
  expect(good('version: 1\nevents: { retention: 48h }').events.retentionDays).toBe(2);
  for (const wrong of ['90m', '0d', '36501d', '999999999d']) {
    expect(problems(`version: 1\nruns: { retention: ${wrong} }`)).toEqual([
      '2:20 runs.retention must be a duration in whole days, such as 90d, at most 36500d',
    ]);
  }
});

test('a lease is as long as one on the command line may be', () => {
  expect(good('version: 1\nserver: { lease: 90s }').server.leaseMs).toBe(90_000);
  for (const wrong of ['999ms', '2h', '30']) {
    expect(problems(`version: 1\nserver: { lease: ${wrong} }`)[0]).toMatch(/^2:18 server.lease must be a duration/);
  }
});

test('a file that is no YAML says where, without quoting what stands there', () => {
  const told = problems('version: 1\nvault: { key: kb4-canary-2\nserver: [');
  expect(told.join('\n')).toMatch(/^\d+:\d+ /);
  expect(told.join('\n')).not.toContain('canary');
  expect(problems('version: 1\nversion: 1')).toEqual(['2:1  the key stands twice in this map']);
  expect(problems('')).toEqual(['1:1 version is missing']);
});

test('no file makes the reader throw, and no problem repeats a text that stands in it', () => {
  const canary = 'kb4canary9f3';
  const scalar = fc.constantFrom(
    canary,
    `!${canary}`,
    `*${canary}`,
    `"${canary}"`,
    `{ env: ${canary} }`,
    '3',
    '[1]',
    '~',
  );
  const key = fc.constantFrom(
    'version',
    'server',
    'store',
    'vault',
    'connections',
    'notify',
    'key',
    'url',
    'name',
    '- a',
  );
  const line = fc.tuple(fc.nat(3), key, scalar).map(([depth, name, value]) => `${'  '.repeat(depth)}${name}: ${value}`);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const result = read(lines.join('\n'));
      if ('config' in result) return;
      for (const { reason, line: at } of result.problems) {
        expect(reason.replace(/names \S+, which/, '')).not.toContain(canary);
        expect(at).toBeGreaterThan(0);
      }
    }),
    { numRuns: 500 },
  );
});

test('as an error it holds every problem, with the name of the file', () => {
  const source = { text: 'version: 3\nx: 1', streams: [], readSecret: () => ({ problem: '' }), resolvePath: String };
  expect(() => configOrThrow(source, 'foreknow.yaml')).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      detail: 'The configuration file foreknow.yaml has 2 problems.',
      issues: [
        { field: 'version', reason: 'must be 1 (line 1, column 10)' },
        { field: 'x', reason: expect.stringMatching(/is not known.*\(line 2, column 1\)$/) },
      ],
    }),
  );
});
