import type { ActResult } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/ports.ts';
import type { WebhookUseCases } from './webhooks.ts';

type Act = <T>(
  act: Pick<AuditEntry, 'action'> & ActResult,
  work: () => Promise<T>,
  told?: (result: T) => ActResult,
) => Promise<T>;

/** The use cases of webhooks, with what changes something written into the audit log. An address is shown by its host alone. */
export function administeredWebhooks(webhooks: WebhookUseCases, act: Act): WebhookUseCases {
  const on = <T>(id: string, action: string, work: () => Promise<T>, details: AuditEntry['details'] = {}): Promise<T> =>
    act({ action, target: id.slice(0, 100), details }, work);
  return {
    ...webhooks,
    create: (input, grant) =>
      act(
        { action: 'webhook.created' },
        () => webhooks.create(input, grant),
        ({ endpoint: { id, url, types, connections, names } }) => ({
          target: id,
          connectionId: connections?.length === 1 ? connections[0]! : null,
          details: { host: new URL(url).host, types, connections, names },
        }),
      ),
    update: (id, patch, grant) => {
      const { url, ...rest } = patch;
      const host = url === undefined ? {} : { host: URL.parse(url)?.host ?? null };
      return on(id, 'webhook.updated', () => webhooks.update(id, patch, grant), { ...rest, ...host });
    },
    enable: (id) => on(id, 'webhook.enabled', () => webhooks.enable(id)),
    remove: (id) => on(id, 'webhook.removed', () => webhooks.remove(id)),
    rotateSecret: (id, overlapHours) =>
      on(id, 'webhook.secret_rotated', () => webhooks.rotateSecret(id, overlapHours), {
        overlapHours: overlapHours ?? null,
      }),
    test: (id) => on(id, 'webhook.tested', () => webhooks.test(id)),
    replay: (id, wanted) =>
      act(
        { action: 'webhook.replayed', target: id.slice(0, 100) },
        () => webhooks.replay(id, wanted),
        ({ events }) => ({ details: { events } }),
      ),
  };
}
