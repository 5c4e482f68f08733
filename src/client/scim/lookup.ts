import { ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { JsonObject } from '../../scim/json.ts';
import { printEquality } from '../../scim/print-filter.ts';
import { pathOf, type ScimAsk, type ScimCallOptions, type ScimEndpoint, speaksScim } from './ask.ts';
import { listOf, recordOf, type ScimRecord, sameName, textOf } from './resource.ts';

/** An attribute that names a resource, and its value. */
export type ScimName = { readonly attribute: 'externalId' | 'userName' | 'displayName'; readonly value: string };

export type Lookup = {
  /** By id. @returns null where there is none: a proof of absence */
  get(id: string, options: ScimCallOptions): Promise<ScimRecord | null>;
  /**
   * Every resource that has one of the names, each found once, whatever the letter case. Nothing found is a proof, as far as the service looks
   * things up as it should.
   */
  find(names: readonly ScimName[], options: ScimCallOptions): Promise<readonly ScimRecord[]>;
  /** Tries on a resource that is there whether two names can be asked for at once, unless that is known. */
  learnFrom(record: ScimRecord, name: 'userName' | 'displayName', options: ScimCallOptions): Promise<void>;
};

/** What nobody is called, to ask for together with what somebody is called. */
const NOBODY = 'foreknow:nobody';

/**
 * Looks resources up. A filter with `or` saves a request for each new person, and nothing says that KnowBe4 understands it. So it is tried
 * on a resource that is there, and used only where it found that one and no other.
 */
export function createLookup(ask: ScimAsk, endpoint: ScimEndpoint): Lookup {
  let either: 'unknown' | 'trying' | 'works' | 'fails' = 'unknown';

  const rowsFor = async (filter: string, options: ScimCallOptions): Promise<readonly JsonObject[]> => {
    try {
      const { total, rows } = listOf(await ask({ path: pathOf(endpoint), query: { filter } }, options));
      if (rows.length === 0 && total !== null && total > 0) throw notShown(total);
      return rows;
    } catch (error) {
      // Some services say so when a search finds nothing.
      if (isForeknowError(error) && error.code === 'remote_not_found' && speaksScim(error)) return [];
      throw error;
    }
  };

  const matches = async (names: readonly ScimName[], options: ScimCallOptions): Promise<readonly ScimRecord[]> => {
    const rows = await rowsFor(
      names.map(({ attribute, value }) => printEquality(attribute, value)).join(' or '),
      options,
    );
    const records = rows.map(recordOf).filter((record) => record !== null);
    const found = records.filter((record) =>
      names.some(({ attribute, value }) => sameName(textOf(record, attribute), value)),
    );
    if (rows.length > 0 && found.length === 0) throw notLookedUp(names);
    return found;
  };

  const works = async (record: ScimRecord, names: readonly [ScimName, ScimName], options: ScimCallOptions) => {
    const [one, other] = names;
    const nobody = [one, other].map(({ attribute }): ScimName => ({ attribute, value: NOBODY }));
    const asked = [[nobody[0]!, other], [one, nobody[1]!], nobody] as const;
    for (const [index, both] of asked.entries()) {
      const ids = (await matches(both, options)).map(({ id }) => id);
      if (ids.join() !== (index < 2 ? record.id : '')) return false;
    }
    return true;
  };

  return {
    async get(id, options) {
      try {
        return recordOf(await ask({ path: pathOf(endpoint, id) }, options));
      } catch (error) {
        if (isForeknowError(error) && error.code === 'remote_not_found') return null;
        throw error;
      }
    },

    async find(names, options) {
      const spelled = names.flatMap(spellings);
      const searches = either === 'works' ? [spelled] : spelled.map((name) => [name]);
      const found = new Map<string, ScimRecord>();
      for (const search of searches) {
        for (const record of await matches(search, options)) found.set(record.id, record);
      }
      return [...found.values()];
    },

    async learnFrom(record, name, options) {
      const [externalId, called] = [textOf(record, 'externalId'), textOf(record, name)];
      if (either !== 'unknown' || externalId === null || called === null) return;
      either = 'trying';
      const names = [
        { attribute: 'externalId', value: externalId },
        { attribute: name, value: called },
      ] as const;
      try {
        either = (await works(record, names, options)) ? 'works' : 'fails';
      } catch (error) {
        // Nothing hangs on it: what went wrong otherwise comes again where it matters.
        const isAnswer = isForeknowError(error) && ['remote_rejected', 'remote_invalid'].includes(error.code);
        either = isAnswer ? 'fails' : 'unknown';
      }
    },
  };
}

/** Also in lower case: some services compare letter by letter. */
function spellings({ attribute, value }: ScimName): readonly ScimName[] {
  const lower = value.toLowerCase();
  return attribute === 'externalId' || lower === value
    ? [{ attribute, value }]
    : [
        { attribute, value },
        { attribute, value: lower },
      ];
}

const notLookedUp = (names: readonly ScimName[]): ForeknowError =>
  new ForeknowError('remote_invalid', {
    detail: `The SCIM service answered a search by ${names.map(({ attribute }) => attribute).join(' and ')} with records that do not have the value.`,
    hint: 'It does not filter as SCIM has it: whether somebody is there cannot be told, so nothing is written.',
  });

const notShown = (total: number): ForeknowError =>
  new ForeknowError('remote_invalid', {
    detail: `The SCIM service says that a search found ${total}, and shows none of them.`,
    hint: 'Whether somebody is there cannot be told, so nothing is written. Try again.',
  });
