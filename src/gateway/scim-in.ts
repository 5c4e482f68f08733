import type { ConfiguredSource } from '../config/sources.ts';
import { scimIn } from '../sources/scim-in.ts';
import type { Erasures } from '../sources/scim-in-erased.ts';
import type { ScimInStore } from '../sources/scim-in-ports.ts';
import { scimInTokens } from '../sources/scim-in-tokens.ts';
import type { Acting } from './acting.ts';
import type { Chore } from './work.ts';

export type { ScimInAnswer, ScimInCall } from '../sources/scim-in.ts';
export type { ScimInlet } from '../sources/scim-in-tokens.ts';

/** Inbound SCIM: what providers push, and the tokens with which they do. */
export type ScimInUseCases = {
  readonly resources: ReturnType<typeof scimIn>;
  readonly tokens: ReturnType<typeof scimInTokens>;
};

export function scimInUseCases(deps: {
  readonly store: ScimInStore;
  readonly erased: (source: string) => Promise<Erasures | null>;
  readonly sources: readonly ConfiguredSource[];
  readonly now: () => Date;
  readonly newId: () => string;
}): ScimInUseCases {
  const sources = deps.sources.flatMap((one) =>
    one.kind === 'scim-in' ? [{ name: one.name, ...(one.profile && { profile: one.profile }) }] : [],
  );
  return { resources: scimIn(deps), tokens: scimInTokens({ ...deps, sources }) };
}

/** The same, with what an operator changes written into the audit log. What providers push is data, and is told where it is applied. */
export const administeredScimIn = ({ resources, tokens }: ScimInUseCases, act: Acting): ScimInUseCases => ({
  resources,
  tokens: {
    ...tokens,
    create: (name, options) =>
      act({ action: 'source.token_created', target: name.slice(0, 100) }, () => tokens.create(name, options), {
        writes: {
          saveScimInToken: ({ token: { source }, othersEndAt }) => ({ target: source, details: { othersEndAt } }),
        },
      }),
  },
});

const DAY_MS = 86_400_000;
/** Users whom a provider deleted stay known as those who have left; by then every plan has seen them. */
const DELETED_KEPT_DAYS = 90;

/** Forgets users who were deleted long ago. */
export const scimInChore = (deps: {
  readonly store: Pick<ScimInStore, 'dropDeletedScimIn'>;
  readonly now: () => Date;
}): Chore => ({
  everyMs: DAY_MS,
  async run() {
    await deps.store.dropDeletedScimIn(new Date(deps.now().getTime() - DELETED_KEPT_DAYS * DAY_MS).toISOString());
  },
});
