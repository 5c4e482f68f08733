import type { Attempt, Delivery, StoredEndpoint } from '../../events/endpoint.ts';
import type { Writes } from '../folder.ts';
import type { CallServer } from './call-server.ts';

type WireEndpoint = Omit<StoredEndpoint, 'slowUntil'> & { readonly slowUntil: string | null };
type WireSecret = { readonly endpoint: WireEndpoint; readonly secret: string };
type WireDelivery = Pick<Delivery, 'eventId' | 'type' | 'state' | 'failures'> & {
  readonly connectionId: string | null;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly nextAt: string | null;
  readonly attempts: readonly Attempt[];
};

/** What changes an endpoint, done by the server that holds the folder; it takes the rights of the command's own token. */
export const remoteWebhooks = (call: CallServer): Writes['webhooks'] => ({
  create: async (input) => withSecret(await call<WireSecret>('POST', '/webhooks', input)),
  update: async (id, patch) => endpointOf(await call<WireEndpoint>('PATCH', pathOf(id), patch)),
  enable: async (id) => endpointOf(await call<WireEndpoint>('POST', `${pathOf(id)}/enable`)),
  remove: (id) => call('DELETE', pathOf(id)),
  rotateSecret: async (id, overlapHours) =>
    withSecret(await call<WireSecret>('POST', `${pathOf(id)}/rotate-secret`, { overlapHours })),
  test: async (id) => deliveryOf(id, await call<WireDelivery>('POST', `${pathOf(id)}/test`)),
  replay: (id, { what, connectionIds, dryRun }) =>
    call('POST', `${pathOf(id)}/replay`, {
      ...what,
      dryRun,
      ...(connectionIds ? { connectionId: connectionIds[0] } : {}),
    }),
});

const pathOf = (id: string): string => `/webhooks/${encodeURIComponent(id)}`;

const endpointOf = ({ slowUntil, ...endpoint }: WireEndpoint): StoredEndpoint => ({
  ...endpoint,
  slowUntil: slowUntil === null ? 0 : Date.parse(slowUntil),
});

const withSecret = ({ endpoint, secret }: WireSecret) => ({ endpoint: endpointOf(endpoint), secret });

const deliveryOf = (
  endpointId: string,
  { connectionId, firstAt, lastAt, nextAt, ...rest }: WireDelivery,
): Delivery => ({
  ...{ ...rest, endpointId, seq: 0, connectionId: connectionId ?? '' },
  ...{ firstAt: Date.parse(firstAt), lastAt: Date.parse(lastAt), nextAt: nextAt === null ? null : Date.parse(nextAt) },
});
