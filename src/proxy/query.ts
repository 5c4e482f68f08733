/** Parameters that are for us. */
const own = new Set(['integrated_account_id', 'environment_id', 'limit', 'next_cursor', 'prev_cursor', 'id']);
const isOwn = (name: string): boolean => own.has(name) || /^(truto_|sort_by\b)/.test(name);

/**
 * What of a caller's query is for KnowBe4: all but our own parameters, and what stands in `remote_query[…]`. Clients repeat the
 * `id` of the path in the query: it is not sent on.
 */
export function remoteQuery(written: string): URLSearchParams {
  const sent = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(written)) {
    const wrapped = /^remote_query\[([\w.-]+)\]$/.exec(name)?.[1];
    if (wrapped !== undefined) sent.set(wrapped, value);
    else if (!isOwn(name)) sent.append(name, value);
  }
  return sent;
}
