import { ForeknowError } from '../../errors/errors.ts';
import { isObject } from '../../wire/reporting/read.ts';
import { createRawClient, type RawClient, type RawClientOptions } from '../raw.ts';

/** A record as it came: KnowBe4's keys, of which sources disagree about types (risk level, decay mode). */
type Row = Readonly<Record<string, unknown>>;

export type UserEventFilter = {
  readonly event_type?: string;
  /** Address or user id. */
  readonly target_user?: string;
  readonly external_id?: string;
  readonly source?: string;
  readonly occurred_date?: string;
  readonly risk_level?: string;
  readonly order_by?: string;
  readonly order_direction?: 'asc' | 'desc';
};

/** What is told of a person; the name of a type that there is not makes one. */
export type NewUserEvent = {
  readonly target_user: string;
  readonly event_type: string;
  /** At most 64 characters. It does not keep an event from being made twice. */
  readonly external_id?: string;
  readonly source?: string;
  /** At most 255 characters. */
  readonly description?: string;
  readonly occurred_date?: string;
  readonly risk_level?: number;
  readonly risk_decay_mode?: number | string;
  readonly risk_expire_date?: string;
};

/** The User Event API of one account. */
export type UserEventsClient = {
  /** Pages of at most 100, newest first. */
  events(filter?: UserEventFilter): AsyncGenerator<readonly Row[], void, undefined>;
  event(id: string): Promise<Row>;
  /** Takes effect later: the id is that of the request, see `status`. Not tried again, for it could be made twice. */
  create(event: NewUserEvent): Promise<{ readonly id: string }>;
  remove(id: string): Promise<void>;
  eventTypes(filter?: { readonly name?: string }): Promise<readonly Row[]>;
  status(id: string): Promise<Row>;
};

const PER_PAGE = '100';
/** A list that is still going on then does not end. */
const PAGE_CAP = 10_000;

/** @param options `baseUrl` see `eventsUrl` */
export function createUserEventsClient(options: Omit<RawClientOptions, 'surface'>): UserEventsClient {
  const raw = createRawClient({ ...options, surface: 'events' });
  return {
    async *events(filter = {}) {
      for (let page = 1; page <= PAGE_CAP; page += 1) {
        const query = new URLSearchParams({ ...filter, page: String(page), per_page: PER_PAGE });
        const { data, meta } = await envelope(raw, { path: '/events', query: String(query) });
        if (rows(data).length > 0) yield rows(data);
        if (!isObject(meta) || typeof meta.next_page !== 'number' || meta.next_page <= page) return;
      }
      throw new ForeknowError('incomplete_read', { detail: 'The list of user events did not end.' });
    },
    event: async (id) => row((await envelope(raw, { path: `/events/${segment(id)}` })).data),
    async create(event) {
      const { data } = await envelope(raw, { method: 'POST', path: '/events', body: JSON.stringify(event) });
      return { id: String(row(data).id) };
    },
    async remove(id) {
      await raw({ method: 'DELETE', path: `/events/${segment(id)}` });
    },
    eventTypes: async ({ name } = {}) =>
      rows(
        (await envelope(raw, { path: '/event_types', query: String(new URLSearchParams(name ? { name } : {})) })).data,
      ),
    status: async (id) => row((await envelope(raw, { path: `/statuses/${segment(id)}` })).data),
  };
}

/** An id as a part of a path: these are UUIDs. */
function segment(id: string): string {
  if (/^[\w-]+$/.test(id)) return id;
  throw new ForeknowError('invalid_request', {
    detail: 'Ids of user events are letters, digits and hyphens.',
    field: 'id',
  });
}

async function envelope(raw: RawClient, call: Parameters<RawClient>[0]): Promise<{ data: unknown; meta: unknown }> {
  const { body } = await raw(call);
  const parsed = parsedOf(body);
  if (isObject(parsed) && 'data' in parsed) return { data: parsed.data, meta: parsed.meta };
  throw notAsExpected();
}

function parsedOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw notAsExpected();
  }
}

function rows(data: unknown): readonly Row[] {
  if (Array.isArray(data) && data.every(isObject)) return data;
  throw notAsExpected();
}

function row(data: unknown): Row {
  if (isObject(data)) return data;
  throw notAsExpected();
}

const notAsExpected = (): ForeknowError =>
  new ForeknowError('remote_invalid', {
    detail: 'The User Event API answered with something that is not what was asked for.',
  });
