import type { CallOperation } from '../call.ts';
import { cursorList, type List } from '../list.ts';
import type { CallOptions } from '../send.ts';

/** `integrated_account_id` names the connection where a token has several; everything else is KnowBe4's own. */
export type ProxyQuery = {
  readonly integrated_account_id?: string;
  readonly limit?: number;
  readonly [name: string]: string | number | boolean | undefined;
};

export type ProxyPage<Row> = {
  readonly result: readonly Row[];
  readonly next_cursor: string | null;
  readonly result_count: number;
};

/** KnowBe4's own APIs, one to one, within the budget of the account. Paths are those of the Reporting API: `users`, `users/12345`. */
export function proxyOf(call: CallOperation) {
  const ask = (path: string, query: object, options?: CallOptions) =>
    call('proxyRead', { params: { path }, query } as never, options);
  return {
    /** A list, page by page. */
    list: <Row = Readonly<Record<string, unknown>>>(
      path: string,
      query: ProxyQuery = {},
      options?: CallOptions,
    ): List<Row, ProxyPage<Row>> =>
      cursorList<ProxyPage<Row>>(
        (next_cursor) => ask(path, { ...query, next_cursor }, options) as unknown as Promise<ProxyPage<Row>>,
      ),
    /** One record, as KnowBe4 sent it. */
    get: <Row = Readonly<Record<string, unknown>>>(
      path: string,
      query: ProxyQuery = {},
      options?: CallOptions,
    ): Promise<Row> => ask(path, query, options) as Promise<Row>,
    /** A GraphQL query; `errors` may stand beside `data`. */
    graphql: <Data = Readonly<Record<string, unknown>>>(
      body: { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> },
      query: Pick<ProxyQuery, 'integrated_account_id'> = {},
      options?: CallOptions,
    ) =>
      call('proxyGraphql', { body, query } as never, options) as Promise<{
        readonly data?: Data | null;
        readonly errors?: readonly { readonly message: string }[];
      }>,
  };
}
