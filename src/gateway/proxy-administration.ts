import { judgeGraphql } from '../proxy/graphql.ts';
import type { Acting } from './acting.ts';
import type { ProxyUseCases } from './proxy.ts';

/** The proxy with what changes something written into the audit log, before it is sent and after. */
export const administeredProxy = (proxy: ProxyUseCases, act: Acting): ProxyUseCases => ({
  ...proxy,
  events: (call) => {
    if (call.method === 'GET' || !proxy.writes || !call.mayWrite) return proxy.events(call);
    const { method, connection } = call;
    const about = { action: 'proxy.changed', connectionId: connection.id, details: { api: 'events', method } };
    return act(about, () => proxy.events(call), { isAnnounced: true });
  },
  graphql: (call) => {
    if (!proxy.writes || !call.mayWrite || judgeGraphql(call.body).reads) return proxy.graphql(call);
    const about = { action: 'proxy.changed', connectionId: call.connection.id, details: { api: 'product' } };
    return act(about, () => proxy.graphql(call), { isAnnounced: true });
  },
});
