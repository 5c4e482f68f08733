import type { EventOf } from '../../webhooks/event.ts';
import type { Answer, CallOperation, Query } from '../call.ts';
import { type FollowOptions, follow } from '../follow.ts';
import type { AuditEntry, Change } from '../generated.ts';
import { type List, listOf, wholeList } from '../list.ts';
import type { CallOptions, ClientOptions } from '../send.ts';

type Following<Filter> = FollowOptions & Filter;
type EventFilter = Omit<Query<'listEvents'>, 'after' | 'wait' | 'order' | 'from' | 'until'>;
type ChangeFilter = Omit<Query<'listChanges'>, 'after'>;
/** What `from` and `until` choose, in either order, is for `client.call('listEvents', …)`. */
type EventQuery = Omit<Query<'listEvents'>, 'wait' | 'order'>;
type EventPage = Omit<Answer<'listEvents'>, 'result'> & { readonly result: readonly EventOf[] };

/** Seconds that the server holds a question for events. */
const WAIT_S = 25;
/** A server that is about to stop does not hold questions. */
const BETWEEN_WAITS_MS = 250;
const CHANGES_EVERY_MS = 5000;

/** What happened: logs in order, without gaps. */
export function logsOf(call: CallOperation, { sleep }: Pick<ClientOptions, 'sleep'>) {
  const positions = <
    Row,
    Page extends { readonly result: readonly Row[]; readonly next_after: number; readonly has_more: boolean },
  >(
    ask: (after: number | undefined) => Promise<Page>,
    from: number | undefined,
  ): List<Row, Page> =>
    listOf<Row, Page>({
      ask: (cursor) => ask(cursor === undefined ? from : Number(cursor)),
      rows: (page) => page.result,
      next: (page) => (page.has_more ? String(page.next_after) : null),
    });
  const events = (query: EventQuery & { readonly wait?: number }, options?: CallOptions) =>
    call('listEvents', { query }, options) as Promise<EventPage>;

  return {
    /** What happened to people, trainings, tests, risk and connections. */
    events: {
      /** Up to the end of what there is now. */
      list: ({ after, ...query }: EventQuery = {}, options?: CallOptions): List<EventOf, EventPage> =>
        listOf<EventOf, EventPage>({
          ask: (cursor) => events({ ...query, ...from(cursor ?? after) }, options),
          rows: (page) => page.result,
          next: (page) => (page.has_more ? page.next_cursor : null),
        }),
      /** For ever: waits for what happens next. Every event comes at least once. */
      follow: ({ after, signal, ...query }: Following<EventFilter> = {}) =>
        follow<EventOf>(
          async (at, asked) => {
            const page = await events({ ...query, ...from(at), wait: WAIT_S }, withSignal(asked));
            return { rows: page.result, position: page.next_cursor, hasMore: page.has_more };
          },
          { after, ...withSignal(signal) },
          { pauseMs: BETWEEN_WAITS_MS, sleep },
        ),
      get: (id: string, options?: CallOptions) => call('getEvent', { params: { id } }, options) as Promise<EventOf>,
      /** Every type, with the schema of its data. */
      types: (options?: CallOptions) => wholeList(() => call('listEventTypes', {}, options)),
    },
    /** Every change of a record, with old and new values. */
    changes: {
      list: (
        { after, ...query }: Query<'listChanges'> = {},
        options?: CallOptions,
      ): List<Change, Answer<'listChanges'>> =>
        positions<Change, Answer<'listChanges'>>(
          (at) => call('listChanges', { query: { ...query, ...(at !== undefined && { after: at }) } }, options),
          after,
        ),
      /** For ever, asking every five seconds (`everyMs`). Every change comes at least once. */
      follow: ({
        after,
        signal,
        everyMs = CHANGES_EVERY_MS,
        ...query
      }: Following<ChangeFilter & { everyMs?: number }> = {}) =>
        follow<Change>(
          async (at, asked) => {
            const input = { query: { ...query, ...(at !== undefined && { after: Number(at) }) } };
            const page = await call('listChanges', input, withSignal(asked));
            return { rows: page.result, position: String(page.next_after), hasMore: page.has_more };
          },
          { after, ...withSignal(signal) },
          { pauseMs: everyMs, sleep },
        ),
    },
    /** What an operator should look at, newest first. */
    alerts: {
      list: (query: Query<'listAlerts'> = {}, options?: CallOptions) =>
        wholeList(() => call('listAlerts', { query }, options)),
    },
    /** Who did what, by which door, from where. */
    audit: {
      list: (
        { after, ...query }: Omit<Query<'listAudit'>, 'format'> = {},
        options?: CallOptions,
      ): List<AuditEntry, AuditPage> =>
        positions<AuditEntry, AuditPage>(
          (at) =>
            call(
              'listAudit',
              { query: { ...query, ...(at !== undefined && { after: at }) } },
              options,
            ) as Promise<AuditPage>,
          after,
        ),
    },
  };
}

type AuditPage = Extract<Answer<'listAudit'>, { readonly result: unknown }>;

const from = (cursor: string | undefined) => (cursor === undefined ? {} : { after: cursor });
const withSignal = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });
