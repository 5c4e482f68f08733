import type { Config } from '../config/config.ts';
import type { GatewayOptions } from '../gateway/gateway.ts';
import { given } from './limit-flags.ts';
import type { Settled } from './settled.ts';

/** What a server's gateway is told beyond where its store and keys are. */
export const gatewayOptionsOf = ({
  server,
  sync,
  events,
  runs,
  alerts,
  webhooks,
  notify,
  connect,
  sources,
  people,
  rules,
  connections,
}: Settled) =>
  given<Partial<GatewayOptions>>({
    allowBaseUrls: server.allowBaseUrls,
    allowHosts: server.allowedHosts,
    proxyWrites: server.proxyWrites,
    syncsAtOnce: sync.atOnce,
    leaseMs: server.leaseMs,
    retention: given({ eventDays: events.retentionDays, runDays: runs.retentionDays }),
    alerts: given({ staleAfterMinutes: alerts.staleAfterMinutes }),
    webhooks: given({ allowHosts: webhooks.allow, ports: webhooks.ports, keepDays: webhooks.retentionDays }),
    sources: { sources, people },
    provisioning: { rules, settingsOf: settingsIn(connections) },
    ...outwardOptions({ server, notify, connect }),
  });

/** What a link says of its server, and who mails it. */
export const outwardOptions = ({
  server: { publicUrl },
  notify,
  connect: { requester, allowedOrigins },
}: Pick<Config, 'notify' | 'connect'> & { readonly server: Pick<Config['server'], 'publicUrl'> }) =>
  given<Pick<GatewayOptions, 'links' | 'notify'>>({
    links: { allowedOrigins, ...given({ publicUrl, requester }) },
    notify: notifyOf(notify),
  });

function notifyOf({ mail, smtp }: Settled['notify']): GatewayOptions['notify'] {
  if (smtp === undefined) return undefined;
  const { host, from, port, secure, requireTls, user, password } = smtp;
  return { mail, smtp: { host, from, ...given({ port, secure, requireTls, user, password: password?.reveal() }) } };
}

const DAY_MS = 86_400_000;
const EVERY_MINUTES = 60;

/** How the file says that its connections are provisioned; what it leaves out has its default. */
export const settingsIn =
  (connections: Config['connections']): NonNullable<GatewayOptions['provisioning']>['settingsOf'] =>
  (name) => {
    const found = connections.find((connection) => connection.name === name)?.provisioning;
    if (found === undefined) return null;
    const { mode = null, everyMinutes = EVERY_MINUTES, approvalsExpireMs = DAY_MS, freezes } = found;
    return { mode, everyMinutes, approvalsExpireMs, freezes };
  };
