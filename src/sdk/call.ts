import { type Operations, operations } from './generated.ts';
import { filledPath, queryText } from './query.ts';
import { type CallOptions, type ClientOptions, createSend } from './send.ts';

export type OperationId = keyof Operations;
/** What an operation is asked with: `params` of its path, `query`, `body`. */
export type Input<Id extends OperationId> = Operations[Id]['input'];
export type Answer<Id extends OperationId> = Operations[Id]['answer'];
type Part<Id extends OperationId, Name extends string> =
  Input<Id> extends { readonly [key in Name]?: infer Found } ? NonNullable<Found> : never;
export type Query<Id extends OperationId> = Part<Id, 'query'>;
export type Body<Id extends OperationId> = Part<Id, 'body'>;

/** Calls any operation of the API by its name. */
export type CallOperation = <Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  options?: CallOptions,
) => Promise<Answer<Id>>;

type AnyInput = {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
};

export function createCall(options: ClientOptions): CallOperation {
  const base = options.baseUrl.replace(/\/+$/, '');
  const send = createSend(options);
  return async (id, input, callOptions = {}) => {
    const [method, path] = operations[id];
    const { params = {}, query = {}, body } = input as AnyInput;
    const text = queryText(query);
    const url = `${base}${filledPath(path, params)}${text === '' ? '' : `?${text}`}`;
    return (await send({ ...callOptions, method, url, body })) as Answer<typeof id>;
  };
}
