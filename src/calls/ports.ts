import type { Call, CallType } from './call.ts';

export type CallQuery = {
  readonly types: readonly CallType[];
  /** null = of all connections, and those that mean none. */
  readonly connectionIds: readonly string[] | null;
  /** ms; calls from this time on. */
  readonly from: number;
  /** Older than this one; without an id: than this time, ms. */
  readonly before: { readonly at: number; readonly id: string | null };
  readonly where: Readonly<Partial<Record<CallFilter, string | number>>>;
  readonly limit: number;
};

/** Columns that a reader may ask for by their value. */
export const callFilters = ['resource', 'method', 'verb', 'status', 'tool', 'tokenId', 'requestId'] as const;
export type CallFilter = (typeof callFilters)[number];

/** Names one call to be made once: by the token, and a digest of method, path and key. */
export type AnswerSlot = { readonly tokenId: string; readonly slot: string };

/** What stands of the call that took a slot first. */
export type Claimed =
  | { readonly state: 'mine' }
  /** The token has as many answers kept as it may; the oldest goes at that time, ms. */
  | { readonly state: 'full'; readonly until: number }
  | {
      readonly state: 'taken';
      /** Of what was asked. */
      readonly digest: string;
      /** ms */
      readonly claimedAt: number;
      /** Sealed; null while there is none; empty when it is not kept any more. */
      readonly answer: string | null;
    };

/** Storage of the call log and of answers that are given again. Every function is one transaction; times are ms. */
export type CallStore = {
  saveCalls(calls: readonly Call[]): Promise<void>;
  /** Newest first. */
  calls(query: CallQuery): Promise<readonly Call[]>;
  /** Drops calls from before a time, and the oldest beyond `keep`; at most `limit`. @returns how many */
  dropCalls(drop: { readonly before: number; readonly keep: number; readonly limit: number }): Promise<number>;
  /** Takes the slot if nobody has it since `since`. */
  claimAnswer(
    claim: AnswerSlot & {
      readonly digest: string;
      readonly at: number;
      readonly since: number;
      /** Most slots of a token. */
      readonly most: number;
    },
  ): Promise<Claimed>;
  /** @param kept.answer sealed */
  keepAnswer(kept: AnswerSlot & { readonly at: number; readonly answer: string }): Promise<void>;
  /** The call had no effect: it may be made again. */
  releaseAnswer(slot: AnswerSlot & { readonly at: number }): Promise<void>;
  /** @returns how many */
  dropAnswers(drop: { readonly before: number }): Promise<number>;
};
