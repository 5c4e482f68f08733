import { noteConnection } from '../calls/context.ts';
import { ForeknowError } from '../errors/errors.ts';
import type { ConnectionUseCases, ConnectionView } from '../gateway/types.ts';
import type { ApiToken } from '../tokens/token.ts';
import { REQUIRED } from './problem.ts';

/** Which connections a token reaches, and which of them a call means. */
export type Reach = {
  /** Every connection of the token, by name. */
  all(token: ApiToken): Promise<readonly ConnectionView[]>;
  /**
   * The one connection a call means, by id or name. It may be left out where the token reaches exactly one.
   * @throws ForeknowError `invalid_request` naming the parameter; `connection_not_allowed`, or `not_found` for a token
   * that reaches everything: a bound token cannot tell what exists beside its own
   */
  one(token: ApiToken, named: unknown, parameter: string): Promise<ConnectionView>;
  /** Drops what is remembered: called after every change of a connection. */
  forget(): void;
};

/** Ids and names are remembered for this long, so that reads of the mirror cost no look-up of their own. */
const KEEP_MS = 1000;
/** What is not among them is looked for again after this: another process may just have made it. */
const LOOK_AGAIN_MS = 50;

export function createReach(connections: ConnectionUseCases, now: () => number): Reach {
  let kept: { readonly at: number; readonly list: Promise<readonly ConnectionView[]> } | null = null;

  const list = (): Promise<readonly ConnectionView[]> => {
    if (kept === null || now() - kept.at > KEEP_MS) {
      const entry = { at: now(), list: connections.list() };
      kept = entry;
      entry.list.catch(() => {
        if (kept === entry) kept = null;
      });
    }
    return kept.list;
  };

  const all = async (token: ApiToken) => {
    const everything = await list();
    return token.connections === null ? everything : everything.filter(({ id }) => token.connections?.includes(id));
  };

  return {
    all,
    async one(token, named, parameter) {
      if (named !== undefined && typeof named !== 'string') throw notOneValue(parameter);
      const known = meant(await all(token), named);
      if (known) return noted(known);
      if (kept !== null && now() - kept.at > LOOK_AGAIN_MS) kept = null;
      const reached = await all(token);
      const found = meant(reached, named);
      if (found) return noted(found);
      throw named ? notReached(token, named, parameter) : notNamed(reached.length, parameter);
    },
    forget: () => {
      kept = null;
    },
  };
}

/** The call log says which connection a call was about. */
function noted(connection: ConnectionView): ConnectionView {
  noteConnection(connection.id);
  return connection;
}

function meant(reached: readonly ConnectionView[], named: string | undefined): ConnectionView | undefined {
  if (!named) return reached.length === 1 ? reached[0] : undefined;
  return reached.find(({ id }) => id === named) ?? reached.find(({ name }) => name === named);
}

function notNamed(reached: number, parameter: string): ForeknowError {
  return new ForeknowError('invalid_request', {
    detail:
      reached === 0
        ? `The token reaches no connection, so ${parameter} cannot be left out.`
        : `The token reaches ${reached} connections: ${parameter} must say which one is meant.`,
    hint: 'List the connections with GET /api/v1/connections, or create a token for one connection.',
    field: parameter,
    issues: [{ field: parameter, reason: REQUIRED }],
  });
}

const notOneValue = (field: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail: `${field} must be one value.`, field });

function notReached(token: ApiToken, named: string, field: string): ForeknowError {
  const shown = named.slice(0, 80);
  return token.connections === null
    ? new ForeknowError('not_found', {
        detail: `No connection is called ${JSON.stringify(shown)}.`,
        hint: 'GET /api/v1/connections (foreknow connections) lists their names and ids.',
        field,
      })
    : new ForeknowError('connection_not_allowed', {
        detail: `The token reaches no connection called ${JSON.stringify(shown)}.`,
        hint: 'Use a token that is bound to this connection, or to all.',
        field,
      });
}
