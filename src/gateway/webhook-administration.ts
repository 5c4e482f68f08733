import type { AuditEntry } from '../audit/ports.ts';
import { type Acting, nothingMore, onlyOne, type StoreWrites } from './acting.ts';
import type { WebhookUseCases } from './webhooks.ts';

type Wanted = Parameters<WebhookUseCases['replay']>[1];

/** The use cases of webhooks, with what changes something written into the audit log. An address is shown by its host alone. */
export function administeredWebhooks(webhooks: WebhookUseCases, act: Acting): WebhookUseCases {
  const on = <T>(
    id: string,
    action: string,
    work: () => Promise<T>,
    writes: StoreWrites,
    details: AuditEntry['details'] = {},
  ): Promise<T> => act({ action, target: id.slice(0, 100), details }, work, { writes });
  return {
    ...webhooks,
    create: (input, grant) =>
      act({ action: 'webhook.created' }, () => webhooks.create(input, grant), {
        writes: {
          createEndpoint: ({ endpoint: { id, url, types, connections, names } }) => ({
            target: id,
            connectionId: onlyOne(connections),
            details: { host: new URL(url).host, types, connections, names },
          }),
        },
      }),
    update: (id, patch, grant) => {
      const { url, ...rest } = patch;
      const host = url === undefined ? {} : { host: URL.parse(url)?.host ?? null };
      const writes = { saveEndpoint: nothingMore };
      return on(id, 'webhook.updated', () => webhooks.update(id, patch, grant), writes, { ...rest, ...host });
    },
    enable: (id) => on(id, 'webhook.enabled', () => webhooks.enable(id), { saveEndpoint: nothingMore }),
    remove: (id) => on(id, 'webhook.removed', () => webhooks.remove(id), { deleteEndpoint: nothingMore }),
    rotateSecret: (id, overlapHours) =>
      on(
        id,
        'webhook.secret_rotated',
        () => webhooks.rotateSecret(id, overlapHours),
        { saveEndpointSecrets: nothingMore },
        { overlapHours: overlapHours ?? null },
      ),
    test: (id) => on(id, 'webhook.tested', () => webhooks.test(id), { saveDeliveries: nothingMore }),
    replay: (id, wanted) =>
      on(
        id,
        'webhook.replayed',
        () => webhooks.replay(id, wanted),
        {
          saveDeliveries: nothingMore,
          rewindLane: nothingMore,
          replayDead: () => ({ results: ['events'] }),
        },
        replayed(wanted),
      ),
  };
}

const replayed = ({ what, connectionIds }: Wanted): AuditEntry['details'] => ({
  ...('eventIds' in what ? { events: what.eventIds.length } : what),
  ...(connectionIds === null ? {} : { connections: connectionIds }),
});
