import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ForeknowError } from '../errors/errors.ts';
import { type Profile, profiles } from '../scim/profile.ts';
import type { ScimInStore, ScimInToken } from './scim-in-ports.ts';

/** A source of the configuration that providers push to. */
export type ScimInSetting = {
  readonly name: string;
  /** Absent: what both Entra and Okta take. */
  readonly profile?: 'entra' | 'okta';
};

/** A source that a caller was let in to. */
export type ScimInlet = { readonly source: string; readonly profile: Profile };

/** A token as it may be shown. */
export type ScimInTokenView = Omit<ScimInToken, 'hash'>;

type Deps = {
  readonly store: Pick<ScimInStore, 'saveScimInToken' | 'scimInTokens' | 'touchScimInToken'>;
  readonly sources: readonly ScimInSetting[];
  readonly now: () => Date;
  /** `stk_` and random characters. */
  readonly newId: () => string;
};

const PREFIX = 'fk_scim_';
const SECRET_BYTES = 32;
/** How long the token before goes on: a change at the provider needs a person. */
const OVERLAP_SECONDS = 7 * 86_400;
const MOST_OVERLAP_SECONDS = 30 * 86_400;
const MINUTE_MS = 60_000;

/** Tokens with which identity providers push: one source each, and nothing else of the API is open to them. */
export function scimInTokens({ store, sources, now, newId }: Deps) {
  const require = (name: string): ScimInSetting => {
    const found = sources.find((source) => source.name === name);
    if (found) return found;
    throw new ForeknowError('not_found', {
      detail: `There is no source of the kind scim-in with the name ${name}.`,
      hint: 'Name it under sources: in the configuration, with kind: scim-in, and start the server again.',
      field: 'source',
    });
  };
  const isLive = ({ endsAt }: ScimInToken): boolean => endsAt === null || endsAt > now().toISOString();

  return {
    /** Sources of the configuration, with their tokens that work. */
    async list(): Promise<readonly (ScimInSetting & { readonly tokens: readonly ScimInTokenView[] })[]> {
      return Promise.all(
        sources.map(async (source) => ({
          ...source,
          tokens: (await store.scimInTokens(source.name)).filter(isLive).map(shown),
        })),
      );
    },

    /**
     * Makes the token of a source.
     * @param options.rotate needed where there is one already; that one goes on for `overlapSeconds` (default 7 days; 0: it ends now)
     * @returns with the secret, which is shown once
     * @throws ForeknowError `not_found`, `conflict`, `invalid_request`
     */
    async create(
      name: string,
      options: { readonly rotate?: boolean; readonly overlapSeconds?: number } = {},
    ): Promise<ScimInTokenView & { readonly secret: string }> {
      const { overlapSeconds = OVERLAP_SECONDS } = options;
      const source = require(name);
      if (!Number.isInteger(overlapSeconds) || overlapSeconds < 0 || overlapSeconds > MOST_OVERLAP_SECONDS) {
        throw new ForeknowError('invalid_request', {
          detail: 'The overlap is 0 to 30 days, in whole seconds.',
          field: 'overlap_seconds',
        });
      }
      const there = (await store.scimInTokens(source.name)).filter(isLive);
      if (there.length > 0 && options.rotate !== true) throw alreadyThere(source.name);
      const secret = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
      const at = now();
      const token: ScimInToken = {
        ...{ id: newId(), source: source.name, hash: digestOf(secret).toString('hex'), lastFour: secret.slice(-4) },
        ...{ createdAt: at.toISOString(), endsAt: null, lastUsedAt: null },
      };
      const othersEndAt = overlapSeconds === 0 ? null : new Date(at.getTime() + overlapSeconds * 1000).toISOString();
      await store.saveScimInToken(token, othersEndAt);
      return { ...shown(token), secret };
    },

    /** Who is let in with a secret; null for a source that is not there, a wrong secret and one that has ended alike. */
    async admit(name: string, secret: string): Promise<ScimInlet | null> {
      const source = sources.find((one) => one.name === name);
      const shownDigest = digestOf(secret);
      const tokens = source === undefined ? [] : (await store.scimInTokens(source.name)).filter(isLive);
      const digests = tokens.length > 0 ? tokens.map(({ hash }) => Buffer.from(hash, 'hex')) : [randomBytes(32)];
      const right = digests.map((digest) => timingSafeEqual(digest, shownDigest)).indexOf(true);
      const token = tokens[right];
      if (source === undefined || token === undefined) return null;
      await touch(token);
      return { source: source.name, profile: profiles[source.profile ?? 'entra'] };
    },
  };

  async function touch({ id, lastUsedAt }: ScimInToken): Promise<void> {
    const minute = new Date(Math.floor(now().getTime() / MINUTE_MS) * MINUTE_MS).toISOString();
    if (lastUsedAt !== minute) await store.touchScimInToken(id, minute);
  }
}

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

const shown = ({ hash: _, ...token }: ScimInToken): ScimInTokenView => token;

const alreadyThere = (name: string): ForeknowError =>
  new ForeknowError('conflict', {
    detail: `The source ${name} has a token already.`,
    hint: 'Make another with --rotate; the one before goes on for a week, until the provider has the new one.',
  });
