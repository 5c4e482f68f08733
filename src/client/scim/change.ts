import { ForeknowError } from '../../errors/errors.ts';
import type { Sleep } from '../../lib/sleep.ts';
import { isObject, type Json, type JsonObject, own } from '../../scim/json.ts';
import { messageUrns } from '../../scim/urns.ts';
import { afterChange } from '../transport/retry.ts';
import { pathOf, type ScimAsk, type ScimCall, type ScimCallOptions, scimRefusalOf } from './ask.ts';
import type { Lookup } from './lookup.ts';
import { isActive, recordOf, requireRecord, type ScimRecord } from './resource.ts';

/** One change of a PATCH: lower case, with a path; of an extension with its URN before it. */
export type ScimOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

export type ChangeDeps = {
  readonly ask: ScimAsk;
  readonly lookup: Lookup;
  readonly endpoint: '/Users' | '/Groups';
  /**
   * What the operations make of a whole resource, for services that take no PATCH; null: nothing is ever put, since what an answer
   * leaves out (members of a group) would be lost.
   */
  readonly applied: ((resource: JsonObject, operations: readonly ScimOperation[]) => JsonObject) | null;
};

export type Change = {
  /**
   * Sends these changes alone.
   * @returns the resource as it is then: from the answer, else read again
   * @throws ForeknowError `remote_not_found` for an id that is stale
   */
  change(id: string, operations: readonly ScimOperation[], options: ScimCallOptions): Promise<ScimRecord>;
  /** Puts the whole resource: what it does not hold is lost. */
  replace(id: string, resource: JsonObject, options: ScimCallOptions): Promise<ScimRecord>;
};

/** Given by the service; a PUT that has them is taken for an echo by some, for an error by others. */
const ofService = new Set(['id', 'meta', 'groups']);

export function createChange(deps: ChangeDeps): Change {
  const { ask, lookup, endpoint, applied } = deps;
  let takesPatch = true;

  const shown = async (answer: JsonObject | null, id: string, options: ScimCallOptions): Promise<ScimRecord> =>
    recordOf(answer) ?? requireRecord(await afterChange(lookup.get(id, options)));

  const patch = async (id: string, operations: readonly ScimOperation[], options: ScimCallOptions) => {
    const body = { schemas: [messageUrns.patch], Operations: operations };
    return shown(await ask({ method: 'PATCH', path: pathOf(endpoint, id), body }, options), id, options);
  };

  const put = async (id: string, resource: JsonObject, options: ScimCallOptions) => {
    const body = Object.fromEntries(Object.entries(resource).filter(([name]) => !ofService.has(name)));
    const call: ScimCall = { method: 'PUT', path: pathOf(endpoint, id), body, ...ifMatchOf(resource) };
    return shown(await ask(call, options), id, options);
  };

  const putChanged = async (id: string, operations: readonly ScimOperation[], options: ScimCallOptions) => {
    const found = await lookup.get(id, options);
    if (found === null) throw stale(id);
    return put(id, applied!(found, operations), options);
  };

  const changeOnce: Change['change'] = async (id, operations, options) => {
    if (!takesPatch) return putChanged(id, operations, options);
    try {
      return await patch(id, operations, options);
    } catch (error) {
      if (applied === null || !isNoPatch(error)) throw error;
      const done = await putChanged(id, operations, options);
      // A 400 may be about this one change; what is not implemented stays so.
      if (scimRefusalOf(error)?.status !== 400) takesPatch = false;
      return done;
    }
  };

  return {
    async change(id, operations, options) {
      try {
        return await changeOnce(id, operations, options);
      } catch (error) {
        // Somebody changed it meanwhile. What is sent are changes alone, a PUT is made of what is read anew: so it is right to send them again.
        if (scimRefusalOf(error)?.status !== 412) throw error;
        return changeOnce(id, operations, options);
      }
    },
    replace: put,
  };
}

function ifMatchOf(resource: JsonObject): { readonly ifMatch?: string } {
  const meta = own(resource, 'meta');
  const version = isObject(meta) ? own(meta, 'version') : undefined;
  return typeof version === 'string' && version !== '' ? { ifMatch: version } : {};
}

/** Refusals of the value itself: a PUT with it would be refused as well. */
const aboutValues = new Set(['invalidValue', 'uniqueness', 'mutability', 'sensitive', 'tooMany']);

/** PATCH is not there (501, 405), or is not understood (400 without a word about the value). */
function isNoPatch(error: unknown): boolean {
  const refusal = scimRefusalOf(error);
  if (refusal === null) return false;
  if (refusal.status === 501 || refusal.status === 405) return true;
  return refusal.status === 400 && !aboutValues.has(refusal.scimType ?? '');
}

const stale = (id: string): ForeknowError =>
  new ForeknowError('remote_not_found', {
    detail: `The SCIM service has no resource with the id ${id.slice(0, 100)} any more.`,
    hint: 'Look it up by its names, then plan again.',
  });

const SEEN_LATE_MS = 1000;

/**
 * Sets whether a user is active, and nothing else: with another change beside it some services do not find the user.
 * @throws ForeknowError `remote_rejected` where the service took it and shows the user as before
 */
export async function changeActive(
  { lookup, sleep }: { readonly lookup: Lookup; readonly sleep: Sleep },
  change: Change['change'],
  id: string,
  active: boolean,
  options: ScimCallOptions,
): Promise<ScimRecord> {
  const changed = await change(id, [{ op: 'replace', path: 'active', value: active }], options);
  if (isActive(changed) === active) return changed;
  await sleep(SEEN_LATE_MS, options.signal);
  const again = await afterChange(lookup.get(id, options));
  if (again !== null && isActive(again) === active) return again;
  throw new ForeknowError('remote_rejected', {
    detail: `The SCIM service took the change and still shows the user as ${active ? 'inactive' : 'active'}.`,
    hint: 'Look at the user in the console; nothing else was changed.',
  });
}
