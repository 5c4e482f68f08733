import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import { backoffMs } from '../../lib/backoff.ts';
import type { Sleep } from '../../lib/sleep.ts';
import type { JsonObject } from '../../scim/json.ts';
import { afterChange, inDoubt } from '../transport/retry.ts';
import { pathOf, type ScimAsk, type ScimCallOptions, type ScimEndpoint } from './ask.ts';
import type { Lookup, ScimName } from './lookup.ts';
import { holds, recordOf, requireRecord, type ScimRecord, sameName, textOf } from './resource.ts';

export type ScimCreated = {
  readonly record: ScimRecord;
  /** `found`: it was there already, by an earlier call that nobody heard the end of. */
  readonly outcome: 'created' | 'found';
};

export type CreateDeps = {
  readonly ask: ScimAsk;
  readonly lookup: Lookup;
  readonly endpoint: ScimEndpoint;
  /** The attribute that the service keeps unique. */
  readonly name: 'userName' | 'displayName';
  readonly sleep: Sleep;
  readonly random: () => number;
};

/** Tries whose end nobody knows, and tries that the service put off. */
const MOST_TRIES = 4;
const MOST_REFUSALS = 8;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** A service in maintenance may ask for so long at most. */
const LONGEST_ASKED_MS = 300_000;

/**
 * Creates a resource once. SCIM has no key for that, so the service is asked before by each name, and again whenever it is not known what
 * became of the request.
 * @throws ForeknowError `conflict` where somebody else has a name; `remote_unavailable` with `isOpen` where nobody can say whether
 *   it was made; and what every call throws
 */
export async function createOnce(deps: CreateDeps, wanted: JsonObject, options: ScimCallOptions): Promise<ScimCreated> {
  const { ask, lookup, endpoint, name } = deps;
  const names = namesOf(wanted, name);
  const before = settle(await lookup.find(names, options), wanted, name, false);
  if (before !== null) {
    await lookup.learnFrom(before, name, options);
    return { record: before, outcome: 'found' };
  }
  let unknown = 0;
  for (let refusals = 0; ; ) {
    try {
      const answer = await ask({ method: 'POST', path: pathOf(endpoint), body: wanted }, options);
      const record = recordOf(answer) ?? (await requireOne(deps, names, wanted, options));
      await lookup.learnFrom(record, name, options);
      return { record, outcome: 'created' };
    } catch (error) {
      if (!isForeknowError(error)) throw error;
      if (error.code === 'remote_rate_limited' && error.remote !== undefined) {
        // Nothing was made, and the limiter makes the next try wait.
        refusals += 1;
        if (refusals >= MOST_REFUSALS) throw unknown > 0 ? inDoubt(error) : error;
        continue;
      }
      const isTaken = error.code === 'conflict';
      if (!isTaken && !isUnknown(error)) throw unknown > 0 ? inDoubt(error) : error;
      unknown += isTaken ? 0 : 1;
      // A name that is taken at once was taken by somebody else; after a try whose end nobody knows it was that try.
      const found = settle(await lookedUp(deps, names, unknown, error, options), wanted, name, unknown > 0);
      if (found !== null) return { record: found, outcome: unknown > 0 ? 'created' : 'found' };
      if (isTaken || unknown >= MOST_TRIES) throw error;
    }
  }
}

/** No answer, a broken one, or a failure on the way: the service may have made it. */
const isUnknown = ({ code }: ForeknowError): boolean =>
  code === 'remote_unavailable' || code === 'remote_maintenance' || code === 'remote_invalid';

/** Waits, so that what is being made is made by then, and asks. */
async function lookedUp(
  { lookup, sleep, random }: CreateDeps,
  names: readonly ScimName[],
  attempt: number,
  cause: ForeknowError,
  options: ScimCallOptions,
): Promise<readonly ScimRecord[]> {
  try {
    if (cause.code !== 'conflict') {
      const asked = Math.min(cause.retryAfterMs ?? 0, LONGEST_ASKED_MS);
      const backoff = backoffMs(attempt, FIRST_WAIT_MS, LONGEST_WAIT_MS, random());
      await sleep(Math.max(backoff, asked), options.signal);
    }
    return await lookup.find(names, options);
  } catch (error) {
    if (cause.code === 'conflict') throw error;
    throw new ForeknowError('remote_unavailable', {
      detail:
        'The SCIM service may have made the resource: its answer is missing, and so is one to the question for it.',
      hint: 'Ask for it by its names before it is made again.',
      isOpen: true,
      cause: error,
    });
  }
}

async function requireOne(
  deps: CreateDeps,
  names: readonly ScimName[],
  wanted: JsonObject,
  options: ScimCallOptions,
): Promise<ScimRecord> {
  return requireRecord(settle(await afterChange(deps.lookup.find(names, options)), wanted, deps.name, true));
}

function namesOf(wanted: JsonObject, name: 'userName' | 'displayName'): readonly ScimName[] {
  const called = textOf(wanted, name);
  if (called === null) {
    throw new ForeknowError('invalid_request', { detail: `A new resource needs a ${name}.`, field: name });
  }
  const externalId = textOf(wanted, 'externalId');
  return [
    ...(externalId === null ? [] : [{ attribute: 'externalId', value: externalId } as const]),
    { attribute: name, value: called },
  ];
}

/**
 * What was found under the names of what is wanted: ours, or nothing.
 * @param wasSent it was asked for by us, and nobody had the names before
 * @throws ForeknowError `conflict` for somebody else's, and for several
 */
function settle(
  found: readonly ScimRecord[],
  wanted: JsonObject,
  name: 'userName' | 'displayName',
  wasSent: boolean,
): ScimRecord | null {
  const [one, ...others] = found;
  if (one === undefined) return null;
  if (others.length > 0) throw taken(`${found.length} resources have its names`);
  const [has, ours] = [textOf(one, 'externalId'), textOf(wanted, 'externalId')];
  const isSameKey = sameName(has, ours);
  const isSameName = sameName(textOf(one, name), textOf(wanted, name));
  if (isSameKey && isSameName) return one;
  if (isSameKey) throw taken(`it is there under another ${name}`);
  if (has !== null && ours !== null) throw taken(`the ${name} is linked to another externalId`);
  // Some keep no externalId: what was made by a call that was cut is then told by all the rest.
  if (wasSent || holds(one, { ...wanted, externalId: null })) return one;
  throw taken(`the ${name} belongs to a resource that was not made from here`);
}

const taken = (why: string): ForeknowError =>
  new ForeknowError('conflict', {
    detail: `The SCIM service has this already: ${why}.`,
    hint: 'Look at both records, then link, rename or take over: nothing was written.',
  });
