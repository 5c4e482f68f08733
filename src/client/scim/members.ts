import { type ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { JsonObject } from '../../scim/json.ts';
import { messageUrns } from '../../scim/urns.ts';
import { pathOf, type ScimAsk, type ScimCallOptions, scimRefusalOf } from './ask.ts';

export type MemberChange = { readonly add?: readonly string[]; readonly remove?: readonly string[] };

/** A member that could not be added or removed, and why. */
export type RefusedMember = { readonly id: string; readonly error: ForeknowError };

export type ChangeMembers = (
  groupId: string,
  change: MemberChange,
  options: ScimCallOptions,
) => Promise<{ readonly refused: readonly RefusedMember[] }>;

/** Changes in one request; AWS's service takes no more, and others time out with many. */
const MOST = 100;
/** A batch that went through lets the next be so much larger. */
const GROWTH = 1.25;
/** So many single members refused, and none accepted: it is not the members. */
const HOPELESS = 5;

/**
 * Adds and removes members by difference, never by sending the whole list: that would undo what others did meanwhile. An
 * addition is one operation with all of a batch, a removal one operation a member that names it. Batches are halved where the service refuses
 * them or takes too long, down to the single member at fault, and grow back from there.
 */
export function createChangeMembers(ask: ScimAsk): ChangeMembers {
  let size = MOST;

  const send = async (
    groupId: string,
    operations: readonly JsonObject[],
    isSingle: boolean,
    options: ScimCallOptions,
  ) =>
    ask(
      {
        method: 'PATCH',
        path: pathOf('/Groups', groupId),
        body: { schemas: [messageUrns.patch], Operations: operations },
        ...(!isSingle && { tries: 2 }),
      },
      options,
    );

  return async (groupId, { add = [], remove = [] }, options) => {
    const refused: RefusedMember[] = [];
    let accepted = 0;
    for (const [ids, operationsFor, isDone] of [
      [add, additions, never],
      [remove, removals, isGone],
    ] as const) {
      let rest = [...new Set(ids)];
      while (rest.length > 0) {
        const batch = rest.slice(0, size);
        try {
          await send(groupId, operationsFor(batch), batch.length === 1, options);
          accepted += batch.length;
          size = Math.min(MOST, Math.ceil(size * GROWTH));
        } catch (error) {
          if (!isForeknowError(error) || !mayBeTooMuch(error)) throw error;
          if (batch.length > 1) {
            size = Math.max(1, Math.floor(batch.length / 2));
            continue;
          }
          if (isDone(error)) accepted += 1;
          else if (error.code === 'remote_unavailable') throw error;
          else refused.push({ id: batch[0]!, error });
          if (accepted === 0 && refused.length >= HOPELESS) throw error;
        }
        rest = rest.slice(batch.length);
      }
    }
    return { refused };
  };
}

const additions = (ids: readonly string[]): readonly JsonObject[] => [
  { op: 'add', path: 'members', value: ids.map((value) => ({ value })) },
];

const removals = (ids: readonly string[]): readonly JsonObject[] =>
  ids.map((id) => ({ op: 'remove', path: `members[value eq ${JSON.stringify(id)}]` }));

/** 400 and 413, no answer in time: fewer may go through. */
function mayBeTooMuch(error: ForeknowError): boolean {
  const status = scimRefusalOf(error)?.status;
  return status === 400 || status === 413 || error.code === 'remote_unavailable';
}

const never = (): boolean => false;

/** Nobody to remove: by an earlier try, or by somebody else. */
const isGone = (error: ForeknowError): boolean => scimRefusalOf(error)?.scimType === 'noTarget';
