import type { Region } from '../../wire/regions.ts';
import { pass, type Service, splitRegion, type Voice } from '../gate.ts';
import { type Incoming, json, ok, type Reply } from '../reply.ts';
import type { Switches } from '../switches.ts';
import type { QueryRequest, runQuery } from './engine.ts';

/** Where GraphQL answers, as at the console's host. */
export const PRODUCT_PATH = '/graphql';

/** Whether a call is one for GraphQL: the library behind it is loaded with the first. */
export const isForProduct = (target: string, home: Region): boolean =>
  splitRegion(target.split('?', 1)[0]!, home).path === PRODUCT_PATH;

/** Answers one call of GraphQL. Whatever is wrong with a query is said in `errors`, with status 200. */
export function serveProduct(service: Service, incoming: Incoming, run: typeof runQuery): Reply {
  const { region } = splitRegion(incoming.target.split('?', 1)[0]!, service.home);
  if (incoming.method !== 'POST') return json('unknown', 404, { errors: [{ message: 'Not Found' }] });
  return pass(service, incoming, { surface: 'product', endpoint: 'graphql', region, voice }, (account, _, now) => {
    const request = readRequest(incoming.body ?? '');
    if (!request) return json('graphql', 400, { errors: [{ message: 'The body must be JSON with a query' }] });
    return ok('graphql', run(account, request, now));
  });
}

function readRequest(body: string): QueryRequest | null {
  try {
    const { query, variables, operationName } = JSON.parse(body) as Partial<Record<keyof QueryRequest, unknown>>;
    if (typeof query !== 'string') return null;
    return {
      query,
      ...(typeof variables === 'object' && { variables: variables as QueryRequest['variables'] }),
      ...(typeof operationName === 'string' && { operationName }),
    };
  } catch {
    return null;
  }
}

const voice = (_: Switches, endpoint: string): Voice => {
  const fail: Voice['fail'] = (status, text, headers) =>
    json(endpoint, status, { errors: [{ message: text }] }, headers);
  const refuseKey = () => fail(401, 'Unauthorized');
  return {
    fail,
    refuseKey,
    refuseRegion: refuseKey,
    overLimit: (headers) => fail(429, 'Rate limit exceeded', headers),
    errorWith200: () => fail(200, 'Something went wrong'),
  };
};
