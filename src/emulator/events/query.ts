import type { UserEvent, UserEventStatus } from './records.ts';
import { type EventState, eventRow, newestFirst } from './state.ts';

const DEFAULT_PAGE = 50;
const MAX_PAGE = 100;

/** The envelope's `meta`, with the keys of a Rails pager. */
type Meta = {
  count: number;
  limit_value: number;
  total_pages: number;
  current_page: number;
  next_page: number | null;
  prev_page: number | null;
  is_first_page: boolean;
  is_last_page: boolean;
  is_out_of_range: boolean;
};

/** `GET /events`: filtered, ordered, one page of them. */
export function listEvents(state: EventState, query: URLSearchParams): { data: UserEvent[]; meta: Meta } {
  const tests = [...query].flatMap(([name, value]) => (value === '' ? [] : (filters[name]?.(value) ?? [])));
  const rows = newestFirst(state)
    .map((event) => eventRow(state, event))
    .filter((row) => tests.every((passes) => passes(row)));
  return paged(ordered(rows, query), query);
}

type Passes = (row: UserEvent) => boolean;

/** Parameters that choose; others are ignored. */
const filters: Readonly<Record<string, (value: string) => Passes>> = {
  event_type: (value) => (row) => row.event_type.name === value || String(row.event_type.id) === value,
  target_user: (value) => (row) =>
    row.user.email.toLowerCase() === value.toLowerCase() || String(row.user.id) === value,
  external_id: (value) => (row) => row.external_id === value,
  source: (value) => (row) => row.source === value,
  occurred_date: (value) => (row) => isOn(row.occurred_date, value),
  risk_level: (value) => (row) => row.risk.level !== null && String(row.risk.level) === value,
  risk_decay_mode: (value) => (row) => row.risk.decay_mode !== null && String(row.risk.decay_mode) === value,
  risk_expire_date: (value) => (row) => row.risk.expire_date !== null && isOn(row.risk.expire_date, value),
};

/** A date means the whole day, a time that moment. */
const isOn = (text: string, wanted: string): boolean =>
  wanted.length <= 10 ? text.startsWith(wanted) : Date.parse(text) === Date.parse(wanted);

const keys: Readonly<Record<string, (row: UserEvent) => string | number>> = {
  occurred_date: (row) => row.occurred_date,
  event_type: (row) => row.event_type.name,
  target_user: (row) => row.user.email,
  external_id: (row) => row.external_id ?? '',
  source: (row) => row.source ?? '',
  risk_level: (row) => row.risk.level ?? -1,
};

/** By `order_by`, descending unless told otherwise. An unknown one is ignored. */
function ordered(rows: UserEvent[], query: URLSearchParams): UserEvent[] {
  const key = keys[query.get('order_by') ?? 'occurred_date'] ?? keys.occurred_date!;
  const sign = query.get('order_direction')?.toLowerCase() === 'asc' ? 1 : -1;
  return rows.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x === y ? 0 : sign * (x < y ? -1 : 1);
  });
}

/** `GET /statuses`: the newest first. Recorded answers of it have no `meta`. */
export function listStatuses({ sent }: EventState, query: URLSearchParams): UserEventStatus[] {
  const wanted = query.get('processed');
  const passes = ({ processed }: UserEventStatus): boolean => {
    if (wanted === null || wanted === '') return true;
    if (wanted === 'true' || wanted === 'false') return (processed !== null) === (wanted === 'true');
    return processed !== null && isOn(processed, wanted);
  };
  return paged(
    sent
      .map(({ status }) => status)
      .filter(passes)
      .toReversed(),
    query,
  ).data;
}

/** `page` from 1; `per_page` up to 100, a larger one is cut. */
function paged<Row>(rows: readonly Row[], query: URLSearchParams): { data: Row[]; meta: Meta } {
  const size = Math.min(wholeOf(query.get('per_page')) ?? DEFAULT_PAGE, MAX_PAGE);
  const page = wholeOf(query.get('page')) ?? 1;
  const pages = Math.ceil(rows.length / size);
  return {
    data: rows.slice((page - 1) * size, page * size),
    meta: {
      count: rows.length,
      limit_value: size,
      total_pages: pages,
      current_page: page,
      next_page: page < pages ? page + 1 : null,
      prev_page: page > 1 && page <= pages ? page - 1 : null,
      is_first_page: page === 1,
      is_last_page: page === pages,
      is_out_of_range: page > pages,
    },
  };
}

/** A whole number above 0; anything else counts as not given. */
function wholeOf(text: string | null): number | undefined {
  const number = Number(text);
  return text !== null && Number.isInteger(number) && number > 0 ? number : undefined;
}
