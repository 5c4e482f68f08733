import type { MatchKey } from '../rules/rule-set.ts';
import type { Mode } from './plan.ts';

/** Who said something that no API tells, and when. */
export type Attestation = { readonly by: string; readonly at: string; readonly words: string | null };

/**
 * `none`: nothing was sent. `pushing`: the whole present state is being sent while Test Mode is on. `pushed`: the store is whole, a person has to look
 * at who would be archived and to turn Test Mode off. `adopted`: proven; steps may be applied.
 */
export type AdoptionState = 'none' | 'pushing' | 'pushed' | 'adopted';

/** How a connection is provisioned. */
export type ProvisioningState = {
  readonly connectionId: string;
  readonly mode: Mode;
  readonly adoption: {
    readonly state: AdoptionState;
    readonly planId: string | null;
    readonly at: string | null;
    /** What the store lacked when it was looked at last, in words without names; absent: nothing is known to be missing. */
    readonly lacks?: string;
    /** When the whole store was looked through last, since it was taken over. */
    readonly provenAt?: string;
  };
  /** Whether the users belong to another provisioner; then nothing is written until a person says that it is off. */
  readonly owner: 'unknown' | 'ours' | 'foreign';
  readonly ownerAttested: Attestation | null;
  readonly testMode: { readonly state: 'unknown' | 'on' | 'off'; readonly attested: Attestation | null };
  /** What a mail change by id does at this account; while unknown such steps are held. */
  readonly renames: { readonly state: 'unknown' | 'keep' | 'duplicate'; readonly attested: Attestation | null };
  /** Users whom the console exempts from SCIM, by KnowBe4's id: they are not carried, and not archived by KnowBe4. */
  readonly exempt: readonly string[];
  readonly pausedAt: string | null;
  /** Set in an emergency: what is being applied ends before its next write. */
  readonly stoppedAt: string | null;
  /** Spans in which nothing is applied. ISO. */
  readonly freezes: readonly { readonly from: string; readonly until: string; readonly reason: string | null }[];
  /** Writes failed too often, or the key was refused: nothing is sent until then. `attempts` in turn decide how long. */
  readonly quarantine: { readonly until: string; readonly attempts: number; readonly reason: string } | null;
  readonly updatedAt: string;
};

/** A person of a source and the account that is theirs. */
export type IdentityLink = {
  readonly connectionId: string;
  readonly source: string;
  readonly sourceId: string;
  readonly userId: string;
  readonly matchedOn: MatchKey | 'created' | 'decision' | 'scim';
  readonly linkedAt: string;
};

/** What is known of an object of the store behind the road. */
export type ScimObject = {
  readonly connectionId: string;
  readonly kind: 'user' | 'group';
  readonly scimId: string;
  /** KnowBe4's id of the user or group; null while it is not visible. */
  readonly targetId: string | null;
  readonly externalId: string | null;
  /** Address or name, in lower case. */
  readonly name: string;
  readonly origin: 'created' | 'adopted';
  /** Last known, as fields or member ids: what the next write is built from. */
  readonly known: Readonly<Record<string, unknown>>;
  readonly active: boolean;
  readonly updatedAt: string;
};

/** A step that KnowBe4 refused for a reason of its own, and when it is tried again; the others go on without it. */
export type Refusal = {
  /** What was wanted, see `aimOf`. */
  readonly aim: string;
  readonly tries: number;
  /** ISO, like the others. */
  readonly firstAt: string;
  readonly lastAt: string;
  /** Null: it is not tried by itself any more; people look. */
  readonly nextAt: string | null;
  readonly error: { readonly code: string; readonly detail: string };
};

/** `join`: records of the sources of which nobody can say whose they are; one of them can be left out. */
export const workItemKinds = ['ambiguous', 'doubled', 'conflict', 'vanished', 'rehire', 'found', 'join'] as const;

/** A decision of a person about a conflict; it is kept, and asked again only when one of the records changes. */
export type WorkItem = {
  readonly id: string;
  readonly connectionId: string;
  readonly kind: (typeof workItemKinds)[number];
  /** What it is about, so that the same one is not opened twice. */
  readonly about: string;
  /** Both records side by side. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** Digest of the records when it was opened or decided. */
  readonly digest: string;
  readonly state: 'open' | 'decided' | 'closed';
  readonly decision: {
    readonly choice: 'link' | 'create' | 'ignore' | 'keep_apart';
    readonly userId: string | null;
    readonly by: string;
    readonly at: string;
    readonly reason: string | null;
  } | null;
  readonly openedAt: string;
};
