import type { SourcePerson } from '../model/source-person.ts';

export const sourceKinds = ['csv', 'ldap', 'scim-in', 'json'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/**
 * How a read ended. `complete`: the source itself proved that everybody was shown. `unproven`: it ended well, but nothing says that it was
 * whole: what it shows counts, what it does not show never does. `incomplete`: it broke off: nobody is absent either.
 */
export type Proof = {
  readonly state: 'complete' | 'unproven' | 'incomplete';
  /** For people: what proved it, or what was missing. Holds no secret and no personal data. */
  readonly words: string;
  /** What the source would have to be asked from, for what has changed since; absent where it cannot say. */
  readonly mark?: string;
  /** Identifies the delivery (a digest of a file), so that reading one file twice does not count twice. */
  readonly delivery?: string;
};

export type SourceRead = {
  readonly people: AsyncIterable<SourcePerson>;
  /** To be asked when `people` has ended, or has thrown. */
  done(): Promise<Proof>;
};

/** A column of a file, and what it is taken for. */
export type ColumnPreview = {
  readonly heading: string;
  /** Our name for it; null: it is not kept. */
  readonly attribute: string | null;
  /** The field of KnowBe4 that it is likely to be. */
  readonly suggested: string | null;
  /** Share of the rows looked at that have a value, 0–1. */
  readonly filled: number;
};

export type SourceCheck = {
  readonly ok: boolean;
  /** Lines for people: what was reached, how many entries, which attributes were seen. */
  readonly words: readonly string[];
  /** Of a few people, so that the mapping can be looked at before anything is kept. */
  readonly sample: readonly SourcePerson[];
  /** Of files with headings. */
  readonly columns?: readonly ColumnPreview[];
};

/** A place that knows who works here. Errors are `ForeknowError`s with the codes `source_*`. */
export type Source = {
  readonly name: string;
  readonly kind: SourceKind;
  /** @param keep names of the attributes that somebody needs: nothing else is given out */
  read(options: { readonly keep: ReadonlySet<string>; readonly signal: AbortSignal }): Promise<SourceRead>;
  /** Reaches it and reads a little, without keeping anything. */
  test(signal: AbortSignal): Promise<SourceCheck>;
  close?(): Promise<void>;
};
