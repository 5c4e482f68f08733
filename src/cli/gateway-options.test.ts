import { expect, test } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import type { CliContext } from './context.ts';
import { gatewayOptionsOf } from './gateway-options.ts';
import { type ServerFlags, settle } from './settled.ts';

function optionsOf(text: string, flags: ServerFlags = {}) {
  const read = readConfig({ text, streams: [], readSecret: () => ({ value: 'word' }), resolvePath: String });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const context = {
    config: { dataFolder: null, vaultKeys: null, databaseUrl: null, proxy: null, noProxy: null, log: null },
    stderr: {},
    configFile: () => ({ path: 'foreknow.yaml', config: read.config }),
  };
  return gatewayOptionsOf(settle(context as unknown as CliContext, flags));
}

test('what the file says of the gateway reaches it in its units', () => {
  const people = { from: ['hr'], join: [], prefer: {} };
  const options = optionsOf(`version: 1
server: { public_url: 'https://gw.acme.test', allow_base_urls: true, allowed_hosts: [kb4.corp.example], proxy_writes: true, lease: 90s }
sync: { at_once: 8 }
events: { retention: 30d }
runs: { retention: 7d }
alerts: { stale_after: 6h }
webhooks: { allow: [hooks.corp.example, 10.2.0.0/16], ports: [8443], retention: 14d }
connect: { requester: Acme IT, allowed_origins: [https://app.acme.test] }
notify:
  mail: [it@acme.test]
  smtp: { host: mail.acme.test, port: 2525, from: foreknow@acme.test, user: u, password: { env: MAIL } }
sources: [{ name: hr, kind: csv, from: people.csv, id: id, every: 2h }]
rules: [{ file: acme.yaml, connection: acme }]
connections:
  - { name: acme, region: eu, reporting: { token: { env: KB4 } }, mode: propose, provisioning: { every: 30m } }
`);
  expect(options).toEqual({
    allowBaseUrls: true,
    allowHosts: ['kb4.corp.example'],
    proxyWrites: true,
    syncsAtOnce: 8,
    leaseMs: 90_000,
    retention: { eventDays: 30, runDays: 7 },
    alerts: { staleAfterMinutes: 360 },
    webhooks: { allowHosts: ['hooks.corp.example', '10.2.0.0/16'], ports: [8443], keepDays: 14 },
    links: { requester: 'Acme IT', allowedOrigins: ['https://app.acme.test'], publicUrl: 'https://gw.acme.test' },
    notify: {
      mail: ['it@acme.test'],
      smtp: { host: 'mail.acme.test', port: 2525, from: 'foreknow@acme.test', user: 'u', password: 'word' },
    },
    sources: { sources: [expect.objectContaining({ name: 'hr', from: 'people.csv', everyMinutes: 120 })], people },
    provisioning: { rules: [{ file: 'acme.yaml', connection: 'acme' }], settingsOf: expect.any(Function) },
  });
  expect(options.provisioning?.settingsOf?.('acme')).toEqual({
    ...{ mode: 'propose', everyMinutes: 30, approvalsExpireMs: 86_400_000, freezes: [] },
  });
  expect(options.provisioning?.settingsOf?.('other')).toBeNull();
});

test('a file that says nothing leaves the gateway its defaults, and flags beat the file', () => {
  expect(optionsOf('version: 1')).toEqual({
    allowBaseUrls: false,
    allowHosts: [],
    proxyWrites: false,
    retention: {},
    alerts: {},
    webhooks: { allowHosts: [], ports: [] },
    links: { allowedOrigins: [] },
    sources: { sources: [], people: { from: [], join: [], prefer: {} } },
    provisioning: { rules: [], settingsOf: expect.any(Function) },
  });
  const flags = { connectOrigin: ['https://a.test'], connectRequester: 'Flag' };
  expect(optionsOf('version: 1\nconnect: { requester: File, allowed_origins: [https://b.test] }', flags)).toMatchObject(
    {
      links: { requester: 'Flag', allowedOrigins: ['https://a.test', 'https://b.test'] },
    },
  );
  expect(optionsOf('version: 1\nserver: { lease: 90s }\nsync: { at_once: 8 }', { syncs: 2, lease: 5 })).toMatchObject({
    syncsAtOnce: 2,
    leaseMs: 5000,
  });
});
