/** An attribute as a source has it: text, several texts, or nothing. Numbers, dates and flags are text. */
export type AttributeValue = string | readonly string[] | null;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** One person as one source shows them. */
export type SourcePerson = {
  /** Never changes for a person: `objectGUID`, an employee number. Not an address. */
  readonly sourceId: string;
  readonly attributes: Attributes;
  /** Names of the groups of the source that the person is in, directly. */
  readonly groups: readonly string[];
  /** False: the source says that they are disabled or have left. */
  readonly active: boolean;
};

/** Where a person is found in a source. */
export type SourceRef = { readonly source: string; readonly sourceId: string };

/**
 * One person, joined from the sources that know them. `attributes` are each from the source that is preferred for it; `from` says
 * from which. With them stand, computed from the sources: `account_disabled` (`"true"` or `"false"`).
 */
export type JoinedPerson = {
  /** `SOURCE:SOURCE_ID` of the first source that knows them, in the order of the configuration. */
  readonly key: string;
  readonly refs: readonly SourceRef[];
  readonly attributes: Attributes;
  readonly from: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  readonly active: boolean;
  /**
   * How many complete reads in turn a source no longer showed them in, by source: the last good values stay. Only sources in which they are
   * absent are named; a person that every source lacks is kept until nothing needs them any more.
   */
  readonly absent: Readonly<Record<string, { readonly completeReads: number; readonly since: string }>>;
  /** Says why, when nobody can say which records of the sources are theirs: they are held. */
  readonly joinConflict?: string;
  /** The records that meet in that conflict; of many the first 20. */
  readonly joinRivals?: readonly SourceRef[];
};
