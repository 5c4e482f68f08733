import type { DeliveryQuery, EndpointSecret, LaneKey, WebhookStore } from '../events/endpoint-ports.ts';
import type { Session, Value } from './session.ts';
import {
  type DeliveryRow,
  type EndpointRow,
  everyLane,
  type LaneRow,
  toDelivery,
  toEndpoint,
  toEndpointSecret,
  toLane,
} from './webhook-rows.ts';

type Reads =
  | 'getEndpoint'
  | 'listEndpoints'
  | 'endpointSecrets'
  | 'lacksLanes'
  | 'lanesDue'
  | 'getLane'
  | 'lanesOf'
  | 'getDelivery'
  | 'deliveries'
  | 'lateDeliveries'
  | 'nextLate'
  | 'deadDeliveries';

/** Reads of endpoints, lanes and deliveries. */
export const webhookReads = (session: Session): Pick<WebhookStore, Reads> => ({
  async getEndpoint(id) {
    const row = await session.get<EndpointRow>('select * from webhook_endpoints where id = ?', id);
    return row === undefined ? null : toEndpoint(row);
  },
  async listEndpoints() {
    return (await session.all<EndpointRow>('select * from webhook_endpoints order by created_at, id')).map(toEndpoint);
  },
  async endpointSecrets(id) {
    const rows = await session.all<{
      kind: EndpointSecret['slot'];
      sealed: string;
      fingerprint: string;
      created_at: string;
    }>('select kind, sealed, fingerprint, created_at from secrets where connection_id = ? order by kind', id);
    return rows.map(toEndpointSecret);
  },

  async lacksLanes() {
    const row = await session.get<{ n: number }>(
      `select case when exists (select 1 from webhook_endpoints as endpoint cross join ${everyLane} as connection
         where endpoint.connections is null and not exists (select 1 from webhook_lanes as lane
           where lane.endpoint_id = endpoint.id and lane.connection_id = connection.id)) then 1 else 0 end as n`,
    );
    return row?.n === 1;
  },
  lanesDue: (now, limit) => lanesDue(session, now, limit),
  async getLane({ endpointId, connectionId }) {
    const text = 'select * from webhook_lanes where endpoint_id = ? and connection_id = ?';
    const row = await session.get<LaneRow>(text, endpointId, connectionId);
    return row === undefined ? null : toLane(row);
  },
  async lanesOf(endpointId) {
    const text = 'select * from webhook_lanes where endpoint_id = ? order by connection_id';
    return (await session.all<LaneRow>(text, endpointId)).map(toLane);
  },

  async getDelivery(endpointId, eventId) {
    const text = 'select * from webhook_deliveries where endpoint_id = ? and event_id = ?';
    const row = await session.get<DeliveryRow>(text, endpointId, eventId);
    return row === undefined ? null : toDelivery(row);
  },
  deliveries: (query) => deliveries(session, query),
  async lateDeliveries({ endpointId, connectionId }, now, limit) {
    const rows = await session.all<DeliveryRow>(
      `select * from webhook_deliveries where endpoint_id = ? and connection_id = ? and state = 'retrying' and next_at <= ?
       order by next_at, event_id limit ?`,
      endpointId,
      connectionId,
      now,
      limit,
    );
    return rows.map(toDelivery);
  },
  async nextLate({ endpointId, connectionId }) {
    const row = await session.get<{ next: number | null }>(
      `select min(next_at) as next from webhook_deliveries
       where endpoint_id = ? and connection_id = ? and state = 'retrying'`,
      endpointId,
      connectionId,
    );
    return row?.next ?? null;
  },
  async deadDeliveries(connectionId, since) {
    const rows = await session.all<{ endpoint_id: string; n: number }>(
      `select endpoint_id, count(*) as n from webhook_deliveries where connection_id = ? and state = 'dead' and last_at >= ?
       group by endpoint_id order by endpoint_id`,
      connectionId,
      since,
    );
    return rows.map(({ endpoint_id, n }) => ({ endpointId: endpoint_id, deliveries: n }));
  },
});

/** Jobs of an endpoint that wait or are done now; it gets no more lanes while it has so many. */
const LANES_PUT = 16;

/**
 * Lanes behind the log that do not wait for their head, and lanes whose late deliveries are due; without those that are put
 * already. An endpoint with many lanes takes no other's place.
 */
async function lanesDue(
  session: Session,
  now: number,
  limit: number,
): Promise<readonly (LaneKey & { readonly late: boolean })[]> {
  const isPut = (ending: string): string =>
    `exists (select 1 from jobs where kind = 'deliver' and due_at <= ?1
       and key = lane.endpoint_id || '/' || lane.connection_id || '${ending}')`;
  const lanes = `webhook_lanes as lane join webhook_endpoints as endpoint on endpoint.id = lane.endpoint_id
     where endpoint.state = 'active' and endpoint.slow_until <= ?1
       and (select count(*) from jobs where kind = 'deliver' and due_at <= ?1
         and key > endpoint.id || '/' and key < endpoint.id || '0') < ${LANES_PUT}`; // 0 follows the slash
  const rows = await session.all<{ endpoint_id: string; connection_id: string; late: number }>(
    `select endpoint_id, connection_id, late from (
       select due.*, row_number() over (partition by endpoint_id order by position, connection_id, late) as place from (
         select lane.endpoint_id, lane.connection_id, lane.position, 0 as late from ${lanes}
           and coalesce(lane.wait_until, 0) <= ?1 and not ${isPut('')}
           and exists (select 1 from changes where connection_id = lane.connection_id and seq > lane.position)
         union all
         select lane.endpoint_id, lane.connection_id, lane.position, 1 as late from ${lanes} and not ${isPut('/late')}
           and exists (select 1 from webhook_deliveries as delivery where delivery.endpoint_id = lane.endpoint_id
             and delivery.connection_id = lane.connection_id and delivery.state = 'retrying' and delivery.next_at <= ?1)
       ) as due
     ) as placed where place <= ${LANES_PUT} order by place, endpoint_id limit ?2`,
    now,
    limit,
  );
  return rows.map((row) => ({ endpointId: row.endpoint_id, connectionId: row.connection_id, late: row.late === 1 }));
}

async function deliveries(session: Session, { endpointId, state, eventId, before, limit }: DeliveryQuery) {
  const conditions = ['endpoint_id = ?'];
  const values: Value[] = [endpointId];
  const where = (condition: string, ...given: readonly Value[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  if (state !== undefined) where('state = ?', state);
  if (eventId !== undefined) where('event_id = ?', eventId);
  if (before !== undefined) {
    where('first_at <= ?', before.firstAt);
    where('(first_at < ? or event_id < ?)', before.firstAt, before.eventId);
  }
  const rows = await session.all<DeliveryRow>(
    `select * from webhook_deliveries where ${conditions.join(' and ')} order by first_at desc, event_id desc limit ?`,
    ...values,
    limit,
  );
  return rows.map(toDelivery);
}
