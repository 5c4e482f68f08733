import type { SourcePerson } from '../model/source-person.ts';
import type { Proof, SourceKind } from './source.ts';

/**
 * What became of a read. `kept`: what it showed is what is known now. `quarantined`: it looks wrong and waits for two people. `accepted`: they let
 * it in. `incomplete`: it broke off. `superseded`: it waited, and a later one took its place, or its time was over; or the very same waits already.
 */
export const readStates = ['reading', 'kept', 'quarantined', 'accepted', 'incomplete', 'superseded'] as const;
export type ReadState = (typeof readStates)[number];

/** Why a read looks wrong. Values and limits are shares of 0–1, of people unless `words` say otherwise. */
export type Finding = {
  readonly guard: 'empty' | 'source_shrink' | 'newly_inactive' | 'newly_blank' | 'changed' | 'keys_changed';
  /** Null where it is about people as a whole. */
  readonly attribute: string | null;
  readonly value: number;
  readonly limit: number;
  /** One sentence for people, without personal data. */
  readonly words: string;
};

/** How far one attribute is filled. */
export type FieldCoverage = {
  readonly attribute: string;
  /** People of the read who have it. */
  readonly filled: number;
  /** 0–1. */
  readonly share: number;
  /** The share in the read that was kept before; null when there was none, or it did not know the attribute. */
  readonly before: number | null;
  /** People who had it, are in the read, and have it no more; and who have another value than before. */
  readonly newlyBlank: number;
  readonly changed: number;
};

export type ReadApproval = { readonly by: string; readonly name: string; readonly at: string };

/** One read of one source. Holds no personal data. */
export type ReadRecord = {
  /** `rd_` and random characters. */
  readonly id: string;
  readonly source: string;
  readonly kind: SourceKind;
  readonly state: ReadState;
  readonly startedAt: string;
  /** Null while it is read. */
  readonly endedAt: string | null;
  /** Who or what asked for it, in words. */
  readonly by: string;
  readonly proof: Proof | null;
  /** People that it shows, and how the image differs: not known before, with other values, not shown any more, shown twice with different values. */
  readonly people: number;
  readonly added: number;
  readonly changed: number;
  readonly gone: number;
  readonly doubled: number;
  readonly coverage: readonly FieldCoverage[];
  readonly findings: readonly Finding[];
  /** `sha256:` over what it showed and how it was judged: what an approval is bound to. Null until it has ended. */
  readonly digest: string | null;
  /** Whether its absences count: it is complete, and no earlier read of the same delivery did. */
  readonly counts: boolean;
  readonly approvals: readonly ReadApproval[];
  /** Code and words of what broke it off. */
  readonly error: { readonly code: string; readonly detail: string; readonly hint: string | null } | null;
};

/** A person on the way from a source. */
export type StagedPerson = SourcePerson & { /** Of all that is kept of them. */ readonly digest: string };

/** What is known of a person from one source. */
export type KeptPerson = StagedPerson & {
  /** Complete reads in turn that did not show them; null: the last one did. */
  readonly absent: { readonly completeReads: number; readonly since: string } | null;
};

/** Where a source stands. */
export type SourceHead = {
  readonly source: string;
  /** The read that is under way; null, or one that a dead process left once `readingUntil` (ms) is over. */
  readonly readingId: string | null;
  readonly readingUntil: number | null;
  readonly lastStartedAt: string | null;
  /** Of the last read that was kept or accepted. */
  readonly lastKeptId: string | null;
  readonly lastKeptAt: string | null;
  readonly lastCompleteAt: string | null;
};

/** How many people of a source are known, and how many of them its last complete read did not show. */
export type ImageCounts = { readonly people: number; readonly absent: number };

/** How a read differs from the image as a whole. */
export type StagedCounts = {
  /** People staged, those shown twice with different values among them. */
  readonly people: number;
  readonly doubled: number;
  readonly added: number;
  readonly changed: number;
  /** Present in the image and not staged. */
  readonly gone: number;
};

export type AcceptResult =
  | { readonly outcome: 'accepted' | 'waiting'; readonly read: ReadRecord }
  /** `changed`: the digest is another one. `not_waiting`: it is not quarantined (any more). `same_person`: they have approved it already. */
  | { readonly outcome: 'changed' | 'not_waiting' | 'same_person' };

/** Storage of the room. Every function is one transaction. */
export type SourceStore = {
  /**
   * Begins a read, unless another of the source is under way. One whose time is over is ended as `incomplete`.
   * @param until when it counts as left by a dead process, ms
   * @returns false when another is under way
   */
  startSourceRead(read: ReadRecord, now: number, until: number): Promise<boolean>;
  /**
   * Puts people aside; nobody sees them yet. Of one shown twice with other values it is noted, and neither value counts.
   * @returns false when the read is not this process's any more: another was begun after its time was over
   */
  stageSourcePeople(readId: string, people: readonly StagedPerson[], until: number): Promise<boolean>;
  /** What is put aside against what is known. */
  countStaged(readId: string, source: string): Promise<StagedCounts>;
  /**
   * Ends a read in its state. `kept`: what is put aside becomes what is known; people who are not in it are one read more absent where the read
   * `counts`, which it only does when no earlier read of its delivery did. Else nothing is learned but that those shown are there: whoever
   * counted as absent does not any more. A `quarantined` one stays aside, in
   * place of an earlier one; where one of the same digest waits already, that one does, with the approvals that it has.
   * @returns the read as it is kept (with `counts` as decided); null when it is not this process's any more
   */
  endSourceRead(read: ReadRecord): Promise<ReadRecord | null>;
  /** One person lets a quarantined read in; with the second it is, as `kept`. */
  acceptSourceRead(accept: {
    readonly readId: string;
    readonly digest: string;
    readonly approval: ReadApproval;
    /** How many different people it takes. */
    readonly needed: number;
  }): Promise<AcceptResult>;
  getSourceRead(id: string): Promise<ReadRecord | null>;
  /** Newest first. @param source null = of all */
  listSourceReads(source: string | null, limit: number): Promise<readonly ReadRecord[]>;
  /** Those that were kept or accepted and began at this time or later, the newest first. */
  goodSourceReads(source: string, since: string): Promise<readonly ReadRecord[]>;
  sourceHead(source: string): Promise<SourceHead | null>;
  imageCounts(source: string): Promise<ImageCounts>;
  /** Those of them that are known. */
  keptPeople(source: string, sourceIds: readonly string[]): Promise<readonly KeptPerson[]>;
  /** In the order of their ids. @param after id of the last one before, or null */
  listKeptPeople(source: string, after: string | null, limit: number): Promise<readonly KeptPerson[]>;
  /** Keyed hashes of people who were erased and are kept out. */
  erasedFromSource(source: string): Promise<readonly string[]>;
  /**
   * Removes what is known, put aside and pushed of a person, and keeps them out.
   * @param erasure.marks of their id, then of what else they are known again by; all of them end together
   * @returns whether they were known
   */
  eraseSourcePerson(erasure: {
    readonly source: string;
    readonly sourceId: string;
    readonly marks: readonly string[];
    readonly at: string;
  }): Promise<boolean>;
  /** Lets those in again whom one of these marks is of. What was pushed of them meanwhile goes: it is not whole. @returns false when they were not kept out */
  readmitSourcePerson(readmission: {
    readonly source: string;
    /** Of what was pushed; null: nothing was. */
    readonly pushedId: string | null;
    readonly marks: readonly string[];
  }): Promise<boolean>;
  /** Removes all that is known of a source. @returns people */
  dropSource(source: string): Promise<number>;
  /** Forgets what is old: reads, what waits for a decision, people who have been absent. ISO. */
  dropOldSources(drop: {
    readonly readsBefore: string;
    readonly waitingBefore: string;
    readonly absentBefore: string;
  }): Promise<{ readonly reads: number; readonly people: number }>;
};
