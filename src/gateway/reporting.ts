import { type RawAnswer, reportingUrl, type Window } from '../client/index.ts';
import { answerBehind } from '../client/transport/decode.ts';
import type { Connection } from '../connections/connection.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { Endpoint } from '../reporting/endpoints.ts';
import { answerFromMirror } from '../reporting/from-mirror.ts';
import { linksBelow } from '../reporting/links.ts';
import type { ReportingStore } from '../reporting/ports.ts';
import type { ProxyClients } from './proxy.ts';
import { refuseUnready } from './syncing.ts';

export type ReportingCall = {
  readonly connection: Connection;
  readonly endpoint: Endpoint;
  /** The path below `/v1` with its ids: `/users/12345`. */
  readonly path: string;
  /** The first id in the path; empty where there is none. */
  readonly id: string;
  /** As it was written, without its question mark. */
  readonly query: string;
  /** `mirror`: what it cannot tell is read live all the same. */
  readonly source: 'live' | 'mirror';
  readonly signal?: AbortSignal;
};

export type ReportingAnswer = {
  readonly status: number;
  readonly body: Uint8Array;
  /** Content type and pagination. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the mirror was last complete; null: KnowBe4 itself answered. */
  readonly asOf: string | null;
  /** For the support of KnowBe4. */
  readonly remoteRequestId: string | null;
  /** Of the budget that was spent; null without limits, and where nothing was spent. */
  readonly window: Window | null;
};

/** The Reporting API in its own shapes, from KnowBe4 or from the mirror. */
export type ReportingUseCases = {
  /** @throws ForeknowError for what is refused on our side; what KnowBe4 refuses is an answer */
  read(call: ReportingCall): Promise<ReportingAnswer>;
  /** What is left of the budget, for an answer that is an error. */
  window(connection: Connection): Promise<Window | null>;
};

const JSON_TYPE = 'application/json; charset=utf-8';
/** Clients give up after 30 s. */
const WITHIN_MS = 25_000;

export function createReporting(deps: {
  readonly mirror: ReportingStore;
  readonly clients: Pick<ProxyClients, 'current' | 'reporting' | 'limiter'>;
  readonly noteFailure: (connectionId: string, error: unknown) => Promise<void>;
}): ReportingUseCases {
  const { mirror, clients, noteFailure } = deps;
  const fromMirror = answerFromMirror(mirror);
  const window = async (connection: Connection) => (await clients.limiter(connection, 'reporting')).window();

  const live = async (call: ReportingCall): Promise<ReportingAnswer> => {
    const connection = await clients.current(call.connection);
    refuseUnready(connection);
    const ask = await clients.reporting(connection);
    const { path, query, signal } = call;
    const got = await ask({ path, query, withinMs: WITHIN_MS, ...(signal && { signal }) }).catch(async (error) => {
      if (isForeknowError(error) && error.code === 'connection_unauthorized') await noteFailure(connection.id, error);
      return refusedByRemote(error);
    });
    return {
      ...{ status: got.status, body: got.body, asOf: null, headers: headersOf(got, connection) },
      remoteRequestId: got.headers.get('x-request-id'),
      window: await window(connection),
    };
  };

  return {
    window,
    async read(call) {
      if (call.source === 'live') return live(call);
      const { connection, endpoint, id, query } = call;
      const found = await fromMirror({ connectionId: connection.id, endpoint, id, query: new URLSearchParams(query) });
      if (found === null) return live(call);
      const next: Record<string, string> = found.nextCursor === null ? {} : { 'x-next-cursor': found.nextCursor };
      return {
        ...{ status: 200, body: found.body, asOf: found.asOf, remoteRequestId: null, window: null },
        headers: { 'content-type': JSON_TYPE, ...next },
      };
    },
  };
}

/** What KnowBe4 refused with, as it came. @throws whatever is not its word, and redirects, which lead away from it */
function refusedByRemote(error: unknown): RawAnswer {
  const answer = answerBehind(error);
  if (answer === null) throw error;
  if (answer.status < 300 || answer.status > 399) return answer as RawAnswer;
  throw new ForeknowError('remote_rejected', {
    detail: `KnowBe4 answered with status ${answer.status}, a redirect, which is not followed.`,
    hint: 'Check the base URL of the connection.',
  });
}

/** Pagination in every spelling that some client knows; KnowBe4 documents none of them. */
const handedOn = ['content-type', 'x-next-cursor', 'total', 'per-page', 'total-pages', 'current-page'];

function headersOf({ headers }: RawAnswer, { region, baseUrls }: Connection): Record<string, string> {
  const named = handedOn.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  const link = headers.get('link');
  const own = link === null ? null : linksBelow(link, `${baseUrls.reporting ?? reportingUrl(region)}/v1`);
  return { ...Object.fromEntries(named), ...(own === null ? {} : { link: own }) };
}
