import { noteUpstream } from '../calls/context.ts';
import { createReportingClient, type Fetch, type ReportingClient, type RequestEvent } from '../client/index.ts';
import type { Connection } from '../connections/connection.ts';
import type { ConnectionRoom } from '../connections/connections.ts';
import type { ProbeAccount, ProbeTarget, ProbeUsers } from '../connections/ports.ts';
import type { Metrics } from '../metrics/ports.ts';
import type { Limiters } from './limiters.ts';
import { remoteSpan } from './remote-span.ts';

export const userAgent = 'foreknow (self-hosted)';

/** A client for a connection: its opened token, and the limiter that its whole account shares. */
export const createClients = (deps: {
  readonly room: ConnectionRoom;
  readonly limiters: Limiters;
  readonly fetch: Fetch;
  readonly metrics: Metrics;
}) => {
  const tell = tellRequest(deps.metrics);
  return async (connection: Connection): Promise<ReportingClient> =>
    createReportingClient({
      region: connection.region,
      token: await deps.room.openToken(connection),
      ...(connection.baseUrls.reporting === undefined ? {} : { baseUrl: connection.baseUrls.reporting }),
      pagination: connection.settings.pagination ?? 'auto',
      limiter: await deps.limiters.of(connection),
      fetch: deps.fetch,
      userAgent,
      onRequest: (event) => tell(connection, event),
    });
};

/** Counts and traces a request that was sent for a connection. */
export const tellRequest =
  (metrics: Metrics) =>
  ({ id, name }: Connection, event: RequestEvent): void => {
    const { endpoint, kind, status, durationMs } = event;
    noteUpstream(durationMs);
    metrics.remoteRequest({ connection: name, endpoint, kind, status, seconds: durationMs / 1000 });
    remoteSpan(id, event, Date.now());
  };

/** Enough to tell whether people are those of a mirror; one page at every size that KnowBe4 is known to give. */
const PEOPLE_ASKED = 100;

export type Probes = {
  readonly probeAccount: ProbeAccount;
  readonly probeUsers: ProbeUsers;
  /** Requests that probes have sent so far. */
  sent(): number;
};

/**
 * What proves a token: two requests, sent before the account and so its budget is known; they are counted afterwards. A
 * person is waiting, so a refusal is not retried for long.
 */
export function probes(fetch: Fetch): Probes {
  const maxWaitMs = 10_000;
  let sent = 0;
  const onRequest = () => {
    sent += 1;
  };
  const clientFor = ({ region, token, baseUrl }: ProbeTarget) => {
    const where = baseUrl === null ? {} : { baseUrl };
    return createReportingClient({ region, token, ...where, fetch, userAgent, maxWaitMs, onRequest });
  };
  return {
    sent: () => sent,
    probeAccount: async (target) => (await clientFor(target).account.get()).record,
    async probeUsers(target) {
      const page = { perPage: PEOPLE_ASKED, maxPages: 1, prefetch: 0 };
      const ids: string[] = [];
      for await (const { id } of clientFor(target).users.list({}, page)) ids.push(id);
      return ids;
    },
  };
}
