import { isAsStrictAs } from '../model/field-policy.ts';
import type { ApiToken } from '../tokens/token.ts';
import type { VerifiedToken } from '../tokens/tokens.ts';

/** A token sees, renews and ends those that reach no further than itself and are told no more. */
export function reachesNoFurther(other: ApiToken, { id, own, fieldPolicy }: VerifiedToken): boolean {
  if (other.parentId === id) return true;
  if (!isAsStrictAs(other.fieldPolicy, fieldPolicy)) return false;
  if (own.connections === null && own.tags === null) return true;
  if (other.connections === null && other.tags === null) return false;
  const among = (wanted: readonly string[] | null, bounds: readonly string[] | null) =>
    wanted?.every((one) => bounds?.includes(one)) ?? true;
  return among(other.connections, own.connections) && among(other.tags, own.tags);
}
