import { environmentId } from '../model/environment.ts';
import { hideFields } from '../model/hide-fields.ts';
import type { Endpoint } from './endpoint.ts';
import type { Event } from './event.ts';
import { withoutNames } from './privacy.ts';
import { trutoPayload } from './truto.ts';

/** What is sent of one event. */
export type Message = { readonly contentType: string; readonly body: string };

/** Larger bodies are sent without their data, with the address where it can be read. */
const MOST_BYTES = 64 * 1024;

/** The body of an event for an endpoint: the same on every try. */
export function messageOf(event: Event, endpoint: Pick<Endpoint, 'id' | 'format' | 'names' | 'fieldPolicy'>): Message {
  const named = endpoint.names ? event.data : withoutNames(event).data;
  const data = endpoint.fieldPolicy === null ? named : (hideFields(named, endpoint.fieldPolicy) as Data);
  const whole = written(event, data, endpoint);
  return Buffer.byteLength(whole.body) <= MOST_BYTES ? whole : written(event, thin(event), endpoint);
}

type Data = Event['data'];

const written = (event: Event, data: Data, { id, format }: Pick<Endpoint, 'id' | 'format'>): Message =>
  format === 'cloudevents'
    ? { contentType: 'application/cloudevents+json; charset=utf-8', body: JSON.stringify(cloudEvent(event, data)) }
    : {
        contentType: 'application/json; charset=utf-8',
        body: JSON.stringify(format === 'truto' ? truto(event, data, id) : plain(event, data, id)),
      };

/** What Truto's webhooks send, and nothing else. */
const truto = (event: Event, data: Data, endpointId: string) => ({
  id: event.id,
  event: event.as ?? event.type,
  event_type: event.as ?? event.type,
  payload: 'truncated' in data ? data : trutoPayload(event, data),
  environment_id: environmentId,
  webhook_id: endpointId,
  created_at: event.at,
});

/**
 * Standard Webhooks reads `type`, `timestamp` and `data`, Truto’s receivers `event` or `event_type`, `payload` and
 * `created_at`. One installation is one environment.
 */
const plain = ({ id, seq, type, at, connectionId }: Event, data: Data, endpointId: string) => ({
  id,
  type,
  event: type,
  event_type: type,
  timestamp: at,
  created_at: at,
  connection_id: connectionId === '' ? null : connectionId,
  sequence: seq,
  webhook_id: endpointId,
  environment_id: environmentId,
  data,
  payload: data,
});

/** CloudEvents 1.0, structured; `sequence` is its registered extension. */
const cloudEvent = ({ id, type, at, connectionId }: Event, data: Data) => ({
  specversion: '1.0',
  id,
  source: connectionId === '' ? '/foreknow' : `/connections/${connectionId}`,
  type,
  time: at,
  datacontenttype: 'application/json',
  sequence: sequenceOf(id),
  data,
});

/** Text that sorts as the events happened, as the extension asks for: the place in the log, as the id has it. */
const sequenceOf = (eventId: string): string => eventId.replace(/^evt_/, '');

const thin = ({ id }: Event): Data => ({ truncated: true, url: `/api/v1/events/${id.replace(/-\d$/, '')}` });
