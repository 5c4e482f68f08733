import type { Act, ActOptions } from '../audit/audit.ts';
import type { Told } from '../audit/ports.ts';
import type { OpArgs, OpName } from '../store/ops/ops.ts';

/** The store's writes that make an act, each with what it tells of it. */
export type StoreWrites = { readonly [Name in OpName]?: (args: OpArgs<Name>) => Told };

/** Does something as somebody. */
export type Acting = <T>(
  act: Act,
  work: () => Promise<T>,
  options?: ActOptions<T> & { readonly writes?: StoreWrites },
) => Promise<T>;

export const nothingMore = (): Told => ({});

/** Of a token or an endpoint that is bound to one connection. */
export const onlyOne = (ids: readonly string[] | null): string | null => (ids?.length === 1 ? ids[0]! : null);
