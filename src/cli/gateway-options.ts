import type { GatewayOptions } from '../gateway/gateway.ts';
import { given } from './limit-flags.ts';
import type { Settled } from './settled.ts';

/** What a server's gateway is told beyond where its store and keys are. */
export const gatewayOptionsOf = ({ server, sync, events, runs, alerts, webhooks, notify }: Settled) =>
  given<Partial<GatewayOptions>>({
    allowBaseUrls: server.allowBaseUrls,
    allowHosts: server.allowedHosts,
    proxyWrites: server.proxyWrites,
    syncsAtOnce: sync.atOnce,
    leaseMs: server.leaseMs,
    retention: given({ eventDays: events.retentionDays, runDays: runs.retentionDays }),
    alerts: given({ staleAfterMinutes: alerts.staleAfterMinutes }),
    webhooks: given({ allowHosts: webhooks.allow, ports: webhooks.ports, keepDays: webhooks.retentionDays }),
    notify: notifyOf(notify),
  });

function notifyOf({ mail, smtp }: Settled['notify']): GatewayOptions['notify'] {
  if (mail.length === 0 || smtp === undefined) return undefined;
  const { host, from, port, secure, requireTls, user, password } = smtp;
  return { mail, smtp: { host, from, ...given({ port, secure, requireTls, user, password: password?.reveal() }) } };
}
