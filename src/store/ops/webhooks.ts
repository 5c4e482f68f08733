import type { Delivery, Endpoint } from '../../events/endpoint.ts';
import type { EndpointSecret, HealthNote, LaneCommit, LaneKey } from '../../events/endpoint-ports.ts';
import { type Insert, replacing, type Session, type Value } from '../session.ts';
import { deliveryCells, everyLane } from '../webhook-rows.ts';
import { appendEntries } from './events.ts';
import type { Op } from './op.ts';

const configured = [
  ...[
    'url',
    'description',
    'types',
    'connections',
    'families',
    'field_policy',
    'format',
    'names',
    'state',
    'state_reason',
    'created_at',
  ],
  ...['updated_at', 'previous_secret_until'],
] as const;

const configuredValues = (endpoint: Endpoint): readonly Value[] => [
  endpoint.url,
  endpoint.description,
  JSON.stringify(endpoint.types),
  endpoint.connections === null ? null : JSON.stringify(endpoint.connections),
  JSON.stringify(endpoint.families),
  endpoint.fieldPolicy === null ? null : JSON.stringify(endpoint.fieldPolicy),
  endpoint.format,
  endpoint.names ? 1 : 0,
  endpoint.state,
  endpoint.stateReason,
  endpoint.createdAt,
  endpoint.updatedAt,
  endpoint.previousSecretUntil,
];

export const createEndpoint: Op<{ endpoint: Endpoint; secret: EndpointSecret }, void> = {
  durable: true,
  run: async (session, { endpoint, secret }) => {
    await session.run(
      `insert into webhook_endpoints (${configured.join(', ')}, id) values (${configured.map(() => '?').join(', ')}, ?)`,
      ...configuredValues(endpoint),
      endpoint.id,
    );
    await putSecrets(session, endpoint.id, [secret]);
    await openLanes(session, endpoint);
  },
};

export const saveEndpoint: Op<{ endpoint: Endpoint; forget: boolean }, boolean> = {
  durable: true,
  run: async (session, { endpoint, forget }) => {
    const fresh = forget ? ', failing_since = null, slow_until = 0, told = 0' : '';
    const saved = await session.run(
      `update webhook_endpoints set ${configured.map((column) => `${column} = ?`).join(', ')}${fresh} where id = ?`,
      ...configuredValues(endpoint),
      endpoint.id,
    );
    if (saved === 0) return false;
    await closeLanes(session, endpoint);
    await openLanes(session, endpoint);
    // Whoever sends with what was set before is told by the version.
    await session.run(
      'update webhook_lanes set version = version + 1, wait_until = null where endpoint_id = ?',
      endpoint.id,
    );
    return true;
  },
};

export const deleteEndpoint: Op<{ id: string }, boolean> = {
  durable: true,
  erases: true,
  run: async (session, { id }) => {
    await session.run('delete from webhook_deliveries where endpoint_id = ?', id);
    await session.run('delete from webhook_lanes where endpoint_id = ?', id);
    await session.run('delete from secrets where connection_id = ?', id);
    return (await session.run('delete from webhook_endpoints where id = ?', id)) > 0;
  },
};

type SecretsChange = {
  readonly id: string;
  readonly secrets: readonly EndpointSecret[];
  readonly previousUntil: string | null;
  readonly at: string;
};

export const saveEndpointSecrets: Op<SecretsChange, boolean> = {
  durable: true,
  run: async (session, { id, secrets, previousUntil, at }) => {
    const saved = await session.run(
      'update webhook_endpoints set previous_secret_until = ?, updated_at = ? where id = ?',
      previousUntil,
      at,
      id,
    );
    if (saved === 0) return false;
    await session.run('delete from secrets where connection_id = ?', id);
    await putSecrets(session, id, secrets);
    return true;
  },
};

/** Only one caller gets true for a step. */
export const takeTold: Op<{ id: string; step: number; failingSince: string }, boolean> = {
  durable: true,
  run: async (session, { id, step, failingSince }) => {
    const text = 'update webhook_endpoints set told = ? where id = ? and told < ? and failing_since = ?';
    return (await session.run(text, step, id, step, failingSince)) > 0;
  },
};

/** Lanes that are behind entries which are about to go lose them. */
export async function countLost(session: Session, upTo: number): Promise<void> {
  await session.run(
    `update webhook_endpoints set lost = lost + (select coalesce(sum(
         (select count(*) from changes where connection_id = lane.connection_id and seq > lane.position and seq <= ?1)), 0)
       from webhook_lanes as lane where lane.endpoint_id = webhook_endpoints.id and lane.position < ?1)
     where exists (select 1 from webhook_lanes as lane where lane.endpoint_id = webhook_endpoints.id and lane.position < ?1)`,
    upTo,
  );
}

type Lost = { readonly id: string; readonly url: string; readonly lost: number };

export const takeLost: Op<null, readonly Lost[]> = {
  durable: true,
  run: async (session) => {
    const found = await session.all<Lost>(
      `select id, url, lost - lost_told as lost from webhook_endpoints where lost > lost_told order by id ${session.words.forUpdate}`,
    );
    if (found.length > 0) await session.run('update webhook_endpoints set lost_told = lost where lost > lost_told');
    return found;
  },
};

/** A new connection's lane begins before its first entry in the log. */
export const addLanes: Op<null, void> = {
  durable: false,
  run: async (session) => {
    await session.run(
      `insert into webhook_lanes (endpoint_id, connection_id, position, version)
       select endpoint.id, connection.id,
         coalesce((select min(seq) - 1 from changes where connection_id = connection.id), (select seq from log_head)), 0
       from webhook_endpoints as endpoint cross join ${everyLane} as connection
       where endpoint.connections is null and not exists (select 1 from webhook_lanes as lane
         where lane.endpoint_id = endpoint.id and lane.connection_id = connection.id)
       on conflict do nothing`,
    );
  },
};

/** Not durable: after a power cut what was sent last is sent again. */
export const commitLane: Op<LaneCommit, boolean> = {
  durable: (commit) => commit.health.off !== null,
  run: async (session, { lane, position, afterEvent, headEvent, waitUntil, deliveries, health, at }) => {
    const moved = await session.run(
      `update webhook_lanes set position = ?, after_event = ?, head_event = ?, wait_until = ?, version = version + 1
       where endpoint_id = ? and connection_id = ? and version = ?`,
      position,
      afterEvent,
      headEvent,
      waitUntil,
      lane.endpointId,
      lane.connectionId,
      lane.version,
    );
    if (moved === 0) return false;
    await putDeliveries(session, deliveries);
    await noteHealth(session, lane.endpointId, lane.connectionId, health, at);
    return true;
  },
};

export const rewindLane: Op<LaneKey & { position: number }, boolean> = {
  durable: true,
  run: async (session, { endpointId, connectionId, position }) =>
    (await session.run(
      `update webhook_lanes set position = ?, after_event = null, head_event = null, wait_until = null, version = version + 1
       where endpoint_id = ? and connection_id = ? and position > ?`,
      position,
      endpointId,
      connectionId,
      position,
    )) > 0,
};

type Saved = { readonly deliveries: readonly Delivery[]; readonly health: HealthNote; readonly at: string };

export const saveDeliveries: Op<Saved, void> = {
  durable: ({ health }) => health.off !== null,
  run: async (session, { deliveries, health, at }) => {
    const [first] = deliveries;
    if (first === undefined) return;
    const endpoint = await session.get('select id from webhook_endpoints where id = ?', first.endpointId);
    if (endpoint === undefined) return; // removed meanwhile
    await putDeliveries(session, deliveries);
    await noteHealth(session, first.endpointId, first.connectionId, health, at);
  },
};

type Replay = {
  readonly endpointId: string;
  readonly connectionIds: readonly string[] | null;
  readonly now: number;
  readonly dryRun: boolean;
};

/** A dead test event is not sent again: the log does not hold it. */
export const replayDead: Op<Replay, number> = {
  durable: true,
  run: async (session, { endpointId, connectionIds, now, dryRun }) => {
    const reached = connectionIds === null ? '' : ` and ${session.words.among('connection_id', '?')}`;
    const dead = `endpoint_id = ? and state = 'dead' and type <> 'test'${reached}`;
    const values: Value[] = [endpointId, ...(connectionIds === null ? [] : [connectionIds])];
    if (dryRun) {
      const row = await session.get<{ n: number }>(
        `select count(*) as n from webhook_deliveries where ${dead}`,
        ...values,
      );
      return row?.n ?? 0;
    }
    const again = `update webhook_deliveries set state = 'retrying', failures = 0, next_at = ? where ${dead}`;
    return session.run(again, now, ...values);
  },
};

export const dropDeliveries: Op<{ before: number; limit: number }, number> = {
  durable: false,
  run: async (session, { before, limit }) => {
    let dropped = 0;
    for (const { id } of await session.all<{ id: string }>('select id from webhook_endpoints')) {
      const old = await session.all<{ event_id: string }>(
        `select event_id from webhook_deliveries where endpoint_id = ? and first_at < ? and last_at < ?
           and state in ('delivered', 'dead') order by first_at limit ?`,
        id,
        before,
        before,
        limit - dropped,
      );
      await session.deleteRows(
        'webhook_deliveries',
        ['endpoint_id', 'event_id'],
        old.map((row) => [id, row.event_id]),
      );
      dropped += old.length;
    }
    return dropped;
  },
};

const secretInsert: Insert = {
  table: 'secrets',
  columns: { connection_id: 'text', kind: 'text', sealed: 'text', fingerprint: 'text', created_at: 'text' },
};

const putSecrets = (session: Session, id: string, secrets: readonly EndpointSecret[]): Promise<void> =>
  session.insert(
    secretInsert,
    secrets.map(({ slot, sealed, fingerprint, createdAt }) => [id, slot, sealed, fingerprint, createdAt]),
  );

/** For what it reaches and has no lane for: from the end of the log. */
async function openLanes(session: Session, { id, connections }: Endpoint): Promise<void> {
  const reached = connections === null ? '1 = 1' : session.words.among('connection.id', '?');
  await session.run(
    `insert into webhook_lanes (endpoint_id, connection_id, position, version)
     select cast(? as text), connection.id, log_head.seq, 0
     from ${connections === null ? everyLane : 'connections'} as connection cross join log_head where ${reached}
     on conflict do nothing`,
    id,
    ...(connections === null ? [] : [connections]),
  );
}

async function closeLanes(session: Session, { id, connections }: Endpoint): Promise<void> {
  if (connections === null) return;
  const left = `endpoint_id = ? and not (${session.words.among('connection_id', '?')})`;
  await session.run(`delete from webhook_lanes where ${left}`, id, connections);
  await session.run(
    `update webhook_deliveries set state = 'dead', next_at = null where ${left} and state in ('waiting', 'retrying')`,
    id,
    connections,
  );
}

/** Attempts of earlier deliveries of an event stay when it is sent anew, up to this length of their JSON. */
const MOST_KEPT = 50_000;

/** A delivery that began later than the one that stands there is another one, of a replay: its attempts follow those. */
const joinedAttempts = `attempts = case
  when webhook_deliveries.first_at < excluded.first_at and webhook_deliveries.attempts <> '[]' and excluded.attempts <> '[]'
    and length(webhook_deliveries.attempts) < ${MOST_KEPT}
  then substr(webhook_deliveries.attempts, 1, length(webhook_deliveries.attempts) - 1) || ',' || substr(excluded.attempts, 2)
  else excluded.attempts end`;

const deliveryInsert: Insert = {
  table: 'webhook_deliveries',
  columns: {
    ...{ endpoint_id: 'text', event_id: 'text', connection_id: 'text', seq: 'number', type: 'text', state: 'text' },
    ...{ failures: 'number', first_at: 'number', last_at: 'number', next_at: 'number', attempts: 'text' },
  },
  conflict: {
    key: ['endpoint_id', 'event_id'],
    set: [...replacing('state', 'failures', 'first_at', 'last_at', 'next_at'), joinedAttempts],
  },
};

const putDeliveries = (session: Session, deliveries: readonly Delivery[]): Promise<void> =>
  session.insert(deliveryInsert, deliveries.map(deliveryCells));

/** A success is noted to ten seconds, so that a busy endpoint's row is not written with every batch. */
const SUCCESS_NOTED_MS = 10_000;

async function noteHealth(
  session: Session,
  endpointId: string,
  connectionId: string,
  { succeededAt, failedAt, slowUntil, off }: HealthNote,
  at: string,
): Promise<void> {
  if (succeededAt !== null) {
    await session.run(
      `update webhook_endpoints set failing_since = null, told = 0, last_success_at = ?1
       where id = ?2 and (failing_since is not null or last_success_at is null or last_success_at < ?3)`,
      succeededAt,
      endpointId,
      new Date(Date.parse(succeededAt) - SUCCESS_NOTED_MS).toISOString(),
    );
  }
  if (failedAt !== null) {
    await session.run(
      `update webhook_endpoints set failing_since = coalesce(failing_since, ?1), last_failure_at = ?1,
         slow_until = case when slow_until < ?2 then ?2 else slow_until end where id = ?3`,
      failedAt,
      slowUntil,
      endpointId,
    );
  }
  if (off !== null) await switchOff(session, endpointId, connectionId, off, at);
}

async function switchOff(
  session: Session,
  endpointId: string,
  connectionId: string,
  { reason, ifFailingSince }: NonNullable<HealthNote['off']>,
  at: string,
): Promise<void> {
  const endpoint = await session.get<{ url: string }>(
    `update webhook_endpoints set state = 'off', state_reason = ?, updated_at = ?
     where id = ? and state = 'active'${ifFailingSince === null ? '' : ' and failing_since = ?'} returning url`,
    reason,
    at,
    endpointId,
    ...(ifFailingSince === null ? [] : [ifFailingSince]),
  );
  if (endpoint === undefined) return;
  // The address may hold a secret of the receiver: the host says enough.
  const current = { host: new URL(endpoint.url).host, reason };
  await appendEntries(session, connectionId, '', [{ kind: 'endpoint.disabled', key: endpointId, at, current }]);
}
