import type { ResourceName } from './schema.ts';

/** Whose habits are followed. `strict` is the RFC by the letter. */
export const profileNames = ['strict', 'entra', 'okta', 'knowbe4'] as const;
export type ProfileName = (typeof profileNames)[number];

export type Profile = {
  readonly name: ProfileName;
  /**
   * Takes what providers really send: flags and numbers as text, a manager as a bare text, a single value for several, a message without its
   * `schemas`; and a replace of `emails[type eq "work"].value` where there is none makes one.
   */
  readonly lenient: boolean;
  /** What a PATCH answers: 200 with the resource, or 204. */
  readonly patchStatus: Readonly<Record<ResourceName, 200 | 204>>;
  /** Attributes that are compared without their letter case although the RFC says otherwise. */
  readonly folded: readonly string[];
};

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  strict: {
    name: 'strict',
    lenient: false,
    patchStatus: { User: 200, Group: 200 },
    folded: [],
  },
  entra: {
    name: 'entra',
    lenient: true,
    patchStatus: { User: 200, Group: 204 },
    folded: ['externalId'],
  },
  okta: {
    name: 'okta',
    lenient: true,
    patchStatus: { User: 200, Group: 200 },
    folded: ['externalId'],
  },
  knowbe4: {
    name: 'knowbe4',
    lenient: true,
    patchStatus: { User: 200, Group: 204 },
    folded: ['externalId'],
  },
};
