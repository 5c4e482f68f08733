import type { FileHandle } from 'node:fs/promises';
import type { CsvEncoding } from '../../model/csv-encoding.ts';

/** How a file is read. */
export type CsvOptions = {
  readonly name: string;
  readonly encoding?: CsvEncoding | 'auto' | undefined;
  /** One character; found by itself when it is not given. */
  readonly delimiter?: string | undefined;
  /** The attribute that never changes for a person. */
  readonly id: string;
  /** Our name of an attribute → their heading. Without it every heading is an attribute. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /** Attribute → what separates its values. */
  readonly lists?: Readonly<Record<string, string>> | undefined;
  /** The attribute that names a person's groups; default `groups`. */
  readonly groups?: string | undefined;
  /** Who works here, by an attribute or a heading: `is` or `isNot` is given. An empty cell makes nobody inactive. */
  readonly active?:
    | {
        readonly of: string;
        readonly is?: readonly string[] | undefined;
        readonly isNot?: readonly string[] | undefined;
      }
    | undefined;
  readonly completeWhen?: CompleteWhen | undefined;
};

/** What proves that a file is whole: all that is asked for has to hold. */
export type CompleteWhen = {
  /** The last line: `#END rows={rows}`; `{any}` stands for whatever is there. */
  readonly trailer?: string | undefined;
  /** Name of a file beside it that holds the number of rows: `{file}.rows`. */
  readonly rowsFile?: string | undefined;
  /** Name of a file beside it that begins with its SHA-256 in hex: `{file}.sha256`. */
  readonly digestFile?: string | undefined;
  /** A heading under which every row says how many rows there are. */
  readonly rowCountColumn?: string | undefined;
};

/** A file that was found and opened. */
export type OpenedFile = {
  /** Its name, without the way to it. */
  readonly name: string;
  readonly handle: FileHandle;
  /** The text of a small file beside it; null when it is not there. */
  beside(name: string): Promise<string | null>;
  /** Why it cannot be trusted any more, in words: it changed while it was read. Null: it did not. */
  changed(): Promise<string | null>;
  close(): Promise<void>;
};

/** Finds the newest file. @throws ForeknowError `not_found`, `source_*` */
export type Locate = (signal: AbortSignal) => Promise<OpenedFile>;
