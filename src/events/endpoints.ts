import { ForeknowError } from '../errors/errors.ts';
import { attempt } from './attempt.ts';
import { afterOutcome, type DeliverDeps, newDelivery, noHealth, signerOf } from './deliver.ts';
import type { Delivery, Endpoint, StoredEndpoint } from './endpoint.ts';
import { configured, type EndpointInput, type EndpointPatch, type Grant } from './endpoint-input.ts';
import type { DeliveryQuery, EndpointSecret, Lane } from './endpoint-ports.ts';
import type { Event } from './event.ts';
import { messageOf } from './message.ts';
import type { LogStore } from './ports.ts';
import { type Replay, type Replayed, replay } from './replay-deliveries.ts';
import { newSecret } from './sign.ts';

export type EndpointDeps = Omit<DeliverDeps, 'store'> & {
  readonly store: DeliverDeps['store'] & Pick<LogStore, 'appendEntry'>;
  /** @throws ForeknowError `host_not_allowed` */
  readonly checkAddress: (url: string) => Promise<void>;
  readonly sealSecret: (endpointId: string, slot: EndpointSecret['slot'], secret: string, at: string) => EndpointSecret;
  readonly newId: (prefix: string) => string;
};

/** An endpoint with the places of its lanes. */
export type EndpointDetail = StoredEndpoint & { readonly lanes: readonly Lane[] };

/** The secret is shown this once. */
export type WithSecret = { readonly endpoint: StoredEndpoint; readonly secret: string };

const HOUR_MS = 3_600_000;
const OVERLAP_HOURS = 24;
const PAUSED = 'Paused by a person.';

/** The use cases of webhook endpoints. */
export function endpointRoom(deps: EndpointDeps) {
  const { store, newId } = deps;
  const at = (): string => new Date(deps.now()).toISOString();

  const need = async (id: string): Promise<StoredEndpoint> => {
    const found = await store.getEndpoint(id);
    if (found === null)
      throw new ForeknowError('not_found', { detail: 'No webhook endpoint has this id.', field: 'id' });
    return found;
  };

  const save = async (endpoint: Endpoint, forget: boolean): Promise<StoredEndpoint> => {
    await store.saveEndpoint(endpoint, { forget });
    if (forget) deps.slow.delete(endpoint.id);
    return need(endpoint.id);
  };

  return {
    /** @throws ForeknowError `invalid_request`, `host_not_allowed`, `scope_missing`, `connection_not_allowed` */
    async create(input: EndpointInput, grant: Grant): Promise<WithSecret> {
      const fields = configured(input, grant, null);
      await deps.checkAddress(fields.url);
      const id = newId('whk');
      const { state = 'active' } = input;
      const stateReason = state === 'paused' ? PAUSED : null;
      const times = { createdAt: at(), updatedAt: at(), previousSecretUntil: null };
      const endpoint: Endpoint = { id, ...fields, ...{ state, stateReason }, ...times };
      const secret = newSecret();
      await store.createEndpoint(endpoint, deps.sealSecret(id, 'webhook', secret, at()));
      return { endpoint: await need(id), secret };
    },

    list: (): Promise<readonly StoredEndpoint[]> => store.listEndpoints(),

    async get(id: string): Promise<EndpointDetail> {
      const [endpoint, lanes] = await Promise.all([need(id), store.lanesOf(id)]);
      return { ...endpoint, lanes };
    },

    /** Whoever changes an endpoint lends it what they may read themselves. */
    async update(id: string, patch: EndpointPatch, grant: Grant): Promise<StoredEndpoint> {
      const before = await need(id);
      const fields = configured(patch, grant, before);
      if (fields.url !== before.url) await deps.checkAddress(fields.url);
      const state = patch.state ?? before.state;
      const stateReason = state === before.state ? before.stateReason : state === 'paused' ? PAUSED : null;
      const isOnAgain = state === 'active' && before.state !== 'active';
      return save({ ...before, ...fields, state, stateReason, updatedAt: at() }, isOnAgain);
    },

    /** Switches an endpoint on again; it goes on where it stood. */
    async enable(id: string): Promise<StoredEndpoint> {
      const before = await need(id);
      if (before.state === 'active') return before;
      const enabled = await save({ ...before, state: 'active', stateReason: null, updatedAt: at() }, true);
      if (before.state === 'off') await tellEnabled(store, enabled, at());
      return enabled;
    },

    async remove(id: string): Promise<{ readonly id: string }> {
      if (await store.deleteEndpoint(id)) return { id };
      throw new ForeknowError('not_found', { detail: 'No webhook endpoint has this id.', field: 'id' });
    },

    /**
     * A new secret. Deliveries are signed with the old one as well for a while, so that the receiver can change at its leisure.
     * @param overlapHours 0: the old one ends at once
     */
    async rotateSecret(id: string, overlapHours = OVERLAP_HOURS): Promise<WithSecret> {
      await need(id);
      const secret = newSecret();
      const secrets = [deps.sealSecret(id, 'webhook', secret, at())];
      const until = overlapHours === 0 ? null : new Date(deps.now() + overlapHours * HOUR_MS).toISOString();
      if (until !== null) {
        const [old] = (await store.endpointSecrets(id)).filter(({ slot }) => slot === 'webhook');
        if (old !== undefined)
          secrets.push(deps.sealSecret(id, 'webhook_previous', deps.openSecret(id, old), old.createdAt));
      }
      await store.saveEndpointSecrets({ id, secrets, previousUntil: until, at: at() });
      return { endpoint: await need(id), secret };
    },

    /** Sends a signed event of the type `test` at once, whatever the state of the endpoint, and shows what came of it. */
    async test(id: string): Promise<Delivery> {
      const endpoint = await need(id);
      const event = testEvent(newId('evt_test'), at());
      const sign = await signerOf(deps, endpoint);
      const target = { url: endpoint.url, sign };
      const outcome = await attempt(deps, target, event.id, messageOf(event, endpoint), new AbortController().signal);
      const sent = afterOutcome(
        newDelivery({ endpointId: id, connectionId: '' }, event, deps.now()),
        outcome,
        deps.now(),
        0,
      );
      const delivery = { ...sent, state: outcome.isDelivered ? 'delivered' : 'dead', nextAt: null } as const;
      const shown = { ...delivery, attempts: delivery.attempts.map((one) => ({ ...one, nextAt: null })) };
      await store.saveDeliveries([shown], noHealth, at());
      return shown;
    },

    /** Sends events again. @throws ForeknowError `not_found` for an event that the log does not hold or the endpoint does not get */
    replay: async (id: string, wanted: Replay): Promise<Replayed> => replay(deps, await need(id), wanted),

    async deliveries(query: DeliveryQuery): Promise<readonly Delivery[]> {
      await need(query.endpointId);
      return store.deliveries(query);
    },

    async delivery(id: string, eventId: string): Promise<Delivery> {
      const found = await store.getDelivery(id, eventId);
      if (found !== null) return found;
      throw new ForeknowError('not_found', { detail: 'This endpoint has no delivery of this event.' });
    },
  };
}

export type EndpointRoom = ReturnType<typeof endpointRoom>;

const testEvent = (id: string, at: string): Event => ({
  ...{ id, seq: 0, type: 'test', connectionId: '', at },
  data: { message: 'A test event: the endpoint is reached and the signature can be checked.' },
});

/** In the log of the connection in which it was said that the endpoint is off. */
async function tellEnabled(store: EndpointDeps['store'], { id, url }: Endpoint, at: string): Promise<void> {
  const { head } = await store.logBounds();
  const range = { connectionIds: null, first: 1, last: head, order: 'desc', limit: 1000 } as const;
  const said = await store.logEntries({ ...range, kinds: ['endpoint.disabled'] });
  const connectionId = said.find(({ key }) => key === id)?.connectionId;
  if (connectionId === undefined) return;
  await store.appendEntry({
    connectionId,
    kind: 'endpoint.enabled',
    key: id,
    at,
    current: { host: new URL(url).host },
  });
}
